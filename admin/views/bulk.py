"""Bulk runs: choose orders, see what would happen, start it or have it approved, follow it."""

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist, note
from admin.bulk_page import load_run, result_table, run_page
from admin.gate.forms import cleaned
from admin.lists.csv_file import stream_csv
from admin.lists.exports import BULK_EXPORTS, BULK_ROW_EXPORTS
from admin.lists.filters import ChoiceFilter, Filter, TimeFilter, count, equals, money
from admin.lists.finding import capped_count, find_orders
from admin.lists.listing import NO_VIEW
from admin.lists.paging import LARGEST_ID
from admin.order.refund_words import REFUND_REASONS
from admin.pages import PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import desk_to_act, reads
from admin.views.base import ListView, list_named
from admin.wording import options
from app.core.bulk import MOST_FAILURES, MOST_ROWS, RIGHT_FOR, BulkKind, BulkState, RowState
from app.core.money import parse_typed_amount
from app.core.rights import Right
from app.db.models import BulkRow, BulkRun
from app.services.bulk import (
    STOP_AFTER,
    NewRun,
    Submission,
    approve_run,
    draft_run,
    pause_run,
    reject_run,
    resume_run,
    run_name,
    stop_run,
    submit_run,
    withdraw_run,
)

_ONE: Final = "<int:run_id>"
_LONGEST_QUERY: Final = 4000
_ID: Final = re.compile(r"[0-9]{1,18}\Z")


def _in_state(value: str) -> ColumnElement[bool]:
    waiting = (BulkState.AWAITING_APPROVAL, BulkState.PAUSED)
    return BulkRun.state.in_(waiting) if value == "waiting" else BulkRun.state == BulkState(value)


