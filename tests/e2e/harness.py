"""The real stack for browser tests: web, jobs and sandbox as `make run` starts them.

Each stack has its own free ports, its own SQLite file and its own log, so that several can run
beside each other and beside a developer's own.
"""

import contextlib
import os
import sqlite3
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import requests

from scripts.child import Child, Program
from scripts.demo_settings import Places, Settings, compose
from scripts.messages import ROOT
from scripts.ports import answers, pick_free
from scripts.programs import jobs, preparation, sandbox, web

Name = Literal["web", "jobs", "sandbox"]

START_TIMEOUT_S = 60.0
STOP_GRACE_S = 30.0
_LINES_KEPT = 4000
_DATABASE = "lunas.sqlite3"


class SandboxControl:
    """A client of the sandbox's control API; an answer that is no 2xx is an exception."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = requests.Session()
        # A proxy of this machine has no business between two programs on it.
        self._http.trust_env = False

    def pay_midtrans(self, order_id: str, **details: str) -> Any:
        """Pay at Midtrans; details: payment_type, outcome."""
        return self.act("midtrans", order_id, "pay", **details)

    def pay_xendit(self, invoice_id: str, **details: str) -> Any:
        """Pay at Xendit; details: channel."""
        return self.act("xendit", invoice_id, "pay", **details)

    def act(self, gateway: str, identifier: str, action: str, **details: str) -> Any:
        """Let something happen to a payment: pay, deny, expire, challenge, chargeback, reverse."""
        return self._call("POST", f"{gateway}/{quote(identifier, safe='')}/{action}", details)

    def advance_clock(self, seconds: float) -> Any:
        """Move the gateways' clock forward."""
        return self._call("POST", "clock", {"advance_s": seconds})

    def set_notifications(self, **switched_on: bool) -> Any:
        """Stop or resume all notifications: midtrans=..., xendit=..."""
        return self._call("PUT", "notifications", switched_on)

    def set_faults(self, rules: Iterable[dict[str, Any]]) -> Any:
        """Replace all fault rules; none switches faults off."""
        return self._call("PUT", "faults", {"rules": list(rules)})

    def flush(self) -> Any:
        """Deliver what is due now; returns once that is done."""
        return self._call("POST", "flush", {})

    def reset(self) -> Any:
        """Forget every payment, delivery and fault."""
        return self._call("POST", "reset", {})

    def state(self) -> Any:
        """Return transactions, invoices and refunds as the gateways know them."""
        return self._call("GET", "state")

    def deliveries(self) -> Any:
        """Return every notification with its tries and answers."""
        return self._call("GET", "deliveries")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self.base_url}/_sandbox/{path}"
        answer = self._http.request(method, url, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def prepare_database(folder: Path) -> Path:
    """Make a migrated and seeded SQLite database in this folder; AssertionError if it fails."""
    settings = _settings(Places(folder, web_port=pick_free(), sandbox_port=pick_free()), {})
    _prepare(settings)
    return folder / _DATABASE


class Stack:
    """One running Lunas with seeded data; its programs can be killed and started.

    `prepared` is a database to begin with as a copy; without it, the stack prepares its own, at
    the address that `own` settings name or else in its folder. `host` is a name of this machine
    to be known under, for what browsers refuse to do for a number.
    """

    def __init__(
        self,
        folder: Path,
        *,
        prepared: Path | None = None,
        own: dict[str, str] | None = None,
        host: str = "",
    ) -> None:
        self.places = Places(folder, web_port=pick_free(), sandbox_port=pick_free())
        named = {"PUBLIC_URL": f"http://{host}:{self.places.web_port}"} if host else {}
        self.settings = _settings(self.places, (own or {}) | named)
        self._prepared = prepared
        self.sandbox = SandboxControl(self.places.sandbox_url)
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        programs: dict[Name, Program] = {
            "sandbox": sandbox(self.settings),
            "web": web(self.settings),
            "jobs": jobs(self.settings),
        }
        self._children = {name: Child(one, self._keep) for name, one in programs.items()}

    @property
    def url(self) -> str:
        """Address of the shop, without a slash at the end."""
        return self.places.web_url

    @property
    def admin_url(self) -> str:
        """Address of the back office, without a slash at the end."""
        return f"{self.places.web_url}/admin"

    @property
    def database_url(self) -> str:
        """Address of the stack's database, for SQLAlchemy."""
        return self.settings.environment["DATABASE_URL"]

    def log(self) -> str:
        """Return the last lines of all programs."""
        return "\n".join(self._lines)

    def start_all(self) -> None:
        """Prepare the database and start everything; AssertionError with the log if it fails."""
        self.prepare()
        self.start_programs()

    def prepare(self) -> None:
        """Make the migrated and seeded database; nothing runs yet."""
        if self._prepared:
            _copy_database(self._prepared, self.places.var / _DATABASE)
        else:
            _prepare(self.settings)

    def start_programs(self) -> None:
        """Start everything on the prepared database; AssertionError with the log if it fails."""
        for child in self._children.values():
            child.start()
        for child in self._children.values():
            self._wait_until_ready(child)

    def start(self, name: Name) -> None:
        """Start a program that was killed or stopped, and wait until it answers."""
        self._children[name].start()
        self._wait_until_ready(self._children[name])

    def kill(self, name: Name) -> None:
        """End a program at once, as a power cut would, with all its workers."""
        self._children[name].kill()

    def stop(self, name: Name) -> None:
        """Stop a program in good order."""
        assert self._children[name].stop(STOP_GRACE_S), f"{name} had to be killed\n{self.log()}"

    def stop_jobs(self) -> None:
        """Stop the scheduled jobs, so that only notifications change anything."""
        self.stop("jobs")

    def close(self) -> None:
        """Stop everything, in good order where that works within seconds."""
        for child in self._children.values():
            child.ask_to_stop()
        for child in self._children.values():
            child.stop(STOP_GRACE_S)
        self.sandbox.close()

    def eventually(self, holds: Callable[[], bool], within_s: float = 30.0) -> None:
        """Wait until something holds; AssertionError with the programs' log if it does not."""
        deadline = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < deadline, f"not within {within_s} s\n{self.log()}"
            time.sleep(0.1)

    def _wait_until_ready(self, child: Child) -> None:
        address = child.program.ready_url
        deadline = time.monotonic() + START_TIMEOUT_S
        while address and not answers(address):
            assert child.is_running(), f"{child.program.name} ended\n{self.log()}"
            assert time.monotonic() < deadline, f"{address} does not answer\n{self.log()}"
            time.sleep(0.05)

    def _keep(self, name: str, text: str) -> None:
        self._lines.append(f"{name} | {text.rstrip()}")


def _settings(places: Places, own: dict[str, str]) -> Settings:
    # Nothing else of this machine's environment, and no .env: a developer's own keys stay out.
    machine = {"PATH": os.environ["PATH"], "HOME": str(places.var), "TZ": "UTC"}
    return compose(machine | own, places)


def _prepare(settings: Settings) -> None:
    program = preparation(settings)
    done = subprocess.run(
        program.command,
        cwd=ROOT,
        env=dict(program.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _copy_database(source: Path, target: Path) -> None:
    # SQLite's own backup takes along what still lies in the write-ahead log.
    with (
        contextlib.closing(sqlite3.connect(source)) as prepared,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        prepared.backup(copy)
