"""Checkouts that do not go straight: two clicks, a reload, a gateway that is down, a late payer."""

from playwright.sync_api import Page, Request, expect

from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE, PATIENCE_MS, Shopper
from tests.e2e.watch import PageProblems

CREATE = "/api/payments/create-transaction"


def keys_sent(page: Page) -> list[str]:
    """Return a list that fills with the idempotency key of each checkout request."""
    keys: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith(CREATE):
            keys.append(request.headers.get("idempotency-key", ""))

    page.on("request", note)
    return keys


def test_a_double_click_on_pay_makes_one_order(shopper: Shopper, books: Books) -> None:
    keys = keys_sent(shopper.page)
    shopper.fill_cart()
    shopper.go_to_checkout()

    shopper.page.get_by_test_id("pay-button").dblclick()
    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    assert books.orders_of(shopper.email) == [shopper.order_number()]
    assert len(set(keys)) == 1


def test_a_reload_while_the_payment_is_prepared_makes_one_order(
    shopper: Shopper, books: Books, stack: Stack, problems: PageProblems
) -> None:
    problems.expect("status of 409")  # The first request is still at work when the second comes.
    keys = keys_sent(shopper.page)
    shopper.fill_cart()
    shopper.go_to_checkout()
    stack.sandbox.set_faults(
        [{"match": {"operation": "midtrans.snap.create"}, "effect": "slow", "seconds": 6}]
    )
    try:
        shopper.page.get_by_test_id("pay-button").click()
        stack.eventually(lambda: len(books.orders_of(shopper.email)) == 1)
        shopper.page.reload()
        expect(shopper.page.get_by_test_id("cart-count")).to_have_text("1")
        expect(shopper.page.get_by_test_id("field-email")).to_have_value(shopper.email)
        shopper.page.get_by_test_id("pay-button").click()
        shopper.pay_by("gopay")
    finally:
        stack.sandbox.set_faults([])

    shopper.expect_status("paid")
    number = shopper.order_number()
    assert books.orders_of(shopper.email) == [number]
    assert len(books.references(number)) == 1
    assert len(keys) >= 2
    assert len(set(keys)) == 1


def test_a_gateway_that_is_down_is_explained_and_the_same_order_goes_on_later(
    shopper: Shopper, books: Books, stack: Stack, problems: PageProblems
) -> None:
    problems.expect(r"create-transaction|status of 503")
    keys = keys_sent(shopper.page)
    shopper.fill_cart()
    shopper.go_to_checkout()
    stack.sandbox.set_faults(
        [{"match": {"operation": "midtrans.snap.create"}, "effect": "html_502"}]
    )
    try:
        shopper.page.get_by_test_id("pay-button").click()
        alert = shopper.page.get_by_role("alert")
        expect(alert).to_contain_text("tidak menjawab", timeout=PATIENCE_MS)
        expect(alert).to_contain_text("Pesanan Anda sudah tercatat")
        expect(shopper.page.get_by_test_id("cart-count")).to_have_text("1")
    finally:
        stack.sandbox.set_faults([])

    shopper.page.get_by_test_id("pay-button").click()
    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    expect(shopper.page.get_by_test_id("cart-count")).to_have_text("0")
    assert books.orders_of(shopper.email) == [shopper.order_number()]
    assert len(keys) == 2
    assert keys[0] == keys[1] != ""


def test_an_expired_order_can_be_paid_by_another_try(
    shopper: Shopper, books: Books, stack: Stack
) -> None:
    on_hand, reserved = books.stock(COFFEE)
    shopper.order()
    shopper.popup.choose("bca_va")
    shopper.popup.press("pay-later")
    shopper.expect_situation("waiting")
    number = shopper.order_number()
    assert books.stock(COFFEE) == (on_hand, reserved + 1)

    stack.sandbox.act("midtrans", books.references(number)[0], "expire")
    shopper.expect_status("expired")
    assert books.stock(COFFEE) == (on_hand, reserved)

    shopper.page.get_by_test_id("retry-payment").click()
    shopper.pay_by("gopay")
    shopper.expect_status("paid")
    assert shopper.order_number() == number
    assert len(books.references(number)) == 2
    assert books.orders_of(shopper.email) == [number]
    assert books.stock(COFFEE) == (on_hand - 1, reserved)
