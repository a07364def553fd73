"""What the jobs do with bulk runs: row by row, each begun, done and ended in commits of its own.

A process that dies leaves at most one row "working"; whoever claims the run next does that row
again, under the same key, before any other.
"""

import logging
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from app.core.bulk import (
    HALTING,
    LONGEST_TURN,
    MOST_TRIES,
    RIGHT_FOR,
    ROW_LEASE,
    UNFINISHED,
    BulkEvent,
    BulkState,
    RowOutcome,
    RowState,
    failures_after,
    move_run,
)
from app.core.reasons import Why
from app.core.rights import rights_of
from app.db.claims import claim_due
from app.db.locks import lock_bulk_run
from app.db.models import BulkRow, BulkRun, Order, Staff
from app.services.audit import AuditNote, append_audit
from app.services.bulk import expire_runs, manifest_holds, run_name
from app.services.bulk_rows import RowResult, RowTask, do_row
from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport
from app.telemetry.context import bind, kept_apart

_log = logging.getLogger("lunas.jobs")


def work_on_runs(desk: Desk, crew: Crew) -> RunReport:
    """Work for a turn on the run that has waited longest; counts rows."""
    expire_runs(desk)
    claimed = claim_due(desk.sessions, BulkRun, owner=crew.owner, now=desk.clock(), limit=1)
    results = [state for run_id in claimed for state in _take_turn(desk, crew, run_id)]
    return RunReport(len(results), results.count(RowState.DONE), results.count(None))


def _take_turn(desk: Desk, crew: Crew, run_id: int) -> list[RowState | None]:
    """Do rows until the turn is over; None stands for a row that ended in an error of ours."""
    until, done = desk.clock() + LONGEST_TURN, list[RowState | None]()
    _pause_if_unfit(desk, run_id)
    while len(done) < crew.batch and desk.clock() < until:
        task = _begin_row(desk, run_id, crew.owner)
        if task is None:
            break
        done.append(kept_apart(_guarded)(desk, crew, task))
        if done[-1] is None:
            break  # What failed may pass in a second; the next turn tries again.
    _release(desk, run_id, crew.owner)
    return done


def _pause_if_unfit(desk: Desk, run_id: int) -> None:
    """Do nothing more where the rows are not those agreed to, or whoever asked may not any more."""
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        requester = session.get_one(Staff, run.requested_by_id)
        if not manifest_holds(session, run):
            _pause(run, Why.MANIFEST_CHANGED)
        elif not requester.active:
            _pause(run, Why.ACCOUNT_CLOSED)
        elif RIGHT_FOR[run.kind] not in rights_of(requester.role.name):
            _pause(run, Why.NOT_ALLOWED)


def _pause(run: BulkRun, why: Why) -> None:
    state = move_run(run.state, BulkEvent.PAUSE)
    if state is not None:
        run.state, run.why = state, why.value


