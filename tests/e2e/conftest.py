"""Fixtures of the browser tests: the running stack, a browser, and a page that is watched."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from scripts.ensure_browser import MISSING, find_chromium, is_required
from scripts.messages import ROOT
from tests.e2e.books import Books
from tests.e2e.harness import Stack, prepare_database
from tests.e2e.shopper import PATIENCE_MS, Shopper
from tests.e2e.staff_member import StaffMember
from tests.e2e.watch import PageProblems
from tests.scratch import scratch_folder

SCREENSHOTS = ROOT / "var" / "e2e"

# A browser that stays on this machine: no update, no sync, no question to its maker.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_FAILED = pytest.StashKey[bool]()

# What a page shows after a click may wait for a gateway call; Playwright's own five seconds are
# short for that on a busy machine, and are no part of what any test is about.
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        report.sections.extend(_logs(item))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Provide Chromium; without one the tests are skipped loudly, or fail with CI=true."""
    executable = find_chromium()
    if executable is None:
        if is_required():
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(f"NOT TESTED IN A BROWSER: {MISSING}")
    with sync_playwright() as playwright:
        launched = _launch(playwright, executable)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def prepared_database() -> Iterator[Path]:
    """Provide a migrated and seeded database that every stack begins with a copy of."""
    with scratch_folder("prepared") as folder:
        yield prepare_database(folder)


@pytest.fixture(scope="module")
def stack(prepared_database: Path) -> Iterator[Stack]:
    """Provide the whole of Lunas, fresh for each module."""
    with scratch_folder("stack") as folder:
        made = Stack(folder, prepared=prepared_database)
        try:
            made.start_all()
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def books(stack: Stack) -> Iterator[Books]:
    """Provide a reader of the stack's database."""
    made = Books(stack.database_url)
    yield made
    made.close()


@pytest.fixture
def problems() -> PageProblems:
    """Provide the list of problems; a test that provokes one says so with `problems.expect`."""
    return PageProblems()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Provide a browser without history, as a shopper in Jakarta has it."""
    made = new_context(browser)
    yield made
    made.close()


@pytest.fixture
def page(
    context: BrowserContext, problems: PageProblems, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """Provide a page; problems that nobody expected fail the test at its end."""
    context.on("page", problems.watch)
    made = context.new_page()
    yield made
    unexpected = problems.unexpected()
    if unexpected or request.node.stash.get(_FAILED, False):
        _keep_screenshot(made, request.node.nodeid)
    assert unexpected == []


@pytest.fixture
def shopper(stack: Stack, page: Page) -> Shopper:
    """Provide a new shopper in front of a watched page."""
    return Shopper(page, stack.url)


@pytest.fixture
def staff(
    stack: Stack, browser: Browser, page: Page, problems: PageProblems
) -> Iterator[StaffMember]:
    """Provide a member of staff at a computer of their own; `page`, at its end, judges both."""
    made = new_context(browser)
    made.on("page", problems.watch)
    yield StaffMember(made.new_page(), stack.admin_url)
    made.close()


def new_context(
    browser: Browser, service_workers: Literal["allow", "block"] = "block"
) -> BrowserContext:
    """Return a browser without history; the caller closes it.

    What a shop keeps for a lost network is fetched beside the page at a time of its own; only the
    tests that are about it let it.
    """
    made = browser.new_context(
        locale="id-ID", timezone_id="Asia/Jakarta", service_workers=service_workers
    )
    made.set_default_timeout(PATIENCE_MS)
    return made


def _logs(item: pytest.Item) -> list[tuple[str, str]]:
    """Return the last lines of the stack that a failed test used, if it used one."""
    used = getattr(item, "funcargs", {}).get("stack")
    return [("the programs' log", used.log())] if isinstance(used, Stack) else []


def _launch(playwright: Playwright, executable: Path) -> Browser:
    own_sandbox = os.geteuid() != 0
    try:
        return _launch_with(playwright, executable, own_sandbox=own_sandbox)
    except Error:
        # Chromium's own sandbox needs kernel features that containers often withhold.
        if not own_sandbox:
            raise
        return _launch_with(playwright, executable, own_sandbox=False)


def _launch_with(playwright: Playwright, executable: Path, *, own_sandbox: bool) -> Browser:
    return playwright.chromium.launch(
        executable_path=executable, args=list(_FLAGS), chromium_sandbox=own_sandbox
    )


def _keep_screenshot(page: Page, test: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "_", test)
    if not page.is_closed():
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
