"""Refunds through real gateways' protocols: money goes back once, or a person knows why not."""

from dataclasses import replace

import pytest

from app.core.errors import RefusedError
from app.core.money import Rupiah
from app.core.ports import ChargeSubject, RefundRequest
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.services.payment_pages import PaymentPage
from app.services.refunds import (
    approve_refund,
    dry_run_refund,
    mark_transferred,
    reject_refund,
    request_refund,
    withdraw_refund,
)
from app.services.restocking import restock_refund
from tests.world import STOCK, World

BOTH = pytest.mark.parametrize("gateway", list(GatewayName))
WALLET = {GatewayName.MIDTRANS: "gopay", GatewayName.XENDIT: "DANA"}
REFUND_OPERATION = {
    GatewayName.MIDTRANS: "midtrans.refund",
    GatewayName.XENDIT: "xendit.refund.create",
}


def paid(world: World, gateway: GatewayName, method: str = "", **cart: object) -> PaymentPage:
    page = world.checkout(gateway, **cart)  # type: ignore[arg-type]
    world.pay(page, method or WALLET[gateway])
    world.deliver_all(page)
    world.confirm()
    assert world.status(page) == "paid"
    return page


def sums(world: World, page: PaymentPage) -> tuple[int, int, int]:
    order = world.order(page)
    return order.captured_idr, order.refunded_idr, order.reserved_idr


def at_gateway(world: World, page: PaymentPage) -> int:
    """Sum what the gateway has really paid back for this order."""
    state = world.program.control("GET", "state")
    attempt = world.attempt(page)
    if attempt.gateway is GatewayName.XENDIT:
        mine = [r for r in state["refunds"] if r.get("invoice_id") == attempt.provider_reference]
        return sum(r["amount"] for r in mine if r["status"] in {"SUCCEEDED", "PENDING"})
    mine = [t for t in state["transactions"] if t["order_id"] == attempt.reference]
    return sum(int(float(t.get("refund_amount") or 0)) for t in mine)


def test_half_of_a_midtrans_payment_is_refunded(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)

    result = world.refund(page, 100_000)

    assert (result.state, result.why) == (RefundState.SUCCEEDED, Why.REFUND_SUCCEEDED)
    assert world.status(page) == "partially_refunded"
    assert sums(world, page) == (200_000, 100_000, 0)
    assert at_gateway(world, page) == 100_000
    assert world.stock() == (STOCK - 2, 0)


def test_a_xendit_refund_is_accepted_first_and_succeeds_later(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)

    result = world.refund(page, 100_000)
    assert result.state is RefundState.ACCEPTED
    assert sums(world, page) == (200_000, 0, 100_000)
    world.clock.advance(60)
    world.deliver_all(page)
    world.confirm()

    assert world.refunds(page)[0].state == "succeeded"
    assert world.status(page) == "partially_refunded"
    assert sums(world, page) == (200_000, 100_000, 0)


@BOTH
def test_two_halves_make_a_whole(world: World, gateway: GatewayName) -> None:
    page = paid(world, gateway)
    for _ in range(2):
        world.refund(page, 100_000)
        world.clock.advance(60)
        world.deliver_all(page)
        world.confirm()
        world.resolve()

    assert world.status(page) == "refunded"
    assert sums(world, page) == (200_000, 200_000, 0)
    assert at_gateway(world, page) == 200_000


def test_the_gateways_own_two_messages_book_a_refund_once(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 50_000)
    world.clock.advance(3600)

    world.deliver_all(page)
    world.confirm()

    assert sums(world, page) == (200_000, 50_000, 0)
    assert len(world.refunds(page)) == 1
    assert world.refunds(page)[0].bank_confirmed_at is not None


