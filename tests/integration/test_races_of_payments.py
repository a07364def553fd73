"""What is heard about a payment meets itself: first without the lock, to see that they race."""

from collections.abc import Callable
from itertools import combinations_with_replacement

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.core.errors import ConflictError, OutOfStockError, RefusedError
from app.core.observations import Source
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.models import Product
from app.services.checkout import retry_payment, start_checkout
from app.services.notifications import confirm_notification
from app.services.payment_pages import PaymentPage
from app.services.status import check_attempt, check_status
from tests.integration.meetings import (
    Step,
    after,
    before,
    collide,
    drop_wall,
    take_turns,
    without_locks,
)
from tests.world import SKU, STOCK, World, checkout_request

pytestmark = [pytest.mark.race, pytest.mark.postgres]

# By then a writer has read all that it decides on, and has written nothing that others read.
DECIDED = before("INSERT INTO observations")
ORDER_LOCK = "FROM orders WHERE orders.id ="


def paid_unheard(world: World) -> PaymentPage:
    """Return an order that we know as waiting and that the gateway knows as paid."""
    page = world.checkout(GatewayName.MIDTRANS, quantity=1)
    world.act(page, "pay", "gopay", outcome="pending")
    world.deliver_all(page)
    check_status(world.desk, world.order(page).id, source=Source.STATUS_CHECK)
    world.act(page, "pay", "gopay")
    assert world.status(page) == "pending"
    return page


def hears(world: World, page: PaymentPage) -> Callable[[], object]:
    settlement = world.sent(page)[-1]
    return lambda: world.receive(settlement)


def asks(world: World, page: PaymentPage) -> Callable[[], object]:
    attempt_id = world.attempt(page).id
    return lambda: check_attempt(world.desk, attempt_id, source=Source.JOB)


def confirms(world: World, page: PaymentPage) -> Callable[[], object]:
    """Return the job's confirmation of a claim that is still waiting for it."""
    order_id = world.order(page).id
    (claim,) = [row for row in world.notifications() if row.order_id == order_id]
    assert claim.state == "awaiting_confirmation"
    return lambda: confirm_notification(world.desk, claim.id)


MESSENGERS = (hears, asks, confirms)
PAIRS = list(combinations_with_replacement(MESSENGERS, 2))


def test_two_messengers_of_one_payment_take_the_goods_twice_without_the_lock(
    postgres_world: World,
) -> None:
    """The second piece is one that another order holds, and no CHECK sees that."""
    world = postgres_world
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).where(Product.sku == SKU).values(on_hand=100))
    world.checkout(GatewayName.MIDTRANS, quantity=len(PAIRS))

    for pair in PAIRS:
        if pair == (hears, hears):
            continue  # The next test: their second wall holds.
        page, (on_hand, reserved) = paid_unheard(world), world.stock()
        steps = [Step(call(world, page), DECIDED) for call in pair]
        with without_locks(world, "orders"):
            collide(world, *steps)

        assert world.reasons(page).count("shopper_paid") == 2, pair
        assert world.stock() == (on_hand - 2, reserved - 2), pair


def test_two_notifications_of_one_payment_meet_the_second_wall_without_the_lock(
    postgres_world: World,
) -> None:
    """Both write what they read, so that the later one wants rows that are there already."""
    world = postgres_world
    page, (on_hand, reserved) = paid_unheard(world), world.stock()
    steps = [Step(hears(world, page), DECIDED) for _ in range(2)]

    with without_locks(world, "orders"):
        results = collide(world, *steps)

    assert [isinstance(result, IntegrityError) for result in results].count(True) == 1, results
    assert world.reasons(page).count("shopper_paid") == 1
    assert world.stock() == (on_hand - 1, reserved - 1)


def test_two_messengers_of_one_payment_decide_one_after_the_other(postgres_world: World) -> None:
    world = postgres_world

    for pair in PAIRS:
        page, (on_hand, reserved) = paid_unheard(world), world.stock()
        steps = [Step(call(world, page), DECIDED) for call in pair]
        take_turns(world, *steps, waiting_at=ORDER_LOCK)

        assert world.status(page) == "paid", pair
        assert world.reasons(page).count("shopper_paid") == 1, pair
        assert world.stock() == (on_hand - 1, reserved - 1), pair


