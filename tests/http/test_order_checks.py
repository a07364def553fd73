"""Asking the gateway about an order by hand: what it finds, and what is said of it."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask

from app.core.states import GatewayName
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, audit, office
from tests.world import World

__all__ = ["office"]


def check(staff: Browser, shop: World, page: PaymentPage) -> Page:
    address = f"/admin/orders/{shop.order(page).number}"
    return staff.submit(staff.page(address).form("/check"))


def test_a_check_finds_a_payment_that_no_notification_told(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page)
    staff = Browser(office, "support")

    text = check(staff, shop, page).text

    reference = shop.attempt(page).reference
    assert f"{reference} · Xendit: Waiting for payment → Paid The shopper paid." in text
    assert shop.status(page) == "paid"
    assert audit(shop, staff.email) == [("check_status", True, "")]


def test_a_check_that_changes_nothing_says_so_and_why(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    text = check(Browser(office, "support"), shop, page).text

    assert "Nothing changed: still “Waiting for payment”." in text
    assert "The shopper has not chosen a payment method yet" in text


def test_a_gateway_that_does_not_answer_is_no_reason_to_fail_the_order(
    office: Flask, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.program.control("PUT", "faults", {"rules": [{"effect": "html_502"}]})

    text = check(Browser(office, "support"), shop, page).text

    assert "The gateway did not answer. Nothing changed." in text
    assert shop.status(page) == "pending"


def test_a_second_check_within_five_seconds_is_put_off(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff = Browser(office, "support")
    # A clock that stands: a busy machine may take five seconds for two pages.
    moments = [shop.clock()]
    desk = replace(office.extensions["lunas_desk"], clock=lambda: moments[-1])
    office.extensions["lunas_desk"] = desk
    check(staff, shop, page)

    assert "Wait 5 seconds and ask again." in check(staff, shop, page).text
    moments.append(moments[-1] + timedelta(seconds=6))
    assert "Nothing changed" in check(staff, shop, page).text
    assert audit(shop, staff.email) == [
        ("check_status", True, ""),
        ("check_status", False, "too_soon"),
        ("check_status", True, ""),
    ]