def test_the_same_form_sent_twice_refunds_once(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    form = world.refund_form(page, 100_000)

    first = request_refund(world.desk, form)
    second = request_refund(world.desk, form)

    assert first == second
    assert at_gateway(world, page) == 100_000


def test_a_form_that_shows_an_old_remainder_is_refused(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    old = world.refund_form(page, 100_000)
    world.refund(page, 100_000)

    with pytest.raises(RefusedError) as refused:
        request_refund(world.desk, replace(old, form_key="another-form"))

    assert refused.value.why is Why.AMOUNT_CHANGED
    assert at_gateway(world, page) == 100_000


@pytest.mark.parametrize(
    ("amount_idr", "why"),
    [(200_001, Why.MORE_THAN_LEFT), (0, Why.AMOUNT_NOT_POSITIVE), (-5, Why.AMOUNT_NOT_POSITIVE)],
)
def test_an_impossible_amount_is_refused_and_changes_nothing(
    world: World, amount_idr: int, why: Why
) -> None:
    page = paid(world, GatewayName.MIDTRANS)

    with pytest.raises(RefusedError) as refused:
        world.refund(page, amount_idr)

    assert refused.value.why is why
    assert (sums(world, page), world.refunds(page)) == ((200_000, 0, 0), [])


def test_an_unpaid_order_cannot_be_refunded(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)

    assert dry_run_refund(world.desk, world.order(page).id, 1).why is Why.NOT_PAID
    with pytest.raises(RefusedError):
        world.refund(page, 1)
    assert world.refunds(page) == []


@pytest.mark.parametrize(
    ("gateway", "method"),
    [(GatewayName.MIDTRANS, "bca_va"), (GatewayName.XENDIT, "ALFAMART")],
)
def test_a_method_without_refund_names_the_manual_way(
    world: World, gateway: GatewayName, method: str
) -> None:
    page = paid(world, gateway, method)

    verdict = dry_run_refund(world.desk, world.order(page).id, None)
    assert (verdict.allowed, verdict.why) == (False, Why.MANUAL_ONLY)
    assert verdict.route is RefundRoute.MANUAL
    with pytest.raises(RefusedError) as refused:
        world.refund(page, 100_000)
    assert refused.value.why is Why.MANUAL_ONLY

    manual = world.refund(page, 100_000, route=RefundRoute.MANUAL)
    assert manual.state is RefundState.TO_TRANSFER
    assert sums(world, page) == (200_000, 0, 100_000)
    done = mark_transferred(
        world.desk, manual.refund_id, staff_id=world.staff_id("finance"), proof="BCA 123"
    )
    assert done.state is RefundState.TRANSFERRED
    assert sums(world, page) == (200_000, 100_000, 0)
    assert at_gateway(world, page) == 0


def test_the_manual_way_is_not_open_where_the_gateway_can_refund(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)

    result = world.refund(page, 50_000, route=RefundRoute.MANUAL)

    assert result.state is RefundState.SUCCEEDED
    assert world.refunds(page)[0].route == "refund"


@BOTH
def test_a_lost_answer_is_unknown_and_found_again_under_its_key(
    world: World, gateway: GatewayName
) -> None:
    page = paid(world, gateway)
    reference = "*"
    with world.program.fault(
        REFUND_OPERATION[gateway], reference, "timeout_after_success", times=1, seconds=5
    ):
        result = world.refund(page, 100_000)
    assert result.state is RefundState.UNKNOWN
    assert sums(world, page) == (200_000, 0, 100_000)
    key = world.refunds(page)[0].key

    world.clock.advance(120)
    world.resolve()
    world.clock.advance(120)
    world.deliver_all(page)
    world.confirm()
    world.resolve()

    (refund,) = world.refunds(page)
    assert (refund.key, refund.state) == (key, "succeeded")
    assert at_gateway(world, page) == 100_000


@BOTH
def test_a_refund_that_never_arrived_is_sent_again_under_its_key(
    world: World, gateway: GatewayName
) -> None:
    page = paid(world, gateway)
    with world.program.fault(REFUND_OPERATION[gateway], "*", "html_502", times=1):
        result = world.refund(page, 100_000)
    assert result.state is RefundState.UNKNOWN
    assert at_gateway(world, page) == 0

    world.clock.advance(120)
    world.resolve()

    assert world.refunds(page)[0].state in {"accepted", "succeeded"}
    assert at_gateway(world, page) == 100_000


def test_while_one_refund_is_unknown_no_other_is_sent(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "html_502", times=1):
        world.refund(page, 100_000)

    with pytest.raises(RefusedError) as refused:
        world.refund(page, 50_000)

    assert refused.value.why is Why.REFUND_OPEN
    assert at_gateway(world, page) == 0


def test_a_refund_made_at_the_gateway_is_recorded(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    gateway = world.desk.gateway(GatewayName.MIDTRANS)
    gateway.refund(
        RefundRequest(
            ChargeSubject(world.attempt(page).reference),
            "dashboard-1",
            Rupiah(30_000),
            "di dasbor",
            RefundRoute.REFUND,
        )
    )

    world.deliver_all(page)
    world.confirm()

    (refund,) = world.refunds(page)
    assert (refund.route, refund.state, refund.amount_idr) == ("outside", "succeeded", 30_000)
    assert world.status(page) == "partially_refunded"
    assert sums(world, page) == (200_000, 30_000, 0)


def test_a_large_refund_waits_for_a_second_person(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)

    asked = world.refund(page, 1_500_000)

    assert asked.state is RefundState.AWAITING_APPROVAL
    assert sums(world, page) == (1_500_000, 0, 1_500_000)
    assert at_gateway(world, page) == 0
    stored = world.refunds(page)[0]
    for person, shown, why in (
        ("refunder", stored.approval_hash, Why.SAME_PERSON),
        ("finance", "0" * 64, Why.REQUEST_CHANGED),
    ):
        with pytest.raises(RefusedError) as refused:
            approve_refund(
                world.desk,
                asked.refund_id,
                staff_id=world.staff_id(person),
                approval_hash=shown or "",
            )
        assert refused.value.why is why
        assert at_gateway(world, page) == 0

    approved = approve_refund(
        world.desk,
        asked.refund_id,
        staff_id=world.staff_id("finance"),
        approval_hash=stored.approval_hash or "",
    )

    assert approved.state is RefundState.SUCCEEDED
    assert world.status(page) == "refunded"
    assert at_gateway(world, page) == 1_500_000


def test_an_approval_comes_too_late_after_72_hours(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    asked = world.refund(page, 1_500_000)
    world.clock.advance(73 * 3600)

    with pytest.raises(RefusedError) as refused:
        approve_refund(
            world.desk,
            asked.refund_id,
            staff_id=world.staff_id("finance"),
            approval_hash=world.refunds(page)[0].approval_hash or "",
        )

    assert refused.value.why is Why.APPROVAL_EXPIRED
    assert at_gateway(world, page) == 0


@pytest.mark.parametrize("end", [reject_refund, withdraw_refund])
def test_a_refused_request_gives_its_amount_free(world: World, end: object) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    asked = world.refund(page, 1_500_000)

    end(world.desk, asked.refund_id, staff_id=world.staff_id("finance"), reason="Salah")  # type: ignore[operator]

    assert sums(world, page) == (1_500_000, 0, 0)
    assert world.status(page) == "paid"
    assert at_gateway(world, page) == 0


def test_a_card_is_voided_on_the_day_it_was_charged(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")

    assert dry_run_refund(world.desk, world.order(page).id, 1).why is Why.VOID_IS_FULL_ONLY
    result = world.refund(page, 200_000)

    assert result.state is RefundState.SUCCEEDED
    assert world.refunds(page)[0].route == "void"
    assert world.status(page) == "refunded"


def test_a_card_is_refunded_once_it_has_settled(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    world.clock.advance(2 * 24 * 3600)
    world.poll()

    result = world.refund(page, 60_000)

    assert result.state is RefundState.SUCCEEDED
    assert world.refunds(page)[0].route == "refund"
    assert sums(world, page) == (200_000, 60_000, 0)


def test_a_reversed_payment_is_unpaid_again_and_its_goods_are_back(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "permata_va")
    assert world.stock() == (STOCK - 2, 0)

    world.act(page, "reverse")
    world.deliver_all(page)
    world.confirm()

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("failed", "payment_reversed")
    assert order.captured_idr == 0
    assert world.stock() == (STOCK, 0)


def test_goods_come_back_only_by_choice_and_only_once(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    result = world.refund(page, 200_000)
    assert world.stock() == (STOCK - 2, 0)

    restock_refund(world.desk, result.refund_id, staff_id=world.staff_id())
    with pytest.raises(RefusedError):
        restock_refund(world.desk, result.refund_id, staff_id=world.staff_id())

    assert world.stock() == (STOCK, 0)


def test_a_repeat_that_does_not_get_through_stays_unknown(world: World) -> None:
    """The first try may have paid: the reservation must not be given up."""
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "html_502", times=1):
        world.refund(page, 100_000)

    world.clock.advance(120)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        world.resolve()

    (refund,) = world.refunds(page)
    assert refund.state is RefundState.UNKNOWN
    with pytest.raises(RefusedError):
        withdraw_refund(world.desk, refund.id, staff_id=world.staff_id(), reason="Salah")
    assert sums(world, page) == (200_000, 0, 100_000)
