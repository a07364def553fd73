"""Replacing the web process while notifications arrive: nobody is turned away, nothing is lost.

The listening socket belongs to whoever starts the process, as it does with systemd
(``ops/systemd``), so that those who come meanwhile wait in its queue.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from app.db.models import Notification
from app.settings import Settings
from tests.contract.gateway_bench import XENDIT_TOKEN
from tests.world import World

ROOT = Path(__file__).parents[2]
SENDERS = 4
RESTARTS = 2
# Answers that must have come before and after each change.
ENOUGH = 40
PATIENCE_S = 120


@dataclass
class Load:
    """Gateways that go on sending: every answer is kept, and whatever went wrong."""

    port: int
    answers: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _senders: list[threading.Thread] = field(default_factory=list)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        self._senders = [threading.Thread(target=self._send_on) for _ in range(SENDERS)]
        for sender in self._senders:
            sender.start()
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        """Let everybody end what they are sending."""
        self._is_over.set()
        for sender in self._senders:
            sender.join(PATIENCE_S)

    def wait_for_more(self) -> None:
        """Wait until so many more have been answered, or one has failed."""
        with self._news:
            wanted = len(self.answers) + ENOUGH
            came = self._news.wait_for(
                lambda: len(self.answers) >= wanted or bool(self.failures), PATIENCE_S
            )
            assert came, "the senders get no answers any more"

    def _send_on(self) -> None:
        while not self._is_over.is_set():
            try:
                status = self._send(next(self._numbers))
            except (OSError, http.client.HTTPException) as error:
                self._note(failure=repr(error))
            else:
                self._note(answer=status)

    def _note(self, answer: int = 0, failure: str = "") -> None:
        with self._news:
            self.answers += [answer] if answer else []
            self.failures += [failure] if failure else []
            self._news.notify_all()

    def _send(self, number: int) -> int:
        message = {
            "id": f"{number:024x}",
            "external_id": f"elsewhere-{number}",
            "status": "PAID",
            "amount": 10_000,
            "currency": "IDR",
        }
        headers = {"content-type": "application/json", "x-callback-token": XENDIT_TOKEN}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            path = "/api/payments/notification/xendit"
            connection.request("POST", path, json.dumps(message), headers)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def web_process(settings: Settings, listener: socket.socket) -> Iterator[None]:
    """Run the web process as it is shipped, on a socket that outlives it."""
    assert settings.xendit is not None
    environment = {
        "PATH": os.environ["PATH"],
        "FLASK_SKIP_DOTENV": "1",
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "XENDIT_SECRET_KEY": settings.xendit.secret_key,
        "XENDIT_CALLBACK_TOKEN": settings.xendit.callback_token,
        "XENDIT_URL": settings.xendit.url,
        "LUNAS_WEB_BIND": f"fd://{listener.fileno()}",
        "WEB_CONCURRENCY": "2",
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", str(ROOT / "app" / "gunicorn_conf.py")),
        "app.factory:create_app()",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


def test_no_notification_is_turned_away_or_lost_while_the_web_process_is_replaced(
    postgres_world: World,
) -> None:
    world = postgres_world
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        load = Load(listener.getsockname()[1])
        with load.going_on():
            for _ in range(RESTARTS):
                with web_process(world.settings, listener):
                    load.wait_for_more()
            with web_process(world.settings, listener):
                load.wait_for_more()
                load.stop()

    assert load.failures == []
    assert set(load.answers) == {200}
    with world.session() as session:
        stored = session.scalar(select(func.count()).select_from(Notification))
    assert stored == len(load.answers)
