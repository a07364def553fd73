"""Shoppers with a small telephone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.harness import Stack
from tests.e2e.shopper import PATIENCE_MS, Shopper
from tests.e2e.watch import PageProblems

WIDTH_PX = 390
HEIGHT_PX = 844


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Provide the browser of a telephone, with a finger instead of a mouse."""
    made = browser.new_context(
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        viewport={"width": WIDTH_PX, "height": HEIGHT_PX},
        is_mobile=True,
        has_touch=True,
        service_workers="block",
    )
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


def _expect_no_sideways_scroll(page: Page) -> None:
    """Compare what the page needs with what the telephone has."""
    needed = page.evaluate("document.documentElement.scrollWidth")
    assert needed == WIDTH_PX, page.url


def test_no_page_of_the_shop_scrolls_sideways(
    shopper: Shopper, page: Page, stack: Stack, problems: PageProblems
) -> None:
    problems.expect("status of 404")  # The last page of this walk is missing on purpose.
    shopper.fill_cart()
    _expect_no_sideways_scroll(page)
    page.get_by_test_id("cart-count").click()
    expect(page.get_by_test_id("go-checkout")).to_be_visible()
    _expect_no_sideways_scroll(page)
    page.get_by_test_id("go-checkout").click()
    shopper.fill_in()
    _expect_no_sideways_scroll(page)
    page.get_by_test_id("pay-button").click()
    shopper.popup.choose("bca_va")
    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")
    _expect_no_sideways_scroll(page)
    page.get_by_test_id("continue-payment").click()
    shopper.popup.press("simulate-pay")
    shopper.expect_status("paid")
    _expect_no_sideways_scroll(page)
    page.goto(f"{stack.url}/no-such-page")
    _expect_no_sideways_scroll(page)


def test_gopay_is_paid_in_its_app_and_the_order_says_gopay(shopper: Shopper, page: Page) -> None:
    shopper.order()

    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    expect(page.get_by_role("main")).to_contain_text("GoPay")
