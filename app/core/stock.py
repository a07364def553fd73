"""What a change of an order's state means for the goods it holds."""

from enum import StrEnum
from typing import Final

from app.core.states import HOLDS_MONEY, OPEN, UNPAID_CLOSED, PaymentStatus, StockState

# Money that was gone again before the order was ever shown as paid: nobody sent the goods.
_GIVEN_BACK: Final = frozenset({PaymentStatus.REFUNDED, PaymentStatus.CHARGED_BACK})


class StockStep(StrEnum):
    """One movement of an order's goods."""

    RESERVE = "reserve"  # set aside at checkout
    TAKE = "take"  # reserved goods leave
    TAKE_LATE = "take_late"  # goods leave although the reservation was given up
    RELEASE = "release"  # the reservation is given up
    GIVE_BACK = "give_back"  # goods taken come back because the payment was reversed
    RESTOCK = "restock"  # a person puts refunded goods back


def stock_step(held: StockState, before: PaymentStatus, after: PaymentStatus) -> StockStep | None:
    """Tell what to do with an order's goods when its state changes; None: nothing.

    A refund never moves goods by itself: whether they come back is a person's choice.
    """
    if after in HOLDS_MONEY and before not in HOLDS_MONEY:
        if held is StockState.RESERVED:
            return StockStep.TAKE
        return StockStep.TAKE_LATE if held is StockState.RELEASED else None
    if held is StockState.RESERVED and after in UNPAID_CLOSED | _GIVEN_BACK:
        return StockStep.RELEASE
    # A reversed payment leaves the order open while another try is: the goods wait for its end.
    if (
        held is StockState.TAKEN
        and before in OPEN | {PaymentStatus.PAID}
        and after in UNPAID_CLOSED
    ):
        return StockStep.GIVE_BACK
    return None
