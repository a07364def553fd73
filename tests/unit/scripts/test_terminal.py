"""Ctrl-C in a terminal: it ends the program in good order, and `make` above it sees success."""

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scripts.messages import ROOT
from tests.unit.scripts.programs_for_tests import eventually

_CHILD = """
import os, signal, sys, time
from scripts.terminal import own_foreground_group
asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(1))
with own_foreground_group():
    print("ready", flush=True)
    while not asked:
        time.sleep(0.02)
print("foreground given back", os.tcgetpgrp(0) == int(sys.argv[1]), flush=True)
"""

_WITHOUT_TERMINAL = """
from scripts.terminal import own_foreground_group
import os
before = os.getpgrp()
with own_foreground_group():
    print(os.getpgrp() == before)
"""


class InTerminal:
    """A command that runs as the foreground of a terminal of its own."""

    def __init__(self, command: list[str]) -> None:
        self.seen = b""
        self.code: int | None = None
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(ROOT)
            os.execvp(command[0], command)  # noqa: S606 - the child of a fork
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def shows(self, text: str) -> bool:
        return eventually(lambda: text.encode() in self.seen)

    def press_ctrl_c(self) -> None:
        os.write(self._terminal, b"\x03")

    def exit_code(self) -> int:
        self._reader.join(20)
        _, status = os.waitpid(self._pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> None:
        try:
            while part := os.read(self._terminal, 4096):
                self.seen += part
        except OSError:
            """Linux reports the end of a terminal as an error."""


# The child of a fork only calls exec, which is what makes forking a threaded program safe.
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_ctrl_c_reaches_the_program_and_not_the_make_above_it(tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    script = tmp_path / "child.py"
    script.write_text(_CHILD)
    recipe = f"@PYTHONPATH={ROOT} {sys.executable} {script} $$PPID"
    makefile.write_text(f"run:\n\t{recipe}\n\t@echo make went on\n")
    # `exec` keeps the process id that the terminal has as its foreground group.
    terminal = InTerminal(["make", "-f", str(makefile), "run"])
    assert terminal.shows("ready")

    terminal.press_ctrl_c()

    assert terminal.shows("make went on")
    assert terminal.exit_code() == 0


def test_without_a_terminal_nothing_changes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TERMINAL],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )

    assert done.stdout == "True\n"
