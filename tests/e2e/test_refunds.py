"""Staff who look an order up, ask the gateway, and give money back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.core.states import PaymentStatus
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE_IDR, Shopper
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_back_office_lists import AXE, RUN_AXE

HALF_IDR = COFFEE_IDR // 2
BATIK = "BATIK-LASEM"  # Rp 1.250.000: above the sum that one person may refund alone.
_FAILED = re.compile("failed|refused", re.IGNORECASE)


@pytest.fixture(scope="module")
def stack(prepared_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Provide a stack that gives a gateway two seconds, so that a lost answer is lost soon."""
    folder = tmp_path_factory.mktemp("impatient")
    made = Stack(folder, prepared=prepared_database, own={"GATEWAY_TIMEOUT_S": "2"})
    try:
        made.start_all()
        yield made
    finally:
        made.close()


def _at_gateway(stack: Stack, reference: str) -> dict[str, Any]:
    """Return the transaction as Midtrans knows it."""
    transactions = stack.sandbox.state()["transactions"]
    return next(one for one in transactions if one["order_id"] == reference)


def test_an_order_is_found_by_its_number_and_by_a_pasted_account_number(
    shopper: Shopper, staff: StaffMember
) -> None:
    shopper.order()
    shopper.popup.choose("bca_va")
    account = shopper.popup.number()
    shopper.popup.press("simulate-pay")
    shopper.expect_status("paid")
    number = shopper.order_number()
    staff.sign_in()

    staff.find(f" {account[:4]}-{account[4:]} ")
    expect(staff.heading).to_contain_text(number)
    staff.page.goto(staff.desk)
    staff.find(number.lower())
    expect(staff.heading).to_contain_text(number)

    staff.expect_text("The shopper placed the order; stock is reserved.")
    staff.expect_text("The shopper paid.")


def test_a_status_check_that_changes_nothing_says_so_and_why(
    shopper: Shopper, staff: StaffMember
) -> None:
    number = shopper.buy("gopay")
    staff.sign_in()
    staff.open_order(number)

    staff.press("Check status now")

    staff.expect_text("Nothing changed: still “Paid”.")
    staff.expect_text("We knew this already.")


