"""A refund from the order's page to the gateway, through the forms as they are served."""

import pytest
from flask import Flask

from app.core.states import GatewayName, RefundRoute, RefundState
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, audit, office
from tests.world import SKU, World

__all__ = ["office"]

ACCOUNT = {
    "bank": "BCA",
    "account_number": "123-456-7890",
    "account_holder": "Rina Wijaya",
}


def paid(shop: World, method: str = "gopay", *, sku: str = SKU, quantity: int = 2) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS, sku=sku, quantity=quantity)
    shop.pay(page, method)
    shop.deliver_all(page)
    shop.confirm()
    return page


@pytest.fixture
def order(shop: World) -> PaymentPage:
    """Provide an order of two pieces, Rp 200.000, paid by GoPay."""
    return paid(shop)


def refund_url(shop: World, page: PaymentPage) -> str:
    return f"/admin/orders/{shop.order(page).number}/refund"


def confirmation(staff: Browser, url: str, amount: str, reason: str = "Salah ukuran") -> Page:
    """Fill in the form and return the page that asks whether this is right."""
    form = staff.page(url).form("/refund/confirm")
    return staff.submit(form, amount=amount, reason=reason, reason_code="damaged")


def test_half_is_refunded_in_three_pages(office: Flask, shop: World, order: PaymentPage) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)

    asked = confirmation(staff, url, "Rp 75.000")
    assert "Rp 75.000" in asked.text
    assert "in part; Rp 125.000 stays" in asked.text
    assert shop.refunds(order) == []
    result = staff.submit(asked.form("/refund"))

    [refund] = shop.refunds(order)
    assert (refund.amount_idr, refund.state) == (75_000, RefundState.SUCCEEDED)
    assert (refund.reason, refund.requested_by_id) == ("Salah ukuran", staff.staff_id)
    assert shop.status(order) == "partially_refunded"
    assert "Refunded" in result.text
    assert refund.provider_message
    assert refund.provider_message in result.text
    assert audit(shop, staff.email) == [("request_refund", True, "")]


def test_the_form_offers_all_that_is_left_and_says_by_which_rule(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    page = Browser(office, "refunder").page(refund_url(shop, order))

    assert page.form("/refund/confirm").fields["amount"] == "200.000"
    assert "Refund through the gateway" in page.text
    assert "full or in part" in page.text
    assert 'Midtrans docs, "What payment methods have the refund feature"' in page.text
    assert "as of 31 May 2026" in page.text
    assert "must agree above Rp 1.000.000" in page.text


def test_where_nothing_is_left_no_form_is_offered(office: Flask, shop: World) -> None:
    order = paid(shop)
    shop.refund(order, 200_000)

    page = Browser(office, "refunder").page(refund_url(shop, order))

    assert "No refund is possible now Everything is refunded" in page.text
    assert not page.has_form("/refund/confirm")


def test_sending_the_confirmation_twice_refunds_once(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "50.000").form("/refund")

    first, second = staff.send(form), staff.send(form)

    assert first.location == second.location
    assert [refund.amount_idr for refund in shop.refunds(order)] == [50_000]


def test_a_form_that_two_people_opened_refunds_once(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    first, second = Browser(office, "refunder"), Browser(office, "finance")
    url = refund_url(shop, order)
    theirs = confirmation(first, url, "150.000").form("/refund")
    ours = confirmation(second, url, "50.000").form("/refund")

    first.submit(theirs)
    answer = second.submit(ours)

    assert "has changed since the form was opened" in answer.text
    assert [refund.amount_idr for refund in shop.refunds(order)] == [150_000]
    assert audit(shop, second.email) == [("request_refund", False, "amount_changed")]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1,5", "Write the amount in rupiah"),
        ("", "Write the amount in rupiah"),
        ("-75000", "Write the amount in rupiah"),
        ("9" * 40, "Write the amount in rupiah"),
        ("0", "The amount must be at least Rp 1."),
        ("200.001", "more than what is left"),
    ],
)
def test_an_amount_that_cannot_be_is_sent_back_with_the_reason(
    office: Flask, shop: World, order: PaymentPage, amount: str, words: str
) -> None:
    answer = confirmation(Browser(office, "refunder"), refund_url(shop, order), amount)

    assert words in answer.text
    assert answer.form("/refund/confirm").fields["reason"] == "Salah ukuran"
    assert shop.refunds(order) == []


def test_a_refund_without_a_reason_is_sent_back_and_refused_if_forced(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)

    assert "A reason is required." in confirmation(staff, url, "50.000", reason="  ").text
    form = confirmation(staff, url, "50.000").form("/refund")
    staff.submit(form, reason="\x00 ")

    assert shop.refunds(order) == []
    assert audit(shop, staff.email) == [("request_refund", False, "reason_missing")]


def test_changing_something_keeps_what_was_typed(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)
    form = confirmation(staff, url, "50.000").form("/refund")
    form.action = f"{url}/confirm"

    again = staff.submit(form, step="edit").form("/refund/confirm")

    assert (again.fields["amount"], again.fields["reason"]) == ("50000", "Salah ukuran")
    assert again.fields["form_key"] == form.fields["form_key"]