class BulkRunsView(ListView):
    """The list of runs and the page of each."""

    list_template = "lunas/bulk_runs.html"
    columns: ClassVar = {
        "run": lazy_gettext("Run"),
        "kind": lazy_gettext("What is done"),
        "state": lazy_gettext("State"),
        "orders": lazy_gettext("Orders"),
        "sum": lazy_gettext("Total"),
        "who": lazy_gettext("Requested by"),
        "created_at": lazy_gettext("Created (WIB)"),
        "reason": lazy_gettext("Reason"),
    }
    column_classes: ClassVar = {"sum": "money", "orders": "money", "reason": "words"}
    column_sorts: ClassVar = {"run": "id"}
    exports: ClassVar = BULK_EXPORTS
    empty_text = lazy_gettext("No bulk runs yet. Tick orders in the list of orders to make one.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "state",
            lazy_gettext("State"),
            [("waiting", lazy_gettext("Waits for a person")), *options(BulkState)],
            _in_state,
        ),
        ChoiceFilter(
            "kind",
            lazy_gettext("What is done"),
            options(BulkKind),
            equals(BulkRun.kind, BulkKind),
        ),
        money("total", lazy_gettext("Total"), BulkRun.sum_idr),
        TimeFilter("created", lazy_gettext("Created"), BulkRun.created_at),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the run itself."""
        return (joinedload(BulkRun.requested_by),)

    def waiting(self) -> int | None:
        """Return how many runs wait for a person: for an approval, or to go on."""
        return capped_count(reads(), select(BulkRun.id).where(_in_state("waiting")), 999)

    @expose("/check", methods=("POST",))
    def create_check(self) -> Response:
        """Freeze the chosen orders for status checks, and show the draft."""
        return self._draft(BulkKind.CHECK, "bulk_check")

    @expose("/refund", methods=("POST",))
    def create_refund(self) -> Response:
        """Freeze the chosen orders and the dry run of each refund, and show the draft."""
        return self._draft(BulkKind.REFUND, "bulk_refund")

    @expose(f"/{_ONE}")
    def details(self, run_id: int) -> str:
        """Show where a run stands, its totals, and what a person can do about it."""
        return self.render("lunas/bulk_run.html", **_page(run_id))

    @expose(f"/{_ONE}/live")
    def live(self, run_id: int) -> Response:
        """Return the changing part of the page; ``X-Lunas-Live`` tells whether to ask again."""
        page = _page(run_id)
        body = render_template("lunas/bulk_body.html", **page)
        live = "on" if page["in_flight"] else "off"
        return Response(body, mimetype="text/html", headers={"X-Lunas-Live": live})

    @expose(f"/{_ONE}/submit", methods=("POST",))
    def submit(self, run_id: int) -> Response:
        """Start the drafted run, or ask a second person for it."""

        def work(person: Person) -> object:
            return submit_run(desk_to_act(), run_id, _submission(person))

        return _act(run_id, None, "submit_bulk", work)

    @expose(f"/{_ONE}/approve", methods=("POST",))
    def approve(self, run_id: int) -> Response:
        """Agree to the run that was shown, and start it."""
        shown = request.form.get("approval_hash", "")

        def work(person: Person) -> None:
            approve_run(desk_to_act(), run_id, staff_id=person.staff_id, approval_hash=shown)

        return _act(run_id, Right.APPROVE_REFUND, "approve_bulk", work)

    @expose(f"/{_ONE}/reject", methods=("POST",))
    def reject(self, run_id: int) -> Response:
        """Turn the run down."""
        reason = cleaned(request.form.get("reason"))

        def work(person: Person) -> None:
            reject_run(desk_to_act(), run_id, staff_id=person.staff_id, reason=reason)

        return _act(run_id, Right.APPROVE_REFUND, "reject_bulk", work)

    @expose(f"/{_ONE}/withdraw", methods=("POST",))
    def withdraw(self, run_id: int) -> Response:
        """Take the draft or the request back."""
        return _act(run_id, None, "withdraw_bulk", lambda _: withdraw_run(desk_to_act(), run_id))

    @expose(f"/{_ONE}/pause", methods=("POST",))
    def pause(self, run_id: int) -> Response:
        """Let the run wait. Whoever may ask a gateway may pull this brake, without a proof."""
        act = Right.CHECK_STATUS, "pause_bulk"
        return _act(run_id, *act, lambda _: pause_run(desk_to_act(), run_id))

    @expose(f"/{_ONE}/resume", methods=("POST",))
    def resume(self, run_id: int) -> Response:
        """Let the run go on."""
        return _act(run_id, None, "resume_bulk", lambda _: resume_run(desk_to_act(), run_id))

    @expose(f"/{_ONE}/stop", methods=("POST",))
    def stop(self, run_id: int) -> Response:
        """End the run for good; what was not begun stays undone."""
        return _act(run_id, None, "stop_bulk", lambda _: stop_run(desk_to_act(), run_id))

    @expose(f"/{_ONE}/result", methods=("POST",))
    def result(self, run_id: int) -> Response:
        """Send the result of every row and the control totals as a file."""
        run, person = _run(run_id), signed_in_person()
        is_own = run.requested_by_id == person.staff_id
        act = Act(Right.VIEW if is_own else Right.EXPORT, "export_bulk_result", run_name(run))
        insist(act)
        headings, lines = result_table(reads(), run)
        note(act, done=True, why=f"{run.row_count} rows, csv")
        name = f"lunas-{run_name(run)}.csv"
        return FlaskResponse(
            stream_csv(headings, lines),
            mimetype="text/csv",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def _draft(self, kind: BulkKind, name: str) -> Response:
        orders = list_named(self.admin, "orders")
        query = request.form.get("query", "")[:_LONGEST_QUERY]
        chosen = orders.chosen(MultiDict(parse_qsl(query)))
        by_filter = request.form.get("scope") == "all"
        act = Act(RIGHT_FOR[kind], name, orders.query_of(chosen)[:80] if by_filter else "")
        insist(act)
        if by_filter and chosen.asked.errors:
            note(act, done=False, why="filter_unreadable")
            flash(gettext("A filter cannot be read, so nothing was chosen."), "refused")
            return redirect(orders.list_address(chosen.pairs))
        ids = _matching(orders, chosen) if by_filter else _ticked()
        key = request.form.get("key", "")[:40]
        # Never empty where a filter chose them, also the one that lets everything through.
        asked = (orders.query_of(chosen) or f"view={NO_VIEW}") if by_filter else ""

        def work(person: Person) -> int:
            return draft_run(desk_to_act(), NewRun(key, kind, ids, asked, person.staff_id))

        run_id = carry_out(act, work)
        if run_id is None:
            return redirect(orders.list_address(chosen.pairs))
        return redirect(url_for(".details", run_id=run_id))


class BulkRowsView(ListView):
    """The rows of all runs; reached from a run's page, filtered to it."""

    list_template = "lunas/bulk_rows.html"
    columns: ClassVar = {
        "row": lazy_gettext("Run and row"),
        "order": lazy_gettext("Order"),
        "amount": lazy_gettext("Amount"),
        "state": lazy_gettext("Result"),
        "why": lazy_gettext("Reason"),
        "refund": lazy_gettext("Refund"),
        "finished_at": lazy_gettext("Finished (WIB)"),
    }
    column_classes: ClassVar = {"amount": "money", "order": "id", "why": "words"}
    column_sorts: ClassVar = {"row": "id"}
    exports: ClassVar = BULK_ROW_EXPORTS
    can_search = True
    search_hint = lazy_gettext("Order")
    empty_text = lazy_gettext("No rows.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "state", lazy_gettext("Result"), options(RowState), equals(BulkRow.state, RowState)
        ),
        count("run", lazy_gettext("Run"), BulkRow.run_id),
        money("amount", lazy_gettext("Amount"), BulkRow.amount_idr),
    )

    def is_visible(self) -> bool:
        """Stay out of the menu: rows are reached from their run."""
        return False

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the row itself."""
        return joinedload(BulkRow.order), joinedload(BulkRow.refund), joinedload(BulkRow.run)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the rows of the orders that the text names."""
        return BulkRow.order_id.in_(find_orders(reads(), text))


