"""Shoppers who pay by Midtrans, in its window over the shop."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.books import Books
from tests.e2e.shopper import COFFEE, PATIENCE_MS, Shopper, SnapPage
from tests.e2e.watch import PageProblems

THREE_DS_CARD = "4811 1111 1111 1114"
DENIED_CARD = "4711 1111 1111 1115"
CHALLENGED_CARD = "4511 1111 1111 1117"


def test_a_virtual_account_is_shown_paid_and_noticed_without_a_reload(
    shopper: Shopper, books: Books
) -> None:
    before = shopper.available()
    on_hand, _ = books.stock(COFFEE)
    shopper.order()
    shopper.popup.choose("bca_va")
    number = shopper.popup.number()
    shopper.mark_page()

    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")
    expect(shopper.page.get_by_test_id("pay-number")).to_have_text(number)
    shopper.page.get_by_test_id("continue-payment").click()
    assert shopper.popup.number() == number
    shopper.popup.press("simulate-pay")

    shopper.expect_status("paid")
    assert shopper.is_same_page()
    assert shopper.available() == before - 1
    assert books.stock(COFFEE) == (on_hand - 1, 0)


@pytest.mark.parametrize("method", ["gopay", "qris"])
def test_a_wallet_payment_makes_the_order_paid(method: str, shopper: Shopper) -> None:
    shopper.order()

    shopper.pay_by(method)

    shopper.expect_status("paid")


def test_a_card_is_accepted_after_the_banks_question(shopper: Shopper) -> None:
    shopper.order()

    shopper.popup.pay_by_card(THREE_DS_CARD)
    shopper.popup.enter_otp()

    shopper.expect_status("paid")


def test_a_denied_card_is_followed_by_another_method_on_the_same_page(
    shopper: Shopper, books: Books
) -> None:
    shopper.order()

    shopper.popup.pay_by_card(DENIED_CARD)
    shopper.popup.expect_outcome("bad")
    shopper.expect_situation("declined")
    shopper.popup.press("try-other")
    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    assert len(books.references(shopper.order_number())) == 1


def test_a_challenged_card_is_told_as_in_review(shopper: Shopper) -> None:
    shopper.order()

    shopper.popup.pay_by_card(CHALLENGED_CARD)

    shopper.expect_status("in_review")
    shopper.expect_no_popup()
    expect(shopper.status).to_contain_text("sedang ditinjau")


def test_a_window_closed_without_paying_can_be_opened_again(shopper: Shopper) -> None:
    shopper.order()
    first = shopper.popup_address
    shopper.popup.close()
    shopper.expect_no_popup()
    shopper.expect_situation("unpaid")
    expect(shopper.status).to_contain_text("Menunggu pembayaran")

    shopper.page.get_by_test_id("continue-payment").click()
    assert shopper.popup_address == first
    shopper.pay_by("gopay")

    shopper.expect_status("paid")


def test_without_snap_js_the_payment_goes_on_as_a_page(
    shopper: Shopper, page: Page, problems: PageProblems
) -> None:
    problems.expect(r"snap\.js")

    def block(route: Route) -> None:
        route.abort("blockedbyclient")

    page.route(re.compile(r"/snap\.js"), block)
    shopper.order()
    page.wait_for_url("**/snap/v2/vtweb/*")
    payment = SnapPage(page)
    payment.choose("bca_va")
    payment.press("simulate-pay")

    page.wait_for_url("**/orders/*", timeout=PATIENCE_MS)
    shopper.expect_status("paid")
