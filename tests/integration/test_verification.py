"""Verification finds each kind of damage, tells it once, and finds nothing where nothing is."""

import pytest
from sqlalchemy import select

from app.core.findings import FREEZING, FindingCode
from app.core.observations import Source
from app.core.states import GatewayName, RefundRoute
from app.db.models import Finding, JobPosition, LedgerEntry
from app.services.drift import sample_closed_orders
from app.services.payment_pages import PaymentPage
from app.services.refunds import mark_transferred
from app.services.status import check_status
from app.services.verification import (
    Reported,
    verify_all,
    verify_batch,
    verify_order,
    verify_products,
    verify_some,
)
from tests.integration.damage import damage
from tests.integration.test_ledger import refund_in_dashboard
from tests.integration.test_refunds import at_gateway, paid
from tests.statements import statements_of
from tests.world import CREW, SKU, World


def codes(found: list[Reported]) -> list[FindingCode]:
    return [one.difference.code for one in found]


def verified(world: World) -> list[FindingCode]:
    return codes(list(verify_all(world.desk)))


def findings(world: World) -> list[Finding]:
    with world.session() as session:
        return list(session.scalars(select(Finding).order_by(Finding.id)))


def a_busy_day(world: World) -> list[PaymentPage]:
    """Let orders end in many ways, on both gateways."""
    waiting = world.checkout(GatewayName.XENDIT, quantity=1)
    voided = paid(world, GatewayName.MIDTRANS, "credit_card", quantity=1)
    world.refund(voided, 100_000)
    by_hand = paid(world, GatewayName.MIDTRANS, "bca_va", quantity=1)
    asked = world.refund(by_hand, 40_000, route=RefundRoute.MANUAL)
    mark_transferred(world.desk, asked.refund_id, staff_id=world.staff_id("finance"), proof="BCA 1")
    outside = paid(world, GatewayName.MIDTRANS, quantity=1)
    refund_in_dashboard(world, outside, 30_000)
    reversed_ = paid(world, GatewayName.MIDTRANS, "permata_va", quantity=1)
    world.act(reversed_, "reverse")
    accepted = paid(world, GatewayName.XENDIT, quantity=1)
    world.refund(accepted, 50_000)
    large = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    world.refund(large, 1_500_000)
    with world.program.fault("midtrans.refund", "*", "html_502", times=1):
        world.refund(paid(world, GatewayName.MIDTRANS, quantity=1), 10_000)
    for page in (outside, reversed_):
        world.deliver_all(page)
    world.confirm()
    return [waiting, voided, by_hand, outside, reversed_, accepted, large]


def test_where_nothing_was_damaged_nothing_is_found(world: World) -> None:
    a_busy_day(world)
    assert verified(world) == []

    world.clock.advance(25 * 3600)
    world.poll()
    world.resolve()

    assert verified(world) == []
    assert findings(world) == []


# One damage of each kind: what is done, and every code that must be told for it.
DAMAGE = {
    "captured": (
        "UPDATE orders SET captured_idr = captured_idr + 1",
        [FindingCode.SUMS_DIFFER],
    ),
    "refunded": ("UPDATE orders SET refunded_idr = 0", [FindingCode.SUMS_DIFFER]),
    "payment vanished": (
        "DELETE FROM ledger_entries WHERE kind = 'capture'",
        [FindingCode.LEDGER_DIFFERS, FindingCode.LEDGER_DIFFERS],
    ),
    "posting changed": (
        "UPDATE ledger_entries SET amount_idr = 1 WHERE kind = 'refund_settled'",
        [FindingCode.LEDGER_DIFFERS],
    ),
    "refund raised": (
        "UPDATE refunds SET amount_idr = 200001",
        [
            FindingCode.SUMS_DIFFER,
            FindingCode.LEDGER_DIFFERS,
            FindingCode.STATUS_DIFFERS,  # All is given back now.
            FindingCode.RETURNED_TOO_MUCH,
        ],
    ),
    "winner": (
        "UPDATE orders SET payment_gateway_transaction_id = NULL",
        [FindingCode.WINNER_DIFFERS],
    ),
    "status": ("UPDATE orders SET payment_status = 'paid'", [FindingCode.STATUS_DIFFERS]),
    "status without a way back": (
        "UPDATE orders SET payment_status = 'charged_back'",
        [FindingCode.STATUS_DIFFERS],
    ),
    "event changed": (
        "UPDATE order_events SET why = 'review_denied' WHERE why = 'shopper_paid'",
        [FindingCode.TIMELINE_BROKEN],
    ),
    "event removed": ("DELETE FROM order_events WHERE seq = 2", [FindingCode.TIMELINE_BROKEN]),
    "refund unfinished": (
        "UPDATE refunds SET finished_at = NULL",
        [FindingCode.REFUND_INCONSISTENT],
    ),
    "stock state": (
        "UPDATE orders SET stock_state = 'released'",
        [FindingCode.STOCK_DIFFERS],
    ),
    "movement": (
        "UPDATE stock_movements SET quantity = 1 WHERE step = 'take'",
        [FindingCode.STOCK_DIFFERS],
    ),
    "promised pieces": (
        f"UPDATE products SET reserved = 1 WHERE sku = '{SKU}'",
        [FindingCode.RESERVED_STOCK_DIFFERS],
    ),
}


