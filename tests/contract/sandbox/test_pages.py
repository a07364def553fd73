"""The pages as a shop's customer meets them, in a real browser under a strict CSP."""

import pytest
from playwright.sync_api import Page, expect

from tests.contract.sandbox.bench import Sandbox, Shop
from tests.contract.sandbox.pages_bench import on_both_sizes, open_snap

pytestmark = pytest.mark.browser


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
