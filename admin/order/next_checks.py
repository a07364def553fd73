"""When Lunas asks a gateway by itself next, or why it does not any more, in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext

from admin.formats import ago
from app.core.facts import TAKEN_BACK
from app.core.reconciliation import WATCH_PAST_EXPIRY
from app.core.refunds import UNDER_WAY
from app.core.states import AttemptState
from app.db.models import Attempt, GatewayTransaction, Order

# The jobs look for what is due every few seconds; what is due longer than this, they have missed.
_LATE: Final = timedelta(minutes=2)


def next_check_words(order: Order, now: datetime) -> str:
    """Say when the next automatic question about an order is due, or why none is."""
    due = [a.next_check_at for a in order.attempts if a.next_check_at is not None]
    if due:
        return _due(min(due), now)
    words = [no_check_words(a, order.transactions, now) for a in order.attempts]
    return words[-1] if words else gettext("No automatic check: the order was never tried.")


def attempt_check_words(attempt: Attempt, order: Order, now: datetime) -> str:
    """Say when Lunas asks about one attempt next, or why it does not any more."""
    if attempt.next_check_at is not None:
        return _due(attempt.next_check_at, now)
    return no_check_words(attempt, order.transactions, now)


def refund_check_words(order: Order, now: datetime) -> list[str]:
    """Say for each refund on its way when Lunas asks about it next."""
    return [
        gettext(
            "Refund %(number)s: %(when)s",
            number=refund.number,
            when=_due(refund.next_check_at, now),
        )
        for refund in order.refunds
        if refund.state in UNDER_WAY and refund.next_check_at is not None
    ]


def is_late(order: Order, now: datetime) -> bool:
    """Tell whether the jobs have missed a check, so that somebody should look after them."""
    rows = (*order.attempts, *order.refunds)
    return any(row.next_check_at is not None and row.next_check_at + _LATE < now for row in rows)


def _due(at: datetime, now: datetime) -> str:
    if at + _LATE < now:
        return gettext("The automatic check is late: it was due %(ago)s.", ago=ago(at))
    if at <= now:
        return gettext("Lunas asks the gateway now.")
    return gettext("Lunas asks the gateway again %(ago)s.", ago=ago(at))


def no_check_words(
    attempt: Attempt, transactions: Sequence[GatewayTransaction], now: datetime
) -> str:
    """Say why Lunas asks about this attempt no more."""
    mine = [t for t in transactions if t.attempt_id == attempt.id]
    if attempt.state is AttemptState.REJECTED:
        return gettext("No more automatic checks, because the gateway opened no payment page.")
    if any(t.ever_paid and t.confirmed and t.stage not in TAKEN_BACK for t in mine):
        return gettext("No more automatic checks, because the gateway's answer is final.")
    if now >= attempt.expires_at + WATCH_PAST_EXPIRY:
        return gettext(
            "No more automatic checks, because the time to pay ended more than 3 days ago."
        )
    return gettext("No more automatic checks, because nothing can be paid on this page any more.")
