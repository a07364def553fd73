"""However a shopper goes about it, one purchase is one order, at the price that they agreed to."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import create_engine, update

from app.db.models import Product
from tests.e2e import axe
from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import COFFEE, COFFEE_IDR, PATIENCE_MS, Shopper
from tests.e2e.test_interrupted_checkout import CREATE, keys_sent
from tests.e2e.watch import PageProblems

DEARER_IDR = COFFEE_IDR + 7_000


@contextmanager
def _price(stack: Stack, price_idr: int) -> Iterator[None]:
    """Let the coffee cost this much for a while."""
    engine = create_engine(stack.database_url)

    def change(to_idr: int) -> None:
        with engine.begin() as connection:
            connection.execute(update(Product).filter_by(sku=COFFEE).values(price_idr=to_idr))

    try:
        change(price_idr)
        yield
    finally:
        change(COFFEE_IDR)
        engine.dispose()


@contextmanager
def _slow_gateway(stack: Stack, seconds: int) -> Iterator[None]:
    rule = {"match": {"operation": "midtrans.snap.create"}, "effect": "slow", "seconds": seconds}
    stack.sandbox.set_faults([rule])
    try:
        yield
    finally:
        stack.sandbox.set_faults([])


def test_two_tabs_that_pay_for_one_cart_make_one_order_and_both_show_it(
    shopper: Shopper, context: BrowserContext, books: Books, stack: Stack
) -> None:
    twin = Shopper(context.new_page(), stack.url, email=shopper.email)
    shopper.fill_cart()
    shopper.go_to_checkout()
    twin.page.goto(f"{stack.url}/checkout")
    twin.fill_in()

    with _slow_gateway(stack, 3):
        shopper.page.get_by_test_id("pay-button").click()
        twin.page.get_by_test_id("pay-button").click()
        expect(twin.page.get_by_test_id("order-number")).to_be_visible()
        number = twin.order_number()
    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    twin.expect_status("paid")
    assert shopper.order_number() == number
    assert books.orders_of(shopper.email) == [number]
    assert len(books.references(number)) == 1
    twin.expect_no_popup()


def test_an_answer_that_is_lost_on_the_way_makes_no_second_order(
    shopper: Shopper, books: Books, problems: PageProblems
) -> None:
    problems.expect(r"create-transaction|ERR_CONNECTION_RESET")
    keys = keys_sent(shopper.page)
    shopper.fill_cart()
    shopper.go_to_checkout()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    shopper.page.route(f"**{CREATE}", lose, times=1)
    shopper.page.get_by_test_id("pay-button").click()
    expect(shopper.page.get_by_role("alert")).to_contain_text("Koneksi terputus")
    shopper.page.get_by_test_id("pay-button").click()
    shopper.pay_by("gopay")

    shopper.expect_status("paid")
    assert books.orders_of(shopper.email) == [shopper.order_number()]
    assert len(set(keys)) == 1


def test_back_from_xendits_page_leads_to_the_order_and_never_to_the_checkout(
    shopper: Shopper, books: Books, page: Page
) -> None:
    shopper.order("xendit")
    page.wait_for_url("**/xendit/web/*")

    page.go_back()

    shopper.expect_situation("unpaid")
    expect(page.get_by_test_id("cart-count")).to_have_text("0")
    page.get_by_test_id("continue-payment").click()
    page.wait_for_url("**/xendit/web/*")
    assert len(books.orders_of(shopper.email)) == 1


def test_a_price_that_rose_is_shown_and_paid_only_after_the_shopper_agreed(
    shopper: Shopper, books: Books, stack: Stack, problems: PageProblems, page: Page
) -> None:
    problems.expect("status of 409")
    shopper.fill_cart()
    shopper.go_to_checkout()
    with _price(stack, DEARER_IDR):
        page.get_by_test_id("pay-button").click()

        changes = page.get_by_test_id("cart-changes")
        expect(changes).to_contain_text("Rp 98.000 menjadi Rp 105.000")
        assert books.orders_of(shopper.email) == []
        assert axe.faults(page) == []
        page.get_by_test_id("accept-changes").click()
        expect(page.get_by_test_id("pay-button")).to_contain_text("Rp 105.000")
        page.get_by_test_id("pay-button").click()
        shopper.pay_by("gopay")

    shopper.expect_status("paid")
    expect(page.get_by_role("main")).to_contain_text("Rp 105.000")
    assert books.orders_of(shopper.email) == [shopper.order_number()]


@pytest.mark.parametrize("gateway", ["midtrans", "xendit"])
def test_over_a_slow_network_the_button_says_that_it_works_and_one_order_comes_of_it(
    gateway: str, shopper: Shopper, books: Books, page: Page
) -> None:
    shopper.fill_cart()
    shopper.go_to_checkout("midtrans" if gateway == "midtrans" else "xendit")
    wire = page.context.new_cdp_session(page)
    # Two kilobytes come in a second, and every answer is two seconds late.
    slow = {
        "offline": False,
        "latency": 2_000,
        "downloadThroughput": 50_000,
        "uploadThroughput": 2_000,
    }
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", slow)

    page.get_by_test_id("pay-button").dblclick()
    expect(page.get_by_test_id("pay-button")).to_contain_text("Menyiapkan pembayaran")
    if gateway == "midtrans":
        shopper.pay_by("gopay")
    else:
        page.wait_for_url("**/xendit/web/*", timeout=3 * PATIENCE_MS)
        page.get_by_test_id("method-DANA").click()
        page.get_by_test_id("simulate-pay").click()
        page.wait_for_url("**/orders/*", timeout=3 * PATIENCE_MS)

    expect(shopper.status).to_have_attribute("data-status", "paid", timeout=3 * PATIENCE_MS)
    assert books.orders_of(shopper.email) == [shopper.order_number()]
