"""The search box: whatever is pasted opens what it names, or lists it with the reason."""

import pytest
from flask import Flask

from app.core.states import GatewayName
from app.db.models import Attempt, Notification, Order, Refund
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, office
from tests.http.test_admin_lists import add_orders, shown
from tests.world import CUSTOMER, World

__all__ = ["office"]

VA = "8808123456789"
INVOICE = "64f1a2b3c4d5e6f7a8b9c0d1"
TOKEN = "66e4fa55-fdac-4ef9-91b5-733b97d1b862"


@pytest.fixture
def refunded(shop: World) -> PaymentPage:
    """Provide one order with every kind of name, among others of the same customer."""
    shop.checkout(GatewayName.XENDIT, quantity=1)
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 50_000)
    with shop.desk.sessions.begin() as session:
        order = session.get_one(Order, shop.order(page).id)
        order.customer_email, order.customer_phone = "putri@contoh.example", "+6281355512345"
        attempt = session.get_one(Attempt, shop.attempt(page).id)
        attempt.pay_code_number, attempt.token, attempt.provider_reference = VA, TOKEN, INVOICE
        session.get_one(Refund, shop.refunds(page)[0].id).provider_refund_id = "rfd-777"
    return page


def find(staff: Browser, text: str) -> str | None:
    """Return where a search leads; None if it stays on its own page."""
    return staff.client.get("/admin/tools/find", query_string={"q": text}).location


def test_whatever_is_pasted_opens_the_order(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    order, attempt, refund = shop.order(refunded), shop.attempt(refunded), shop.refunds(refunded)[0]
    staff, number = Browser(office, "support"), order.number
    pasted = [
        number,
        f"  {number.lower()}\t\n",
        number.removeprefix("LN-"),
        f"Order #{number}",
        f"order_id: {number}",
        f'"order_id": "{number}"',
        f"“{number}”.",
        number.replace("-", "–"),  # noqa: RUF001 - as a mail program writes it.
        f"https://toko.example/admin/orders/{number}?view=all",
        f"Mohon dicek pesanan {number} ya kak",
        attempt.reference,
        f"?order_id={attempt.reference}&status_code=200",
        order.public_id,
        f"https://toko.example/orders/{order.public_id}#top",
        order.payment_gateway_transaction_id or "",
        f"transaction_id={order.payment_gateway_transaction_id}",
        f"https://checkout.xendit.co/web/{INVOICE}",
        f"https://app.sandbox.midtrans.com/snap/v2/vtweb/{TOKEN}",
        refund.key,
        f"refund_key: '{refund.key}'",
        "rfd-777",
        VA,
        f"{VA[:4]} {VA[4:8]} {VA[8:]}",
        f"VA: {VA[:4]}-{VA[4:]}",
        "Putri@Contoh.example",
        "mailto:putri@contoh.example",
        "0813-5551-2345",
        "+62 813 5551 2345",
        "HP 0813 5551 2345",
        "(0813) 55512345",
        "6281355512345",
    ]

    found = {text: find(staff, text) for text in pasted}

    assert found == dict.fromkeys(pasted, f"/admin/orders/{number}")


def test_several_hits_are_listed_with_what_matched(office: Flask, shop: World) -> None:
    numbers = add_orders(shop, 3, customer_email=CUSTOMER.email)
    add_orders(shop, 1)

    page = Browser(office, "support").page(f"/admin/tools/find?q={CUSTOMER.email}")

    assert shown(page) == numbers
    assert page.text.count(f"e-mail: {CUSTOMER.email}") == 3


def test_who_may_not_see_contacts_learns_none_from_a_search(office: Flask, shop: World) -> None:
    add_orders(shop, 2, customer_phone="+6281355512345", customer_email="putri@contoh.example")

    page = Browser(office, "viewer").page("/admin/tools/find?q=081355512345")

    assert len(shown(page)) == 2
    assert "+6281355512345" not in page.text
    assert "putri@" not in page.text
    assert "+62•••345" in page.text


def test_a_notification_without_an_order_is_found_by_what_it_said(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    with shop.desk.sessions.begin() as session:
        row = session.get_one(Notification, shop.notifications()[0].id)
        row.order_id, row.reference = None, "ANOTHER-SHOP-1"

    assert find(Browser(office, "viewer"), "ANOTHER-SHOP-1") == f"/admin/notifications/{row.id}"


@pytest.mark.parametrize("text", ["", "LN-ZZZZZZZZZZ", "%", "_", "'; DROP TABLE orders;--", "\x00"])
def test_what_names_nothing_opens_nothing_and_says_what_can_be_found(
    office: Flask, shop: World, text: str
) -> None:
    add_orders(shop, 1)
    staff = Browser(office, "viewer")
    answer = staff.client.get("/admin/tools/find", query_string={"q": text})

    assert answer.status_code == 200
    assert shown(Page(answer.text)) == []
    assert ("VA number or pay code" in Page(answer.text).text) is (text not in {"", "\x00"})


def test_every_page_has_the_search_box(office: Flask, shop: World) -> None:
    page = Browser(office, "viewer").page("/admin/products/")

    assert page.has_form("/admin/tools/find")
