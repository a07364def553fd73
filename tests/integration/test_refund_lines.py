"""Refunds by line, and goods that come back piece by piece."""

import pytest

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refund_lines import Line
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName, RefundState, StockState
from app.services.payment_pages import PaymentPage
from app.services.refund_lines import read_sold
from app.services.restocking import restock_refund
from tests.world import World

PIECE_IDR = 100_000


@pytest.fixture
def page(world: World) -> PaymentPage:
    """Provide a paid order of two pieces, Rp 100.000 each."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()
    return page


def line(world: World, page: PaymentPage, quantity: int) -> Line:
    with world.session() as session:
        [sold] = read_sold(session, world.order(page).id)
    return Line(sold.order_item_id, quantity)


def refund_line(world: World, page: PaymentPage, quantity: int, amount_idr: int) -> int:
    chosen = line(world, page, quantity)
    result = world.refund(
        page, amount_idr, lines=(chosen,), reason_code=RefundReason.GOODS_RETURNED
    )
    return result.refund_id


def why_refused(world: World, refund_id: int, pieces: dict[int, int]) -> Why:
    with pytest.raises(RefusedError) as caught:
        restock_refund(world.desk, refund_id, staff_id=world.staff_id(), pieces=pieces)
    return caught.value.why


def test_a_piece_is_refunded_once_and_its_line_says_so(world: World, page: PaymentPage) -> None:
    refund_line(world, page, 1, PIECE_IDR)

    with world.session() as session:
        [sold] = read_sold(session, world.order(page).id)
    assert (sold.quantity, sold.returned, sold.left) == (2, 1, 1)
    [refund] = world.refunds(page)
    assert (refund.state, refund.reason_code) == (
        RefundState.SUCCEEDED,
        RefundReason.GOODS_RETURNED,
    )


@pytest.mark.parametrize(
    ("quantity", "amount_idr"), [(1, PIECE_IDR - 1), (2, PIECE_IDR), (3, 3 * PIECE_IDR), (0, 1)]
)
def test_lines_that_do_not_cost_the_amount_or_are_not_left_are_refused(
    world: World, page: PaymentPage, quantity: int, amount_idr: int
) -> None:
    with pytest.raises(RefusedError) as caught:
        refund_line(world, page, quantity, amount_idr)

    # More than was paid is refused by the rules of any refund.
    assert caught.value.why in {Why.LINES_CHANGED, Why.MORE_THAN_LEFT}
    assert world.refunds(page) == []
    assert world.order(page).reserved_idr == 0


def test_a_piece_comes_back_into_stock_once(world: World, page: PaymentPage) -> None:
    before, item = world.stock(), line(world, page, 1).order_item_id
    refund_id = refund_line(world, page, 1, PIECE_IDR)
    assert world.stock() == before

    restock_refund(world.desk, refund_id, staff_id=world.staff_id(), pieces={item: 1})

    assert world.stock() == (before[0] + 1, before[1])
    assert world.order(page).stock_state is StockState.TAKEN
    assert why_refused(world, refund_id, {item: 1}) is Why.RESTOCKED_ALREADY
    assert world.stock() == (before[0] + 1, before[1])


def test_after_every_piece_came_back_the_goods_are_released(
    world: World, page: PaymentPage
) -> None:
    before, item = world.stock(), line(world, page, 1).order_item_id
    first = refund_line(world, page, 1, PIECE_IDR)
    restock_refund(world.desk, first, staff_id=world.staff_id(), pieces={item: 1})
    second = refund_line(world, page, 1, PIECE_IDR)

    restock_refund(world.desk, second, staff_id=world.staff_id())

    assert world.stock() == (before[0] + 2, before[1])
    assert world.order(page).stock_state is StockState.RELEASED
    assert why_refused(world, second, {item: 1}) is Why.WRONG_REFUND_STATE


@pytest.mark.parametrize("pieces", [{}, {-1: 1}, {"item": 3}, {"item": -1}])
def test_more_than_was_sold_or_other_goods_do_not_come_back(
    world: World, page: PaymentPage, pieces: dict[object, int]
) -> None:
    before, item = world.stock(), line(world, page, 1).order_item_id
    refund_id = world.refund(page, 50_000).refund_id
    asked = {item if key == "item" else -1: count for key, count in pieces.items()}

    assert why_refused(world, refund_id, asked) is Why.RESTOCKED_ALREADY
    assert world.stock() == before
    assert "restocked" not in world.reasons(page)
