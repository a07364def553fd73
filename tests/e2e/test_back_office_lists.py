"""The lists of the back office in a browser: seen, searched, arranged, taken out, by keys alone."""

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.db.models import Product
from tests.e2e.harness import Stack
from tests.e2e.staff_member import StaffMember
from tests.e2e.watch import PageProblems
from tests.http.test_admin_lists import bare_order

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# What of axe-core's rules must hold: WCAG 2.2 A and AA, and what it calls best practice.
RUN_AXE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(" ")).slice(0, 3)])"""
ROWS_ON_A_SCREEN = 18
PAGES = (
    "/admin/",
    "/admin/orders/?view=all",
    "/admin/orders/?status.in=pending,paid&total.min=1000&sort=-total",
    "/admin/orders/?total.min=nonsense",
    "/admin/refunds/",
    "/admin/bulk/",
    "/admin/bulk_rows/?run=1&sort=id",
    "/admin/approvals/",
    "/admin/attention/",
    "/admin/unknown_refunds/",
    "/admin/transfers/",
    "/admin/stuck/",
    "/admin/notes/",
    "/admin/notifications/",
    "/admin/status_checks/",
    "/admin/products/",
    "/admin/job_runs/",
    "/admin/tools/find?q=nothing-has-this-name",
    "/admin/tools/find?q=sama@contoh.example",
    "/admin/orders/LN-0000000000",
    "/admin/orders/LN-0000000005",
)


@pytest.fixture(scope="module", autouse=True)
def orders(stack: Stack) -> list[str]:
    """Provide sixty orders, two of them of one customer."""
    engine = create_engine(stack.database_url)
    with Session(engine) as session, session.begin():
        product = session.scalars(select(Product).order_by(Product.id)).first()
        assert product is not None
        made = [bare_order(serial, product, {}) for serial in range(60)]
        for order in made[:2]:
            order.customer_email = "sama@contoh.example"
        session.add_all(made)
        numbers = [order.number for order in made]
    engine.dispose()
    return numbers


@pytest.fixture
def finance(staff: StaffMember) -> StaffMember:
    """Provide somebody of finance, signed in."""
    staff.sign_in("dewi")
    return staff


def open_at(member: StaffMember, stack: Stack, address: str) -> Page:
    member.page.goto(stack.url + address)
    return member.page


def unfold(page: Page, menu: str) -> None:
    page.locator(f"#{menu} > summary").click()


def rows(page: Page) -> Locator:
    return page.locator("table.list tbody tr")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    finance: StaffMember, stack: Stack, problems: PageProblems, colours: str
) -> None:
    problems.expect("status of 404")  # One address on the walk names no order.
    finance.page.locator(f'.themes button[value="{colours}"]').click()
    found: dict[str, object] = {}
    for address in PAGES:
        page = open_at(finance, stack, address)
        page.evaluate(AXE)
        found[address] = page.evaluate(RUN_AXE)

    assert {address: bad for address, bad in found.items() if bad} == {}


def test_axe_finds_nothing_in_open_menus_the_help_and_at_the_gate(
    finance: StaffMember, stack: Stack
) -> None:
    page = open_at(finance, stack, "/admin/orders/?status=pending")
    page.evaluate(AXE)
    found: dict[str, object] = {}
    for menu in ("add-filter", "views", "columns", "export"):
        unfold(page, menu)
        found[menu] = page.evaluate(RUN_AXE)
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    found["help"] = page.evaluate(RUN_AXE)
    page.keyboard.press("Escape")
    finance.press("Sign out")
    expect(page.locator("#password")).to_be_visible()
    page.evaluate(AXE)
    found["gate"] = page.evaluate(RUN_AXE)

    assert {name: bad for name, bad in found.items() if bad} == {}


def test_eighteen_orders_are_on_a_screen_of_1080_lines(finance: StaffMember, stack: Stack) -> None:
    finance.page.set_viewport_size({"width": 1920, "height": 1080})
    page = open_at(finance, stack, "/admin/orders/?status=pending")

    whole = page.evaluate(
        """() => [...document.querySelectorAll("table.list tbody tr")]
          .filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"""
    )

    assert whole >= ROWS_ON_A_SCREEN


def test_no_list_scrolls_sideways_on_a_telephone(finance: StaffMember, stack: Stack) -> None:
    finance.page.set_viewport_size({"width": 390, "height": 844})
    widths = {
        address: open_at(finance, stack, address).evaluate("document.documentElement.scrollWidth")
        for address in PAGES
        if "LN-0000000005" not in address
    }

    assert widths == dict.fromkeys(widths, 390)


def test_the_keys_do_what_the_help_says(finance: StaffMember, stack: Stack) -> None:
    page, keys = open_at(finance, stack, "/admin/"), finance.page.keyboard

    keys.press("g")
    keys.press("o")
    expect(finance.heading).to_have_text("Orders")
    page.wait_for_load_state()  # A key is heard once the page's script is there.
    keys.press("j")
    keys.press("j")
    keys.press("k")
    keys.press("j")
    expect(rows(page).nth(1).locator("a").first).to_be_focused()
    keys.press("Enter")
    expect(finance.heading).to_contain_text("LN-0000000058")
    page.wait_for_load_state()
    keys.press("g")
    keys.press("r")
    expect(finance.heading).to_have_text("Refunds")
    page.wait_for_load_state()
    keys.press("/")
    keys.type("go")  # Typed, not obeyed.
    expect(page.locator("#find")).to_have_value("go")
    page.locator("#find").fill("LN-0000000007")
    keys.press("Enter")
    expect(finance.heading).to_contain_text("LN-0000000007")


def test_the_keys_can_be_switched_off_and_on_again(finance: StaffMember, stack: Stack) -> None:
    page, keys = open_at(finance, stack, "/admin/products/"), finance.page.keyboard
    keys.press("?")
    finance.press("Switch the keys off")
    expect(page.locator("#keys")).to_have_attribute("data-keys", "off")

    keys.press("?")
    keys.press("g")
    keys.press("o")
    expect(page.locator("#keys")).to_be_hidden()
    expect(finance.heading).to_have_text("Products")

    finance.press("Keys")
    finance.press("Switch the keys on")
    expect(page.locator("#keys")).to_have_attribute("data-keys", "on")


def test_a_filter_is_built_kept_as_a_view_and_opened_again(
    finance: StaffMember, stack: Stack
) -> None:
    page = open_at(finance, stack, "/admin/orders/?view=all")
    unfold(page, "add-filter")
    page.get_by_label("What").select_option("status")
    page.get_by_label("How").select_option("in")
    page.get_by_role("checkbox", name="Waiting for payment").check()
    page.get_by_role("checkbox", name="Expired").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".asked")).to_contain_text("Status is one of Waiting for payment, Expired")

    unfold(page, "views")
    page.get_by_label("Save this list as").fill("Not paid")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(finance.heading).to_contain_text("Not paid")

    page = open_at(finance, stack, "/admin/orders/?view=all")
    unfold(page, "views")
    page.get_by_role("link", name="Not paid").click()
    expect(page.locator(".asked")).to_contain_text("Status is one of")
    page.get_by_role("link", name="Remove the filter Status").click()
    expect(finance.heading).to_contain_text("changed")


def test_columns_are_moved_by_their_arrows(finance: StaffMember, stack: Stack) -> None:
    page = open_at(finance, stack, "/admin/orders/?view=all")
    unfold(page, "columns")
    page.get_by_role("button", name="Move Status, attention up").click()
    page.get_by_role("checkbox", name="Transaction").check()
    finance.press("Keep")

    columns = page.locator("thead th:not(.tick-cell)")
    expect(columns.first).to_contain_text("Status, attention")
    expect(columns.last).to_contain_text("Transaction")

    unfold(page, "columns")
    finance.press("As it comes")
    expect(columns.first).to_contain_text("Order")


def test_an_export_is_downloaded_and_says_when_it_is_complete(
    finance: StaffMember, stack: Stack
) -> None:
    page = open_at(finance, stack, "/admin/orders/?total.min=1")
    for _ in range(2):  # The page stays, so it can be asked again.
        unfold(page, "export")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        assert download.value.suggested_filename.startswith("lunas-orders-")
        assert len(Path(download.value.path()).read_text("utf-8").splitlines()) >= 61
        expect(page.locator("[data-export-progress]")).to_contain_text("The export is complete.")
        page.reload()


@pytest.fixture
def night(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Provide a computer whose owner likes everything dark."""
    context = browser.new_context(locale="id-ID", color_scheme="dark")
    yield context.new_page()
    context.close()


def test_colours_follow_the_computer_until_the_person_chooses(night: Page, stack: Stack) -> None:
    person = StaffMember(night, stack.admin_url)
    person.sign_in("agus")

    body = night.locator("body")
    expect(body).to_have_css("background-color", "rgb(18, 23, 28)")
    night.locator('.themes button[value="light"]').click()
    expect(night.locator("html")).to_have_attribute("data-theme", "light")
    expect(body).to_have_css("background-color", "rgb(245, 246, 247)")
    night.reload()

    expect(body).to_have_css("background-color", "rgb(245, 246, 247)")
