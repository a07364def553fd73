"""Keeps programs running as systemd would: whatever dies is started again after its pause."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scripts.child import Child, Program

_TICK_S: Final = 0.05


@dataclass
class _Kept:
    child: Child
    pause_s: float
    wanted: bool = False
    start_at: float = 0.0
    deaths: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Keeper:
    """Runs programs by name; each writes to a log of its own. Its methods may meet in threads."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._kept: dict[str, _Kept] = {}
        self._is_over = threading.Event()
        self._tending = threading.Thread(target=self._tend, daemon=True)

    def begin(self) -> None:
        """Start again, from here on, whatever dies."""
        self._tending.start()

    def end(self) -> None:
        """Stop everything at once."""
        self._is_over.set()
        self._tending.join()
        for kept in self._kept.values():
            kept.child.kill()

    def run(self, program: Program, pause_s: float) -> None:
        """Start a program, and again ``pause_s`` after each death."""
        kept = self._kept[program.name] = _Kept(Child(program, self._write), pause_s)
        kept.wanted = True
        kept.child.start()

    def deaths(self) -> dict[str, int]:
        """Return how often each program died."""
        return {name: kept.deaths for name, kept in self._kept.items()}

    def pid(self, name: str) -> int:
        """Return the process id of a program's present or last run."""
        return self._kept[name].child.pid or 0

    def kill(self, name: str) -> None:
        """Kill the main process; what it started is cleared away as it is started again."""
        _signal(self.pid(name), signal.SIGKILL)

    def kill_worker(self, name: str) -> None:
        """Kill the first process that the main one started; the main one if there is none."""
        _signal(next(_children(self.pid(name)), self.pid(name)), signal.SIGKILL)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Stop a program and all it started where it stands, then let it go on."""
        stopped = [self.pid(name), *_children(self.pid(name))]
        for pid in stopped:
            _signal(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                _signal(pid, signal.SIGCONT)

    def halt(self, name: str, number: signal.Signals, within_s: float = 60) -> None:
        """End a program by a signal and leave it so; killed if it takes too long."""
        kept = self._kept[name]
        with kept.lock:
            kept.wanted = False
        _signal(self.pid(name), number)
        kept.child.wait(within_s)
        kept.child.kill()

    def resume(self, name: str) -> None:
        """Start a halted program."""
        kept = self._kept[name]
        with kept.lock:
            kept.child.start()
            kept.wanted = True

    def _tend(self) -> None:
        while not self._is_over.wait(_TICK_S):
            for kept in self._kept.values():
                with kept.lock:
                    if kept.wanted and not kept.child.is_running():
                        _bring_back(kept)

    def _write(self, name: str, text: str) -> None:
        with (self._logs / f"{name}.log").open("a") as log:
            log.write(text)


def _bring_back(kept: _Kept) -> None:
    now = time.monotonic()
    if not kept.start_at:
        # Workers of a main process that died would keep its port.
        kept.child.kill()
        kept.deaths += 1
        kept.start_at = now + kept.pause_s
    elif now >= kept.start_at:
        kept.start_at = 0.0
        kept.child.start()


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _signal(pid: int, number: signal.Signals) -> None:
    # Whoever died in this very moment needs no signal.
    with suppress(ProcessLookupError):
        os.kill(pid, number)
