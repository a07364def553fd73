"""One program under our control: its lines, its end, and the end of what it started."""

import os
import signal

import pytest

from scripts.child import Child, Program
from tests.unit.scripts.programs_for_tests import eventually, is_alive, program, sleeper

_STARTS_A_WORKER = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(worker.pid)
time.sleep(60)
"""

_IGNORES_SIGTERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf")
time.sleep(60)
"""


class Lines:
    """Collects what a child prints."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, name: str, text: str) -> None:
        self.seen.append((name, text.rstrip("\n")))

    def texts(self) -> list[str]:
        return [text for _, text in self.seen]


def test_lines_of_both_outputs_arrive_with_the_programs_name() -> None:
    lines = Lines()
    child = Child(program("web", "import sys; print('out'); print('err', file=sys.stderr)"), lines)
    child.start()
    child.wait(10)
    child.kill()

    assert sorted(lines.seen) == [("web", "err"), ("web", "out")]


def test_output_that_is_not_text_does_not_stop_the_reading() -> None:
    lines = Lines()
    code = "import sys; sys.stdout.buffer.write(b'\\xff\\n'); print('after')"
    child = Child(program("web", code), lines)
    child.start()
    child.wait(10)
    child.kill()

    assert lines.texts() == ["\ufffd", "after"]


def test_a_stopped_program_ends_in_time_and_reports_the_signal() -> None:
    lines = Lines()
    child = Child(sleeper(), lines)
    child.start()
    assert eventually(lambda: lines.texts() == ["up"])
    assert child.exit_code() is None

    assert child.stop(grace_s=10)
    assert child.exit_code() == -signal.SIGTERM
    assert not child.is_running()


def test_a_program_that_ignores_the_request_is_killed_after_the_grace() -> None:
    lines = Lines()
    child = Child(program("web", _IGNORES_SIGTERM), lines)
    child.start()
    assert eventually(lambda: lines.texts() == ["deaf"])

    assert not child.stop(grace_s=0.2)
    assert child.exit_code() == -signal.SIGKILL


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_worker_of_the_program_never_outlives_it(end: str) -> None:
    lines = Lines()
    child = Child(program("web", _STARTS_A_WORKER), lines)
    child.start()
    assert eventually(lambda: len(lines.seen) == 1)
    worker = int(lines.texts()[0])
    assert is_alive(worker)

    if end == "stop":
        child.stop(grace_s=5)
    else:
        child.kill()

    assert eventually(lambda: not is_alive(worker))


def test_a_child_leads_a_session_of_its_own_so_that_ctrl_c_misses_it() -> None:
    child = Child(sleeper(), Lines())
    child.start()
    try:
        assert child.pid is not None
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
    finally:
        child.kill()


def test_a_child_can_be_started_again_after_it_was_killed() -> None:
    lines = Lines()
    child = Child(sleeper(), lines)
    child.start()
    first = child.pid
    child.kill()
    child.start()

    assert child.is_running()
    assert child.pid != first
    child.kill()


def test_a_child_that_was_never_started_can_be_stopped() -> None:
    child = Child(sleeper(), Lines())

    assert child.stop(grace_s=0)
    assert child.exit_code() is None
    assert not child.is_running()


def test_a_command_that_does_not_exist_is_an_error_at_once() -> None:
    child = Child(Program("web", ("/nonexistent/program",), {}), Lines())

    with pytest.raises(FileNotFoundError):
        child.start()
