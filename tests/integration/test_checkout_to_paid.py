"""From a cart to a paid order, through real notifications and without any."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.errors import ConflictError, GatewayRejectedError, OutOfStockError, RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.models import Order
from app.gateways.midtrans import MidtransGateway
from app.gateways.midtrans_sdk import MidtransSettings
from app.services.checkout import UnknownProductError, retry_payment, start_checkout
from app.services.payment_pages import PageNotOpenedError
from tests.world import STOCK, World, checkout_request

BOTH = pytest.mark.parametrize("gateway", list(GatewayName))
WALLET = {GatewayName.MIDTRANS: "gopay", GatewayName.XENDIT: "DANA"}


def test_a_signed_notification_of_payment_is_applied_at_once(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")

    receipts = world.deliver_all(page)

    assert [r.why for r in receipts] == [Why.CLAIM_AWAITS_CONFIRMATION, Why.SHOPPER_PAID]
    order = world.order(page)
    assert order.payment_status == "paid"
    assert (order.captured_idr, order.refunded_idr, order.reserved_idr) == (200_000, 0, 0)
    assert order.payment_gateway_transaction_id
    assert world.stock() == (STOCK - 2, 0)


def test_a_xendit_callback_only_claims_and_the_job_confirms_it(world: World) -> None:
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")

    (receipt,) = world.deliver_all(page)

    assert (receipt.accepted, receipt.why) == (True, Why.CLAIM_AWAITS_CONFIRMATION)
    assert world.status(page) == "pending"
    assert world.confirm().changed == 1
    assert world.status(page) == "paid"
    (stored,) = world.notifications()
    assert (stored.state, stored.verdict) == ("done", "shopper_paid")


@BOTH
def test_without_any_notification_the_job_ends_the_order(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    world.pay(page, WALLET[gateway])
    world.clock.advance(30)

    assert world.poll().changed == 1

    assert world.status(page) == "paid"
    assert world.notifications() == []


@BOTH
def test_an_unpaid_order_expires_and_gives_its_stock_back(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    assert world.stock() == (STOCK, 2)

    world.clock.advance(24 * 3600 + 120)
    world.poll()

    assert world.status(page) == "expired"
    assert world.stock() == (STOCK, 0)
    assert world.reasons(page)[-1] == "not_paid_in_time"


def test_an_open_order_is_left_alone_before_its_deadline(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.clock.advance(3600)

    assert world.poll().changed == 0

    assert world.status(page) == "pending"
    assert world.stock() == (STOCK, 2)


def test_duplicates_are_kept_with_their_verdict_and_change_nothing(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()
    before = world.order(page)

    again = world.deliver_all(page)

    assert {r.why for r in again} == {Why.DUPLICATE}
    after = world.order(page)
    assert (after.updated_at, after.captured_idr) == (before.updated_at, before.captured_idr)
    assert len(world.notifications()) == 4


def test_a_forged_notification_is_refused_kept_and_changes_nothing(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    genuine = world.sent(page)[-1]
    forged = json.loads(genuine.body) | {"gross_amount": "1.00"}

    receipt = world.receive(replace(genuine, body=json.dumps(forged).encode()))

    assert (receipt.accepted, receipt.why) == (False, Why.BAD_SIGNATURE)
    assert world.status(page) == "pending"
    (stored,) = world.notifications()
    assert (stored.state, stored.verdict) == ("refused", "bad_signature")


def test_a_replay_with_another_status_is_not_believed(world: World) -> None:
    """Midtrans' signature does not cover transaction_status: settlement -> refund keeps it."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    genuine = world.sent(page)[-1]
    world.receive(genuine)
    changed = json.loads(genuine.body) | {"transaction_status": "refund"}

    receipt = world.receive(replace(genuine, body=json.dumps(changed).encode()))
    for _ in range(6):
        world.confirm()
        world.clock.advance(700)

    assert receipt.why is Why.CLAIM_AWAITS_CONFIRMATION
    assert world.status(page) == "paid"
    assert world.order(page).refunded_idr == 0
    assert world.notifications()[-1].verdict == "claim_not_confirmed"