def _matching(orders: ListView, chosen: Any) -> list[int]:
    query = select(orders.key).where(*orders.conditions(chosen)).order_by(orders.key)
    return list(reads().scalars(query.limit(MOST_ROWS + 1)))


def _ticked() -> list[int]:
    typed = request.form.getlist("row")[: MOST_ROWS + 1]
    numbers = (int(text) for text in typed if _ID.match(text))
    return [number for number in dict.fromkeys(numbers) if number <= LARGEST_ID]


def _submission(person: Person) -> Submission:
    stop_after = request.form.get("stop_after", "")
    return Submission(
        reason_code=REFUND_REASONS.get(request.form.get("reason_code", "")),
        reason=cleaned(request.form.get("reason")),
        note=cleaned(request.form.get("note")),
        stop_after=int(stop_after) if stop_after in _STOPS else STOP_AFTER,
        typed_total_idr=_typed_total(cleaned(request.form.get("total"))),
        staff_id=person.staff_id,
    )


_STOPS: Final = frozenset(str(number) for number in range(1, MOST_FAILURES + 1))


def _typed_total(text: str) -> int:
    try:
        return parse_typed_amount(text)
    except ValueError:
        return -1  # No total; the run is refused as mistyped.


def _run(run_id: int) -> BulkRun:
    run = load_run(reads(), run_id) if run_id <= LARGEST_ID else None
    if run is None:
        raise PageMissingError
    return run


def _page(run_id: int) -> dict[str, Any]:
    run = _run(run_id)
    return run_page(reads(), run, signed_in_person(), RIGHT_FOR[run.kind])


def _act(run_id: int, right: Right | None, name: str, work: Callable[[Person], object]) -> Response:
    """Carry out an act on a run; without a right of its own it needs that of the run's kind."""
    run = _run(run_id)
    carry_out(Act(right or RIGHT_FOR[run.kind], name, run_name(run)), work)
    return redirect(url_for(".details", run_id=run_id))
