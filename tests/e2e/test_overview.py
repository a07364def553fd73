"""The overview, the check of the set-up and asking again, in a browser."""

from playwright.sync_api import Page, expect

from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.many_orders import paid_orders
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_back_office_lists import AXE, RUN_AXE


def faults(page: Page) -> object:
    page.evaluate(AXE)
    return page.evaluate(RUN_AXE)


def test_axe_finds_nothing_on_the_overview_with_every_table_open(
    staff: StaffMember, stack: Stack
) -> None:
    staff.sign_in("dewi")
    page = staff.page
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for address in ("/admin/?period=today", "/admin/?period=30d", "/admin/?period=nonsense"):
            page.goto(stack.url + address)
            for summary in page.locator("main details > summary").all():
                summary.click()
            assert faults(page) == []
            wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert page.evaluate(wider) is False


def test_the_set_up_of_a_running_stack_is_checked_from_the_log(
    staff: StaffMember, stack: Stack
) -> None:
    staff.sign_in("dewi")
    page = staff.page
    page.goto(f"{stack.url}/admin/notifications/")
    page.locator("a[href$='/admin/self_test/']").click()
    page.locator("main form button").click()

    for part in ("address", "keys", "token", "clock", "jobs", "database"):
        rows = page.locator(f"tr[data-part={part}]")
        expect(rows.first).to_be_visible()
        assert {row.get_attribute("data-result") for row in rows.all()} == {"good"}, part
    assert faults(page) == []


def test_a_message_is_asked_about_again_and_would_change_nothing(
    staff: StaffMember, stack: Stack, books: Books
) -> None:
    paid_orders(stack, books, 1, method="qris")
    staff.sign_in("dewi")
    page, log = staff.page, f"{stack.url}/admin/notifications/?view=all"

    def has_arrived() -> bool:
        page.goto(log)
        return bool(page.locator("form[action$='/again']").count())

    stack.eventually(has_arrived)
    page.locator("form[action$='/again'] button").click()

    expect(page.get_by_text("no payment would change")).to_be_visible()
    expect(page.locator("form[data-goes-on]")).to_have_count(0)
    assert faults(page) == []
