"""Snap's page for each kind of method, its options, and the library for card forms."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.contract.sandbox.bench import Sandbox
from tests.contract.sandbox.pages_bench import on_both_sizes, open_snap

pytestmark = pytest.mark.browser


def open_page(page: Page, sandbox: Sandbox, token: str, query: str = "") -> None:
    page.goto(f"{sandbox.url}/midtrans/snap/v2/vtweb/{token}?language=en{query}")


@on_both_sizes
def test_ovo_asks_for_a_number_and_waits_for_the_app(sandbox: Sandbox, page: Page) -> None:
    open_page(page, sandbox, sandbox.token("A-1"))
    page.get_by_test_id("method-ovo").click()
    page.get_by_test_id("phone").fill("12")
    page.get_by_test_id("phone-submit").click()
    expect(page.get_by_role("alert").first).to_contain_text("0812")
    page.get_by_test_id("phone").fill("+628249134000")
    page.get_by_test_id("phone-submit").click()
    expect(page.get_by_role("alert").first).to_contain_text("not registered")
    page.get_by_test_id("phone").fill("081234567890")
    page.get_by_test_id("phone-submit").click()
    expect(page.get_by_text("081234567890")).to_be_visible()
    page.get_by_test_id("simulate-pay").click()

    expect(page.get_by_test_id("outcome")).to_have_attribute("data-tone", "good")


def test_mandiri_shows_the_company_code_and_the_bill_number(sandbox: Sandbox, page: Page) -> None:
    open_page(page, sandbox, sandbox.token("A-1"), "&selectedPaymentType=echannel")

    expect(page.get_by_test_id("pay-number").first).to_have_text("70012")
    number = page.get_by_test_id("pay-number").nth(1).get_attribute("data-number")
    assert number == sandbox.core("GET", "A-1/status")["bill_key"]


def test_a_pay_later_provider_sends_the_payer_back(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    buyer: dict[str, Any] = {"customer_details": {"first_name": "Budi"}}
    token = sandbox.token("A-1", callbacks={"finish": f"{storefront}/finish"}, **buyer)
    open_page(page, sandbox, token)
    page.get_by_test_id("method-kredivo").click()
    page.get_by_test_id("open-app").click()
    page.get_by_role("button", name="Refuse").click()

    page.wait_for_url("**/finish**")

    assert page.url.endswith("?order_id=A-1&status_code=202&transaction_status=deny")


def test_options_in_the_address_narrow_the_page_and_keep_it_open(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    token = sandbox.token("A-1", callbacks={"finish": f"{storefront}/finish"})
    open_page(page, sandbox, token, "&enabledPayments=bca_va,indomaret&autoCloseDelay=0")
    expect(page.locator(".method")).to_have_count(2)
    page.get_by_test_id("method-indomaret").click()
    page.get_by_test_id("simulate-pay").click()
    page.get_by_test_id("outcome").wait_for()
    page.wait_for_timeout(2500)

    assert page.url.startswith(f"{sandbox.url}/midtrans/snap/")


def test_an_order_paid_in_another_window_is_error_406(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    frame = open_snap(page, storefront, sandbox.token("A-1"))
    frame.get_by_test_id("method-bca_va").wait_for()
    # The page must not learn of the payment by its own polling first.
    page.route("**/state", lambda route: route.abort())
    sandbox.pay("A-1", "qris")
    frame.get_by_test_id("method-bca_va").click()

    expect(page.locator("#log")).to_have_text("error 406;")


def test_the_page_can_be_embedded_and_hidden(sandbox: Sandbox, storefront: str, page: Page) -> None:
    page.goto(storefront)
    token = sandbox.token("A-1")
    page.evaluate(
        "token => { const place = document.createElement('div'); place.id = 'place';"
        " document.body.append(place); snap.embed(token, { embedId: 'place' }); }",
        token,
    )
    page.frame_locator("#place iframe").get_by_test_id("method-qris").wait_for()
    box = page.locator("#place iframe").bounding_box()
    page.evaluate("snap.hide()")

    assert box is not None
    assert box["width"] >= 320
    assert box["height"] >= 560
    expect(page.locator("iframe")).to_have_count(0)


_CARD_FORM = """
([url, card]) => new Promise((resolve) => {
  const script = document.createElement('script');
  script.src = url + '/midtrans/v2/assets/js/midtrans-new-3ds.min.js';
  script.id = 'midtrans-script';
  script.dataset.clientKey = 'SB-Mid-client-lunas-demo';
  const both = { onSuccess: resolve, onFailure: resolve };
  script.onload = () => MidtransNew3ds.getCardToken(card, both);
  document.head.append(script);
})
"""
_AUTHENTICATE = """
(url) => MidtransNew3ds.authenticate(url, {
  performAuthentication: (address) => {
    const frame = document.createElement('iframe');
    frame.src = address;
    document.body.append(frame);
  },
  onSuccess: (told) => { log.textContent = 'success ' + told.transaction_status; },
  onFailure: (told) => { log.textContent = 'failure ' + told.status_code; },
})
"""


@pytest.mark.parametrize(
    ("number", "log"),
    [("4811111111111114", "success capture"), ("4911111111111113", "failure 202")],
)
def test_a_card_form_of_the_shop_uses_the_browser_library(
    sandbox: Sandbox, storefront: str, page: Page, number: str, log: str
) -> None:
    page.goto(storefront)
    card = {"card_number": number, "card_exp_month": "12", "card_exp_year": "2039"}
    refused = page.evaluate(_CARD_FORM, [sandbox.url, card])
    token = page.evaluate(_CARD_FORM, [sandbox.url, card | {"card_cvv": "123"}])
    paying = {"token_id": token["token_id"], "authentication": True}
    details = {"order_id": "A-1", "gross_amount": 150_000}
    body = {"payment_type": "credit_card", "transaction_details": details, "credit_card": paying}
    begun = sandbox.core("POST", "charge", body)
    page.evaluate(_AUTHENTICATE, begun["redirect_url"])
    frame = page.frame_locator("iframe")
    frame.locator("#otp").fill("112233")
    frame.get_by_role("button", name="Bayar").click()

    expect(page.locator("#log")).to_have_text(log)
    assert refused["status_code"] == "400"