def test_half_a_payment_is_refunded_and_everybody_agrees_about_it(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    number = shopper.buy("gopay")
    (reference,) = books.references(number)
    staff.sign_in()
    staff.open_order(number)
    staff.press("Check status now")
    staff.ask_for_refund(HALF_IDR, "One cup was chipped")
    staff.expect_text("This will be sent to the gateway")
    staff.expect_text("Rp 49.000")
    assert "refunds" not in _at_gateway(stack, reference)

    staff.press("Refund Rp 49.000 now")

    expect(staff.heading).to_contain_text("Refunded")
    staff.open_order(number)
    expect(staff.heading).to_contain_text("Partly refunded")
    (refund,) = _at_gateway(stack, reference)["refunds"]
    assert float(refund["refund_amount"]) == HALF_IDR
    assert [refund["refund_key"]] == books.keys(number)
    shopper.page.reload()
    shopper.expect_status("partially_refunded")
    expect(shopper.page.get_by_role("main")).to_contain_text("Rp 49.000")


def test_a_virtual_account_is_not_refunded_and_the_manual_way_is_named(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    number = shopper.buy("bca_va")
    (reference,) = books.references(number)
    staff.sign_in()
    staff.open_order(number)
    staff.press("Check status now")

    staff.press("Refund…")

    staff.expect_text("The gateway cannot refund this now")
    staff.expect_text("No gateway can refund this payment method.")
    staff.press("Pay back by bank transfer instead…")
    for label, typed in (
        ("Bank", "BCA"),
        ("Account number", "123-456-7890"),
        ("Account holder", "Rina Wijaya"),
    ):
        staff.page.get_by_label(label, exact=True).fill(typed)
    staff.page.get_by_label("Reason").select_option("other")
    staff.page.get_by_label("Note").fill("Ordered by mistake")
    staff.press("Continue")
    staff.expect_text("This will be written down for a bank transfer")
    staff.expect_text("BCA 1234567890")
    staff.press("Ask for Rp 98.000")
    expect(staff.heading).to_contain_text("To be transferred")
    assert "refunds" not in _at_gateway(stack, reference)
    assert books.status(number) is PaymentStatus.PAID


def _axe(page: Page) -> object:
    page.evaluate(AXE)
    return page.evaluate(RUN_AXE)


def test_a_large_refund_is_found_asked_for_in_four_steps_approved_and_booked(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    number = shopper.buy("gopay", sku=BATIK)
    (reference,) = books.references(number)
    staff.sign_in()
    page = staff.page

    staff.find(number)  # 1
    staff.press("Refund…")  # 2
    page.get_by_label("Reason").select_option("goods_returned")
    page.get_by_label("Note").fill("Sent back unworn")
    assert _axe(page) == []
    staff.press("Continue")  # 3
    page.get_by_label("A large sum").fill("1250000")
    assert _axe(page) == []
    staff.press("Ask for Rp 1.250.000")  # 4
    expect(staff.heading).to_contain_text("Awaiting approval")
    assert "refunds" not in _at_gateway(stack, reference)

    staff.press("Sign out")
    staff.sign_in("agus")
    page.get_by_role("link", name="Approvals").click()
    staff.press(f"Look and decide… {number}")
    staff.expect_text("The rules say the same as when it was asked for.")
    assert _axe(page) == []
    staff.press("Approve and send Rp 1.250.000")

    expect(staff.heading).to_contain_text("Refunded")
    (refund,) = _at_gateway(stack, reference)["refunds"]
    assert float(refund["refund_amount"]) == 1_250_000
    assert [refund["refund_key"]] == books.keys(number)
    assert books.status(number) is PaymentStatus.REFUNDED


def test_a_piece_is_refunded_by_keyboard_alone_and_put_back_in_stock(
    shopper: Shopper, staff: StaffMember, books: Books
) -> None:
    number = shopper.buy("gopay")
    staff.sign_in()
    keyboard, page = staff.page.keyboard, staff.page

    def tab_to(target: Locator) -> None:
        for _ in range(80):
            if target.evaluate("node => node === document.activeElement"):
                return
            keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")

    page.wait_for_load_state()  # A key is heard once the page's script is there.
    keyboard.press("/")
    keyboard.type(number)
    keyboard.press("Enter")
    tab_to(page.get_by_role("link", name="Refund…"))
    keyboard.press("Enter")
    tab_to(page.locator("details.by-line summary"))
    keyboard.press("Enter")
    tab_to(page.locator("[data-price]"))
    keyboard.type("1")
    expect(page.get_by_label("Amount", exact=True)).to_have_value("98.000")
    tab_to(page.get_by_label("Reason"))
    keyboard.type("Goods d")
    tab_to(page.get_by_label("Note"))
    keyboard.type("Torn bag")
    tab_to(page.get_by_role("button", name="Continue"))
    keyboard.press("Enter")
    staff.expect_text("Torn bag")
    tab_to(page.get_by_role("button", name="Refund Rp 98.000 now"))
    keyboard.press("Enter")
    expect(staff.heading).to_contain_text("Refunded")
    tab_to(page.get_by_role("button", name="Put these back in stock"))
    keyboard.press("Enter")

    staff.expect_text("1 back in stock")
    assert books.status(number) is PaymentStatus.REFUNDED


def test_a_refund_whose_answer_was_lost_is_unknown_until_the_job_finds_it(
    shopper: Shopper, staff: StaffMember, books: Books, stack: Stack
) -> None:
    number = shopper.buy("gopay")
    (reference,) = books.references(number)
    staff.sign_in()
    staff.open_order(number)
    staff.press("Check status now")
    staff.ask_for_refund(COFFEE_IDR, "Out of stock after all")

    with _answers_lost(stack, reference):
        staff.press("Refund Rp 98.000 now")

        expect(staff.heading).to_contain_text("Outcome unknown")
        expect(staff.page.get_by_role("main")).not_to_contain_text(_FAILED)
        staff.expect_text("Do not refund again.")
        expect(staff.heading).to_contain_text("Refunded", timeout=30_000)
    (refund,) = _at_gateway(stack, reference)["refunds"]
    assert float(refund["refund_amount"]) == COFFEE_IDR
    assert [refund["refund_key"]] == books.keys(number)
    shopper.page.reload()
    shopper.expect_status("refunded")


@contextmanager
def _answers_lost(stack: Stack, reference: str) -> Iterator[None]:
    """Lose the answer to one refund; only the jobs' own question may bring the outcome."""
    stack.sandbox.set_notifications(midtrans=False)
    match = {"operation": "midtrans.refund*", "order": reference}
    effect = {"effect": "timeout_after_success", "times": 1, "seconds": 4}
    stack.sandbox.set_faults([{"match": match, **effect}])
    try:
        yield
    finally:
        stack.sandbox.set_faults([])
        stack.sandbox.set_notifications(midtrans=True)
