"""Every page of the back office, found in the URL map: whole, accessible, and without an error.

A page that is in no table here fails a test, so that none can be forgotten.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from werkzeug.routing import Map

from admin.people.staff_accounts import NewPerson, add_person
from app.core.reason_words import WORDS
from app.db.session import make_engine, make_sessions
from app.factory import create_app
from tests.e2e import axe
from tests.e2e.conftest import new_context
from tests.e2e.full_house import Things, furnish
from tests.e2e.harness import Stack
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_staff_security import choose_password, code_for, give_password, in_english
from tests.e2e.watch import PageProblems
from tests.unit.admin.test_translations import translated
from tests.world import settings_for

# Who opens which pages; what stands in braces is named by the furnished shop.
PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "dewi": (
        "/admin/",
        "/admin/?period=30d",
        "/admin/?period=nonsense",
        "/admin/account/",
        "/admin/account/app",
        "/admin/approvals/",
        "/admin/attention/",
        "/admin/bulk/",
        "/admin/bulk/{run_draft}",
        "/admin/bulk/{run_asking}",
        "/admin/bulk/{run_rejected}",
        "/admin/bulk/{run_running}",
        "/admin/bulk/{run_paused}",
        "/admin/bulk/{run_stopped}",
        "/admin/bulk/{run_done}",
        "/admin/bulk/{run_checked}",
        "/admin/bulk_rows/",
        "/admin/bulk_rows/?run={run_done}&sort=id",
        "/admin/findings/",
        "/admin/job_runs/",
        "/admin/notes/",
        "/admin/notifications/?view=all",
        "/admin/notifications/{notification}",
        "/admin/notifications/{forged}",
        "/admin/notifications/{nonsense}",
        "/admin/notifications/again/{again}",
        "/admin/orders/?view=all",
        "/admin/orders/?status.in=pending,paid&total.min=1000&sort=-total",
        "/admin/orders/?total.min=nonsense",
        "/admin/orders/{busy}",
        "/admin/orders/{waiting}",
        "/admin/orders/{refunded}",
        "/admin/orders/{charged_back}",
        "/admin/orders/{broken}",
        "/admin/orders/{busy}/refund",
        "/admin/orders/{by_hand}/refund",
        "/admin/products/",
        "/admin/refunds/",
        "/admin/refunds/{refund_asking}",
        "/admin/refunds/{refund_approved}",
        "/admin/refunds/{refund_unknown}",
        "/admin/refunds/{refund_accepted}",
        "/admin/refunds/{refund_succeeded}",
        "/admin/refunds/{refund_failed}",
        "/admin/refunds/{refund_rejected}",
        "/admin/refunds/{refund_withdrawn}",
        "/admin/refunds/{refund_to_transfer}",
        "/admin/refunds/{refund_transferred}",
        "/admin/self_test/",
        "/admin/status_checks/",
        "/admin/status_checks/{check}",
        "/admin/stuck/",
        "/admin/tools/find?q=nothing-has-this-name",
        "/admin/tools/find?q=rina%40contoh.example",
        "/admin/transfers/",
        "/admin/unknown_refunds/",
    ),
    "rangga": (
        "/admin/audit/",
        "/admin/staff/",
        "/admin/staff/new",
        "/admin/staff/{colleague}",
        "/admin/staff/{newcomer}",
        "/admin/staff/{self}",
    ),
}
# What answers a GET under /admin and is no page of its own.
NO_PAGES: Final = {
    "admin.static",
    "desk.static",
    "desk.missing_page",
    "lists.filter",  # leads to a list
    "lists.index_view",
    "lists.progress",  # a file in the making
    "tools.index_view",
    # The moving parts of pages that are open.
    "bulk.live",
    "orders.live",
    "refunds.live",
}
# What a person meets on the way in; test_the_pages_at_the_gate walks through them.
GATE: Final = {"desk.sign_in", "desk.second_factor", "desk.set_up", "desk.welcome"}
TELEPHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
# Shorter texts stand in gateways' messages and in codes too.
_LEAST_ENGLISH: Final = 16
_HEAD: Final = """() => ({
  lang: document.documentElement.lang,
  headings: document.querySelectorAll("h1").length,
  isTitled: document.title.replace("· Lunas", "").trim() !== "",
})"""
_UNFOLD: Final = """document.querySelectorAll("main details:not(.menu)")
  .forEach((part) => { part.open = true; })"""


@pytest.fixture(scope="module")
def things(stack: Stack) -> Things:
    """Provide the names of what the stack's shop is full of; nothing in it moves."""
    stack.stop_jobs()
    return furnish(stack)


def url_map() -> Map:
    """Return the routes of the application; it needs no database for them."""
    app = create_app(settings_for("sqlite://", "http://127.0.0.1:1"))
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
    return app.url_map


def test_every_page_is_opened_by_these_tests_or_named_as_no_page() -> None:
    known = url_map()
    found = {
        rule.endpoint
        for rule in known.iter_rules()
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or set())
    }
    # Any number stands for what the shop will have.
    filled = [address for addresses in PAGES.values() for address in addresses]
    opened = {endpoint_of(known, address) for address in filled}

    assert opened | NO_PAGES | GATE == found
    assert not opened & (NO_PAGES | GATE)


def endpoint_of(known: Map, address: str) -> str:
    path = address.partition("?")[0]
    plain = path.format_map(_AnyNumber())
    return known.bind("127.0.0.1").match(plain)[0]


