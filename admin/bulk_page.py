"""What the page of a bulk run shows: totals that add up, rows to look at, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, raiseload

from admin.lists.columns import Cell, write_cell
from admin.person import Person
from admin.reading import current_desk
from admin.wording import why_words
from app.core.bulk import (
    NEVER_TRIED,
    TELLING,
    UNFINISHED,
    BulkKind,
    BulkState,
    RowState,
    approval_ends_at,
)
from app.core.refund_limits import Allowance
from app.core.refund_reasons import RefundReason
from app.core.rights import Right
from app.db.models import BulkRow, BulkRun
from app.services.bulk import run_name
from app.services.bulk_plans import changes_of_run
from app.services.refund_limits import refund_allowance

_MOST_SHOWN: Final = 25
_BEFORE_START: Final = frozenset({BulkState.DRAFT, BulkState.AWAITING_APPROVAL})


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows ended, or stand, one way for one reason, and what they sum up to."""

    state: RowState
    why: str
    count: int
    sum_idr: int


def load_run(session: Session, run_id: int) -> BulkRun | None:
    """Return a run with its people; None if there is none."""
    people = joinedload(BulkRun.requested_by), joinedload(BulkRun.approved_by)
    query = select(BulkRun).where(BulkRun.id == run_id).options(*people, raiseload("*"))
    return session.scalars(query).one_or_none()


def totals_of(session: Session, run: BulkRun) -> list[Total]:
    """Return the control totals by state and reason, the most rows first."""
    count, total = func.count(), func.sum(BulkRow.amount_idr)
    query = (
        select(BulkRow.state, BulkRow.why, count, total)
        .where(BulkRow.run_id == run.id)
        .group_by(BulkRow.state, BulkRow.why)
        .order_by(count.desc(), BulkRow.state, BulkRow.why)
    )
    return [Total(state, why, n, int(idr)) for state, why, n, idr in session.execute(query)]


def run_page(session: Session, run: BulkRun, person: Person, right: Right) -> dict[str, Any]:
    """Return everything that the page of a run shows to this person."""
    totals = totals_of(session, run)
    finished = _count(totals, set(RowState) - NEVER_TRIED - UNFINISHED - {RowState.NOT_DONE})
    may = _what_they_may(run, person, right)
    return {
        **may,
        "run": run,
        "name": run_name(run),
        "totals": totals,
        "sum_idr": sum(total.sum_idr for total in totals),
        "finished": finished,
        "states": {state: _count(totals, {state}) for state in RowState},
        "rows": _rows_shown(session, run),
        "in_flight": run.state is BulkState.RUNNING or _count(totals, {RowState.WORKING}) > 0,
        "is_refund": run.kind is BulkKind.REFUND,
        "is_before_start": run.state in _BEFORE_START,
        "changes": changes_of_run(current_desk(), run) if may["may_decide"] else None,
        "most_shown": _MOST_SHOWN,
        "approval_ends_at": approval_ends_at(run.submitted_at) if run.submitted_at else None,
        "allowance": _allowance(run, person),
        "refund_reasons": list(RefundReason),
        "threshold_idr": current_desk().policy.approval_threshold_idr,
    }


def _what_they_may(run: BulkRun, person: Person, right: Right) -> dict[str, bool]:
    """Decide which buttons this person is offered; ``right`` is what the run itself takes."""
    is_own = run.requested_by_id == person.staff_id
    waits = run.state is BulkState.AWAITING_APPROVAL
    may = person.may(right)
    return {
        "is_own_request": waits and is_own,
        "may_submit": run.state is BulkState.DRAFT and is_own and may and run.eligible_count > 0,
        "may_decide": waits and not is_own and person.may(Right.APPROVE_REFUND),
        "may_withdraw": run.state in _BEFORE_START and may,
        "may_pause": run.state is BulkState.RUNNING and person.may(Right.CHECK_STATUS),
        "may_resume": run.state is BulkState.PAUSED and may,
        "may_stop": run.state in {BulkState.RUNNING, BulkState.PAUSED} and may,
        "may_export": is_own or person.may(Right.EXPORT),
    }


def _count(totals: Sequence[Total], states: set[RowState]) -> int:
    return sum(total.count for total in totals if total.state in states)


def _allowance(run: BulkRun, person: Person) -> Allowance | None:
    if run.kind is not BulkKind.REFUND or run.state is not BulkState.DRAFT:
        return None
    return refund_allowance(current_desk(), person.staff_id)


def _rows_shown(session: Session, run: BulkRun) -> Sequence[BulkRow]:
    """Return the rows that a person should read: before the start the first, then what differs."""
    query = _rows(run)
    if run.state not in _BEFORE_START:
        query = query.where(BulkRow.state.in_(TELLING))
    return session.scalars(query.limit(_MOST_SHOWN)).all()


def _rows(run: BulkRun) -> Any:
    loads = joinedload(BulkRow.order), joinedload(BulkRow.refund), raiseload("*")
    return select(BulkRow).where(BulkRow.run_id == run.id).order_by(BulkRow.seq).options(*loads)


_HEADINGS: Final = (
    *("run", "row", "order", "amount_idr", "route", "result", "why", "reason", "gateway_words"),
    *("before", "after", "refund_number", "refund_key", "refund_state_now", "finished_at"),
)


def result_table(session: Session, run: BulkRun) -> tuple[Sequence[str], list[Sequence[Cell]]]:
    """Return the result file: headings, every row, and control totals that must add up.

    At most 500 rows, so it is read in one piece: rows and totals are then of one moment.
    """
    rows = list(session.scalars(_rows(run)))
    lines: list[Sequence[Cell]] = [*(_result_line(run, row) for row in rows), ()]
    for state in RowState:
        mine = [row.amount_idr for row in rows if row.state is state]
        if mine:
            lines.append((run_name(run), "total", state.value, sum(mine), None, len(mine)))
    everything = sum(row.amount_idr for row in rows)
    lines.append((run_name(run), "total", "all", everything, None, len(rows)))
    lines.append((run_name(run), "manifest", run.manifest_hash, run.sum_idr, None, run.row_count))
    return _HEADINGS, lines


def _result_line(run: BulkRun, row: BulkRow) -> Sequence[Cell]:
    refund = row.refund
    values = (
        *(run_name(run), row.seq, row.order.number, row.amount_idr, row.route, row.state),
        *(row.why, why_words(row.why), row.message, row.before, row.after),
        *((refund.number, refund.key, refund.state) if refund else (None, None, None)),
        row.finished_at,
    )
    return [write_cell(value) for value in values]
