"""Take the README's pictures from the running program: `python -m scripts.take_screenshots`.

Starts a stack of its own on free ports, with a few orders in different states, walks through shop
and back office in Chromium, and writes `docs/screenshots/*.png` (1280x800). Needs the built front
end (`make setup`) and a Chromium. The shop is shown in Indonesian, the back office in English.
"""

import re
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import requests
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from scripts.ensure_browser import MISSING, find_chromium
from scripts.messages import ROOT, CannotGoOnError, stop_with
from tests.e2e.harness import Stack
from tests.e2e.shopper import Shopper
from tests.e2e.staff_member import StaffMember

PICTURES: Final = ROOT / "docs" / "screenshots"
_WIDTH_PX: Final = 1280
_HEIGHT_PX: Final = 800
_FADED_IN_MS: Final = 400
# Past the banner, so that whole rows of products are in the picture.
_TO_PRODUCTS_PX: Final = 520


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order that exists before the pictures are taken; no method: it still waits."""

    name: str
    items: dict[str, int]
    gateway: Literal["midtrans", "xendit"]
    action: str = ""
    detail: str = ""


_PAST_ORDERS: Final = (
    PastOrder("Ratna Kusuma", {"BATIK-LASEM": 1}, "midtrans", "pay", "permata_va"),
    PastOrder(
        "Made Wirawan", {"SAMBAL-ROA-200": 3, "KERIPIK-TEMPE-150": 4}, "xendit", "pay", "QRIS"
    ),
    PastOrder("Yohanes Tan", {"TALENAN-JATI": 1}, "midtrans", "challenge"),
    PastOrder("Siti Rahma", {"TEH-MELATI-100": 2}, "xendit"),
    PastOrder("Andi Pratama", {"SELENDANG-IKAT": 1, "TAS-PANDAN": 1}, "midtrans", "pay", "qris"),
    PastOrder("Fitri Handayani", {"GULA-AREN-500": 5}, "midtrans", "expire"),
    PastOrder("Bagus Nugroho", {"CANGKIR-KERAMIK": 2}, "xendit", "pay", "DANA"),
)


class Photographer:
    """Takes pictures of one running stack."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self._stack = stack
        self._context = _context(browser)
        self._page = self._context.new_page()
        self._shopper = Shopper(self._page, stack.url, email="ayu.lestari@pembeli.example")

    def take_all(self) -> None:
        """Take every picture of the README, in the order of one purchase and one refund."""
        for order in _PAST_ORDERS:
            place_order(self._stack, order)
        self._shop()
        self._payment()
        number = self._paid_by_gopay()
        self._desk(number)
        self._page.goto(self._stack.sandbox.base_url)
        expect(self._page.locator("#midtrans tr").first).to_be_visible()
        self._take("sandbox-console")

    def _shop(self) -> None:
        self._shopper.fill_cart()
        self._page.goto(self._stack.url)
        self._page.wait_for_load_state("networkidle")
        self._page.evaluate("distance => window.scrollTo(0, distance)", _TO_PRODUCTS_PX)
        self._take("shop")
        self._shopper.go_to_checkout()
        self._take("checkout")

    def _payment(self) -> None:
        self._page.get_by_test_id("pay-button").click()
        self._shopper.popup.choose("bca_va")
        self._shopper.popup.number()
        self._take("snap-va")
        self._shopper.popup.press("pay-later")
        self._shopper.expect_situation("waiting")
        self._take("order-waiting")
        self._page.get_by_test_id("continue-payment").click()
        self._shopper.popup.press("simulate-pay")
        self._shopper.expect_status("paid")
        self._take("order-paid")

    def _paid_by_gopay(self) -> str:
        number = self._shopper.buy("gopay")
        self._stack.sandbox.flush()
        return number

    def _desk(self, number: str) -> None:
        staff = StaffMember(self._page, self._stack.admin_url)
        staff.sign_in()
        self._page.goto(f"{staff.desk}/orders/")
        self._take("admin-orders")
        staff.open_order(number)
        staff.press("Check status now")
        staff.expect_text("Nothing changed")
        staff.ask_for_refund(49_000, "One of the two bags was torn")
        self._take("admin-refund")
        self._page.get_by_role("button", name=re.compile("Refund Rp")).click()
        expect(staff.heading).to_contain_text("Refunded")
        staff.open_order(number)
        self._take("admin-order")

    def _take(self, name: str) -> None:
        self._page.mouse.move(0, 0)
        # Buttons and windows fade; a picture of a half-faded one looks broken.
        self._page.wait_for_timeout(_FADED_IN_MS)
        file = PICTURES / f"{name}.png"
        self._page.screenshot(path=file, animations="disabled")
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} kB")


def place_order(stack: Stack, order: PastOrder) -> None:
    """Place an order as the storefront does, and let the sandbox do what the order says."""
    answer = requests.post(
        f"{stack.url}/api/payments/create-transaction",
        headers={"Idempotency-Key": secrets.token_hex(16)},
        json={
            "gateway": order.gateway,
            "items": [{"sku": sku, "quantity": count} for sku, count in order.items.items()],
            "customer": {
                "name": order.name,
                "email": f"{order.name.split()[0].lower()}@pembeli.example",
                "phone": "0812 3456 7890",
            },
        },
        timeout=30,
    )
    answer.raise_for_status()
    if order.action:
        _act(stack, order, answer.json())


def _act(stack: Stack, order: PastOrder, created: dict[str, str]) -> None:
    if order.gateway == "midtrans":
        details = {"payment_type": order.detail} if order.detail else {}
        if order.action == "expire":
            stack.sandbox.pay_midtrans(created["transaction_token"], outcome="pending")
        stack.sandbox.act("midtrans", created["transaction_token"], order.action, **details)
    else:
        invoice = created["invoice_url"].rstrip("/").rsplit("/", 1)[-1]
        stack.sandbox.act("xendit", invoice, order.action, channel=order.detail)


def _context(browser: Browser) -> BrowserContext:
    made = browser.new_context(
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        viewport={"width": _WIDTH_PX, "height": _HEIGHT_PX},
    )
    made.set_default_timeout(20_000)
    return made


def main() -> int:
    """Take the pictures; 2 with one sentence if there is no browser."""
    chromium = find_chromium()
    if chromium is None:
        return stop_with(CannotGoOnError(MISSING))
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder))
        try:
            stack.start_all()
            browser = playwright.chromium.launch(executable_path=chromium)
            Photographer(stack, browser).take_all()
            browser.close()
        finally:
            stack.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
