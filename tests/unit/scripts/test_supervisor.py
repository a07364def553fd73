"""Keeping programs running: restarts, giving up, stopping all, killing at the second request."""

import io
import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.child import Program
from scripts.messages import CannotGoOnError
from scripts.output import LinePrinter
from scripts.ports import pick_free
from scripts.supervisor import (
    DEATHS_ALLOWED,
    DEATHS_WINDOW_S,
    STOP_GRACE_S,
    RestartPolicy,
    Supervisor,
)
from tests.unit.scripts.programs_for_tests import eventually, is_alive, program, sleeper

_WRITES_ITS_ID = "import os, sys, time; print('id', os.getpid()); time.sleep(60)"
_SERVES = """
import http.server, os, sys, time
while not os.path.exists(sys.argv[2]):
    time.sleep(0.02)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler
    ).serve_forever()
"""
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("id", __import__("os").getpid())
time.sleep(60)
"""


class Running:
    """A supervisor in a thread of its own, and what it printed."""

    def __init__(self, programs: list[Program], clock: Callable[[], float] | None = None) -> None:
        self.output = io.StringIO()
        printer = LinePrinter([one.name for one in programs], self.output)
        self.supervisor = (
            Supervisor(programs, printer, clock) if clock else Supervisor(programs, printer)
        )
        self.ready = threading.Event()
        self.error: CannotGoOnError | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.supervisor.run(self.ready.set)
        except CannotGoOnError as error:
            self.error = error

    def ids(self) -> list[int]:
        words = (line.split() for line in self.output.getvalue().splitlines())
        return [int(parts[3]) for parts in words if parts[2:3] == ["id"]]

    def ended(self, within_s: float = 20.0) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


@contextmanager
def running(programs: list[Program], **options: Callable[[], float]) -> Iterator[Running]:
    made = Running(programs, **options)
    try:
        yield made
    finally:
        made.supervisor.request_stop()
        made.supervisor.request_stop()
        assert made.ended()


def test_a_program_that_dies_is_started_again_and_the_log_says_so() -> None:
    with running([program("web", _WRITES_ITS_ID), sleeper("jobs")]) as made:
        assert eventually(lambda: len(made.ids()) == 1)
        os.kill(made.ids()[0], signal.SIGKILL)

        assert eventually(lambda: len(made.ids()) == 2)
        assert "web  | ended (signal 9); starting it again in 1 s\n" in made.output.getvalue()
        assert is_alive(made.ids()[1])


def test_a_program_that_keeps_dying_ends_everything_with_one_sentence() -> None:
    # Quicker than the real one, and slow enough for five starts of Python on a busy machine.
    now = itertools.count()
    with running(
        [program("web", "raise SystemExit(3)"), program("jobs", _WRITES_ITS_ID)],
        clock=lambda: next(now) / 4,
    ) as made:
        assert made.ended()
        assert str(made.error) == (
            "web ended 5 times within 60 s and is not started again: its lines above say why."
        )
        assert made.output.getvalue().count("ended (exit code 3)") == DEATHS_ALLOWED - 1
        assert not is_alive(made.ids()[0])


def test_ready_is_said_once_every_address_answers(tmp_path: Path) -> None:
    port, may_serve = pick_free(), tmp_path / "may-serve"
    address = f"http://127.0.0.1:{port}/"
    served = program("web", _SERVES, str(port), str(may_serve), ready_url=address)
    with running([served, sleeper("jobs")]) as made:
        assert not made.ready.wait(0.2)
        may_serve.touch()
        assert made.ready.wait(20)


def test_a_program_that_never_answers_is_named_after_the_time_limit() -> None:
    now = iter(range(0, 1_000_000, 10))
    address = f"http://127.0.0.1:{pick_free()}/"
    with running(
        [program("web", _WRITES_ITS_ID, ready_url=address)], clock=lambda: float(next(now))
    ) as made:
        assert made.ended()
        assert str(made.error) == (
            f"web did not answer at {address} within 60 s: its lines above say why."
        )
        assert not made.ready.is_set()


def test_one_request_stops_all_programs() -> None:
    with running([program("web", _WRITES_ITS_ID), program("jobs", _WRITES_ITS_ID)]) as made:
        assert eventually(lambda: len(made.ids()) == 2)

        made.supervisor.request_stop()

        assert made.ended()
        assert made.error is None
        assert [is_alive(one) for one in made.ids()] == [False, False]


def test_a_second_request_kills_a_program_that_does_not_end() -> None:
    with running([program("web", _DEAF)]) as made:
        assert eventually(lambda: len(made.ids()) == 1)
        made.supervisor.request_stop()
        assert not made.ended(within_s=0.5)

        made.supervisor.request_stop()

        assert made.ended(within_s=STOP_GRACE_S - 1)
        assert "web | did not end by itself and was killed\n" in made.output.getvalue()
        assert not is_alive(made.ids()[0])


def test_if_one_command_does_not_exist_the_others_are_stopped(tmp_path: Path) -> None:
    missing = Program("jobs", (str(tmp_path / "missing"),), {})
    supervisor = Supervisor([sleeper("web"), missing], LinePrinter([], io.StringIO()))

    with pytest.raises(FileNotFoundError):
        supervisor.run(lambda: None)

    assert supervisor._running() == []


def test_the_policy_restarts_after_a_second_and_gives_up_at_the_fifth_death_in_a_minute() -> None:
    policy = RestartPolicy()

    assert [policy.restart_at(at) for at in (0, 10, 20, 30)] == [1, 11, 21, 31]
    assert policy.restart_at(DEATHS_WINDOW_S - 0.1) is None


def test_the_policy_forgets_deaths_older_than_a_minute() -> None:
    policy = RestartPolicy()

    for at in (0, 10, 20, 30):
        policy.restart_at(at)

    assert policy.restart_at(DEATHS_WINDOW_S) == DEATHS_WINDOW_S + 1