class _AnyNumber(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "1"


@contextmanager
def somebody(
    browser: Browser, stack: Stack, problems: PageProblems, name: str, language: str
) -> Iterator[Page]:
    """Yield the watched page of somebody who is signed in."""
    context = new_context(browser)
    context.on("page", problems.watch)
    page = context.new_page()
    # No colour on its way to another one while it is measured.
    page.emulate_media(reduced_motion="reduce")
    StaffMember(page, stack.admin_url).sign_in(name, language)
    yield page
    context.close()


def faults_of(page: Page, language: str) -> list[object]:
    """Return what is wrong with an open page: at a desk by day and night, and on a telephone."""
    found = faults_of_head(page, language)
    page.evaluate(_UNFOLD)
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        found += [(colours, *fault) for fault in axe.faults(page)]
    page.set_viewport_size(TELEPHONE)
    found += faults_of_width(page)
    page.set_viewport_size(DESK)
    return found


def faults_of_head(page: Page, language: str) -> list[object]:
    wanted = {"lang": language, "headings": 1, "isTitled": True}
    found = page.evaluate(_HEAD)
    return [] if found == wanted else [found]


def faults_of_width(page: Page) -> list[object]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [] if width == TELEPHONE["width"] else [("scrolls sideways", width)]


def open_whole(page: Page, address: str) -> list[object]:
    """Open an address; return what came in its place, if anything did."""
    answer = page.goto(address)
    assert answer is not None
    page.wait_for_load_state("load")
    # To be led to the gate would be a page without a fault as well.
    arrived = (answer.status, page.url)
    return [] if arrived == (200, address) else [arrived]


def test_every_page_is_whole_and_accessible_by_day_and_by_night(
    browser: Browser, stack: Stack, things: Things, problems: PageProblems
) -> None:
    found: dict[str, list[object]] = {}
    for name, addresses in PAGES.items():
        with somebody(browser, stack, problems, name, "en") as page:
            page.set_viewport_size(DESK)
            for address in addresses:
                wrong = open_whole(page, stack.url + address.format_map(things))
                found[address] = wrong or faults_of(page, "en")

    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    assert problems.unexpected() == []


def english_words() -> list[str]:
    """Return the sentences of the back office that read otherwise in Indonesian."""
    catalogue = {str(m.id): str(m.string) for m in translated() if isinstance(m.id, str)}
    words = {english for english, own in catalogue.items() if english != own}
    words |= {words.en for words in WORDS.values()}
    return [one for one in words if len(one) >= _LEAST_ENGLISH and "%(" not in one]


def test_every_page_speaks_indonesian_on_a_telephone_at_night(
    browser: Browser, stack: Stack, things: Things, problems: PageProblems
) -> None:
    english, found = english_words(), dict[str, list[object]]()
    for name, addresses in PAGES.items():
        with somebody(browser, stack, problems, name, "id") as page:
            page.set_viewport_size(TELEPHONE)
            page.emulate_media(color_scheme="dark")
            for address in addresses:
                wrong = open_whole(page, stack.url + address.format_map(things))
                page.evaluate(_UNFOLD)
                text = page.get_by_role("main").inner_text()
                wrong += [("English", words) for words in english if words in text]
                wrong += faults_of_head(page, "id") + faults_of_width(page) + axe.faults(page)
                found[address] = wrong

    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    assert problems.unexpected() == []


def test_an_order_that_is_not_there_is_a_whole_page_too(
    browser: Browser, stack: Stack, things: Things, problems: PageProblems
) -> None:
    problems.expect("status of 404")
    with somebody(browser, stack, problems, "dewi", "en") as page:
        page.goto(f"{stack.admin_url}/orders/LN-0000000000")

        assert faults_of(page, "en") == []


def test_the_pages_at_the_gate_are_whole_and_accessible(
    browser: Browser, stack: Stack, things: Things, problems: PageProblems
) -> None:
    context = new_context(browser)
    context.on("page", problems.watch)
    page, found, email = context.new_page(), dict[str, list[object]](), "wayan@toko.example"
    page.emulate_media(reduced_motion="reduce")

    def look(name: str, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        found[name] = faults_of(page, "en")

    link = invitation(stack, email)
    page.goto(link)
    found["in Indonesian"] = faults_of(page, "id")
    page.locator('.languages button[value="en"]').click()
    page.goto(link)
    look("welcome", "Welcome, Wayan Sudarma")
    choose_password(page, link, email)
    look("set-up", "Protect your account")
    secret = page.locator("p.key").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(code_for(secret, stack, email))
    page.get_by_role("button", name="Continue").click()
    look("codes", "Your recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{stack.admin_url}/account/")
    look("account with an app", "My account")
    page.get_by_role("button", name="Sign out").first.click()
    look("sign-in", "Sign in")
    give_password(page, email)
    look("second factor", "Second factor")
    context.close()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert problems.unexpected() == []


def invitation(stack: Stack, email: str) -> str:
    """Open an account and return its one-time link."""
    engine = make_engine(stack.database_url)
    new = NewPerson(email, "Wayan Sudarma", "finance")
    _, token = add_person(make_sessions(engine), new, datetime.now(UTC))
    engine.dispose()
    in_english(stack, email)
    return f"{stack.admin_url}/welcome/{token}"
