"""Which happenings of an order are worth a mail to its shopper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.core.states import HOLDS_MONEY, OPEN, UNPAID_CLOSED, PaymentStatus, RefundState


class MailKind(StrEnum):
    """What a mail tells."""

    RECEIPT = "receipt"
    REFUND_DONE = "refund_done"


class MailState(StrEnum):
    """How far a mail has come."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class DueMail:
    """One mail to be sent once: an order has at most one of each kind and event."""

    kind: MailKind
    event: str


UNPAID: Final = OPEN | UNPAID_CLOSED
_BACK_WITH_THE_SHOPPER: Final = frozenset({RefundState.SUCCEEDED, RefundState.TRANSFERRED})
_PAID: Final = DueMail(MailKind.RECEIPT, "paid")


@dataclass(frozen=True, slots=True)
class Told:
    """What one line of an order's timeline tells; no states where the order's did not change.

    ``details`` of a line about a refund hold its number and its state.
    """

    before: PaymentStatus | None
    after: PaymentStatus | None
    details: Mapping[str, object]


def due_mail(told: Told) -> DueMail | None:
    """Return the mail that one line of an order's timeline calls for, if any."""
    details = told.details
    number = details.get("refund_number")
    if number is not None and details.get("state") in _BACK_WITH_THE_SHOPPER:
        return DueMail(MailKind.REFUND_DONE, f"refund-{number}")
    # Money that was there before, or comes back to us after a chargeback, is no second purchase.
    return _PAID if told.before in UNPAID and told.after in HOLDS_MONEY else None


# A receipt that comes days late raises more questions than it answers.
SEND_WITHIN: Final = timedelta(days=3)
_WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


def wait_before_try(tries_done: int) -> timedelta:
    """Return how long to wait after so many failed tries (1 or more)."""
    return _WAITS[min(tries_done, len(_WAITS)) - 1]