def test_webhook_status_check_and_confirmation_at_once_pay_once(postgres_world: World) -> None:
    world = postgres_world
    page = paid_unheard(world)
    steps = [Step(call(world, page), DECIDED) for call in MESSENGERS]

    take_turns(world, *steps, waiting_at=ORDER_LOCK)

    assert world.reasons(page).count("shopper_paid") == 1
    assert world.stock() == (STOCK - 1, 0)
    assert world.attempt(page).checks_done == 2


def buys_the_last(world: World) -> Step:
    return Step(lambda: world.checkout(GatewayName.MIDTRANS, quantity=1), before("UPDATE products"))


def leave_one_piece(world: World) -> None:
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).where(Product.sku == SKU).values(on_hand=1))


def test_the_last_piece_is_sold_twice_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    leave_one_piece(world)

    with without_locks(world, "products"):
        results = collide(world, buys_the_last(world), buys_the_last(world))

    assert all(isinstance(result, PaymentPage) for result in results)
    assert world.stock() == (1, 1)


def test_the_last_piece_is_sold_to_whoever_comes_first(postgres_world: World) -> None:
    world = postgres_world
    leave_one_piece(world)

    first, second = take_turns(
        world, buys_the_last(world), buys_the_last(world), waiting_at="FROM products"
    )

    assert isinstance(first, PaymentPage)
    assert isinstance(second, OutOfStockError)
    assert (second.available, world.stock()) == ({SKU: 0}, (1, 1))


def test_one_intent_becomes_two_orders_without_its_unique_key(postgres_world: World) -> None:
    world = postgres_world
    drop_wall(world, "idempotency_keys", "uq_idempotency_keys_scope_key")

    first, second = collide(world, *([intends_once(world)] * 2))

    assert first.order_id != second.order_id
    assert world.stock() == (STOCK, 4)


def test_one_intent_becomes_one_order(postgres_world: World) -> None:
    world = postgres_world

    first, second = take_turns(
        world, *([intends_once(world)] * 2), waiting_at="INSERT INTO idempotency_keys"
    )

    # The first may or may not have its page open by then.
    assert isinstance(second, ConflictError) or second == first
    assert world.stock() == (STOCK, 2)


def intends_once(world: World) -> Step:
    request = checkout_request(GatewayName.MIDTRANS, key="one-intent")
    return Step(lambda: start_checkout(world.desk, request), after("INSERT INTO idempotency_keys"))


def paid_late_unheard(world: World) -> tuple[PaymentPage, Step, Step]:
    """Return an expired order that was paid after all, the news of it, and the shopper's retry."""
    page = world.checkout(GatewayName.XENDIT)
    world.act(page, "expire")
    world.deliver_all(page)
    world.confirm()
    assert world.status(page) == "expired"
    world.act(page, "pay", "QRIS", late=True)
    # By then the shopper's request has read that the order is closed, and may be paid again.
    retry = Step(lambda: retry_payment(world.desk, page.order_id, None), before("FROM products"))
    return page, Step(asks(world, page), DECIDED), retry


def test_a_retry_forgets_the_late_payment_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    page, news, retry = paid_late_unheard(world)

    with without_locks(world, "orders"):
        _, second = collide(world, news, retry)

    # Paid, and asked to pay again: a second page is open for goods that are taken already.
    assert (world.status(page), second.order_id) == ("paid", page.order_id)
    assert world.order(page).captured_idr == 200_000
    assert len(world.attempts(page)) == 2


def test_a_retry_after_the_late_payment_is_refused(postgres_world: World) -> None:
    world = postgres_world
    page, news, retry = paid_late_unheard(world)

    _, second = take_turns(world, news, retry, waiting_at=ORDER_LOCK)

    assert isinstance(second, RefusedError)
    assert second.why is Why.ORDER_NOT_PAYABLE
    assert (world.status(page), len(world.attempts(page))) == ("paid", 1)
    assert world.stock() == (STOCK - 2, 0)


def test_whoever_paid_on_the_old_page_meanwhile_gets_no_new_one(postgres_world: World) -> None:
    """Closing the old page tells of the payment, after the order was found payable."""
    world = postgres_world
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")

    with pytest.raises(RefusedError) as refused:
        retry_payment(world.desk, page.order_id, GatewayName.MIDTRANS)

    assert refused.value.why is Why.ORDER_NOT_PAYABLE
    assert (world.status(page), len(world.attempts(page))) == ("paid", 1)
    assert world.stock() == (STOCK - 2, 0)
