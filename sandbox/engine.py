"""What both gateways stand on: one lock, one clock, one store, one ticker."""

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sandbox.clock import VirtualClock
from sandbox.faults import Faults
from sandbox.ids import Ids
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.timers import Action, Timers

_LONGEST_NAP_S: Final = 0.5
_log = logging.getLogger("sandbox.engine")


class Engine:
    """Shared machinery; every change of state happens inside :meth:`change`."""

    def __init__(self, settings: Settings) -> None:
        """Open the state file, if any, and continue its clock."""
        self.settings = settings
        self.store = Store(settings.state_file)
        self.clock = VirtualClock(still_at=settings.still_clock_at)
        self.clock.advance(float(next(self.store.rows("clock"), "0")))
        self.ids = Ids(self._seed())
        self.faults = Faults(self.ids)
        self.timers = Timers()
        self.stopping = threading.Event()
        self._lock = threading.RLock()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    @contextmanager
    def change(self) -> Generator[None]:
        """Hold the one lock; what was written is durable when the block ends."""
        with self._lock:
            try:
                yield
            finally:
                self.store.commit()

    def start(self) -> None:
        """Let time pass."""
        self._ticker.start()

    def stop(self) -> None:
        """Let time stand, wake everything that waits, and close the state file."""
        self.stopping.set()
        self.timers.changed.set()
        if self._ticker.is_alive():
            self._ticker.join(timeout=0.5)
        with self._lock:
            self.store.close()

    def advance(self, seconds: float) -> None:
        """Move the clock and do at once everything that has become due."""
        with self.change():
            self.clock.advance(seconds)
            self.store.save("clock", "offset", str(self.clock.offset_s))
        self.run_due()

    def run_due(self) -> None:
        """Run every action that is due, in order of its due time."""
        while not self.stopping.is_set():
            with self.change():
                planned = self.timers.pop_due(self.clock.now())
                if planned is None:
                    return
                _run(*planned)

    def forget(self) -> None:
        """Empty the state file, but keep the clock's offset and the count of starts."""
        starts = next(self.store.rows("starts"), None)
        self.store.clear()
        self.store.save("clock", "offset", str(self.clock.offset_s))
        if starts:
            self.store.save("starts", "count", starts)

    def _seed(self) -> str | None:
        if self.settings.seed is None:
            return None
        # Ids of an earlier run live on in the state file: each start draws others.
        starts = int(next(self.store.rows("starts"), "0")) + 1
        self.store.save("starts", "count", str(starts))
        return f"{self.settings.seed}/{starts}"

    def _tick(self) -> None:
        while not self.stopping.is_set():
            self.run_due()
            self.timers.changed.wait(self._nap_s())
            self.timers.changed.clear()

    def _nap_s(self) -> float:
        due = self.timers.next_due()
        if due is None or self.clock.is_still:
            return _LONGEST_NAP_S
        return min(_LONGEST_NAP_S, max(0.0, (due - self.clock.now()).total_seconds()))


def _run(due: datetime, action: Action) -> None:
    try:
        action(due)
    except Exception:  # noqa: BLE001 - one broken plan must not stop time for all others
        _log.exception("a planned action failed")
