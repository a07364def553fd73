"""The pages as a shop's customer meets them, in a real browser under a strict CSP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.contract.sandbox.bench import Sandbox, Shop

pytestmark = pytest.mark.browser

_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
_SCRIPT = """
const query = new URLSearchParams(location.search);
const note = (name) => (result) => {
  document.getElementById('log').textContent += `${name} ${result ? result.status_code : '-'};`;
};
const callbacks = { onSuccess: note('success'), onPending: note('pending'),
  onError: note('error'), onClose: note('close') };
document.getElementById('pay').onclick = () =>
  snap.pay(query.get('token'), query.has('bare') ? {} : callbacks);
"""


def shop_app(sandbox_url: str) -> Flask:
    """Build a shop page that allows nothing inline, as a careful shop does."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        html = (
            "<!doctype html><html lang=id><title>Toko</title><link rel=icon href='data:,'>"
            "<button id=pay>Bayar</button><pre id=log></pre>"
            f"<script src='{sandbox_url}/midtrans/snap/snap.js'"
            " data-client-key='SB-Mid-client-lunas-demo'></script><script src='/shop.js'></script>"
        )
        policy = (
            f"default-src 'self'; script-src 'self' {sandbox_url}; style-src 'self'; "
            f"img-src 'self' data:; frame-src {sandbox_url}; connect-src 'self'"
        )
        return Response(html, headers={"Content-Security-Policy": policy})

    @app.get("/shop.js")
    def script() -> Response:
        return Response(_SCRIPT, content_type="text/javascript")

    @app.get("/finish")
    def finish() -> str:
        return "<!doctype html><link rel=icon href='data:,'><h1>Terima kasih</h1>"

    return app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = str(_CHROMIUM) if _CHROMIUM.exists() else None
        chromium = playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *_QUIET])
        yield chromium
        chromium.close()


@pytest.fixture
def storefront(sandbox: Sandbox) -> Iterator[str]:
    import threading

    server = make_server("127.0.0.1", 0, shop_app(sandbox.url), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


DESKTOP, PHONE = (1280, 800), (390, 844)
on_both_sizes = pytest.mark.parametrize(
    "page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True
)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = getattr(request, "param", DESKTOP)
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "console",
        lambda one: complaints.append(one.text) if "Content Security Policy" in one.text else None,
    )
    yield tab
    context.close()
    assert complaints == []


def open_snap(page: Page, storefront: str, token: str, more: str = "") -> FrameLocator:
    page.goto(f"{storefront}/?token={token}{more}")
    page.click("#pay")
    return page.frame_locator("iframe")


@on_both_sizes
def test_a_virtual_account_is_paid_in_the_pop_up(
    sandbox: Sandbox, shop: Shop, storefront: str, page: Page
) -> None:
    frame = open_snap(page, storefront, sandbox.token("A-1"))

    expect(frame.get_by_test_id("amount")).to_have_text("Rp 150.000")
    frame.get_by_test_id("method-bca_va").click()
    number = frame.get_by_test_id("pay-number").get_attribute("data-number")
    frame.get_by_test_id("simulate-pay").click()
    frame.get_by_test_id("to-shop").click()

    expect(page.locator("#log")).to_have_text("success 200;")
    expect(page.locator("iframe")).to_have_count(0)
    sandbox.flush()
    assert [body["transaction_status"] for body in shop.bodies()] == ["pending", "settlement"]
    assert shop.bodies()[1]["va_numbers"] == [{"va_number": number, "bank": "bca"}]


