"""One program that runs as our child, in a session of its own, its output read by lines."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from scripts.messages import ROOT

_REAP_TIMEOUT_S: Final = 5.0
"""After SIGKILL only the kernel is in the way; longer than this means a hung disk."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: a name for people, the command, its whole environment.

    `ready_url` is an address that answers once the program is up; None for a program that
    listens nowhere and counts as up when it runs.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ready_url: str | None = None


class Child:
    """A program that can be started, asked to stop, killed, and started again.

    It gets a session of its own: Ctrl-C in the terminal then reaches only us, and we stop the
    children in order; and its whole process group can be killed, so that no worker outlives it.
    """

    def __init__(self, program: Program, on_line: Callable[[str, str], None]) -> None:
        self.program = program
        self._on_line = on_line
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the present or last run; None before the first."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program; OSError if its command does not exist."""
        self._process = subprocess.Popen(
            self.program.command,
            cwd=ROOT,
            env=dict(self.program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def exit_code(self) -> int | None:
        """Return how the program ended (negative: by that signal), or None while it runs."""
        return self._process.poll() if self._process else None

    def is_running(self) -> bool:
        """Say whether the program was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the program itself; it ends its own workers in good order."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the program has ended; False if it still runs after the timeout."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End the program and everything it started, at once; no-op if nothing is left."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait(_REAP_TIMEOUT_S)
        if self._reader is not None:
            self._reader.join(_REAP_TIMEOUT_S)

    def stop(self, grace_s: float) -> bool:
        """Ask to stop, then kill what is left; True if it ended by itself in time."""
        self.ask_to_stop()
        in_time = self.wait(grace_s)
        self.kill()
        return in_time

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for text in lines:
                self._on_line(self.program.name, text)
