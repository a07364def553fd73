"""Bank transfers and cancelled orders, through the pages as they are served."""

import pytest
from flask import Flask

from app.core.states import GatewayName, RefundRoute, RefundState
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Form, audit, office
from tests.world import World

__all__ = ["office"]

_ACCOUNT = {"bank": "BCA", "account_number": "123-456-7890", "account_holder": "Rina Wijaya"}


def paid(shop: World, method: str, *, sku: str = "KOPI", quantity: int = 2) -> PaymentPage:
    gateway = GatewayName.XENDIT if method.isupper() else GatewayName.MIDTRANS
    page = shop.checkout(gateway, sku=sku, quantity=quantity)
    shop.pay(page, method)
    shop.deliver_all(page)
    shop.confirm()
    return page


def order_url(shop: World, page: PaymentPage) -> str:
    return f"/admin/orders/{shop.order(page).number}"


def transfer_form(staff: Browser, shop: World, page: PaymentPage) -> Form:
    url = f"{order_url(shop, page)}/refund?route=manual"
    return staff.page(url).form("/refund/confirm")


@pytest.mark.parametrize(
    "typed",
    [
        {**_ACCOUNT, "bank": " "},
        {**_ACCOUNT, "account_number": "12x"},
        {**_ACCOUNT, "account_holder": ""},
        {},
    ],
)
def test_a_transfer_to_an_incomplete_account_is_sent_back(
    office: Flask, shop: World, typed: dict[str, str]
) -> None:
    page = paid(shop, "bca_va")
    staff = Browser(office, "refunder")
    form = transfer_form(staff, shop, page)

    answer = staff.submit(form, amount="50.000", reason="Salah", **typed)

    assert "account number (6 to 20 digits) are required" in answer.text
    assert answer.form("/refund/confirm").fields["amount"] == "50.000"
    assert shop.refunds(page) == []


def test_a_forced_transfer_without_an_account_is_refused_on_record(
    office: Flask, shop: World
) -> None:
    page = paid(shop, "bca_va")
    staff = Browser(office, "refunder")
    asked = staff.submit(
        transfer_form(staff, shop, page), amount="50.000", reason="Salah", **_ACCOUNT
    )

    staff.submit(asked.form("/refund"), account_number="")

    assert shop.refunds(page) == []
    assert audit(shop, staff.email) == [("request_refund", False, "account_incomplete")]


def test_the_account_is_whole_only_for_those_who_approve_or_transfer(
    office: Flask, shop: World
) -> None:
    page = paid(shop, "bca_va")
    refund_id = shop.refund(page, 50_000, route=RefundRoute.MANUAL).refund_id
    whole = {"approver", "finance"}

    for role in ("viewer", "support", "refunder", "approver", "finance", "admin", "auditor"):
        staff = Browser(office, role)
        one = staff.page(f"/admin/refunds/{refund_id}").text
        order = staff.page(order_url(shop, page)).text
        assert ("BCA 1234567890" in one) is (role in whole), role
        assert ("BCA •••• 7890" in one) is (role not in whole), role
        assert "BCA •••• 7890" in order
        assert "BCA 1234567890" not in order


def test_who_asked_for_a_large_transfer_is_not_offered_to_record_it(
    office: Flask, shop: World
) -> None:
    page = paid(shop, "bca_va", sku="BATIK", quantity=1)
    asker, approver = Browser(office, "finance"), Browser(office, "approver")
    form = transfer_form(asker, shop, page)
    asked = asker.submit(form, amount="1.500.000", reason="Salah", **_ACCOUNT)
    asker.submit(asked.form("/refund"))
    [refund] = shop.refunds(page)
    url = f"/admin/refunds/{refund.id}"
    approver.submit(approver.page(url).form("/approve"))

    shown = asker.page(url)
    asker.post(f"{url}/transferred", proof="BCA 1")

    assert "somebody else must make the transfer" in shown.text
    assert not shown.has_form("/transferred")
    assert shop.refunds(page)[0].state is RefundState.TO_TRANSFER
    assert audit(shop, asker.email)[-1] == ("mark_transferred", False, "same_person")


