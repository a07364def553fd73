"""Every page of the shop, in both languages, by day and by night, on telephone and desk."""

import json
from collections.abc import Iterator
from typing import Final

import pytest
import requests
from playwright.sync_api import Browser, Page, ViewportSize, expect

from scripts.vitals import CART, DESK, PAGES, TELEPHONE, Visit, measure
from tests.e2e import axe
from tests.e2e.conftest import new_context
from tests.e2e.harness import Stack
from tests.e2e.watch import PageProblems

MOST_SHIFT: Final = 0.05
NIGHT_AND_DAY: Final = {"light": "rgb(248, 245, 238)", "dark": "rgb(20, 20, 26)"}
# The other appearance than the device's: what the shopper chose stands over it.
DEVICE: Final = {"light": "dark", "dark": "light"}
SHOP_NAME: Final = "Toko Lunas"
HEAD: Final = """() => ({
  lang: document.documentElement.lang,
  headings: document.querySelectorAll("h1").length,
  paper: getComputedStyle(document.body).backgroundColor,
  width: document.documentElement.scrollWidth,
  unsized: [...document.images].filter(
    (one) => !one.getAttribute("width") || !one.getAttribute("height")).length,
})"""


@pytest.fixture(scope="module")
def order(stack: Stack) -> str:
    """Provide the id of an order that waits for its payment."""
    body = {
        "gateway": "midtrans",
        "items": [{"sku": "BATIK-LASEM", "quantity": 1}],
        "customer": {
            "name": "Ayu Lestari",
            "email": "ayu@pembeli.example",
            "phone": "081234567890",
        },
        "locale": "id",
    }
    with requests.Session() as http:
        http.trust_env = False
        answer = http.post(f"{stack.url}/api/payments/create-transaction", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()["order_id"]


def addresses(order: str) -> tuple[str, ...]:
    return (
        "/",
        "/?q=nothing-has-this-name",
        "/produk/KOPI-GAYO-250",
        "/produk/NO-SUCH-THING",
        "/cart",
        "/checkout",
        "/orders",
        f"/orders/{order}",
        f"/orders/{'A' * 24}",
        "/nothing",
    )


def furnished(order: str, language: str, theme: str) -> str:
    """Return a script that fills the browser's memory as an earlier visit left it."""
    seen = [{"id": order, "number": "LN-7K3QW9ZD4M", "orderedAt": "2026-11-23T05:00:00+00:00"}]
    kept = {
        "lunas.cart.v1": CART,
        "lunas.language": language,
        "lunas.theme": theme,
        "lunas.my-orders.v1": json.dumps(seen),
    }
    # A browser has documents of its own, such as what stands for a missing page, without a memory.
    return f"""if (location.protocol === "http:") {{
      const kept = {json.dumps(kept)};
      for (const name in kept) localStorage.setItem(name, kept[name]);
    }}"""


@pytest.mark.parametrize(
    ("language", "theme", "screen"),
    [
        ("id", "light", TELEPHONE),
        ("id", "dark", DESK),
        ("en", "light", DESK),
        ("en", "dark", TELEPHONE),
    ],
)
def test_every_page_is_whole_and_accessible(  # noqa: PLR0913 - fixtures and three ways to look.
    browser: Browser,
    stack: Stack,
    problems: PageProblems,
    order: str,
    language: str,
    theme: str,
    screen: ViewportSize,
) -> None:
    problems.expect("status of 404")  # An order that nobody has, and a page that is missing.
    with new_context(browser) as context:
        context.on("page", problems.watch)
        context.add_init_script(furnished(order, language, theme))
        page = context.new_page()
        page.set_viewport_size(screen)
        page.emulate_media(color_scheme=DEVICE[theme], reduced_motion="reduce")  # type: ignore[arg-type]
        titles: list[str] = []
        for address in addresses(order):
            page.goto(stack.url + address)
            titles.append(_look_at(page, address))
            seen = page.evaluate(HEAD)
            assert seen == {
                "lang": language,
                "headings": 1,
                "paper": NIGHT_AND_DAY[theme],
                "width": screen["width"],
                "unsized": 0,
            }, address
            assert axe.faults(page) == [], address
    assert problems.unexpected() == []
    assert all(title.endswith(SHOP_NAME) and title != SHOP_NAME for title in titles), titles


def _look_at(page: Page, address: str) -> str:
    """Wait until the page stands; return its title."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    title = page.title()
    assert title, address
    return title


@pytest.mark.parametrize("screen", [TELEPHONE, DESK])
@pytest.mark.parametrize("address", PAGES)
def test_nothing_jumps_while_a_page_comes_on_a_slow_telephone(
    browser: Browser, stack: Stack, address: str, screen: ViewportSize
) -> None:
    seen = measure(browser, Visit(stack.url + address, screen))

    assert seen.paint_ms > 0
    assert seen.shift < MOST_SHIFT


def test_the_keyboard_alone_reaches_the_content_and_every_page(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    expect(page.get_by_test_id("product-card").first).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi halaman")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.locator("main a").first
    expect(first).to_be_focused()
    name = first.locator(".hero__name").inner_text()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("main")).to_be_focused()


def test_back_returns_to_where_the_reader_was(page: Page, stack: Stack) -> None:
    page.set_viewport_size(TELEPHONE)
    page.goto(stack.url)
    card = page.get_by_test_id("product-card").nth(6)
    card.scroll_into_view_if_needed()
    was = page.evaluate("window.scrollY")
    card.get_by_role("link").click()
    expect(page.get_by_test_id("product")).to_be_visible()
    assert page.evaluate("window.scrollY") == 0

    page.go_back()

    expect(card).to_be_in_viewport()
    assert was > 0


def test_back_leaves_a_search_at_once_and_returns_to_it_whole(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/cart")
    page.get_by_role("link", name="Toko Lunas, ke halaman utama").click()
    page.get_by_role("searchbox").press_sequentially("batik")
    expect(page.get_by_test_id("product-card")).to_have_count(1)

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Keranjang")
    page.go_forward()
    expect(page.get_by_role("searchbox")).to_have_value("batik")
    expect(page.get_by_test_id("product-card")).to_have_count(1)


@pytest.fixture
def kept(browser: Browser, problems: PageProblems) -> Iterator[Page]:
    """Provide a page of a browser that lets the shop keep itself for a lost network."""
    with new_context(browser, service_workers="allow") as context:
        context.on("page", problems.watch)
        yield context.new_page()
    assert problems.unexpected() == []


def test_without_a_network_the_shop_opens_says_so_keeps_the_cart_and_recovers(
    kept: Page, stack: Stack, problems: PageProblems
) -> None:
    problems.expect("ERR_|status of 50|request failed|answer 50")
    kept.goto(stack.url)
    kept.get_by_test_id("add-to-cart").first.click()
    kept.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    stack.stop("web")
    try:
        for path in ("/", "/cart", "/produk/KOPI-GAYO-250", "/orders"):
            kept.goto(stack.url + path)
            expect(kept.get_by_test_id("cart-count")).to_have_text("1")
            expect(kept.get_by_role("heading", level=1)).to_be_visible()
        kept.goto(f"{stack.url}/cart")
        expect(kept.get_by_role("heading", level=1)).to_contain_text("belum bisa dimuat")
        assert kept.evaluate("fetch('/api/products').then(() => 'told', () => 'lost')") == "lost"
    finally:
        stack.start("web")

    kept.get_by_role("button", name="Coba lagi").click()
    expect(kept.get_by_test_id("cart-row")).to_have_count(1)


def test_the_device_keeps_the_shops_files_and_no_answer_about_goods_or_orders(
    kept: Page, stack: Stack, order: str
) -> None:
    kept.goto(f"{stack.url}/orders/{order}")
    kept.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    kept.reload()
    expect(kept.get_by_test_id("order-number")).to_be_visible()

    stored = kept.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const kept = await (await caches.open(name)).keys();
            found.push(...kept.map((one) => new URL(one.url).pathname));
          }
          return found;
        }"""
    )

    assert "/" in stored
    assert {path.split("/")[1] for path in stored} == {
        "",
        "assets",
        "favicon.svg",
        "products",
        "theme.js",
    }
