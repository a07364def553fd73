"""Money on its way back meets itself: first without the lock, to see that it is paid twice."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.core.errors import RefusedError
from app.core.money import Rupiah
from app.core.observations import Source
from app.core.ports import ChargeSubject, RefundRequest
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import OrderEvent
from app.services.payment_pages import PaymentPage
from app.services.refunds import (
    RefundForm,
    request_refund,
)
from app.services.status import check_attempt
from tests.integration.meetings import (
    How,
    Step,
    after,
    before,
    collide,
    drop_trigger,
    drop_wall,
    meet,
    take_turns,
    without_locks,
)
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

ORDER_LOCK = "FROM orders WHERE orders.id ="
# The request was found permissible; nothing is written yet.
PERMITTED = before("INSERT INTO refunds")
# The gateway has answered, and the row was read; its answer is not written yet.
ANSWERED = before("UPDATE refunds SET .*provider_message")
DECIDED = before("INSERT INTO observations")
NUMBER = "uq_refunds_order_id_number"
WALL = "refunds_within_capture_when_asked"


def asks_for(world: World, form: RefundForm) -> Step:
    return Step(partial(request_refund, world.desk, form), PERMITTED)


def checks(world: World, page: PaymentPage, *, after_s: float = 0) -> Step:
    attempt_id = world.attempt(page).id

    def check() -> object:
        world.clock.advance(after_s)
        return check_attempt(world.desk, attempt_id, source=Source.JOB)

    return Step(check, DECIDED)


def steps_to(world: World, page: PaymentPage, status: str) -> int:
    """Count how often the order's timeline says that it came into a state."""
    with world.session() as session:
        mine = select(func.count()).where(OrderEvent.order_id == world.order(page).id)
        return session.scalar(mine.where(OrderEvent.after == status)) or 0


def two_forms(world: World, amount_idr: int) -> tuple[PaymentPage, Step, Step]:
    """Return a paid order and what two people ask for, who both see the whole of it as left."""
    page = paid(world, GatewayName.MIDTRANS)
    one, other = (
        world.refund_form(page, amount_idr, staff_id=world.staff_id(role))
        for role in ("refunder", "finance")
    )
    return page, asks_for(world, one), asks_for(world, other)


def test_two_people_refund_by_one_remainder_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    page, one, other = two_forms(world, 60_000)
    drop_wall(world, "refunds", NUMBER)

    with without_locks(world, "orders", "staff"):
        results = collide(world, one, other)

    # The second person saw Rp 200.000 as left when Rp 140.000 were.
    assert [result.state for result in results] == [RefundState.SUCCEEDED] * 2
    assert at_gateway(world, page) == 120_000


def test_the_second_refund_without_the_lock_fails_at_its_number(postgres_world: World) -> None:
    world = postgres_world
    page, one, other = two_forms(world, 60_000)

    with without_locks(world, "orders", "staff"):
        _, second = collide(world, one, other)

    assert isinstance(second, IntegrityError)
    assert NUMBER in str(second)
    assert (at_gateway(world, page), len(world.refunds(page))) == (60_000, 1)


def test_more_than_was_paid_is_set_aside_without_lock_and_wall(postgres_world: World) -> None:
    """The order's sums are cut to what was captured, so its CHECK is content.

    The rules, asked once more before sending, are what is left then.
    """
    world = postgres_world
    page, one, other = two_forms(world, 150_000)
    drop_wall(world, "refunds", NUMBER)
    drop_trigger(world, "refunds", WALL)

    with without_locks(world, "orders", "staff"):
        _, second = collide(world, one, other)

    assert second.state is RefundState.WITHDRAWN
    assert [refund.amount_idr for refund in world.refunds(page)] == [150_000] * 2
    assert at_gateway(world, page) == 150_000


def test_more_than_was_paid_is_not_set_aside_even_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    page, one, other = two_forms(world, 150_000)
    drop_wall(world, "refunds", NUMBER)

    with without_locks(world, "orders"):
        first, second = collide(world, one, other)

    assert first.state is RefundState.SUCCEEDED
    assert isinstance(second, IntegrityError)
    assert "more refunds asked for than was captured" in str(second)
    assert [refund.amount_idr for refund in world.refunds(page)] == [150_000]
    assert (at_gateway(world, page), sums(world, page)) == (150_000, (200_000, 150_000, 0))


def test_the_wall_waits_for_a_refund_that_is_not_committed_yet(postgres_world: World) -> None:
    world = postgres_world
    page, one, other = two_forms(world, 150_000)
    drop_wall(world, "refunds", NUMBER)
    written = after("INSERT INTO refunds")

    with without_locks(world, "orders"):
        _, second = meet(world, replace(one, point=written), replace(other, point=written))

    assert (second.how, second.waited_at[:19]) == (How.WAITED, "INSERT INTO refunds")
    assert isinstance(second.result, IntegrityError)
    assert [refund.amount_idr for refund in world.refunds(page)] == [150_000]