def test_a_part_that_the_gateway_does_not_give_back_is_offered_by_hand(
    office: Flask, shop: World
) -> None:
    page = paid(shop, "LINKAJA")
    staff = Browser(office, "refunder")
    url = f"{order_url(shop, page)}/refund"

    answer = staff.submit(staff.page(url).form("/refund/confirm"), amount="50.000", reason="Salah")

    assert "can only be refunded in full" in answer.text
    assert f"{url}?route=manual" in answer.links()
    asked = staff.submit(
        transfer_form(staff, shop, page), amount="50.000", reason="Salah", **_ACCOUNT
    )
    staff.submit(asked.form("/refund"))
    assert shop.refunds(page)[0].state is RefundState.TO_TRANSFER


def test_the_dry_run_names_the_call_and_what_is_not_certain(office: Flask, shop: World) -> None:
    page = paid(shop, "DANA")

    shown = Browser(office, "refunder").page(f"{order_url(shop, page)}/refund").text

    assert "Gateway's call POST /refunds" in shown
    assert "The gateway may refuse: it takes the refund from your balance there." in shown


def test_a_refused_refund_goes_on_by_transfer_from_its_own_page(office: Flask, shop: World) -> None:
    page = paid(shop, "DANA")
    asked = shop.refund(page, 20_300)  # The sandbox fails this amount after it accepted it.
    shop.clock.advance(60)
    shop.deliver_all(page)
    shop.confirm()
    staff, url = Browser(office, "refunder"), f"/admin/refunds/{asked.refund_id}"
    form = staff.page(url).form("/reroute")

    refused = staff.submit(form, **{**_ACCOUNT, "account_number": "1"})
    new = staff.submit(form, **_ACCOUNT)
    staff.submit(form, **_ACCOUNT)
    old = staff.page(url)

    assert "account number (6 to 20 digits) are required" in refused.text
    assert "To be transferred" in new.text
    assert "Goes on from Refund 1" in new.text
    assert "It goes on by bank transfer." in old.text
    assert not old.has_form("/reroute")
    assert [r.state.value for r in shop.refunds(page)] == ["failed", "to_transfer"]
    assert audit(shop, staff.email) == [
        ("reroute_refund", False, "account_incomplete"),
        ("reroute_refund", True, ""),
        ("reroute_refund", True, ""),
    ]


def test_an_unpaid_order_is_cancelled_with_a_reason(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, url = Browser(office, "support"), order_url(shop, page)
    form = staff.page(url).form("/cancel")

    without = staff.submit(form, reason=" ")
    assert "A reason is required." in without.text
    assert shop.status(page) == "pending"
    done = staff.submit(form, reason="Pesanan ganda")

    assert "The order is cancelled; its payment pages are closed." in done.text
    assert "Pesanan ganda" in done.text
    assert not done.has_form("/cancel")
    assert shop.status(page) == "cancelled"
    assert audit(shop, staff.email) == [
        ("cancel_order", False, "reason_missing"),
        ("cancel_order", True, ""),
    ]


def test_a_paid_order_is_not_cancelled_and_the_person_is_told(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff = Browser(office, "support")
    form = staff.page(order_url(shop, page)).form("/cancel")
    shop.pay(page, "gopay")

    answer = staff.submit(form, reason="Pesanan ganda")

    assert "The order is paid, so it cannot be cancelled; refund it instead." in answer.text
    assert not answer.has_form("/cancel")
    assert shop.status(page) == "paid"
    assert audit(shop, staff.email) == [("cancel_order", False, "order_is_paid")]


@pytest.mark.parametrize(
    ("effect", "words"),
    [("html_502", "The gateway could not be reached"), (None, "keeps a payment page open until")],
)
def test_what_could_not_be_closed_yet_is_said(
    office: Flask, shop: World, effect: str | None, words: str
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "deny")
    shop.deliver_all(page)
    staff = Browser(office, "support")
    form = staff.page(order_url(shop, page)).form("/cancel")
    if effect is not None:
        rule = {"operations": ["status"], "effect": effect}
        shop.program.control("PUT", "faults", {"rules": [rule]})

    answer = staff.submit(form, reason="Pesanan ganda")

    assert words in answer.text
    assert "The order ends when the gateway has closed them." in answer.text
    assert not answer.has_form("/cancel")
    assert shop.status(page) == "pending"
