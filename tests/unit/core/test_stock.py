from itertools import product
from typing import Final

import pytest

from app.core.states import PaymentStatus, StockState
from app.core.stock import StockStep, stock_step

_S = PaymentStatus
_H = StockState
_CLOSED: Final = (_S.FAILED, _S.EXPIRED, _S.CANCELLED)
_UNPAID: Final = (_S.PENDING, _S.IN_REVIEW, *_CLOSED, _S.REFUNDED, _S.CHARGED_BACK)
_HOLDING: Final = (_S.PAID, _S.PARTIALLY_REFUNDED)
# Everything that moves goods; every other combination moves none.
_STEPS: Final = {
    **{(_H.RESERVED, b, a): StockStep.TAKE for b, a in product(_UNPAID, _HOLDING)},
    **{(_H.RELEASED, b, a): StockStep.TAKE_LATE for b, a in product(_UNPAID, _HOLDING)},
    **{
        (_H.RESERVED, b, a): StockStep.RELEASE
        for b, a in product(PaymentStatus, (*_CLOSED, _S.REFUNDED, _S.CHARGED_BACK))
    },
    # While another try is open, a reversed payment's goods wait: it may still be paid.
    **{
        (_H.TAKEN, before, closed): StockStep.GIVE_BACK
        for before, closed in product((_S.PAID, _S.PENDING, _S.IN_REVIEW), _CLOSED)
    },
}


@pytest.mark.parametrize("held", StockState)
@pytest.mark.parametrize("before", PaymentStatus)
@pytest.mark.parametrize("after", PaymentStatus)
def test_goods_move_only_in_the_steps_that_are_listed(
    held: StockState, before: PaymentStatus, after: PaymentStatus
):
    assert stock_step(held, before, after) is _STEPS.get((held, before, after))


def test_a_refund_never_moves_goods_that_have_left():
    for before, after in product(_HOLDING, (_S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.CHARGED_BACK)):
        assert stock_step(_H.TAKEN, before, after) is None


def test_goods_that_were_short_stay_for_a_person_to_decide():
    assert {stock_step(_H.SHORT, b, a) for b, a in product(_S, _S)} == {None}
