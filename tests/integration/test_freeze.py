"""A broken order gives no refunds, by no way, until a person releases it with a reason."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import Finding, OrderEvent
from app.services.findings import is_frozen, release_order
from app.services.payment_pages import PaymentPage
from app.services.refunds import approve_refund, dry_run_refund, request_refund
from app.services.verification import verify_all, verify_order
from tests.integration.damage import damage
from tests.integration.test_ledger import entries
from tests.integration.test_refunds import at_gateway, paid
from tests.world import World


def break_books(world: World, page: PaymentPage) -> None:
    number = world.order(page).number
    damage(
        world,
        "UPDATE order_events SET why = 'review_denied' WHERE seq = 2 AND order_id = "
        "(SELECT id FROM orders WHERE number = :number)",
        number=number,
    )
    assert verify_order(world.desk, number)


def release(world: World, page: PaymentPage, reason: str = "Sudah dicek dengan bank") -> None:
    release_order(
        world.desk, world.order(page).id, staff_id=world.staff_id("approver"), reason=reason
    )


def frozen(world: World, page: PaymentPage) -> bool:
    with world.session() as session:
        return is_frozen(session, world.order(page).id)


def everything(world: World, page: PaymentPage) -> tuple[object, ...]:
    """Return what a refund could have changed."""
    order = world.order(page)
    return (
        (order.payment_status, order.captured_idr, order.refunded_idr, order.reserved_idr),
        [(r.id, r.state, r.approved_by_id, r.sent_at) for r in world.refunds(page)],
        [entry.seq for entry in entries(world, page)],
        world.reasons(page),
        at_gateway(world, page),
    )


def refused(act: Callable[[], object]) -> Why:
    with pytest.raises(RefusedError) as refusal:
        act()
    return refusal.value.why


@pytest.mark.parametrize("method", ["gopay", "bca_va"])
def test_a_request_is_refused_by_either_way_and_changes_nothing(world: World, method: str) -> None:
    page = paid(world, GatewayName.MIDTRANS, method)
    break_books(world, page)
    before = everything(world, page)

    assert dry_run_refund(world.desk, world.order(page).id, 1).why is Why.ORDER_FROZEN
    form = world.refund_form(page, 50_000)
    for asked in (form, replace(form, route=RefundRoute.MANUAL)):
        assert refused(lambda asked=asked: request_refund(world.desk, asked)) is Why.ORDER_FROZEN
    assert everything(world, page) == before


def test_an_approval_is_refused_and_changes_nothing(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    asked = world.refund(page, 1_500_000)
    break_books(world, page)
    before = everything(world, page)

    def approve() -> object:
        return approve_refund(
            world.desk,
            asked.refund_id,
            staff_id=world.staff_id("finance"),
            approval_hash=world.refunds(page)[0].approval_hash or "",
        )

    assert refused(approve) is Why.ORDER_FROZEN
    assert everything(world, page) == before
    release(world, page)
    approve()
    assert at_gateway(world, page) == 1_500_000


@pytest.mark.parametrize(
    ("fault", "waits_as"), [("429", RefundState.APPROVED), ("html_502", RefundState.UNKNOWN)]
)
def test_a_refund_on_its_way_is_not_sent_until_the_order_is_released(
    world: World, fault: str, waits_as: RefundState
) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", fault, times=1):
        assert world.refund(page, 50_000).state is waits_as
    break_books(world, page)
    before = everything(world, page)
    for _ in range(3):
        world.clock.advance(120)
        world.resolve()
    assert everything(world, page) == before

    release(world, page)
    world.resolve()

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert at_gateway(world, page) == 50_000


def test_other_orders_are_not_held_up(world: World) -> None:
    broken, whole = paid(world, GatewayName.MIDTRANS), paid(world, GatewayName.MIDTRANS)
    break_books(world, broken)

    assert world.refund(whole, 50_000).state is RefundState.SUCCEEDED


def test_what_the_gateway_says_is_heard_all_the_same(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    break_books_of_unpaid(world, page)
    world.pay(page, "gopay")
    world.deliver_all(page)

    assert world.status(page) == "paid"


def break_books_of_unpaid(world: World, page: PaymentPage) -> None:
    damage(world, "UPDATE order_events SET hash = 'x' WHERE seq = 1")
    assert verify_order(world.desk, world.order(page).number)
    assert frozen(world, page)


def test_a_release_names_who_when_and_why(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    break_books(world, page)
    release(world, page)

    with world.session() as session:
        (finding,) = session.scalars(select(Finding))
        last = session.scalars(select(OrderEvent).order_by(OrderEvent.id.desc()).limit(1)).one()
    assert finding.released_at is not None
    assert finding.released_by_id == world.staff_id("approver")
    assert finding.release_reason == "Sudah dicek dengan bank"
    assert (last.why, last.staff_id) == ("order_released", world.staff_id("approver"))
    assert last.details == {"findings": "timeline_broken", "reason": "Sudah dicek dengan bank"}


def test_a_release_without_a_reason_is_refused(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    break_books(world, page)

    assert refused(lambda: release(world, page, "  ")) is Why.REASON_MISSING
    assert frozen(world, page)


def test_releasing_an_order_that_nothing_holds_up_does_nothing(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    before = everything(world, page)
    release(world, page)

    assert everything(world, page) == before


def test_the_same_finding_does_not_freeze_the_order_again(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    break_books(world, page)
    release(world, page)

    assert len(list(verify_all(world.desk))) == 1  # It is still told,
    assert not frozen(world, page)  # but it is in nobody's way.
    assert world.refund(page, 50_000).state is RefundState.SUCCEEDED


def test_a_finding_that_changes_freezes_the_order_again(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    damage(world, "UPDATE orders SET captured_idr = 200001")
    verify_order(world.desk, world.order(page).number)
    release(world, page)
    damage(world, "UPDATE orders SET captured_idr = 200002")
    verify_order(world.desk, world.order(page).number)

    assert frozen(world, page)
    assert world.reasons(page).count("books_broken") == 2


def test_a_finding_that_vanishes_keeps_the_order_frozen_until_a_person_looked(
    world: World,
) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    damage(world, "UPDATE orders SET captured_idr = 200001")
    verify_order(world.desk, world.order(page).number)
    damage(world, "UPDATE orders SET captured_idr = 200000")

    assert verify_order(world.desk, world.order(page).number) == []
    assert frozen(world, page)


@pytest.mark.parametrize(
    "half",
    [
        "released_at = first_seen_at",
        "released_by_id = 1",
        "release_reason = 'x'",
        "released_at = first_seen_at, released_by_id = 1, release_reason = ''",
        "order_id = NULL",
    ],
)
def test_the_database_takes_no_half_release(world: World, half: str) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    break_books(world, page)

    with pytest.raises(IntegrityError):
        damage(world, f"UPDATE findings SET {half}")
    assert frozen(world, page)
