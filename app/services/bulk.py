"""Bulk runs as people make them: drafted with a dry run, submitted, approved, paused, ended."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.bulk import (
    MOST_FAILURES,
    MOST_ROWS,
    BulkEvent,
    BulkKind,
    BulkState,
    PlannedRow,
    RowState,
    RunSubject,
    is_expired,
    manifest_hash,
    move_run,
    row_form_key,
    run_hash,
    sums_of,
)
from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refund_reasons import RefundReason
from app.core.refunds import APPROVAL_LIFETIME
from app.db.locks import lock_bulk_run
from app.db.models import BulkRow, BulkRun
from app.services.bulk_plans import plan_orders, stored_manifest
from app.services.desk import Desk
from app.services.refund_limits import refund_allowance

STOP_AFTER: Final = 5


@dataclass(frozen=True, slots=True)
class NewRun:
    """What somebody wants done to many orders; ``key`` is born with the click.

    ``query`` is the filter that chose the orders; empty where they were ticked one by one.
    """

    key: str
    kind: BulkKind
    order_ids: Sequence[int]
    query: str
    staff_id: int


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person adds to a draft; ``typed_total_idr`` is the total as they typed it.

    A run of refunds needs a reason of the catalogue, words for the gateway, and a note.
    """

    reason_code: RefundReason | None
    reason: str
    note: str
    stop_after: int
    typed_total_idr: int
    staff_id: int


def draft_run(desk: Desk, new: NewRun) -> int:
    """Freeze the orders and what the dry run says of each; the same click again is the same run.

    RefusedError: NOTHING_CHOSEN, TOO_MANY_ROWS. Nothing is asked of a gateway.
    """
    planned = plan_orders(desk, new.kind, new.order_ids[: MOST_ROWS + 1])
    if not planned:
        raise RefusedError(Why.NOTHING_CHOSEN)
    if len(planned) > MOST_ROWS:
        raise RefusedError(Why.TOO_MANY_ROWS)
    try:
        with desk.sessions.begin() as session:
            return _write_draft(session, new, planned, desk.clock())
    except IntegrityError:
        with desk.reads() as session:
            return session.scalars(select(BulkRun.id).where(BulkRun.key == new.key)).one()