def test_a_method_that_no_gateway_refunds_is_refused_and_the_manual_way_named(
    office: Flask, shop: World
) -> None:
    order = paid(shop, "bca_va")
    staff, url = Browser(office, "finance"), refund_url(shop, order)

    refused = staff.page(url)
    assert "No gateway can refund this payment method." in refused.text
    assert not refused.has_form("/refund/confirm")
    assert f"{url}?route=manual" in refused.links()

    form = staff.page(f"{url}?route=manual").form("/refund/confirm")
    asked = staff.submit(form, amount="200.000", reason="Salah", reason_code="other", **ACCOUNT)
    assert "written down for a bank transfer" in asked.text
    assert "To the account BCA 1234567890 · Rina Wijaya" in asked.text
    result = staff.submit(asked.form("/refund"))

    [refund] = shop.refunds(order)
    assert (refund.route, refund.state) == (RefundRoute.MANUAL, RefundState.TO_TRANSFER)
    assert "To be transferred" in result.text

    staff.submit(result.form("/transferred"), proof="BCA 23 Nov, ref 998877")
    [refund] = shop.refunds(order)
    assert refund.state is RefundState.TRANSFERRED
    assert refund.transfer_proof == "BCA 23 Nov, ref 998877"
    assert refund.transferred_by_id == staff.staff_id
    assert (refund.transfer_bank, refund.transfer_account, refund.transfer_holder) == (
        "BCA",
        "1234567890",
        "Rina Wijaya",
    )
    assert shop.status(order) == "refunded"


def test_the_manual_way_cannot_be_forced_where_the_gateway_refunds(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, url = Browser(office, "finance"), refund_url(shop, order)
    form = staff.page(f"{url}?route=manual").form("/refund/confirm")

    asked = staff.submit(form, amount="1.000", reason="x", reason_code="other", **ACCOUNT)
    assert "This will be sent to the gateway" in asked.text
    assert "1234567890" not in asked.text
    staff.submit(asked.form("/refund"))

    [refund] = shop.refunds(order)
    assert (refund.route, refund.transfer_account) == (RefundRoute.REFUND, None)


def test_a_large_refund_waits_for_a_second_person(office: Flask, shop: World) -> None:
    order = paid(shop, sku="BATIK", quantity=1)
    asker, approver = Browser(office, "refunder"), Browser(office, "approver")
    asked = confirmation(asker, refund_url(shop, order), "1.500.000")
    assert "This will be asked of a second person" in asked.text

    mistyped = asker.submit(asked.form("/refund"), typed_amount="150.000")
    assert "This is not the sum. Nothing was sent." in mistyped.text
    assert shop.refunds(order) == []
    waiting = asker.submit(mistyped.form("/refund"), typed_amount="1.500.000")
    assert "Awaiting approval" in waiting.text
    assert "Nothing was sent." in waiting.text
    [refund] = shop.refunds(order)
    assert refund.sent_at is None

    done = approver.submit(approver.page(f"/admin/refunds/{refund.id}").form("/approve"))
    [refund] = shop.refunds(order)
    assert (refund.state, refund.approved_by_id) == (RefundState.SUCCEEDED, approver.staff_id)
    assert "Refunded" in done.text
    assert shop.status(order) == "refunded"


@pytest.mark.parametrize("shown", ["0" * 64, "sudah dicek ✓"])
def test_an_approval_of_something_else_than_was_shown_is_refused(
    office: Flask, shop: World, shown: str
) -> None:
    order = paid(shop, sku="BATIK", quantity=1)
    refund_id = shop.refund(order, 1_500_000).refund_id
    approver = Browser(office, "approver")
    form = approver.page(f"/admin/refunds/{refund_id}").form("/approve")

    answer = approver.submit(form, approval_hash=shown)

    assert "not the one that was shown" in answer.text
    assert shop.refunds(order)[0].state is RefundState.AWAITING_APPROVAL


def test_turning_down_needs_a_reason_and_frees_the_amount(office: Flask, shop: World) -> None:
    order = paid(shop, sku="BATIK", quantity=1)
    refund_id = shop.refund(order, 1_500_000).refund_id
    approver = Browser(office, "approver")
    form = approver.page(f"/admin/refunds/{refund_id}").form("/reject")

    approver.submit(form, reason="")
    assert shop.refunds(order)[0].state is RefundState.AWAITING_APPROVAL
    approver.submit(form, reason="Pelanggan berubah pikiran")

    assert shop.refunds(order)[0].state is RefundState.REJECTED
    assert shop.order(order).reserved_idr == 0


def test_an_unknown_outcome_is_never_called_failed(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "50.000").form("/refund")
    rule = {"operations": ["refund"], "effect": "timeout_after_success"}
    shop.program.control("PUT", "faults", {"rules": [rule]})

    result = staff.submit(form)

    assert shop.refunds(order)[0].state is RefundState.UNKNOWN
    assert "Outcome unknown" in result.text
    assert "Do not refund again." in result.text
    assert "failed" not in result.text.lower()


def test_an_unknown_refund_is_resolved_by_asking_the_gateway(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "50.000").form("/refund")
    rule = {"operations": ["refund"], "effect": "timeout_after_success"}
    shop.program.control("PUT", "faults", {"rules": [rule]})
    result = staff.submit(form)
    shop.program.control("PUT", "faults", {"rules": []})

    answer = staff.submit(result.form("/resolve"))

    assert [r.state for r in shop.refunds(order)] == [RefundState.SUCCEEDED]
    assert shop.order(order).refunded_idr == 50_000
    assert "Refunded" in answer.text


def test_goods_come_back_once_and_only_by_choice(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, before = Browser(office, "refunder"), shop.stock()
    asked = confirmation(staff, refund_url(shop, order), "200.000")
    result = staff.submit(asked.form("/refund"))
    assert shop.stock() == before

    form = result.form("/restock")
    after = staff.submit(form)
    staff.submit(form)

    assert shop.stock() == (before[0] + 2, before[1])
    assert not after.has_form("/restock")
