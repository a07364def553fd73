"""A shopper in a browser: what they click in the shop and on the gateways' payment pages."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import FrameLocator, Locator, Page, expect

Gateway = Literal["midtrans", "xendit"]

COFFEE = "KOPI-GAYO-250"
COFFEE_IDR = 98_000
OTP = "112233"
# A payment is confirmed by a job within seconds; a busy machine may need longer.
PATIENCE_MS = 20_000


def _fresh_email() -> str:
    # One address for each shopper: by it a test finds its own orders in a shared database.
    return f"ayu.{secrets.token_hex(5)}@pembeli.example"


@dataclass
class Shopper:
    """One person with one browser page; `shop` is the address of the stack's shop."""

    page: Page
    shop: str
    name: str = "Ayu Lestari"
    email: str = field(default_factory=_fresh_email)

    def available(self, sku: str = COFFEE) -> int:
        """Return the stock that the catalogue shows."""
        self.page.goto(self.shop)
        shown = self._card(sku).get_by_test_id("stock")
        return int(shown.get_attribute("data-available") or "")

    def fill_cart(self, sku: str = COFFEE) -> None:
        """Put one piece into the cart, from the catalogue."""
        self.page.goto(self.shop)
        self._card(sku).get_by_test_id("add-to-cart").click()
        expect(self.page.get_by_test_id("cart-count")).to_have_text("1")

    def go_to_checkout(self, gateway: Gateway = "midtrans") -> None:
        """Walk from the shop through the cart to a filled-in checkout."""
        self.page.get_by_test_id("cart-count").click()
        self.page.get_by_test_id("go-checkout").click()
        self.fill_in()
        self.page.get_by_test_id(f"gateway-{gateway}").check()

    def fill_in(self) -> None:
        """Write name, e-mail address and phone number into the checkout."""
        self.page.get_by_test_id("field-name").fill(self.name)
        self.page.get_by_test_id("field-email").fill(self.email)
        self.page.get_by_test_id("field-phone").fill("0812 3456 7890")

    def order(self, gateway: Gateway = "midtrans", sku: str = COFFEE) -> None:
        """Buy one piece, up to the gateway's payment page."""
        self.fill_cart(sku)
        self.go_to_checkout(gateway)
        self.page.get_by_test_id("pay-button").click()

    @property
    def status(self) -> Locator:
        """The panel that says where the order stands."""
        return self.page.get_by_test_id("order-status")

    def expect_status(self, status: str) -> None:
        """Wait until the order's page says this status, by itself."""
        expect(self.status).to_have_attribute("data-status", status, timeout=PATIENCE_MS)

    def expect_situation(self, situation: str) -> None:
        """Wait until the order's page tells the shopper this, by itself."""
        expect(self.status).to_have_attribute("data-situation", situation, timeout=PATIENCE_MS)

    def order_number(self) -> str:
        """Return the number of the order whose page is open."""
        return self.page.get_by_test_id("order-number").inner_text()

    def mark_page(self) -> None:
        """Leave a mark that only survives while the page is not loaded again."""
        self.page.evaluate("window.stillTheSamePage = true")

    def is_same_page(self) -> bool:
        """Say whether the page has not been loaded again since `mark_page`."""
        return self.page.evaluate("window.stillTheSamePage === true")

    @property
    def popup(self) -> "SnapPage":
        """Midtrans' payment window over the shop."""
        return SnapPage(self.page.frame_locator("#snap-midtrans"))

    @property
    def popup_address(self) -> str:
        """The address in Midtrans' payment window, without its query; it names the Snap token."""
        frame = self.page.locator("#snap-midtrans")
        return (frame.get_attribute("src") or "").partition("?")[0]

    def expect_no_popup(self) -> None:
        """Wait until Midtrans' payment window is closed."""
        expect(self.page.locator("#snap-midtrans")).to_have_count(0)

    def pay_by(self, method: str) -> None:
        """Pay in Midtrans' window by a method that the sandbox pays with one click."""
        self.popup.choose(method)
        self.popup.press("simulate-pay")

    def buy(self, method: str, sku: str = COFFEE) -> str:
        """Buy one piece, pay it in Midtrans' window, and return the number of the paid order."""
        self.order(sku=sku)
        self.pay_by(method)
        self.expect_status("paid")
        return self.order_number()

    def _card(self, sku: str) -> Locator:
        return self.page.locator(f'[data-testid="product-card"][data-sku="{sku}"]')


@dataclass(frozen=True)
class SnapPage:
    """Midtrans' payment page, in the window over the shop or as a page of its own."""

    root: FrameLocator | Page

    def choose(self, method: str) -> None:
        """Choose a payment method from the list."""
        self.press(f"method-{method}")

    def press(self, button: str) -> None:
        """Press a button by its test id."""
        self.root.get_by_test_id(button).click()

    def close(self) -> None:
        """Close the window by its cross."""
        self.root.locator("button.close").click()

    def number(self) -> str:
        """Return the number to pay to."""
        box = self.root.get_by_test_id("pay-number")
        expect(box).to_be_visible()
        return box.get_attribute("data-number") or ""

    def pay_by_card(self, number: str) -> None:
        """Choose the card and send its data."""
        self.choose("credit_card")
        self.root.get_by_test_id("card-number").fill(number)
        self.root.get_by_test_id("card-expiry").fill("1239")
        self.root.get_by_test_id("card-cvv").fill("123")
        self.press("card-submit")

    def enter_otp(self, otp: str = OTP) -> None:
        """Answer the bank's question of 3-D Secure."""
        self.root.get_by_test_id("otp").fill(otp)
        self.press("otp-submit")

    def expect_outcome(self, tone: str) -> None:
        """Wait for the last word of the page: good, bad or wait."""
        expect(self.root.get_by_test_id("outcome")).to_have_attribute("data-tone", tone)