@pytest.fixture
def page(world: World) -> PaymentPage:
    """Provide an order of Rp 200.000, paid by GoPay, half of it given back."""
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 100_000)
    assert verified(world) == []
    return page


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_kept_as_one_finding_each(
    world: World, page: PaymentPage, name: str
) -> None:
    statement, expected = DAMAGE[name]
    damage(world, statement)

    assert verified(world) == expected
    assert verified(world) == expected
    stored = findings(world)
    assert [finding.code for finding in stored] == expected
    assert all(finding.resolved_at is None for finding in stored)
    money = set(expected) & FREEZING
    assert {f.order_id for f in stored if f.freezes} == ({world.order(page).id} if money else set())
    assert world.reasons(page).count("books_broken") == (1 if money else 0)


def test_a_forgotten_attempt_and_a_forgotten_claim_are_found(world: World) -> None:
    waiting = world.checkout(GatewayName.XENDIT)
    world.pay(waiting, "DANA")
    world.deliver_all(waiting)
    assert verified(world) == []
    damage(world, "UPDATE attempts SET next_check_at = NULL")
    damage(world, "UPDATE notifications SET due_at = NULL")

    found = list(verify_all(world.desk))

    assert codes(found) == [FindingCode.ATTEMPT_FORGOTTEN, FindingCode.CLAIM_FORGOTTEN]
    number = world.order(waiting).number
    assert {one.order for one in found} == {number}
    assert not any(finding.freezes for finding in findings(world))


