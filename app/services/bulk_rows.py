"""One row of a bulk run: the refund or the status check, in the name of whoever asked for the run.

A row may be tried again after a crash. Its refund bears the key that was minted with the row, so
however often it is tried, there is one refund, and one row of result.
"""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.bulk import BulkKind, RowOutcome, RowState, row_state_of
from app.core.errors import NotFoundError, RefusedError
from app.core.observations import Source
from app.core.reasons import Why
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName, PaymentStatus, RefundRoute, RefundState
from app.db.models import Refund
from app.services.desk import Desk
from app.services.refunds import (
    RefundForm,
    RefundResult,
    approve_refund,
    refund_result,
    request_refund,
)
from app.services.status import check_status


@dataclass(frozen=True, slots=True)
class RowTask:
    """What is to be done with one order; ``approved_by_id``: who agreed to the whole run."""

    run_id: int
    row_id: int
    kind: BulkKind
    order_id: int
    gateway: GatewayName
    form_key: str
    amount_idr: int
    route: RefundRoute | None
    reason_code: RefundReason | None
    reason: str
    staff_id: int
    approved_by_id: int | None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What came of a row; the refund where there is one, the order's state where it was checked."""

    outcome: RowOutcome
    refund_id: int | None = None
    before: PaymentStatus | None = None
    after: PaymentStatus | None = None


def do_row(desk: Desk, task: RowTask) -> RowResult:
    """Do what the row asks for, once, and say what came of it."""
    return _refund(desk, task) if task.kind is BulkKind.REFUND else _check(desk, task)


def _check(desk: Desk, task: RowTask) -> RowResult:
    """Ask the gateway; asking again after a crash changes nothing but the number of questions."""
    try:
        report = check_status(
            desk, task.order_id, source=Source.STATUS_CHECK, staff_id=task.staff_id
        )
    except NotFoundError:
        return RowResult(RowOutcome(RowState.FAILED, Why.NOTHING_AT_GATEWAY))
    if report.error is not None:
        outcome = RowOutcome(RowState.FAILED, Why.GATEWAY_SILENT, report.error)
    else:
        outcome = RowOutcome(RowState.DONE, report.why)
    return RowResult(outcome, before=report.before, after=report.after)


def _refund(desk: Desk, task: RowTask) -> RowResult:
    try:
        result = request_refund(desk, _form(task))
    except RefusedError as refusal:
        refund_id = _refund_of(desk, task.form_key)
        if refund_id is None:
            return RowResult(RowOutcome(RowState.FAILED, refusal.why, refusal.detail))
        # Refused on the way to the gateway: the refund is there, and the jobs go on with it.
        result = refund_result(desk, refund_id)
    if result.state is RefundState.AWAITING_APPROVAL and task.approved_by_id is not None:
        result = _approve(desk, task, result.refund_id, task.approved_by_id)
    outcome = RowOutcome(row_state_of(result.state), result.why, result.provider_message)
    return RowResult(outcome, refund_id=result.refund_id)


def _form(task: RowTask) -> RefundForm:
    """Return the refund that the run was agreed to with; whatever has changed is then refused."""
    return RefundForm(
        order_id=task.order_id,
        amount_idr=task.amount_idr,
        reason_code=task.reason_code,
        reason=task.reason,
        staff_id=task.staff_id,
        form_key=task.form_key,
        expected_refundable_idr=task.amount_idr,
        route=task.route,
    )


def _refund_of(desk: Desk, form_key: str) -> int | None:
    with desk.reads() as session:
        return session.scalar(select(Refund.id).where(Refund.form_key == form_key))


def _approve(desk: Desk, task: RowTask, refund_id: int, approved_by_id: int) -> RefundResult:
    """Let the approval of the run count for this refund, if it is what was agreed to.

    Where it is refused (the order was frozen meanwhile), the refund stays in the queue of
    approvals, for a person.
    """
    with desk.reads() as session:
        refund = session.get_one(Refund, refund_id)
    agreed = (task.amount_idr, task.route, task.reason_code, task.reason, task.staff_id)
    asked = (
        refund.amount_idr,
        refund.route,
        refund.reason_code,
        refund.reason,
        refund.requested_by_id,
    )
    if agreed == asked:
        try:
            shown = refund.approval_hash or ""
            return approve_refund(desk, refund_id, staff_id=approved_by_id, approval_hash=shown)
        except RefusedError:
            return refund_result(desk, refund_id)
    return refund_result(desk, refund_id)
