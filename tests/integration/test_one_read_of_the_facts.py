"""One observation reads the facts once, and what it writes is what a fresh reading would give."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.core.money import Rupiah
from app.core.ports import ChargeSubject, RefundRequest
from app.core.reconciliation import next_look
from app.core.states import GatewayName, RefundRoute
from app.core.transitions import settle_status
from app.db.models import Order, StoredObservation
from app.services import notifications
from app.services.facts import load_facts
from app.services.payment_pages import PaymentPage
from tests.statements import reads_of, statements_of
from tests.world import World

FACTS = ("attempts", "gateway_transactions", "refunds")


def pay_by_message(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    return page


def decline_and_pay(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "deny", "credit_card")
    world.deliver_all(page)
    world.confirm()
    world.pay(page, "bca_va")
    world.deliver_all(page)
    world.confirm()
    return page


def void_in_the_dashboard(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "credit_card")
    world.deliver_all(page)
    world.confirm()
    world.act(page, "cancel")
    world.deliver_all(page)
    world.confirm()
    return page


def refund_in_part(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    world.deliver_all(page)
    world.confirm()
    world.refund(page, 50_000)
    world.deliver_all(page)
    world.confirm()
    return page


def let_it_expire(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.XENDIT)
    world.clock.advance(24 * 3600 + 120)
    world.poll()
    return page


STORIES = [pay_by_message, decline_and_pay, void_in_the_dashboard, refund_in_part, let_it_expire]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_what_is_written_is_what_a_fresh_reading_gives(
    world: World, story: Callable[[World], PaymentPage]
) -> None:
    page = story(world)

    with world.session() as session:
        order = session.get_one(Order, world.order(page).id)
        facts = load_facts(session, order)
        last = session.scalars(
            select(StoredObservation)
            .where(StoredObservation.order_id == order.id)
            .order_by(StoredObservation.id.desc())
        ).first()
    assert last is not None
    summary = settle_status(facts)
    assert (order.payment_status, order.captured_idr, order.refunded_idr, order.reserved_idr) == (
        summary.status,
        summary.captured_idr,
        summary.refunded_idr,
        summary.reserved_idr,
    )
    assert order.payment_gateway_transaction_id == summary.winner
    (attempt,) = world.attempts(page)
    if last.evidence == "confirmed":
        look = next_look(facts, attempt.reference, attempt.created_at, last.recorded_at)
        assert attempt.next_check_at == look.at


def test_a_payment_reads_each_table_of_facts_once(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    delivery = world.sent(page)[-1]

    with statements_of(world) as statements:
        world.receive(delivery)

    assert world.status(page) == "paid"
    # An attempt is found by its reference; under the lock one statement reads it again, with its
    # transactions and whether there are refunds.
    assert [reads_of(statements, table) for table in FACTS] == [2, 0, 1]


def test_through_the_door_a_payment_reads_each_table_of_facts_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "take_in", lambda *_: None)
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    delivery = world.sent(page)[-1]

    with statements_of(world) as statements:
        world.receive(delivery)

    assert world.status(page) == "paid"
    # Besides the facts: an attempt is found by its reference and read again under the lock; a
    # transaction is looked for before it is written.
    assert [reads_of(statements, table) for table in FACTS] == [3, 2, 1]


def test_an_answer_with_refunds_reads_the_refunds_again_only_once_they_are_learnt(
    world: World,
) -> None:
    page = pay_by_message(world)
    world.confirm()
    world.desk.gateways[GatewayName.MIDTRANS].refund(
        RefundRequest(
            ChargeSubject(world.attempt(page).reference),
            "dashboard-1",
            Rupiah(50_000),
            "di dasbor",
            RefundRoute.REFUND,
        )
    )
    world.deliver_all(page)

    with statements_of(world) as statements:
        world.confirm()

    assert world.status(page) == "partially_refunded"
    assert reads_of(statements, "gateway_transactions") == 2