def _begin_row(desk: Desk, run_id: int, owner: str) -> RowTask | None:
    """Commit which row is done next; None if there is none, or another process has the run."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, run_id)
        if run.lease_owner != owner:
            return None
        row = _next_row(session, run)
        if row is None:
            _end_run(run, now)
            return None
        row.state = RowState.WORKING
        row.started_at = row.started_at or now
        run.lease_until = now + ROW_LEASE
        return _task(session, run, row)


def _next_row(session: Session, run: BulkRun) -> BulkRow | None:
    """Return the row that a dead process left, else the next; none where the run stands still."""
    may = UNFINISHED if run.state is BulkState.RUNNING else {RowState.WORKING}
    query = select(BulkRow).where(BulkRow.run_id == run.id, BulkRow.state.in_(may))
    left_first = case((BulkRow.state == RowState.WORKING, 0), else_=1)
    return session.scalars(query.order_by(left_first, BulkRow.seq).limit(1)).one_or_none()


def _task(session: Session, run: BulkRun, row: BulkRow) -> RowTask:
    return RowTask(
        run_id=run.id,
        row_id=row.id,
        kind=run.kind,
        order_id=row.order_id,
        gateway=session.get_one(Order, row.order_id).gateway,
        form_key=row.form_key,
        amount_idr=row.amount_idr,
        route=row.route,
        reason_code=run.reason_code,
        reason=run.reason,
        staff_id=run.requested_by_id,
        approved_by_id=run.approved_by_id,
    )


def _end_run(run: BulkRun, now: datetime) -> None:
    run.next_check_at = None
    state = move_run(run.state, BulkEvent.FINISH)
    if state is not None:
        run.state, run.finished_at = state, now


def _guarded(desk: Desk, crew: Crew, task: RowTask) -> RowState | None:
    """Do one row; None if it failed in a way of our own: it is tried again, or left to a person."""
    limit = crew.limits.get(task.gateway)
    if limit is not None:
        limit.wait()
    bind(bulk_run=task.run_id, bulk_row=task.row_id)
    try:
        result = do_row(desk, task)
    except Exception:  # noqa: BLE001 - one row must not stop the others.
        _log.exception("bulk row %s failed", task.row_id)
        _note_error(desk, task)
        return None
    _end_row(desk, task, result)
    return result.outcome.state


def _note_error(desk: Desk, task: RowTask) -> None:
    with desk.sessions.begin() as session:
        lock_bulk_run(session, task.run_id)
        row = session.get_one(BulkRow, task.row_id)
        row.tries += 1
        is_given_up = row.tries >= MOST_TRIES
    if is_given_up:
        # What it did before the error is not known, so it is a person's to look at.
        _end_row(desk, task, RowResult(RowOutcome(RowState.OPEN, Why.ROW_BROKEN)))


def _end_row(desk: Desk, task: RowTask, result: RowResult) -> None:
    """Commit what came of the row, once; a slower worker of the same row changes nothing."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        run = lock_bulk_run(session, task.run_id)
        row = session.get_one(BulkRow, task.row_id)
        if row.state is not RowState.WORKING:
            return
        if result.outcome.why in HALTING and result.refund_id is None:
            _put_back(run, row, result.outcome.why)
            return
        _write_result(row, result, now)
        run.failures_in_row = failures_after(run.failures_in_row, row.state)
        if run.failures_in_row >= run.stop_after:
            _pause(run, Why.TOO_MANY_FAILURES)
        append_audit(session, _audit_note(session, run, row), now)


def _put_back(run: BulkRun, row: BulkRow, why: Why) -> None:
    """Let the run wait with this row for a person; one that was stopped ends without it."""
    stopped = run.state is BulkState.STOPPED
    row.state = RowState.NOT_DONE if stopped else RowState.WAITING
    if stopped:
        row.why = Why.RUN_STOPPED.value
    _pause(run, why)


def _write_result(row: BulkRow, result: RowResult, now: datetime) -> None:
    row.state = result.outcome.state
    row.why = result.outcome.why.value
    row.message = result.outcome.message
    row.refund_id = result.refund_id
    row.before, row.after = result.before, result.after
    row.finished_at = now


def _audit_note(session: Session, run: BulkRun, row: BulkRow) -> AuditNote:
    """Return what this row did in the name of whoever asked for the run."""
    return AuditNote(
        staff_id=run.requested_by_id,
        who=session.get_one(Staff, run.requested_by_id).email,
        action=f"bulk_{run.kind}_row",
        target=session.get_one(Order, row.order_id).number,
        done=row.state is not RowState.FAILED,
        why=f"{run_name(run)}/{row.seq}: {row.why}",
    )


def _release(desk: Desk, run_id: int, owner: str) -> None:
    """Give the run back; one that still has work goes behind the others."""
    later = case((BulkRun.next_check_at.is_not(None), desk.clock()), else_=None)
    with desk.sessions.begin() as session:
        session.execute(
            update(BulkRun)
            .where(BulkRun.id == run_id, BulkRun.lease_owner == owner)
            .values(lease_until=None, lease_owner=None, next_check_at=later)
        )
