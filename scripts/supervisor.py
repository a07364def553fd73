"""Keep several programs running until a person stops them: the loop behind `make run`."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from scripts.child import Child, Program
from scripts.messages import CannotGoOnError
from scripts.output import LinePrinter
from scripts.ports import answers

RESTART_AFTER_S: Final = 1.0
"""Pause before a program that died is started again."""

DEATHS_ALLOWED: Final = 5
DEATHS_WINDOW_S: Final = 60.0
"""Five deaths within a minute are a fault that starting again does not cure."""

READY_TIMEOUT_S: Final = 60.0
STOP_GRACE_S: Final = 8.0
"""Longer than a web request with a gateway timeout inside usually lasts, short for a person."""

_TICK_S: Final = 0.05


class RestartPolicy:
    """Decide when a program that died is started again, and when to give up."""

    def __init__(self) -> None:
        self._deaths: deque[float] = deque()

    def restart_at(self, died_at_s: float) -> float | None:
        """Note a death; return when to start again (same clock), or None to give up."""
        self._deaths.append(died_at_s)
        while self._deaths[0] <= died_at_s - DEATHS_WINDOW_S:
            self._deaths.popleft()
        if len(self._deaths) >= DEATHS_ALLOWED:
            return None
        return died_at_s + RESTART_AFTER_S


class _Kept:
    """One program under supervision."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.policy = RestartPolicy()
        self.restart_at: float | None = None

    @property
    def name(self) -> str:
        return self.child.program.name


class Supervisor:
    """Start programs, restart those that die, stop all of them together.

    `run` belongs to one thread. `request_stop` may be called from a signal handler: the first
    call asks the programs to end, the second kills them.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        printer: LinePrinter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._printer = printer
        self._clock = clock
        self._kept = [_Kept(Child(program, printer.line)) for program in programs]
        # A plain count, not an Event: a signal handler that sets an Event can meet the lock of
        # the very wait that it interrupted, and hang.
        self._stops_asked = 0

    def request_stop(self) -> None:
        """Ask `run` to stop all programs; asked again, to kill them."""
        self._stops_asked += 1

    def run(self, when_ready: Callable[[], None]) -> None:
        """Run until asked to stop; `when_ready` is called once, when all programs answer.

        CannotGoOnError when a program keeps dying, or does not answer in time; everything is
        stopped by then.
        """
        try:
            self._start_all()
            self._wait_until_ready()
            if not self._stops_asked:
                when_ready()
            while not self._stops_asked:
                self._tend()
                time.sleep(_TICK_S)
        finally:
            self._stop_all()

    def _start_all(self) -> None:
        for kept in self._kept:
            kept.child.start()

    def _wait_until_ready(self) -> None:
        waiting = [kept for kept in self._kept if kept.child.program.ready_url]
        deadline = self._clock() + READY_TIMEOUT_S
        while waiting and not self._stops_asked:
            self._tend()
            time.sleep(_TICK_S)
            waiting = [kept for kept in waiting if not answers(kept.child.program.ready_url or "")]
            if waiting and self._clock() > deadline:
                raise CannotGoOnError(
                    f"{waiting[0].name} did not answer at {waiting[0].child.program.ready_url} "
                    f"within {READY_TIMEOUT_S:.0f} s: its lines above say why."
                )

    def _tend(self) -> None:
        now = self._clock()
        for kept in self._kept:
            if kept.restart_at is not None:
                self._restart_when_due(kept, now)
            elif not kept.child.is_running():
                self._note_death(kept, now)

    def _restart_when_due(self, kept: _Kept, now: float) -> None:
        if kept.restart_at is not None and now >= kept.restart_at:
            kept.restart_at = None
            kept.child.start()

    def _note_death(self, kept: _Kept, now: float) -> None:
        code = kept.child.exit_code()
        # Workers of a master that died would keep its port.
        kept.child.kill()
        kept.restart_at = kept.policy.restart_at(now)
        if kept.restart_at is None:
            raise CannotGoOnError(
                f"{kept.name} ended {DEATHS_ALLOWED} times within {DEATHS_WINDOW_S:.0f} s and is "
                f"not started again: its lines above say why."
            )
        self._printer.line(kept.name, f"ended ({_ending(code)}); starting it again in 1 s")

    def _stop_all(self) -> None:
        for kept in self._kept:
            kept.child.ask_to_stop()
        deadline = self._clock() + STOP_GRACE_S
        asked_before = self._stops_asked
        while self._running() and self._clock() < deadline and self._stops_asked <= asked_before:
            time.sleep(_TICK_S)
        for kept in self._running():
            self._printer.line(kept.name, "did not end by itself and was killed")
        for kept in self._kept:
            kept.child.kill()

    def _running(self) -> list[_Kept]:
        return [kept for kept in self._kept if kept.child.is_running()]


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
