"""Payments that no notification, or only a late one, tells the shop about."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.states import PaymentStatus
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import Shopper

# The jobs ask about an open order first after 5 seconds, then after 10.
BY_POLLING_MS = 40_000


@pytest.fixture
def silent_gateways(stack: Stack) -> Iterator[None]:
    """Let both gateways send no notification at all."""
    stack.sandbox.set_notifications(midtrans=False, xendit=False)
    yield
    stack.sandbox.set_notifications(midtrans=True, xendit=True)


@pytest.mark.usefixtures("silent_gateways")
def test_without_any_notification_the_jobs_find_out_about_midtrans(
    shopper: Shopper, books: Books
) -> None:
    shopper.order()
    shopper.pay_by("gopay")

    expect(shopper.status).to_have_attribute("data-status", "paid", timeout=BY_POLLING_MS)
    (reference,) = books.references(shopper.order_number())
    assert books.count_notifications(reference) == 0


@pytest.mark.usefixtures("silent_gateways")
def test_without_any_notification_the_jobs_find_out_about_xendit(
    shopper: Shopper, page: Page, books: Books
) -> None:
    shopper.order("xendit")
    page.get_by_test_id("method-DANA").click()
    page.get_by_test_id("simulate-pay").click()
    page.wait_for_url("**/orders/*")

    expect(shopper.status).to_have_attribute("data-status", "paid", timeout=BY_POLLING_MS)
    (reference,) = books.references(shopper.order_number())
    assert books.count_notifications(reference) == 0


def test_an_account_number_is_shown_once_the_gateway_itself_has_named_it(
    shopper: Shopper, stack: Stack
) -> None:
    stack.stop_jobs()
    try:
        shopper.order()
        shopper.popup.choose("bca_va")
        number = shopper.popup.number()
        stack.sandbox.flush()
        shopper.popup.press("pay-later")
        shopper.expect_no_popup()
        shopper.page.reload()
        shopper.expect_situation("unpaid")
        expect(shopper.page.get_by_test_id("pay-number")).to_have_count(0)
    finally:
        stack.start("jobs")

    shopper.expect_situation("waiting")
    expect(shopper.page.get_by_test_id("pay-number")).to_have_text(number)


def test_a_payment_made_while_the_shop_was_dead_is_known_after_its_restart(
    shopper: Shopper, books: Books, stack: Stack
) -> None:
    shopper.order()
    shopper.popup.choose("bca_va")
    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")
    address, number = shopper.page.url, shopper.order_number()
    (reference,) = books.references(number)
    # Without the jobs, only the gateway's second delivery can bring the news.
    stack.stop_jobs()
    shopper.page.goto("about:blank")

    stack.kill("web")
    stack.sandbox.pay_midtrans(reference)
    stack.eventually(lambda: _newest(stack, reference)["attempts"] != [])
    assert _newest(stack, reference)["state"] == "waiting"
    assert books.status(number) is PaymentStatus.PENDING
    stack.start("web")
    stack.sandbox.advance_clock(130)  # Midtrans tries again after two minutes.

    stack.eventually(lambda: books.status(number) is PaymentStatus.PAID)
    shopper.page.goto(address)
    shopper.expect_status("paid")
    # The shop commits before it answers, so that the gateway hears of it a moment later.
    stack.eventually(lambda: _newest(stack, reference)["state"] == "delivered")
    stack.start("jobs")


def _newest(stack: Stack, reference: str) -> dict[str, Any]:
    """Return the newest delivery about a try to pay, with its attempts."""
    deliveries = stack.sandbox.deliveries()["deliveries"]
    return next(one for one in deliveries if one["reference"] == reference)