def test_a_late_pending_does_not_undo_a_payment(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    pending, settlement = world.sent(page)

    world.receive(settlement)
    world.receive(pending)
    world.confirm()

    assert world.status(page) == "paid"


def test_a_declined_card_leaves_the_page_open_for_another_method(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "deny", "credit_card")
    world.deliver_all(page)
    world.confirm()
    assert world.status(page) == "pending"
    assert "declined_may_retry" in world.reasons(page)

    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()

    assert world.status(page) == "paid"
    assert world.order(page).captured_idr == 200_000


def test_a_challenged_card_waits_in_review_with_its_stock(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "challenge", "credit_card")
    world.deliver_all(page)
    world.confirm()

    assert world.status(page) == "in_review"
    assert world.stock() == (STOCK, 2)


def test_money_after_the_order_closed_is_kept_and_shown_to_a_person(world: World) -> None:
    page = world.checkout(GatewayName.XENDIT)
    world.clock.advance(24 * 3600 + 120)
    world.poll()
    assert world.status(page) == "expired"

    world.act(page, "pay", "QRIS", late=True)
    world.deliver_all(page)
    world.confirm()

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("paid", "paid_after_close")
    assert world.stock() == (STOCK - 2, 0)


def test_the_same_key_makes_one_order(world: World) -> None:
    first = world.checkout(GatewayName.MIDTRANS, key="same-key-1")
    second = world.checkout(GatewayName.MIDTRANS, key="same-key-1")

    assert first == second
    assert world.stock() == (STOCK, 2)


def test_the_same_key_for_another_cart_is_refused(world: World) -> None:
    world.checkout(GatewayName.MIDTRANS, key="same-key-2")

    with pytest.raises(ConflictError, match="idempotency_key_reused"):
        world.checkout(GatewayName.MIDTRANS, quantity=3, key="same-key-2")

    assert world.stock() == (STOCK, 2)


def test_a_cart_beyond_the_stock_is_refused_whole(world: World) -> None:
    with pytest.raises(OutOfStockError) as refused:
        world.checkout(GatewayName.MIDTRANS, quantity=STOCK + 1)

    assert refused.value.available == {"KOPI": STOCK}
    assert world.stock() == (STOCK, 0)


def test_an_unknown_product_is_named(world: World) -> None:
    with pytest.raises(UnknownProductError, match="SABUN"):
        world.checkout(GatewayName.MIDTRANS, sku="SABUN")


@BOTH
def test_a_gateway_that_never_answers_keeps_the_order_for_another_try(
    world: World, gateway: GatewayName
) -> None:
    operation = {"midtrans": "midtrans.snap.create", "xendit": "xendit.invoice.create"}[gateway]
    request = checkout_request(gateway, key="patient-shopper")
    fault = world.program.fault(operation, "*", "timeout_after_success", times=1, seconds=5)
    with fault, pytest.raises(PageNotOpenedError):
        start_checkout(world.desk, request)

    page = start_checkout(world.desk, request)

    assert page.page_url
    assert world.stock() == (STOCK, 2)
    state = world.program.control("GET", "state")
    mine = [i for i in state["invoices"] if i["external_id"] == world.attempt(page).reference]
    assert len(mine) == (1 if gateway is GatewayName.XENDIT else 0)


def test_the_same_key_after_the_page_ran_out_goes_on_with_a_new_page(world: World) -> None:
    first = world.checkout(GatewayName.MIDTRANS, key="came-back-later")
    world.clock.advance(24 * 3600 + 120)
    world.poll()

    again = world.checkout(GatewayName.MIDTRANS, key="came-back-later")

    assert (again.order_id, again.token == first.token) == (first.order_id, False)
    assert world.status(first) == "pending"
    assert world.stock() == (STOCK, 2)


def test_a_page_that_the_gateway_refuses_fails_the_order_and_frees_its_stock(
    world: World,
) -> None:
    request = checkout_request(GatewayName.MIDTRANS)
    gateways = {
        **world.desk.gateways,
        GatewayName.MIDTRANS: MidtransGateway(
            MidtransSettings(
                server_key="SB-Mid-server-wrong",
                client_key="-",
                core_url=f"{world.program.url}/midtrans",
                snap_url=f"{world.program.url}/midtrans/snap/v1",
                is_production=False,
                timeout_s=3,
            )
        ),
    }
    with pytest.raises(PageNotOpenedError) as failed:
        start_checkout(replace(world.desk, gateways=gateways), request)
    assert isinstance(failed.value.cause, GatewayRejectedError)
    with world.session() as session:
        assert session.scalars(select(Order.payment_status)).all() == ["failed"]
    assert world.stock() == (STOCK, 0)

    page = start_checkout(world.desk, request)

    assert (page.order_id, world.status(page)) == (failed.value.order_id, "pending")
    assert world.stock() == (STOCK, 2)


def test_a_retry_after_expiry_makes_a_new_reference_and_money_on_it_counts(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.clock.advance(24 * 3600 + 120)
    world.poll()

    again = retry_payment(world.desk, page.order_id, GatewayName.XENDIT)
    assert world.status(page) == "pending"
    assert world.stock() == (STOCK, 2)
    world.pay(again, "DANA")
    world.deliver_all(again)
    world.confirm()

    assert [a.reference[-2:] for a in world.attempts(page)] == ["-1", "-2"]
    assert world.status(page) == "paid"
    assert world.order(page).gateway == "xendit"


def test_an_open_page_is_continued_with_the_same_token(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)

    assert retry_payment(world.desk, page.order_id, None) == page
    assert len(world.attempts(page)) == 1


def test_a_paid_order_cannot_be_paid_again(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)

    with pytest.raises(RefusedError) as refused:
        retry_payment(world.desk, page.order_id, None)

    assert refused.value.why is Why.ORDER_NOT_PAYABLE
    assert len(world.attempts(page)) == 1


def test_the_virtual_account_number_reaches_the_order(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "pay", "bca_va", outcome="pending")
    world.deliver_all(page)
    world.confirm()

    attempt = world.attempt(page)
    assert (attempt.pay_code_kind, attempt.pay_code_label) == ("va", "BCA")
    assert attempt.pay_code_number
    assert attempt.pay_code_number.isdigit()
    assert world.status(page) == "pending"


def test_an_unused_page_is_ended_at_midtrans_when_the_shopper_goes_elsewhere(
    world: World,
) -> None:
    page = world.checkout(GatewayName.MIDTRANS)

    retry_payment(world.desk, page.order_id, GatewayName.XENDIT)

    (token,) = [
        t for t in world.program.control("GET", "state")["tokens"] if t["token"] == page.token
    ]
    assert token["state"] == "canceled"


def test_each_transaction_of_one_page_is_asked_about(world: World) -> None:
    """The answer by order id shows one transaction; the other would stay pending for ever."""
    page = world.checkout(GatewayName.MIDTRANS)
    for method in ("bca_va", "permata_va"):
        world.act(page, "pay", method, outcome="pending")
        world.deliver_all(page)
        world.confirm()
    world.clock.advance(24 * 3600 + 120)

    world.poll()

    assert world.status(page) == "expired"


def test_a_signed_payment_that_the_gateway_does_not_know_calls_a_person(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    settlement = world.sent(page)[-1]
    world.receive(settlement)
    world.program.control("POST", "reset")

    for _ in range(6):
        world.confirm()
        world.clock.advance(700)

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("paid", "drift")
    assert world.notifications()[0].verdict == "claim_not_confirmed"