def test_a_forgotten_refund_is_found(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    world.refund(page, 50_000)
    damage(world, "UPDATE refunds SET next_check_at = NULL")

    assert verified(world) == [FindingCode.REFUND_FORGOTTEN]


def test_a_refund_sent_without_a_time_of_sending_is_found(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "html_502", times=1):
        world.refund(page, 10_000)
    damage(world, "UPDATE refunds SET sent_at = NULL")

    assert verified(world) == [FindingCode.REFUND_INCONSISTENT]


def test_a_finding_says_what_follows_from_the_facts_and_what_is_there(
    world: World, page: PaymentPage
) -> None:
    damage(world, "UPDATE orders SET refunded_idr = 0")

    (found,) = verify_order(world.desk, world.order(page).number)

    assert found.order == world.order(page).number
    assert found.difference.expected == "captured Rp 200.000, refunded Rp 100.000, reserved Rp 0"
    assert found.difference.found == "captured Rp 200.000, refunded Rp 0, reserved Rp 0"


def test_what_is_put_right_is_resolved_and_what_comes_again_is_new(
    world: World, page: PaymentPage
) -> None:
    damage(world, "UPDATE orders SET refunded_idr = 0")
    verified(world)
    world.clock.advance(60)
    check_status(world.desk, world.order(page).id, source=Source.JOB)  # The door keeps the sums.

    assert verified(world) == []
    (finding,) = findings(world)
    assert finding.resolved_at is not None
    damage(world, "UPDATE orders SET refunded_idr = 0")
    assert verified(world) == [FindingCode.SUMS_DIFFER]
    assert len(findings(world)) == 2


def test_a_product_is_found_again_until_it_is_put_right(world: World) -> None:
    damage(world, f"UPDATE products SET reserved = 2 WHERE sku = '{SKU}'")
    for _ in range(2):
        (found,) = verify_products(world.desk)
        assert (found.order, found.difference.subject) == (None, SKU)
        assert (found.difference.expected, found.difference.found) == ("0", "2")
    damage(world, f"UPDATE products SET reserved = 0 WHERE sku = '{SKU}'")

    assert verify_products(world.desk) == []
    (finding,) = findings(world)
    assert finding.resolved_at is not None


def test_many_orders_take_as_many_queries_as_one(world: World) -> None:
    pages = [world.checkout(GatewayName.MIDTRANS, quantity=1) for _ in range(6)]
    ids = [world.order(page).id for page in pages]

    def asked(some: list[int]) -> int:
        with statements_of(world) as statements:
            assert verify_batch(world.desk, some) == []
        return sum(one.startswith("SELECT") for one in statements)

    assert asked(ids[:1]) == asked(ids) == 10


def test_the_job_walks_over_all_orders_and_starts_again(world: World) -> None:
    pages = [world.checkout(GatewayName.MIDTRANS, quantity=1) for _ in range(5)]
    ids = [world.order(page).id for page in pages]
    world.clock.advance(3600)  # None of them changed lately.
    places = []
    for _ in range(4):
        verify_some(world.desk, batch=2)
        with world.session() as session:
            places.append(session.get_one(JobPosition, "verify_orders").order_id)

    assert places == [ids[1], ids[3], 0, ids[1]]


def test_the_job_looks_first_at_what_changed_lately_and_at_what_was_wrong(world: World) -> None:
    for _ in range(3):
        world.checkout(GatewayName.MIDTRANS, quantity=1)
    world.clock.advance(3600)
    late = paid(world, GatewayName.MIDTRANS, quantity=1)
    number = world.order(late).number
    damage(world, "UPDATE orders SET captured_idr = 5 WHERE number = :number", number=number)

    assert verify_some(world.desk, batch=1).changed == 1
    world.clock.advance(3600)
    assert verify_some(world.desk, batch=1).changed == 1


# Drift: what changed at the gateway without anybody telling us.


def test_a_closed_order_that_changed_at_the_gateway_is_put_right_and_shown(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    refund_in_dashboard(world, page, 30_000)

    report = sample_closed_orders(world.desk, CREW)

    assert (report.claimed, report.changed) == (1, 1)
    assert world.order(page).refunded_idr == at_gateway(world, page) == 30_000
    assert world.order(page).attention == "drift"
    assert world.reasons(page)[-1] == "drift_found"
    assert sample_closed_orders(world.desk, CREW).changed == 0
    assert verified(world) == []


def test_a_closed_order_that_did_not_change_is_left_alone(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    before = world.reasons(page)

    report = sample_closed_orders(world.desk, CREW)

    assert (report.claimed, report.changed, report.failed) == (1, 0, 0)
    assert world.reasons(page) == before
    assert world.order(page).attention is None


def test_open_orders_and_orders_with_a_refund_under_way_are_not_sampled(world: World) -> None:
    world.checkout(GatewayName.MIDTRANS, quantity=1)
    refunding = paid(world, GatewayName.XENDIT, quantity=1)
    world.refund(refunding, 50_000)

    assert sample_closed_orders(world.desk, CREW).claimed == 0


def test_a_gateway_that_does_not_answer_a_sample_changes_nothing(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    refund_in_dashboard(world, page, 30_000)
    with world.program.fault("midtrans.status", "*", "html_502", times=1):
        report = sample_closed_orders(world.desk, CREW)

    assert (report.changed, report.failed) == (0, 1)
    assert world.order(page).refunded_idr == 0
    with world.session() as session:
        assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_the_sample_walks_on_a_few_at_a_time(world: World) -> None:
    for _ in range(3):
        paid(world, GatewayName.MIDTRANS, quantity=1)

    assert [sample_closed_orders(world.desk, CREW, sample=2).claimed for _ in range(3)] == [2, 1, 2]
