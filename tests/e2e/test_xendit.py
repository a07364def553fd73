"""Shoppers who pay by Xendit, on its own page."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.harness import Stack
from tests.e2e.shopper import PATIENCE_MS, Shopper


@pytest.mark.parametrize("channel", ["DANA", "BCA"])
def test_the_shopper_pays_on_xendits_page_and_comes_back_to_a_paid_order(
    channel: str, shopper: Shopper, page: Page
) -> None:
    shopper.order("xendit")
    page.wait_for_url("**/xendit/web/*")
    page.get_by_test_id(f"method-{channel}").click()
    page.get_by_test_id("simulate-pay").click()

    page.wait_for_url("**/orders/*", timeout=PATIENCE_MS)
    shopper.expect_status("paid")


def test_back_from_xendit_the_shop_says_confirming_until_it_knows(
    stack: Stack, shopper: Shopper, page: Page
) -> None:
    stack.stop_jobs()
    try:
        shopper.order("xendit")
        page.wait_for_url("**/xendit/web/*")
        page.get_by_test_id("method-DANA").click()
        page.get_by_test_id("simulate-pay").click()
        page.wait_for_url("**/orders/*", timeout=PATIENCE_MS)

        shopper.expect_situation("confirming")
        expect(shopper.status).to_have_attribute("data-status", "pending")
    finally:
        stack.start("jobs")
    shopper.expect_status("paid")