def _write_draft(
    session: Session, new: NewRun, planned: dict[int, PlannedRow], now: datetime
) -> int:
    sums = sums_of(planned.values())
    run = BulkRun(
        key=new.key,
        kind=new.kind,
        state=BulkState.DRAFT,
        query=new.query,
        row_count=len(planned),
        eligible_count=sums.count,
        sum_idr=sums.sum_idr,
        manifest_hash=manifest_hash(planned.values()),
        needs_approval=False,
        stop_after=STOP_AFTER,
        requested_by_id=new.staff_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    session.add_all(_rows(run, planned))
    return run.id


def _rows(run: BulkRun, planned: dict[int, PlannedRow]) -> Iterable[BulkRow]:
    for seq, (order_id, row) in enumerate(planned.items(), start=1):
        yield BulkRow(
            run_id=run.id,
            seq=seq,
            order_id=order_id,
            form_key=row_form_key(run.key, seq),
            amount_idr=row.amount_idr,
            route=row.route,
            state=row.state,
            why=row.why.value,
        )


def run_name(run: BulkRun) -> str:
    """Return what staff call a run: ``B12``."""
    return f"B{run.id}"


def subject_of_run(run: BulkRun) -> RunSubject:
    """Return what an approver of this run agrees to, as it is stored now."""
    return RunSubject(
        run=run_name(run),
        kind=run.kind,
        manifest_hash=run.manifest_hash,
        count=run.eligible_count,
        sum_idr=run.sum_idr,
        reason_code=run.reason_code,
        reason=run.reason,
        note=run.note,
        requested_by=run.requested_by_id,
    )


def manifest_holds(session: Session, run: BulkRun) -> bool:
    """Tell whether rows, totals and request are still the ones that were agreed to."""
    rows = stored_manifest(session, run.id)
    sums = sums_of(rows)
    return (
        manifest_hash(rows) == run.manifest_hash
        and (sums.count, sums.sum_idr) == (run.eligible_count, run.sum_idr)
        and run_hash(subject_of_run(run)) == run.approval_hash
    )


def submit_run(desk: Desk, run_id: int, form: Submission) -> BulkState:
    """Start a drafted run, or ask a second person where its total needs one.

    RefusedError: NOT_ALLOWED (somebody else's draft), NOTHING_CHOSEN, REASON_MISSING,
    TOTAL_MISTYPED, DAILY_LIMIT_REACHED, WRONG_RUN_STATE.
    """
    allowance = refund_allowance(desk, form.staff_id)
    now = desk.clock()
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        if run.requested_by_id != form.staff_id:
            raise RefusedError(Why.NOT_ALLOWED)
        if run.kind is BulkKind.REFUND:
            _refuse_refunds(run, form)
            if not allowance.covers(run.sum_idr):
                raise RefusedError(Why.DAILY_LIMIT_REACHED)
        elif run.eligible_count == 0:
            raise RefusedError(Why.NOTHING_CHOSEN)
        sums = sums_of(stored_manifest(session, run.id))
        needs_approval = sums.needs_approval(desk.policy.approval_threshold_idr)
        _move(run, BulkEvent.ASK if needs_approval else BulkEvent.SUBMIT)
        run.needs_approval = needs_approval
        _fill_in(run, form, now)
        if not needs_approval:
            _start(run, now)
        return run.state


def _refuse_refunds(run: BulkRun, form: Submission) -> None:
    if run.eligible_count == 0:
        raise RefusedError(Why.NOTHING_CHOSEN)
    if form.reason_code is None or not form.reason.strip() or not form.note.strip():
        raise RefusedError(Why.REASON_MISSING)
    if form.typed_total_idr != run.sum_idr:
        raise RefusedError(Why.TOTAL_MISTYPED)


def _fill_in(run: BulkRun, form: Submission, now: datetime) -> None:
    run.reason_code = form.reason_code
    run.reason = form.reason.strip()
    run.note = form.note.strip()
    run.stop_after = min(max(form.stop_after, 1), MOST_FAILURES)
    run.submitted_at = now
    run.approval_hash = run_hash(subject_of_run(run))


def _start(run: BulkRun, now: datetime) -> None:
    run.started_at = run.started_at or now
    run.next_check_at = now
    run.failures_in_row = 0
    run.why = None


def _move(run: BulkRun, event: BulkEvent) -> None:
    state = move_run(run.state, event)
    if state is None:
        raise RefusedError(Why.WRONG_RUN_STATE)
    run.state = state


def approve_run(desk: Desk, run_id: int, *, staff_id: int, approval_hash: str) -> None:
    """Agree to exactly the run that was shown, as a second person, and start it.

    RefusedError: SAME_PERSON, APPROVAL_EXPIRED, REQUEST_CHANGED, WRONG_RUN_STATE.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        _refuse_unless_approvable(run, staff_id, approval_hash, now)
        if not manifest_holds(session, run):
            raise RefusedError(Why.REQUEST_CHANGED)
        _move(run, BulkEvent.APPROVE)
        run.approved_by_id = staff_id
        run.approved_at = now
        _start(run, now)


def _refuse_unless_approvable(run: BulkRun, staff_id: int, shown: str, now: datetime) -> None:
    if move_run(run.state, BulkEvent.APPROVE) is None or run.submitted_at is None:
        raise RefusedError(Why.WRONG_RUN_STATE)
    if run.requested_by_id == staff_id:
        raise RefusedError(Why.SAME_PERSON)
    if is_expired(run.submitted_at, now):
        raise RefusedError(Why.APPROVAL_EXPIRED)
    if not secrets.compare_digest((run.approval_hash or "").encode(), shown.encode()):
        raise RefusedError(Why.REQUEST_CHANGED)


def reject_run(desk: Desk, run_id: int, *, staff_id: int, reason: str) -> None:
    """Turn a run down, with a reason; nothing of it is done.

    RefusedError: REASON_MISSING, SAME_PERSON, WRONG_RUN_STATE.
    """
    if not reason.strip():
        raise RefusedError(Why.REASON_MISSING)
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        if run.requested_by_id == staff_id:
            raise RefusedError(Why.SAME_PERSON)
        _move(run, BulkEvent.REJECT)
        run.decision_note = reason.strip()
        _give_up_rows(session, run, desk.clock())


def withdraw_run(desk: Desk, run_id: int) -> None:
    """Take back a draft or a request, or RefusedError(WRONG_RUN_STATE); nothing of it is done."""
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        _move(run, BulkEvent.WITHDRAW)
        _give_up_rows(session, run, desk.clock())


def pause_run(desk: Desk, run_id: int) -> None:
    """Let the run wait after the row that it is at, or RefusedError(WRONG_RUN_STATE)."""
    with desk.sessions.begin() as session:
        _move(lock_bulk_run(session, run_id), BulkEvent.PAUSE)


def resume_run(desk: Desk, run_id: int) -> None:
    """Let the run go on where it was, and count failures anew.

    RefusedError(WRONG_RUN_STATE) unless it waits.
    """
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        _move(run, BulkEvent.RESUME)
        _start(run, desk.clock())


def stop_run(desk: Desk, run_id: int) -> None:
    """End the run for good after the row that it is at; the rest stays undone.

    RefusedError(WRONG_RUN_STATE) if it has ended already or was never begun.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        _move(run, BulkEvent.STOP)
        _give_up_rows(session, run, now)
        # A row that a dead process left behind is still brought to its end.
        run.next_check_at = now


def _give_up_rows(session: Session, run: BulkRun, now: datetime) -> None:
    run.finished_at = now
    run.next_check_at = None
    session.execute(
        update(BulkRow)
        .where(BulkRow.run_id == run.id, BulkRow.state == RowState.WAITING)
        .values(state=RowState.NOT_DONE, why=Why.RUN_STOPPED.value, finished_at=now)
        .execution_options(synchronize_session=False)
    )


def expire_runs(desk: Desk) -> int:
    """Withdraw runs that waited longer than 72 hours for a second person; return how many."""
    now = desk.clock()
    waiting = (
        BulkRun.state == BulkState.AWAITING_APPROVAL,
        BulkRun.submitted_at < now - APPROVAL_LIFETIME,
    )
    with desk.reads() as session:
        ids = list(session.scalars(select(BulkRun.id).where(*waiting)))
    return [_expire(desk, run_id, now) for run_id in ids].count(True)


def _expire(desk: Desk, run_id: int, now: datetime) -> bool:
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        if run.state is not BulkState.AWAITING_APPROVAL:
            return False
        _move(run, BulkEvent.WITHDRAW)
        run.why = Why.APPROVAL_EXPIRED.value
        _give_up_rows(session, run, now)
        return True
