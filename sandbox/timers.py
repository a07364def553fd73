"""What will happen by itself: a heap of due times, so that no tick scans all records."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime

Action = Callable[[datetime], None]


class Timers:
    """Actions ordered by due time; equal times keep their order of arrival."""

    def __init__(self) -> None:
        """Start with nothing planned."""
        self._heap: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()
        self.changed = threading.Event()

    def plan(self, due: datetime, action: Action) -> None:
        """Run ``action(due)`` once the virtual clock has reached ``due``.

        Plans are never withdrawn: an action looks at its record and does nothing when
        the record has moved on.
        """
        with self._lock:
            heapq.heappush(self._heap, (due, next(self._order), action))
        self.changed.set()

    def pop_due(self, now: datetime) -> tuple[datetime, Action] | None:
        """Take out the earliest action that is due, or None."""
        with self._lock:
            if not self._heap or self._heap[0][0] > now:
                return None
            due, _, action = heapq.heappop(self._heap)
            return due, action

    def next_due(self) -> datetime | None:
        """Return when the next action is due, or None."""
        with self._lock:
            return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Drop every plan."""
        with self._lock:
            self._heap.clear()