def test_pay_later_is_pending_and_the_same_token_continues(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    frame = open_snap(page, storefront, sandbox.token("A-1"))
    frame.get_by_test_id("method-indomaret").click()
    frame.get_by_test_id("pay-later").click()
    expect(page.locator("#log")).to_have_text("pending 201;")

    page.click("#pay")
    expect(page.frame_locator("iframe").get_by_test_id("pay-number")).to_be_visible()
    page.frame_locator("iframe").locator(".close").click()

    expect(page.locator("#log")).to_have_text("pending 201;close -;")


def test_a_denied_card_may_try_another_way(
    sandbox: Sandbox, shop: Shop, storefront: str, page: Page
) -> None:
    frame = open_snap(page, storefront, sandbox.token("A-1"))
    frame.get_by_test_id("method-credit_card").click()
    frame.locator("summary").click()
    frame.locator("[data-card='4911111111111113']").click()
    frame.get_by_test_id("card-submit").click()
    frame.get_by_test_id("otp").fill("000000")
    frame.get_by_test_id("otp-submit").click()
    expect(frame.get_by_role("alert").first).to_contain_text("OTP")
    frame.get_by_test_id("otp").fill("112233")
    frame.get_by_test_id("otp-submit").click()
    frame.get_by_test_id("try-other").click()
    frame.get_by_test_id("method-qris").click()
    frame.get_by_test_id("simulate-pay").click()

    expect(page.locator("#log")).to_have_text("success 200;")
    sandbox.flush()
    states = [(body["payment_type"], body["transaction_status"]) for body in shop.bodies()]
    assert states == [
        ("credit_card", "pending"),
        ("credit_card", "deny"),
        ("qris", "pending"),
        ("qris", "settlement"),
    ]


def test_without_callbacks_the_browser_goes_to_the_finish_url(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    token = sandbox.token("A-1", callbacks={"finish": f"{storefront}/finish?own=1"})
    frame = open_snap(page, storefront, token, "&bare=1")
    frame.get_by_test_id("method-permata_va").click()
    frame.get_by_test_id("simulate-pay").click()

    page.wait_for_url("**/finish**")

    expected = "own=1&order_id=A-1&status_code=200&transaction_status=settlement"
    assert page.url == f"{storefront}/finish?{expected}"


def test_redirect_mode_comes_back_with_the_documented_query(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    token = sandbox.token("A-1", callbacks={"finish": f"{storefront}/finish"})
    page.goto(f"{sandbox.url}/midtrans/snap/v2/vtweb/{token}?language=en")
    page.get_by_test_id("method-qris").click()
    expect(page.get_by_role("img")).to_be_visible()
    page.get_by_test_id("pay-later").click()

    page.wait_for_url("**/finish**")

    assert page.url.endswith("?order_id=A-1&status_code=201&transaction_status=pending")


def test_a_token_that_was_replaced_says_so(sandbox: Sandbox, page: Page) -> None:
    old = sandbox.token("A-1")
    sandbox.token("A-1")

    page.goto(f"{sandbox.url}/midtrans/snap/v2/vtweb/{old}")

    expect(page.get_by_test_id("outcome")).to_contain_text("tidak berlaku lagi")


def test_a_xendit_invoice_is_paid_by_transfer(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    invoice = sandbox.invoice("X-1", success_redirect_url=f"{storefront}/finish?order=X-1")
    page.goto(invoice["invoice_url"])
    page.get_by_test_id("method-BCA").click()
    number = page.get_by_test_id("pay-number").get_attribute("data-number")
    page.get_by_test_id("simulate-pay").click()
    page.get_by_test_id("to-shop").click()

    page.wait_for_url("**/finish**")

    # Xendit adds nothing to the address.
    assert page.url == f"{storefront}/finish?order=X-1"
    read = sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()
    assert (read["status"], read["payment_destination"]) == ("PAID", number)


def test_a_xendit_card_passes_3ds_after_a_decline(
    sandbox: Sandbox, storefront: str, page: Page
) -> None:
    invoice = sandbox.invoice("X-1", locale="en")
    page.goto(invoice["invoice_url"])
    for decision in ("decline-3ds", "approve-3ds"):
        if decision == "decline-3ds":
            page.get_by_test_id("method-CREDIT_CARD").click()
        page.locator(".test-cards summary").click()
        page.locator("[data-card='4000000000002503']").click()
        page.get_by_test_id("card-submit").click()
        page.get_by_test_id(decision).click()

    expect(page.get_by_test_id("outcome")).to_contain_text("Payment received")
    read = sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()
    assert (read["status"], read["payment_channel"]) == ("PAID", "CREDIT_CARD")


def test_the_console_pays_expires_and_moves_time(sandbox: Sandbox, page: Page) -> None:
    sandbox.token("A-1")
    sandbox.invoice("X-1")
    page.goto(sandbox.url)

    page.locator("#midtrans tr", has_text="A-1").get_by_role("button", name="Pay").click()
    expect(page.locator("#midtrans tr", has_text="A-1")).to_contain_text("settlement")
    page.get_by_role("button", name="+1 day").click()
    page.get_by_role("button", name="+1 h").click()

    expect(page.locator("#xendit tr", has_text="X-1")).to_contain_text("EXPIRED")
    expect(page.locator("#deliveries tr")).to_have_count(3)
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "settlement"


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
    buyer = {"customer_details": {"first_name": "Budi"}}
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


def test_the_console_finds_lifts_and_forgets(sandbox: Sandbox, page: Page) -> None:
    for order in ("FIRST-1", "SECOND-1"):
        sandbox.paid_order(order, "gopay")
    sandbox.faults(
        {"match": {"operation": "midtrans.status"}, "effect": "429"},
        {"match": {"operation": "xendit.*"}, "effect": "slow", "chance": 0.5},
    )
    page.goto(sandbox.url)

    expect(page.locator("#midtrans tr")).to_have_count(2)
    page.locator("#find").fill("second")
    expect(page.locator("#midtrans tr")).to_have_count(1)
    expect(page.locator("#midtrans")).to_contain_text("SECOND-1")
    page.locator("#faults tr", has_text="midtrans.status").get_by_role("button").click()
    expect(page.locator("#faults tr")).to_have_count(1)
    expect(page.locator("#faults")).to_contain_text("chance 0.5")
    page.locator("#reset").click()
    page.locator("#reset").click()
    page.locator("#find").fill("")
    expect(page.locator("#midtrans")).to_contain_text("No Midtrans order yet")
    assert sandbox.control("GET", "state")["transactions"] == []


def test_the_console_shows_a_delivery_whole_and_sends_it_again(
    sandbox: Sandbox, shop: Shop, page: Page
) -> None:
    shop.answers.append(503)
    sandbox.paid_invoice("X-1", "QRIS")
    page.goto(sandbox.url)

    page.get_by_role("button", name="Delivery 1").click()
    detail = page.locator("#deliveries .detail")
    expect(detail).to_contain_text("x-callback-token")
    expect(detail).to_contain_text('"payment_channel": "QRIS"')
    expect(detail).to_contain_text("503")
    page.locator("#deliveries").get_by_role("button", name="Resend").click()
    expect(detail).to_contain_text("(by hand)")
    expect(page.locator("#deliveries")).to_contain_text("delivered")
    assert len(shop.received) == 2


def test_what_others_do_appears_on_the_console_without_a_reload(
    sandbox: Sandbox, page: Page
) -> None:
    page.goto(sandbox.url)
    expect(page.locator("#xendit")).to_contain_text("No invoice yet")

    sandbox.invoice("X-LIVE")

    expect(page.locator("#xendit")).to_contain_text("X-LIVE")