@pytest.mark.parametrize(
    ("amount_idr", "why"), [(60_000, Why.AMOUNT_CHANGED), (150_000, Why.MORE_THAN_LEFT)]
)
def test_the_second_of_two_people_is_refused(
    postgres_world: World, amount_idr: int, why: Why
) -> None:
    world = postgres_world
    page, one, other = two_forms(world, amount_idr)

    _, second = take_turns(world, one, other, waiting_at=ORDER_LOCK)

    assert isinstance(second, RefusedError)
    # The first may still be on its way to the gateway when the second gets the lock.
    assert second.why in {why, Why.REFUND_OPEN}
    assert (at_gateway(world, page), len(world.refunds(page))) == (amount_idr, 1)


def clicks_twice(world: World) -> tuple[PaymentPage, list[Step]]:
    page = paid(world, GatewayName.MIDTRANS)
    form = world.refund_form(page, 60_000)
    return page, [asks_for(world, form), asks_for(world, form)]


def test_a_double_click_without_the_lock_fails_at_the_forms_own_key(postgres_world: World) -> None:
    world = postgres_world
    page, clicks = clicks_twice(world)
    drop_wall(world, "refunds", NUMBER)

    with without_locks(world, "orders", "staff"):
        _, second = collide(world, *clicks)

    assert isinstance(second, IntegrityError)
    assert "uq_refunds_form_key" in str(second)
    assert at_gateway(world, page) == 60_000


def test_a_double_click_is_answered_with_the_one_refund(postgres_world: World) -> None:
    world = postgres_world
    page, clicks = clicks_twice(world)

    first, second = take_turns(world, *clicks, waiting_at=ORDER_LOCK)

    assert first.refund_id == second.refund_id
    assert at_gateway(world, page) == 60_000


def refunded_in_the_dashboard(world: World) -> tuple[PaymentPage, Step, Step]:
    """Return an order of which the gateway gave back a half, the news of it, and a request."""
    page = paid(world, GatewayName.MIDTRANS)
    form = world.refund_form(page, 60_000)
    world.desk.gateway(GatewayName.MIDTRANS).refund(
        RefundRequest(
            ChargeSubject(world.attempt(page).reference),
            "dashboard-1",
            Rupiah(100_000),
            "di dasbor",
            RefundRoute.REFUND,
        )
    )
    return page, checks(world, page), asks_for(world, form)


def test_a_request_overlooks_a_refund_from_elsewhere_without_the_lock(
    postgres_world: World,
) -> None:
    world = postgres_world
    page, news, request = refunded_in_the_dashboard(world)
    drop_wall(world, "refunds", NUMBER)

    with without_locks(world, "orders"):
        collide(world, news, request)

    assert at_gateway(world, page) == 160_000


def test_a_request_after_a_refund_from_elsewhere_is_refused(postgres_world: World) -> None:
    world = postgres_world
    page, news, request = refunded_in_the_dashboard(world)

    _, second = take_turns(world, news, request, waiting_at=ORDER_LOCK)

    assert isinstance(second, RefusedError)
    assert second.why is Why.AMOUNT_CHANGED
    assert at_gateway(world, page) == 100_000
    assert sums(world, page) == (200_000, 100_000, 0)


def answered_slowly(world: World) -> tuple[PaymentPage, Step, Step]:
    """Return a refund whose answer "accepted" is slower than the news that it has succeeded."""
    page = paid(world, GatewayName.XENDIT)
    answer = replace(asks_for(world, world.refund_form(page, 60_000)), point=ANSWERED)
    return page, answer, checks(world, page, after_s=60)


def test_a_slow_answer_takes_a_refund_back_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    page, answer, news = answered_slowly(world)

    with without_locks(world, "orders", "refunds"):
        collide(world, answer, news, ends_first=1)

    assert world.refunds(page)[0].state is RefundState.ACCEPTED
    assert "refund_reversed" in world.reasons(page)
    assert sums(world, page) == (200_000, 0, 60_000)


def test_a_slow_answer_comes_before_the_news_of_success(postgres_world: World) -> None:
    world = postgres_world
    page, answer, news = answered_slowly(world)

    take_turns(world, answer, news, waiting_at=ORDER_LOCK)

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert "refund_reversed" not in world.reasons(page)
    assert sums(world, page) == (200_000, 60_000, 0)


def voided(world: World) -> tuple[PaymentPage, Step, Step]:
    """Return a void whose answer comes together with the job's question about the payment."""
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    answer = replace(asks_for(world, world.refund_form(page, 200_000)), point=ANSWERED)
    return page, answer, checks(world, page)


def test_a_status_check_repeats_the_answer_to_a_void_without_the_lock(
    postgres_world: World,
) -> None:
    world = postgres_world
    page, answer, check = voided(world)

    with without_locks(world, "orders", "refunds"):
        collide(world, answer, check)

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    # The order went from paid to refunded twice.
    assert steps_to(world, page, "refunded") == 2


def test_the_answer_to_a_void_and_a_status_check_agree(postgres_world: World) -> None:
    world = postgres_world
    page, answer, check = voided(world)

    take_turns(world, answer, check, waiting_at=ORDER_LOCK)

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert steps_to(world, page, "refunded") == 1
    assert (world.status(page), sums(world, page)) == ("refunded", (200_000, 200_000, 0))
