"""The pictures of the README: shop, payment, back office and sandbox, in the order of a purchase.

The shop is shown in Indonesian, the back office in English.
"""

import re
from typing import Final

from playwright.sync_api import Browser, expect

from scripts.pictures.camera import Camera, new_context
from tests.e2e.harness import Stack
from tests.e2e.shopper import Shopper
from tests.e2e.staff_member import StaffMember

# Past the front, so that whole rows of products are in the picture.
_TO_PRODUCTS: Final = "document.querySelector('.grid-head').scrollIntoView()"


class ReadmePhotographer:
    """Takes pictures of one running stack."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self._stack = stack
        self._page = new_context(browser).new_page()
        self._camera = Camera(self._page)
        self._shopper = Shopper(self._page, stack.url, email="ayu.lestari@pembeli.example")

    def take_all(self) -> None:
        """Take every picture of the README, in the order of one purchase and one refund."""
        self._shop()
        self._payment()
        number = self._paid_by_gopay()
        self._desk(number)
        self._page.goto(self._stack.sandbox.base_url)
        expect(self._page.locator("#midtrans tr").first).to_be_visible()
        self._camera.take("sandbox-console")

    def _shop(self) -> None:
        self._shopper.fill_cart()
        self._page.goto(self._stack.url)
        self._page.wait_for_load_state("networkidle")
        self._page.evaluate(_TO_PRODUCTS)
        self._camera.take("shop")
        self._shopper.go_to_checkout()
        self._camera.take("checkout")

    def _payment(self) -> None:
        self._page.get_by_test_id("pay-button").click()
        self._shopper.popup.choose("bca_va")
        self._shopper.popup.number()
        self._camera.take("snap-va")
        self._shopper.popup.press("pay-later")
        self._shopper.expect_situation("waiting")
        self._camera.take("order-waiting")
        self._page.get_by_test_id("continue-payment").click()
        self._shopper.popup.press("simulate-pay")
        self._shopper.expect_status("paid")
        self._camera.take("order-paid")

    def _paid_by_gopay(self) -> str:
        number = self._shopper.buy("gopay")
        self._stack.sandbox.flush()
        return number

    def _desk(self, number: str) -> None:
        staff = StaffMember(self._page, self._stack.admin_url)
        staff.sign_in()
        self._page.goto(f"{staff.desk}/orders/")
        self._camera.take("admin-orders")
        staff.open_order(number)
        staff.press("Check status now")
        staff.expect_text("Nothing changed")
        staff.ask_for_refund(49_000, "One of the two bags was torn")
        self._camera.take("admin-refund")
        self._page.get_by_role("button", name=re.compile("Refund Rp")).click()
        expect(staff.heading).to_contain_text("Refunded")
        staff.open_order(number)
        self._camera.take("admin-order")
