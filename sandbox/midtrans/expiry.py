"""When a Snap page and a payment method end (Midtrans docs, "Expire a Snap session")."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sandbox.midtrans.method_record import Kind, Method
from sandbox.wire import JsonObject, as_object, as_text, whole_number

_UNITS: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
# Core's custom_expiry counts in seconds too, up to what the method itself allows.
_CORE_UNITS: Final = {"second": timedelta(seconds=1), **_UNITS}
_PAGE_LIFETIME: Final = timedelta(hours=24)
SHORTEST: Final = timedelta(seconds=20)
_LONGEST: Final = timedelta(days=7)
_CORE_LONGEST: Final = timedelta(days=180)
_START_FORMAT: Final = "%Y-%m-%d %H:%M:%S %z"


def duration_of(expiry: JsonObject) -> timedelta | None:
    """Return ``duration`` times ``unit``, cut to seven days; None when it is unreadable."""
    return _duration(expiry, "duration", _UNITS, _LONGEST)


def custom_duration_of(expiry: JsonObject) -> timedelta | None:
    """Return the length of Core's ``custom_expiry``; None when it is unreadable."""
    return _duration({"unit": "minute", **expiry}, "expiry_duration", _CORE_UNITS, _CORE_LONGEST)


def start_of(expiry: JsonObject, name: str = "start_time") -> datetime | None:
    """Return ``start_time`` (``yyyy-MM-dd HH:mm:ss +0700``); None when unreadable."""
    try:
        return datetime.strptime(as_text(expiry.get(name)), _START_FORMAT)  # noqa: DTZ007 - %z is in it
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

    A card keeps its own short 3-D Secure phase and OVO its 65 seconds whatever the shop
    asks; no method waits longer than its own limit, and Core's ``custom_expiry`` is held
    above the shortest time, too.
    """
    lifetime = method.lifetime
    if lifetime.shortest == lifetime.longest:
        return now + lifetime.default
    custom = _custom(request, method, now)
    chosen = custom or _chosen(request, now)
    if chosen is None:
        return now + lifetime.default
    longest = lifetime.default if method.kind is Kind.CARD else lifetime.longest
    return min(now + longest, chosen)


def _custom(request: JsonObject, method: Method, now: datetime) -> datetime | None:
    expiry = as_object(request.get("custom_expiry"))
    duration = custom_duration_of(expiry)
    if duration is None:
        return None
    within = max(method.lifetime.shortest, min(duration, method.lifetime.longest))
    return (start_of(expiry, "order_time") or now) + within


def _chosen(request: JsonObject, now: datetime) -> datetime | None:
    expiry = as_object(request.get("expiry"))
    duration = duration_of(expiry)
    if duration is None:
        return None
    return (start_of(expiry) or now) + duration


def _duration(
    expiry: JsonObject, count_name: str, units: Mapping[str, timedelta], longest: timedelta
) -> timedelta | None:
    unit = units.get(as_text(expiry.get("unit")).removesuffix("s"))
    count = whole_number(expiry.get(count_name))
    if unit is None or count is None or count < 1:
        return None
    return unit * min(count, longest // unit)
