"""Virtual time: real time plus an offset, or a clock that stands still until moved."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

# Nothing that is planned from here on may leave the calendar.
_LAST_MOMENT: Final = datetime(9000, 1, 1, tzinfo=UTC)
WIB: Final = timezone(timedelta(hours=7), "WIB")


class VirtualClock:
    """The only source of time in the sandbox; safe to use from any thread."""

    def __init__(self, *, still_at: datetime | None = None) -> None:
        """Follow real time, or stand still at ``still_at`` (aware)."""
        self._still_at = still_at
        self._offset = timedelta()
        self._lock = threading.Lock()

    @property
    def is_still(self) -> bool:
        """Whether time moves only through :meth:`advance`."""
        return self._still_at is not None

    @property
    def offset_s(self) -> float:
        """Seconds by which this clock was moved since it began."""
        return self._offset.total_seconds()

    def now(self) -> datetime:
        """Return the virtual present, aware, in UTC."""
        base = self._still_at or datetime.now(UTC)
        return base + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward; it never runs backwards, and stops in the year 9000."""
        with self._lock:
            room = max(timedelta(), _LAST_MOMENT - self.now())
            self._offset += min(timedelta(seconds=max(0.0, seconds)), room)

    def rewind(self) -> None:
        """Go back to where it began; for a sandbox that has forgotten everything."""
        with self._lock:
            self._offset = timedelta()


def wib_text(moment: datetime) -> str:
    """Return a time as Midtrans writes it: WIB without an offset.

    Source: Midtrans docs, "Sample response": ``2020-01-09 18:27:19`` is GMT+7.
    """
    return moment.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")


def iso_millis(moment: datetime) -> str:
    """Return a time as Xendit invoices write it: UTC, milliseconds, ``Z``."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def iso_nanos(moment: datetime) -> str:
    """Return a time as Xendit's refund API writes it: nine fraction digits, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
