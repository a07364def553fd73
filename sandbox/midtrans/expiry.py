"""When a Snap page and a payment method end (Midtrans docs, "Expire a Snap session")."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.midtrans.methods import Method
from sandbox.wire import JsonObject, as_object, as_text, whole_number

_UNITS: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_PAGE_LIFETIME: Final = timedelta(hours=24)
SHORTEST: Final = timedelta(seconds=20)
_LONGEST: Final = timedelta(days=7)
_START_FORMAT: Final = "%Y-%m-%d %H:%M:%S %z"


def duration_of(expiry: JsonObject) -> timedelta | None:
    """Return ``duration`` times ``unit``, cut to seven days; None when it is unreadable."""
    unit = _UNITS.get(as_text(expiry.get("unit")).removesuffix("s"))
    count = whole_number(expiry.get("duration"))
    if unit is None or count is None or count < 1:
        return None
    return unit * min(count, _LONGEST // unit)


def start_of(expiry: JsonObject) -> datetime | None:
    """Return ``start_time`` (``yyyy-MM-dd HH:mm:ss +0700``); None when unreadable."""
    try:
        return datetime.strptime(as_text(expiry.get("start_time")), _START_FORMAT)  # noqa: DTZ007 - %z is in it
    except (ValueError, OverflowError):
        return None


def page_expiry(request: JsonObject, now: datetime) -> datetime:
    """Return when the page ends: ``page_expiry``, else ``expiry``, else a day from now."""
    page = duration_of(as_object(request.get("page_expiry")))
    if page is not None:
        return now + page
    return _chosen(request, now) or now + _PAGE_LIFETIME


def method_expiry(request: JsonObject, method: Method, now: datetime) -> datetime:
    """Return when a transaction begun at ``now`` ends if nobody pays.

    A card keeps its own short 3-D Secure phase whatever ``expiry`` says.
    """
    default = now + method.lifetime
    chosen = _chosen(request, now)
    if chosen is None:
        return default
    return min(default, chosen) if method.kind == "card" else chosen


def _chosen(request: JsonObject, now: datetime) -> datetime | None:
    expiry = as_object(request.get("expiry"))
    duration = duration_of(expiry)
    if duration is None:
        return None
    return (start_of(expiry) or now) + duration
