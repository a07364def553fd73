"""Thirty orders refunded in one run, in a browser, while the jobs are killed in the middle."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.books import Books
from tests.e2e.conftest import new_context
from tests.e2e.harness import Stack
from tests.e2e.many_orders import paid_orders, sums
from tests.e2e.staff_member import StaffMember
from tests.e2e.test_back_office_lists import AXE, RUN_AXE
from tests.e2e.watch import PageProblems

ORDERS = 30
# What a job process that was killed had under way is taken up by the next one within this.
LONG_MS = 120_000


@pytest.fixture
def approver(
    stack: Stack, browser: Browser, problems: PageProblems, staff: StaffMember
) -> Iterator[StaffMember]:
    """Provide a second person at a computer of their own."""
    del staff
    context = new_context(browser)
    context.on("page", problems.watch)
    yield StaffMember(context.new_page(), stack.admin_url)
    context.close()


def tick_all(member: StaffMember) -> None:
    """Tick every order on the first page of the list, and open the bulk menu."""
    member.page.goto(f"{member.desk}/orders/?status=paid")
    member.page.get_by_label("Choose all on this page").check()
    expect(member.page.locator("[data-ticked]")).to_have_text(str(ORDERS))
    member.page.locator("#bulk > summary").click()


def assert_accessible(member: StaffMember) -> None:
    # Before its stylesheets have come, a page is another page.
    member.page.wait_for_load_state("load")
    member.page.evaluate(AXE)
    assert member.page.evaluate(RUN_AXE) == []


def test_thirty_orders_are_checked_and_refunded_once_though_the_jobs_are_killed(
    stack: Stack, books: Books, staff: StaffMember, approver: StaffMember, tmp_path: Path
) -> None:
    numbers = paid_orders(stack, books, ORDERS)
    captured, _, _ = sums(stack, numbers)
    staff.sign_in("budi")

    tick_all(staff)
    assert_accessible(staff)
    staff.press("Check status…")
    staff.press(f"Check {ORDERS} orders now")
    staff.expect_text("Every order had its turn.")

    tick_all(staff)
    staff.press("Refund…")
    staff.expect_text("This is what would happen. Nothing was sent.")
    assert_accessible(staff)
    total = f"{captured:,}".replace(",", ".")
    staff.expect_text(f"{ORDERS} orders are refunded whole: Rp {total}.")
    staff.page.get_by_label("Reason", exact=True).select_option("damaged")
    staff.page.get_by_label("Reason in your words").fill("Batch cacat")
    staff.page.get_by_label("Note for colleagues").fill("Tiket 4711")
    staff.page.get_by_label("Type the total to confirm").fill(total)
    staff.press(f"Ask for Rp {total}")
    staff.expect_text("A second person must agree to the whole run.")
    address = staff.page.url

    # Each answer takes a while, so that there is a middle in which to be killed.
    slow = {"match": {"operation": "midtrans.refund*"}, "effect": "slow", "seconds": 0.4}
    stack.sandbox.set_faults([slow])
    approver.sign_in("agus")
    approver.page.goto(address)
    approver.press(f"Approve and send Rp {total}")
    approver.expect_text("Lunas works through the orders one by one.")
    staff.page.goto(address)
    expect(staff.page.get_by_role("status").first).to_contain_text(
        re.compile(rf"^[1-9]\d* of {ORDERS} orders"), timeout=LONG_MS
    )
    stack.kill("jobs")
    stack.sandbox.set_faults([])
    done = sums(stack, numbers)[1]
    assert 0 < done < captured
    assert_accessible(staff)
    stack.start("jobs")

    expect(staff.page.get_by_role("main")).to_contain_text(
        "Every order had its turn.", timeout=LONG_MS
    )
    stack.eventually(lambda: sums(stack, numbers) == (captured, captured, 0), within_s=120)
    transactions = {one["order_id"]: one for one in stack.sandbox.state()["transactions"]}
    for number in numbers:
        (reference,) = books.references(number)
        refunds = transactions[reference]["refunds"]
        assert [refund["refund_key"] for refund in refunds] == books.keys(number)
        assert len(refunds) == 1
    assert _file_of(staff, tmp_path)["all"] == (captured, ORDERS)
    assert_accessible(staff)


def _file_of(staff: StaffMember, folder: Path) -> dict[str, tuple[int, int]]:
    """Download the result, and return its control totals by result."""
    with staff.page.expect_download() as begun:
        staff.press("Result (CSV)")
    path = folder / "result.csv"
    begun.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    rows = [line for line in lines[1:] if line and line[1].isdigit()]
    totals = {line[2]: (int(line[3]), int(line[5])) for line in lines if line[1:2] == ["total"]}
    assert {line[5] for line in rows} <= {"done", "open"}
    assert len({line[12] for line in rows}) == ORDERS  # One refund key each.
    assert sum(int(line[3]) for line in rows) == totals["all"][0]
    parts = [value for name, value in totals.items() if name != "all"]
    assert tuple(map(sum, zip(*parts, strict=True))) == totals["all"]
    return totals
