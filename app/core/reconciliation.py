"""When to ask a gateway again: the schedule as data, per gateway and method."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from app.core.facts import (
    EXPIRY_GRACE,
    WAITING,
    OrderFacts,
    TransactionFact,
    is_closed,
    is_paid,
    of_attempt,
)
from app.core.observations import Seen
from app.core.states import GatewayName
from app.core.wib import WIB

# Gateways deliver late: Xendit documents payments reported days after expiry.
WATCH_PAST_EXPIRY: Final = timedelta(days=3)
_AFTER_EXPIRY_EVERY: Final = timedelta(minutes=15)
_UNCONFIRMED_EVERY: Final = timedelta(minutes=2)
_CLOSED_LOOKS: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
# Permata VA, Mandiri bill and Indomaret may take a settlement back within five minutes
# (Midtrans docs, "Transaction status cycle").
_REVERSIBLE: Final = frozenset({"permata_va", "echannel", "indomaret"})
_REVERSAL_LOOKS: Final = (timedelta(minutes=2), timedelta(minutes=6))
# Card captures settle on the next day shortly after 16:00 WIB (same page).
_SETTLED_BY: Final = time(16, 45)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Waiting times between questions about an open attempt, counted from its creation."""

    early: tuple[timedelta, ...]
    then_every: timedelta


def _seconds(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in values)


_WALLETS: Final = Schedule(
    _seconds(5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300), timedelta(minutes=2)
)
_DEFAULT: Final = Schedule(_seconds(10, 20, 30, 60, 120, 180, 300, 600), timedelta(minutes=10))
# A person waits for the page to be closed, and a shopper may still pay on it.
_CANCELLING: Final = Schedule((), timedelta(minutes=2))
_SCHEDULES: Final[Mapping[tuple[GatewayName, str | None], Schedule]] = {
    # Nothing chosen yet: a first look soon, because Xendit tells nobody which bank was picked.
    (GatewayName.MIDTRANS, None): _WALLETS,
    (GatewayName.XENDIT, None): _WALLETS,
    (GatewayName.MIDTRANS, "gopay"): _WALLETS,
    (GatewayName.MIDTRANS, "qris"): _WALLETS,
    (GatewayName.MIDTRANS, "shopeepay"): _WALLETS,
}


@dataclass(frozen=True, slots=True)
class NextLook:
    """When to ask next; ``at`` None: never again. ``ended``: watching ended without an answer."""

    at: datetime | None
    ended: bool = False


def next_look(facts: OrderFacts, reference: str, created_at: datetime, now: datetime) -> NextLook:
    """Tell when to ask about one attempt again, after having asked at ``now``."""
    attempt = facts.attempt(reference)
    if attempt is None:
        return NextLook(None)
    mine = of_attempt(facts, reference)
    # A payment that was taken back ends nothing: another method of the same page may still pay.
    paid = next((t for t in mine if is_paid(t)), None)
    if paid is not None and not paid.confirmed:
        return _look_until_confirmed(attempt.expires_at, now)
    if paid is not None:
        return NextLook(_look_after_payment(paid, now))
    if is_closed(facts, attempt):
        looks = (attempt.expires_at + after for after in (*_CLOSED_LOOKS, WATCH_PAST_EXPIRY))
        return NextLook(next((look for look in looks if look > now), None))
    if now >= attempt.expires_at + WATCH_PAST_EXPIRY:
        return NextLook(None, ended=True)
    waiting = next((t for t in mine if t.stage in WAITING), None)
    schedule = _SCHEDULES.get((attempt.gateway, waiting.method if waiting else None), _DEFAULT)
    if facts.cancel_asked:
        schedule = _CANCELLING
    return NextLook(_look_while_open(schedule, created_at, attempt.expires_at, now))


def _look_while_open(
    schedule: Schedule, created_at: datetime, expires_at: datetime, now: datetime
) -> datetime:
    deadline = expires_at + EXPIRY_GRACE
    if now >= deadline:
        return now + _AFTER_EXPIRY_EVERY
    early = next((created_at + wait for wait in schedule.early if created_at + wait > now), None)
    return min(early or now + schedule.then_every, deadline)


def _look_until_confirmed(expires_at: datetime, now: datetime) -> NextLook:
    """Ask about a payment that a signed message proved until the gateway confirms it."""
    if now >= expires_at + WATCH_PAST_EXPIRY:
        return NextLook(None, ended=True)
    return NextLook(now + _UNCONFIRMED_EVERY)


def _look_after_payment(paid: TransactionFact, now: datetime) -> datetime | None:
    if paid.stage is Seen.CAPTURED:
        return _after_settlement_time(now)
    if paid.stage is Seen.PAID and paid.method in _REVERSIBLE and paid.paid_at is not None:
        looks = (paid.paid_at + after for after in _REVERSAL_LOOKS)
        return next((look for look in looks if look > now), None)
    return None


def _after_settlement_time(now: datetime) -> datetime:
    """Return the next time of day at which card captures should have settled."""
    today = datetime.combine(now.astimezone(WIB).date(), _SETTLED_BY, WIB)
    return today if today > now else today + timedelta(days=1)


_REFUND_WAITS: Final = _seconds(5, 15, 60, 300, 900, 3600)


def next_refund_look(looks_done: int, now: datetime) -> datetime:
    """Tell when to look at an unfinished refund again: soon at first, then every six hours.

    It never ends: a refund of unknown outcome is resolved by evidence, not by age.
    """
    waits = (*_REFUND_WAITS, timedelta(hours=6))
    return now + waits[min(looks_done, len(waits) - 1)]
