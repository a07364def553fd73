"""Bulk runs in the back office: ticked or filtered, shown before they start, approved, followed."""

import csv
import io

from flask import Flask
from sqlalchemy import select

from app.core.states import GatewayName
from app.db.models import BulkRow, BulkRun
from tests.http.back_office import Browser, Page, audit, office
from tests.integration.bulk_scenes import (
    dear_orders,
    drafted,
    paid_orders,
    refunds_of,
    rows_of,
    run_of,
    started,
    states_of,
    turn,
)
from tests.integration.test_refunds import paid
from tests.world import World

__all__ = ["office"]

SUBMISSION = {
    "reason_code": "damaged",
    "reason": "Batch cacat",
    "note": "Tiket 4711",
    "stop_after": "3",
}


def run_count(shop: World) -> int:
    with shop.session() as session:
        return len(session.scalars(select(BulkRun.id)).all())


def draft(staff: Browser, url: str = "/admin/orders/", **typed: str) -> Page:
    """Send the form of the list to the refunds, and open the draft."""
    form = staff.page(url).form("/bulk/check")
    form.fields.pop("row", None)
    form.action = "/admin/bulk/refund"
    return staff.submit(form, **{"scope": "selected", **typed})


def test_ticked_orders_become_a_draft_that_says_what_would_happen(
    office: Flask, shop: World
) -> None:
    good, other = paid_orders(shop, 2)
    by_hand = paid(shop, GatewayName.MIDTRANS, "bca_va", quantity=1)
    staff = Browser(office, "refunder")
    ids = [str(shop.order(page).id) for page in (good, by_hand)]
    form = staff.page("/admin/orders/").form("/bulk/check")

    answer = staff.client.post(
        "/admin/bulk/refund",
        data={**form.fields, "scope": "selected", "row": ids},
        follow_redirects=True,
    )

    page = Page(answer.text)
    assert [row.order_id for row in rows_of(shop, 1)] == [int(text) for text in ids]
    assert "This is what would happen. Nothing was sent." in page.text
    assert "1 order is refunded whole: Rp 100.000." in page.text
    assert "No gateway can refund this payment method." in page.text
    assert shop.order(good).number in page.text
    assert shop.order(other).number not in page.text
    assert refunds_of(shop) == {}
    assert audit(shop, staff.email) == [("bulk_refund", True, "")]


def test_everything_that_matches_the_filter_is_chosen_on_the_server(
    office: Flask, shop: World
) -> None:
    paid_orders(shop, 2)
    shop.checkout(GatewayName.MIDTRANS, quantity=1)

    draft(Browser(office, "refunder"), "/admin/orders/?status=paid", scope="all")

    run = run_of(shop, 1)
    assert (run.row_count, run.query, run.state) == (2, "status=paid", "draft")


def test_a_filter_that_cannot_be_read_chooses_nothing(office: Flask, shop: World) -> None:
    paid_orders(shop, 1)
    staff = Browser(office, "refunder")

    page = draft(staff, "/admin/orders/?total.min=lots", scope="all")

    assert "A filter cannot be read, so nothing was chosen." in page.text
    assert run_count(shop) == 0
    assert audit(shop, staff.email) == [("bulk_refund", False, "filter_unreadable")]


def test_nothing_ticked_is_no_run(office: Flask, shop: World) -> None:
    staff = Browser(office, "refunder")

    page = draft(staff)

    assert "No order was chosen, or none of them can be done." in page.text
    assert run_count(shop) == 0
    assert audit(shop, staff.email) == [("bulk_refund", False, "nothing_chosen")]


def test_odd_ids_choose_nothing(office: Flask, shop: World) -> None:
    paid_orders(shop, 1)
    staff = Browser(office, "refunder")

    for odd in ("-1", "1\x00", "9" * 20, "²", "1.0", "' OR 1=1"):
        staff.post("/admin/bulk/refund", row=odd, key=odd)
        staff.post("/admin/bulk/check", row=odd, query="\x00", scope=odd)

    assert run_count(shop) == 0
    for address in ("/admin/bulk/0", f"/admin/bulk/{10**20}", "/admin/bulk/7/live"):
        assert staff.get(address).status_code == 404


def test_a_run_is_started_with_its_total_typed_and_followed_to_its_end(
    office: Flask, shop: World
) -> None:
    paid_orders(shop, 2)
    staff = Browser(office, "refunder")
    page = draft(staff, scope="all")

    wrong = staff.submit(page.form("/submit"), **SUBMISSION, total="200.001")
    assert "The typed total is not the total of the run" in wrong.text
    assert run_of(shop, 1).state == "draft"
    running = staff.submit(page.form("/submit"), **SUBMISSION, total="200.000")

    assert "0 of 2 orders" in running.text
    assert staff.get("/admin/bulk/1/live").headers["X-Lunas-Live"] == "on"
    turn(shop)
    turn(shop)
    live = staff.get("/admin/bulk/1/live")
    assert live.headers["X-Lunas-Live"] == "off"
    assert "Every order had its turn." in live.text
    assert audit(shop, staff.email)[:3] == [
        ("bulk_refund", True, ""),
        ("submit_bulk", False, "total_mistyped"),
        ("submit_bulk", True, ""),
    ]


