"""The page of an order in a browser: it follows the money by itself, and staff work on it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.books import Books
from tests.e2e.harness import Stack
from tests.e2e.shopper import Shopper
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_back_office_lists import AXE, RUN_AXE
from tests.e2e.watch import PageProblems

LIVE = re.compile(r"/live$")
SOON_MS = 3000
# What the browser takes for the time; the page itself is written by the server's.
OPENED = datetime(2026, 5, 31, 9, 0, tzinfo=UTC)
NOT_ASKING = re.compile("waiting|ended")
LOST = "The connection is gone. This page tries again by itself."
SET_HIDDEN = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def waiting(shopper: Shopper, stack: Stack) -> Iterator[str]:
    """Provide the number of an order whose shopper chose a bank and has not paid; no job looks."""
    stack.stop_jobs()
    shopper.order()
    shopper.popup.choose("bca_va")
    shopper.popup.press("pay-later")
    # With its transaction known, the tab of the shopper is no longer of interest.
    yield shopper.order_number()
    stack.sandbox.set_faults([])
    stack.sandbox.set_notifications(midtrans=True, xendit=True)
    stack.start("jobs")


@pytest.fixture
def asked(staff: StaffMember) -> list[str]:
    """Provide the list of the questions that the staff's page asks by itself."""
    questions: list[str] = []

    def note(request: Request) -> None:
        if LIVE.search(request.url):
            questions.append(request.url)

    staff.page.on("request", note)
    return questions


def open_with_held_clock(staff: StaffMember, number: str) -> Page:
    """Open the order's page; from here on its time passes only when the test says so."""
    staff.sign_in("budi")
    staff.page.clock.install(time=OPENED)
    staff.page.clock.pause_at(OPENED + timedelta(seconds=1))
    staff.page.goto(f"{staff.desk}/orders/{number}")
    ask_once(staff.page, SOON_MS)
    return staff.page


def ask_once(page: Page, after_ms: int) -> None:
    """Let the time pass after which the page asks, and wait until it has taken the answer."""
    with page.expect_request(LIVE):
        page.clock.run_for(after_ms)
    expect_no_question_open(page)


def expect_no_question_open(page: Page) -> None:
    expect(page.locator("[data-live]")).to_have_attribute("data-follow", NOT_ASKING)


def test_the_page_follows_a_payment_until_it_is_paid_and_then_asks_no_more(
    waiting: str, staff: StaffMember, stack: Stack, books: Books, asked: list[str]
) -> None:
    page = open_with_held_clock(staff, waiting)
    page.evaluate("window.stillTheSamePage = true")
    page.locator("#note-people > summary").click()
    note = page.get_by_label("New note")
    note.press_sequentially("Pelanggan menele")
    [reference] = books.references(waiting)

    stack.sandbox.pay_midtrans(reference)
    stack.sandbox.flush()
    heading = staff.heading.locator(".mark")
    for _ in range(10):
        if heading.inner_text() == "Paid":
            break
        ask_once(page, 15_000)

    expect(heading).to_have_text("Paid")
    expect(page.locator("#answer")).to_contain_text("Is this order paid?")
    expect(page.locator("[data-follow-status]")).to_contain_text("The page has changed. Paid.")
    # Nothing of what the person was doing is lost.
    expect(note).to_be_focused()
    note.press_sequentially("pon")
    expect(note).to_have_value("Pelanggan menelepon")
    expect(page.locator("#note-people")).to_have_attribute("open", "")
    assert page.evaluate("window.stillTheSamePage")
    before = len(asked)
    page.clock.run_for(10 * 60_000)
    page.evaluate("fetch('/admin/assets/mark.svg')")  # Whatever was under way has been sent by now.
    assert len(asked) == before


def test_while_nobody_looks_the_page_asks_nothing(
    waiting: str, staff: StaffMember, asked: list[str]
) -> None:
    page = open_with_held_clock(staff, waiting)
    before = len(asked)

    page.evaluate(SET_HIDDEN, arg=True)
    page.clock.run_for(10 * 60_000)
    page.evaluate("fetch('/admin/assets/mark.svg')")
    assert len(asked) == before

    with page.expect_request(LIVE):
        page.evaluate(SET_HIDDEN, arg=False)
    expect_no_question_open(page)
    assert len(asked) == before + 1


def test_while_the_server_fails_the_page_asks_ever_less_often_and_says_so(
    waiting: str, staff: StaffMember, asked: list[str], problems: PageProblems
) -> None:
    problems.expect("status of 503")
    problems.expect("answer 503")
    page = open_with_held_clock(staff, waiting)
    status = page.locator("[data-follow-status]")
    page.route(LIVE, lambda route: route.fulfill(status=503, body="busy"))
    ask_once(page, 5000)
    expect(status).to_have_text(LOST)
    asked_before = len(asked)

    # The wait was 3.6 s and is twice as long now, and then four times.
    page.clock.run_for(7000)
    page.evaluate("fetch('/admin/assets/mark.svg')")
    assert len(asked) == asked_before
    ask_once(page, 300)
    expect(status).to_have_text(LOST)
    page.clock.run_for(14_000)
    page.evaluate("fetch('/admin/assets/mark.svg')")
    assert len(asked) == asked_before + 1

    page.unroute(LIVE)
    ask_once(page, 1000)
    expect(status).to_have_class(re.compile("hidden"))


