"""Lists taken out as files: what is in them, who may, and what is written down of it."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.rights import ROLES, Right
from app.core.states import GatewayName
from app.db.models import AuditEntry, Export, ExportState
from app.services.audit import AuditNote, record_audit, verify_audit
from tests.http.back_office import Browser, audit, every_role, office
from tests.http.test_admin_lists import add_orders
from tests.http.test_list_tools import ORDERS, columns_of
from tests.world import World

__all__ = ["office"]


def export(staff: Browser, address: str, file_format: str = "csv", **more: Any) -> TestResponse:
    page = staff.page(address)
    form = page.form("/export")
    shown_columns = list(columns_of(page, form))
    data = form.fields | {"column": shown_columns, "format": file_format} | more
    return staff.client.post(form.action, data=data, buffered=True)


def read_csv(answer: TestResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def exports(shop: World) -> list[Export]:
    with shop.session() as session:
        return list(session.scalars(select(Export).order_by(Export.id)))


def test_a_file_holds_exactly_the_filtered_rows_in_their_order(office: Flask, shop: World) -> None:
    add_orders(shop, 40, total_idr=100_000)
    wanted = add_orders(shop, 120, total_idr=2_500_000)
    staff = Browser(office, "finance")
    address = f"{ORDERS}?total.min=1.000.000&sort=total"

    csv_file, xlsx_file = export(staff, address), export(staff, address, "xlsx")
    rows = read_csv(csv_file)
    sheet = load_workbook(io.BytesIO(xlsx_file.data)).worksheets[0]

    assert [row[0] for row in rows[1:]] == sorted(wanted)
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == sorted(wanted)
    by_heading = dict(zip(rows[0], rows[1], strict=True))
    assert by_heading["Total"] == "2500000"
    assert by_heading["Created (WIB)"].endswith("+07:00")
    assert by_heading["Items"] == "1 × KOPI"  # noqa: RUF001 - a times sign.
    assert sheet["A1"].value == "Order"
    total = rows[0].index("Total") + 1
    assert sheet.cell(2, total).value == 2_500_000
    assert csv_file.headers["Content-Disposition"].startswith('attachment; filename="lunas-orders-')
    assert csv_file.headers["Cache-Control"] == "no-store"


def test_a_file_has_the_chosen_columns_and_contacts_only_for_those_who_may_see_them(
    office: Flask, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_orders(shop, 1, customer_name="=cmd|' /C calc'!A0")
    finance = Browser(office, "finance")
    chosen = ["phone", "number", "customer", "nonsense"]

    answer = export(finance, ORDERS, column=chosen)
    monkeypatch.setitem(ROLES, "finance", ROLES["finance"] - {Right.VIEW_CONTACTS})
    reduced = export(finance, ORDERS, column=chosen)

    assert read_csv(answer) == [
        ["Phone", "Order", "Customer"],
        ["'+6281200000000", "LN-0000000000", "'=cmd|' /C calc'!A0"],
    ]
    assert read_csv(reduced) == [
        ["Order", "Customer"],
        ["LN-0000000000", "'=cmd|' /C calc'!A0"],
    ]


def test_the_audit_log_is_taken_out_with_its_seals_and_no_cell_is_a_formula(
    office: Flask, shop: World
) -> None:
    for who in ('=cmd|"/c calc"!A1', "+1", "-1", "@x", "\tx", "plain, with comma"):
        note = AuditNote(None, who, "sign_in", "", done=False, why="wrong_or_locked")
        record_audit(shop.desk.sessions, note, shop.clock())
    seal = verify_audit(shop.desk.reads).head

    answer = export(Browser(office, "auditor"), "/admin/audit/", column=["seq", "who", "hash"])

    rows = read_csv(answer)[1:]
    assert [row[1] for row in reversed(rows)] == [
        '\'=cmd|"/c calc"!A1',
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "plain, with comma",
    ]
    assert (rows[0][0], rows[0][2]) == ("6", seal)


def test_every_export_is_on_record_before_it_leaves(office: Flask, shop: World) -> None:
    add_orders(shop, 3)
    staff = Browser(office, "finance")

    export(staff, f"{ORDERS}?status=pending", column=["number", "total"])

    with shop.session() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.target, entry.done) == ("export_orders", "status=pending", True)
    assert entry.why == "3 rows, csv: number, total"
    [row] = exports(shop)
    assert (row.rows_total, row.rows_done, row.state) == (3, 3, ExportState.DONE)


def test_progress_is_told_to_the_person_who_exports_and_to_nobody_else(
    office: Flask, shop: World
) -> None:
    add_orders(shop, 3)
    staff = Browser(office, "finance")
    export(staff, ORDERS)
    address = f"/admin/lists/exports/{exports(shop)[0].key}"

    told = staff.get(address).json
    refused = Browser(office, "auditor").get(address)

    assert told == {"state": "done", "done": 3, "total": 3, "words": "3 of 3 rows"}
    assert refused.status_code == 404


def test_a_download_that_is_broken_off_is_on_record_as_such(office: Flask, shop: World) -> None:
    add_orders(shop, 1_200)
    staff = Browser(office, "finance")
    page = staff.page(ORDERS)
    form = page.form("/export")

    answer = staff.client.post(
        form.action, data=form.fields | {"column": "number", "format": "csv"}, buffered=False
    )
    pieces = answer.iter_encoded()
    next(pieces)
    next(pieces)
    running = exports(shop)[0].state
    answer.close()

    [row] = exports(shop)
    assert running is ExportState.RUNNING
    assert row.state is ExportState.BROKEN_OFF
    assert 0 < row.rows_done < row.rows_total == 1_200
    assert row.finished_at is not None


def test_one_click_is_one_export_and_a_third_at_once_has_to_wait(
    office: Flask, shop: World
) -> None:
    add_orders(shop, 1)
    staff = Browser(office, "finance")
    data = {"column": "number", "format": "csv", "key": "k" * 20}

    first, again = (export(staff, ORDERS, **data) for _ in range(2))
    with shop.desk.sessions.begin() as session:
        session.add_all(
            Export(
                key=f"running-{n}",
                staff_id=staff.staff_id,
                list_name="orders",
                file_format="csv",
                query="",
                columns=[],
                rows_total=1,
                rows_done=0,
                state=ExportState.RUNNING,
                started_at=shop.clock(),
            )
            for n in range(2)
        )
    third = export(staff, ORDERS)

    assert (first.status_code, again.status_code, third.status_code) == (200, 302, 302)
    assert len(exports(shop)) == 3
    assert [(done, why[:14]) for _, done, why in audit(shop, staff.email)] == [
        (True, "1 rows, csv: n"),
        (False, "export_repeate"),
        (False, "Two of your ex"),
    ]


@pytest.mark.parametrize(
    ("address", "columns"), [(f"{ORDERS}?total.min=abc", ["number"]), (ORDERS, ["nonsense"])]
)
def test_what_cannot_be_exported_sends_nothing(
    office: Flask, shop: World, address: str, columns: list[str]
) -> None:
    add_orders(shop, 1)
    staff = Browser(office, "finance")

    answer = export(staff, address, column=columns)

    assert answer.status_code == 302
    assert exports(shop) == []
    assert [done for _, done, _ in audit(shop, staff.email)] == [False]


@pytest.mark.parametrize("name", ["orders", "refunds", "notifications", "status_checks", "audit"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_list_can_be_taken_out_with_all_its_columns(
    office: Flask, shop: World, name: str, file_format: str
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 50_000)
    support = Browser(office, "support")
    support.submit(support.page(f"/admin/orders/{shop.order(page).number}").form("/check"))
    staff = Browser(office, "auditor")
    lists = {view.endpoint: view for view in office.extensions["admin"][0]._views}

    answer = export(staff, f"/admin/{name}/", file_format, column=list(lists[name].columns))

    assert answer.status_code == 200
    if file_format == "csv":
        assert len(read_csv(answer)) >= 2
    else:
        assert load_workbook(io.BytesIO(answer.data)).worksheets[0].max_row >= 2
    assert exports(shop)[0].rows_done == exports(shop)[0].rows_total >= 1


@every_role()
def test_only_roles_with_the_right_are_offered_a_file(office: Flask, role: str) -> None:
    page = Browser(office, role).page(ORDERS)

    assert page.has_form("/export") is (role in {"finance", "auditor"})
