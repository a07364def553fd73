"""Nobody refunds more a day than they may, not even with two requests at once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refund_limits import day_began_at
from app.core.states import GatewayName, RefundState
from app.db.models import Refund, Staff
from app.services.payment_pages import PaymentPage
from app.services.refund_limits import refund_allowance
from app.services.refunds import request_refund, withdraw_refund
from tests.integration.test_races import all_at_once
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import World


@pytest.fixture(autouse=True)
def far_from_midnight(world: World) -> None:
    """Let no test run over the end of a day in Jakarta."""
    now = world.clock()
    if day_began_at(now + timedelta(minutes=10)) != day_began_at(now):
        world.clock.advance(10 * 60)


def limit(world: World, limit_idr: int | None, role: str = "refunder") -> int:
    staff_id = world.staff_id(role)
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, staff_id).daily_refund_limit_idr = limit_idr
    return staff_id


def left(world: World, staff_id: int) -> int:
    return refund_allowance(world.desk, staff_id).left_idr


def over_limit(world: World, page: PaymentPage, amount_idr: int) -> None:
    with pytest.raises(RefusedError) as refusal:
        world.refund(page, amount_idr)
    assert refusal.value.why is Why.DAILY_LIMIT_REACHED


def test_the_last_rupiah_is_allowed_and_one_more_is_not(world: World) -> None:
    page, staff_id = paid(world, GatewayName.MIDTRANS), limit(world, 90_000)
    world.refund(page, 60_000)
    before = (sums(world, page), world.reasons(page), len(world.refunds(page)))

    over_limit(world, page, 30_001)

    assert (sums(world, page), world.reasons(page), len(world.refunds(page))) == before
    assert at_gateway(world, page) == 60_000
    assert left(world, staff_id) == 30_000
    world.refund(page, 30_000)
    assert left(world, staff_id) == 0


def test_two_requests_at_once_on_two_orders_stay_within_the_limit(world: World) -> None:
    pages = [paid(world, GatewayName.MIDTRANS) for _ in range(4)]
    staff_id = limit(world, 100_000)
    forms = [world.refund_form(page, 60_000) for page in pages]

    results = all_at_once(*[lambda form=form: request_refund(world.desk, form) for form in forms])

    refused = [r for r in results if isinstance(r, RefusedError)]
    assert [r.why for r in refused] == [Why.DAILY_LIMIT_REACHED] * 3
    assert sum(at_gateway(world, page) for page in pages) == 60_000
    assert left(world, staff_id) == 40_000


def test_a_form_sent_twice_counts_once_and_is_answered_even_at_the_limit(world: World) -> None:
    page, staff_id = paid(world, GatewayName.MIDTRANS), limit(world, 60_000)
    form = world.refund_form(page, 60_000)

    first, second = request_refund(world.desk, form), request_refund(world.desk, form)

    assert first.refund_id == second.refund_id
    assert left(world, staff_id) == 0


def test_a_request_that_was_given_up_no_longer_counts(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()
    staff_id = limit(world, 1_500_000)

    waiting = world.refund(page, 1_500_000)
    assert waiting.state is RefundState.AWAITING_APPROVAL
    assert left(world, staff_id) == 0
    withdraw_refund(world.desk, waiting.refund_id, staff_id=staff_id, reason="salah pesanan")

    assert left(world, staff_id) == 1_500_000


def test_a_new_day_in_jakarta_brings_a_new_allowance(world: World) -> None:
    page, staff_id = paid(world, GatewayName.MIDTRANS), limit(world, 60_000)
    world.refund(page, 60_000)
    yesterday = day_began_at(world.clock()) - timedelta(microseconds=1)

    with world.desk.sessions.begin() as session:
        session.execute(update(Refund).values(requested_at=yesterday))

    assert left(world, staff_id) == 60_000


def test_without_an_own_limit_the_role_decides(world: World) -> None:
    assert left(world, limit(world, None)) == 10_000_000
    assert left(world, limit(world, None, "finance")) == 50_000_000
    assert left(world, limit(world, None, "viewer")) == 0


def test_what_a_colleague_refunds_counts_for_the_colleague(world: World) -> None:
    page, staff_id = paid(world, GatewayName.MIDTRANS), limit(world, 60_000)

    world.refund(page, 60_000, staff_id=world.staff_id("finance"))

    assert left(world, staff_id) == 60_000