def test_whoever_is_signed_out_elsewhere_is_told_that_the_page_stands_still(
    waiting: str, staff: StaffMember, asked: list[str]
) -> None:
    page = open_with_held_clock(staff, waiting)
    page.context.clear_cookies()

    ask_once(page, 5000)

    expect(page.locator("[data-follow-status]")).to_contain_text("does not follow any more")
    before = len(asked)
    page.clock.run_for(10 * 60_000)
    page.evaluate("fetch('/admin/assets/mark.svg')")
    assert len(asked) == before


def test_without_scripts_the_page_works_by_reloading(
    waiting: str, browser: Browser, stack: Stack, books: Books
) -> None:
    context = browser.new_context(java_script_enabled=False)
    member = StaffMember(context.new_page(), stack.admin_url)
    member.sign_in("budi")
    member.open_order(waiting)
    member.expect_text("Why is this order not paid?")
    stack.sandbox.set_notifications(midtrans=False)
    [reference] = books.references(waiting)
    stack.sandbox.pay_midtrans(reference)

    member.press("Check status now")

    expect(member.page.locator("#check-report")).to_contain_text("Paid")
    member.page.get_by_label("New note").fill("@dewi sudah lunas")
    member.press("Keep the note")
    member.expect_text("told to Dewi")
    context.close()


def test_a_check_reports_each_outcome_with_its_reason(
    waiting: str, staff: StaffMember, stack: Stack, books: Books
) -> None:
    staff.sign_in("budi")
    staff.open_order(waiting)
    report = staff.page.locator("#check-report")
    stack.sandbox.set_notifications(midtrans=False)

    staff.press("Check status now")
    expect(report).to_contain_text("Nothing changed: still “Waiting for payment”.")
    staff.press("Check status now")
    staff.expect_text("Wait 5 seconds and ask again.")

    stack.sandbox.set_faults([{"effect": "html_502"}])
    check_again(staff, stack)
    expect(report).to_contain_text("The gateway did not answer. Nothing changed.")
    expect(report).to_contain_text("The answer was none that the gateway documents")

    stack.sandbox.set_faults([])
    [reference] = books.references(waiting)
    stack.sandbox.pay_midtrans(reference)
    check_again(staff, stack)
    expect(report).to_contain_text("The shopper paid.")
    expect(staff.heading).to_contain_text("Paid")


def check_again(staff: StaffMember, stack: Stack) -> None:
    """Press until the five seconds between two checks of an order have passed."""

    def is_answered() -> bool:
        staff.press("Check status now")
        return staff.page.locator("#check-report").count() == 1

    stack.eventually(is_answered)


def test_a_colleague_who_is_named_in_a_note_finds_it_by_the_count_in_the_menu(
    waiting: str, staff: StaffMember, browser: Browser, stack: Stack, problems: PageProblems
) -> None:
    staff.sign_in("sari")
    staff.open_order(waiting)
    staff.page.get_by_label("New note").fill(f"@dewi <b>cek</b> {waiting} ya")
    staff.press("Keep the note")
    staff.expect_text("The note is kept, and told to Dewi Anggraini.")

    context = browser.new_context()
    context.on("page", problems.watch)
    dewi = StaffMember(context.new_page(), stack.admin_url)
    dewi.sign_in("dewi")
    menu = dewi.page.get_by_role("link", name=re.compile("Notes for me"))
    unread = int(menu.locator(".count").inner_text().split()[0])
    menu.click()
    row = dewi.page.locator("table.list tbody tr").first
    expect(row).to_contain_text(f"@dewi <b>cek</b> {waiting} ya")
    row.get_by_role("link", name=waiting).first.click()
    expect(dewi.heading).to_contain_text(waiting)
    dewi.press("I have seen this")
    expect(dewi.page.locator(".notes")).to_contain_text("Dewi Anggraini: seen")
    left = dewi.page.get_by_role("link", name=re.compile("Notes for me")).locator(".count")
    if unread == 1:
        expect(left).to_have_count(0)
    else:
        expect(left).to_contain_text(str(unread - 1))
    context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_with_everything_unfolded(
    waiting: str, staff: StaffMember, colours: str
) -> None:
    staff.sign_in("budi")
    staff.open_order(waiting)
    staff.page.locator(f'.themes button[value="{colours}"]').click()
    staff.page.get_by_label("New note").fill(f"@dewi lihat {waiting}")
    staff.press("Keep the note")
    staff.press("Check status now")
    staff.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    staff.page.evaluate(AXE)

    assert staff.page.evaluate(RUN_AXE) == []
