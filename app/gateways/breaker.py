"""When a gateway does not answer, it is left alone for a while, and nobody waits for it in vain.

::

    closed --(so many failures one after the other, or "not before ...")--> open
    open --(the pause is over)--> half open: one call may try
    half open --(an answer)--> closed          half open --(a failure)--> open

A refused call was not sent: for a refund this means *not sent*, never *unknown*.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """After how many failures in a row calls are refused (0: never), and for how many seconds."""

    failures: int = 5
    pause_s: float = 10


class Breaker:
    """The breaker of one kind of call at one gateway; for the threads of one process."""

    def __init__(self, rule: BreakerRule, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Begin closed; ``clock_s`` counts seconds and never goes back."""
        self._rule: Final = rule
        self._clock_s: Final = clock_s
        self._lock: Final = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, or only one of them may try."""
        return self._open_until is not None

    def admit(self) -> float:
        """Return 0 if the call may go, else after how many seconds to try again.

        Whoever is let through must then say what came of it: ``succeed``, ``fail`` or ``forget``.
        """
        with self._lock:
            if self._open_until is None:
                return 0
            left = self._open_until - self._clock_s()
            if left > 0:
                return left
            if self._is_tried:
                # One call is on its way to find out; the others need not wait for its timeout.
                return self._rule.pause_s
            self._is_tried = True
            return 0

    def succeed(self) -> None:
        """Note an answer, also one that says no."""
        with self._lock:
            self._failures = 0
            self._open_until = None
            self._is_tried = False

    def fail(self, not_before_s: float | None = None) -> None:
        """Note a failure; ``not_before_s``: after how many seconds it wants to be asked."""
        with self._lock:
            self._failures += 1
            must_open = self._is_tried or self._failures >= self._rule.failures
            self._is_tried = False
            if self._rule.failures and (must_open or not_before_s):
                self._open_until = self._clock_s() + (not_before_s or self._rule.pause_s)

    def forget(self) -> None:
        """Note a call that says nothing about the gateway, since it never got there."""
        with self._lock:
            self._is_tried = False