def test_a_second_person_approves_what_was_shown_and_the_first_cannot(
    office: Flask, shop: World
) -> None:
    dear_orders(shop)
    finance, approver = Browser(office, "finance"), Browser(office, "approver")
    page = draft(finance, scope="all")
    own = finance.submit(page.form("/submit"), **SUBMISSION, total="1500000")
    assert own.has_form("/withdraw")
    assert not own.has_form("/approve")
    finance.post("/admin/bulk/1/approve", approval_hash=run_of(shop, 1).approval_hash or "")
    assert run_of(shop, 1).state == "awaiting_approval"

    seen = approver.page("/admin/bulk/1")
    assert "Finance asks to give back Rp 1.500.000 for 3 orders." in seen.text
    approver.post("/admin/bulk/1/approve", approval_hash="é")
    assert run_of(shop, 1).state == "awaiting_approval"
    approver.submit(seen.form("/approve"))

    assert run_of(shop, 1).state == "running"
    assert audit(shop, finance.email)[-1] == ("approve_bulk", False, "same_person")
    assert audit(shop, approver.email) == [
        ("approve_bulk", False, "request_changed"),
        ("approve_bulk", True, ""),
    ]


def test_whoever_may_only_look_pauses_nothing_and_support_may_pull_the_brake(
    office: Flask, shop: World
) -> None:
    run_id = started(shop, paid_orders(shop, 2))

    assert not Browser(office, "viewer").page(f"/admin/bulk/{run_id}").has_form("/pause")
    support = Browser(office, "support")
    # No proof is asked for: a brake must be at hand.
    shop.clock.advance(301)
    page = support.submit(support.page(f"/admin/bulk/{run_id}").form("/pause"))

    assert run_of(shop, run_id).state == "paused"
    assert "The run waits for a person." in page.text
    assert not page.has_form("/resume")
    assert not page.has_form("/stop")


def test_a_run_is_resumed_and_stopped_by_whoever_may_refund(office: Flask, shop: World) -> None:
    run_id = started(shop, paid_orders(shop, 2))
    staff = Browser(office, "finance")
    page = staff.submit(staff.page(f"/admin/bulk/{run_id}").form("/pause"))
    page = staff.submit(page.form("/resume"))
    assert run_of(shop, run_id).state == "running"

    page = staff.submit(page.form("/stop"))

    assert states_of(shop, run_id) == ["not_done", "not_done"]
    assert "What was not begun stays undone." in page.text


def test_the_result_file_holds_every_row_and_totals_that_add_up(office: Flask, shop: World) -> None:
    good = paid_orders(shop, 3)
    by_hand = paid(shop, GatewayName.MIDTRANS, "bca_va", quantity=1)
    run_id = started(shop, [*good, by_hand])
    shop.refund(good[1], 1_000)
    turn(shop)
    turn(shop)
    staff = Browser(office, "refunder")

    answer = staff.submit_raw(f"/admin/bulk/{run_id}/result")

    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    rows = [line for line in lines[1:] if line and line[1].isdigit()]
    assert [(line[2], line[3], line[5]) for line in rows] == [
        (shop.order(good[0]).number, "100000", "done"),
        (shop.order(good[1]).number, "100000", "failed"),
        (shop.order(good[2]).number, "100000", "done"),
        (shop.order(by_hand).number, "100000", "by_hand"),
    ]
    totals = {line[2]: (int(line[3]), int(line[5])) for line in lines if line[1:2] == ["total"]}
    assert totals.pop("all") == (400_000, 4)
    assert totals == {"done": (200_000, 2), "failed": (100_000, 1), "by_hand": (100_000, 1)}
    assert lines[-1][:3] == [f"B{run_id}", "manifest", run_of(shop, run_id).manifest_hash]
    assert audit(shop, staff.email)[-1] == ("export_bulk_result", True, "4 rows, csv")


def test_the_result_file_runs_no_formula(office: Flask, shop: World) -> None:
    run_id = started(shop, paid_orders(shop, 1))
    with shop.desk.sessions.begin() as session:
        session.get_one(BulkRow, rows_of(shop, run_id)[0].id).message = "=HYPERLINK(1)"

    answer = Browser(office, "refunder").submit_raw(f"/admin/bulk/{run_id}/result")

    assert "'=HYPERLINK(1)" in answer.data.decode()


def test_rows_are_a_list_with_filters_of_their_own(office: Flask, shop: World) -> None:
    pages = paid_orders(shop, 2)
    drafted(shop, pages[:1])
    drafted(shop, pages)
    staff = Browser(office, "viewer")

    text = staff.page("/admin/bulk_rows/?run=1").text

    assert shop.order(pages[0]).number in text
    assert shop.order(pages[1]).number not in text
    assert "B2" in staff.page("/admin/bulk/").text


def test_people_who_may_do_nothing_in_bulk_see_no_boxes(office: Flask, shop: World) -> None:
    paid_orders(shop, 1)

    assert not Browser(office, "viewer").page("/admin/orders/").has_form("/bulk/check")
    support = Browser(office, "support").page("/admin/orders/")
    assert support.has_form("/bulk/check")
    assert ("button", "/admin/bulk/refund") not in [
        (tag, values.get("formaction")) for tag, values in support.tags
    ]
