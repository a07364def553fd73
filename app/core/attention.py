"""Which of several calls for a person comes first."""

from collections.abc import Iterable
from typing import Final

from app.core.states import Attention

# First what costs more with every hour (goods leave, money is doubled), last what only looks odd.
URGENCY: Final = (
    Attention.CHARGED_BACK,
    Attention.PAYMENT_REVERSED,
    Attention.PAID_TWICE,
    Attention.AMOUNT_DIFFERS,
    Attention.PAID_AFTER_CLOSE,
    Attention.REFUND_FAILED,
    Attention.STOCK_SHORT,
    Attention.REFUND_UNKNOWN,
    Attention.DRIFT,
    Attention.UNKNOWN_TRANSITION,
    Attention.POLLING_ENDED,
)


def most_urgent(codes: Iterable[Attention]) -> Attention | None:
    """Return the code that a person should take up first; None where nobody is called."""
    return min(codes, key=URGENCY.index, default=None)
