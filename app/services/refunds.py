"""Refunds asked for by people: dry run, request, approval, and the manual route."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import RefusedError
from app.core.facts import OrderFacts
from app.core.reasons import Why
from app.core.references import ALPHABET
from app.core.refunds import (
    ApprovalSubject,
    RefundEvent,
    RefundQuestion,
    RefundVerdict,
    approval_hash,
    decide_refund,
    refuse_approval,
    transaction_to_refund,
    what_is_left,
)
from app.core.states import GatewayName, RefundRoute, RefundState, StockState
from app.core.stock import StockStep
from app.core.transitions import RETURNED
from app.db.locks import lock_order, lock_refund
from app.db.models import Actor, Attempt, Order, Refund
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.observations import refresh_order
from app.services.refund_facts import WHY_OF, move_row, next_number, refund_details
from app.services.refund_limits import refuse_over_limit
from app.services.refund_sending import send_refund
from app.services.stock import move_goods
from app.services.timeline import Happening, record_event


@dataclass(frozen=True, slots=True)
class RefundForm:
    """A refund as a person filled it in.

    ``form_key`` was born with the form, so that sending it twice asks once;
    ``expected_refundable_idr`` is what the person saw as left; ``route`` MANUAL is an explicit
    choice of the bank transfer, None leaves the route to the rules.
    """

    order_id: int
    amount_idr: int
    reason: str
    staff_id: int
    form_key: str
    expected_refundable_idr: int
    route: RefundRoute | None = None


@dataclass(frozen=True, slots=True)
class RefundResult:
    """Where a refund stands after an action, with the gateway's own words if it said any."""

    refund_id: int
    number: int
    state: RefundState
    why: Why
    provider_message: str


def dry_run_refund(desk: Desk, order_id: int, amount_idr: int | None) -> RefundVerdict:
    """Say whether and how this refund could be made; ``None`` asks for all that is left.

    Nothing is changed. The request goes through the same decision, under the order's lock.
    """
    with desk.reads() as session:
        order = session.get_one(Order, order_id)
        return _judge(desk, load_facts(session, order), amount_idr)


def _judge(desk: Desk, facts: OrderFacts, amount_idr: int | None) -> RefundVerdict:
    transaction = transaction_to_refund(facts)
    attempt = facts.attempt(transaction.reference) if transaction else facts.attempts[-1]
    gateway = attempt.gateway if attempt else GatewayName.MIDTRANS
    return decide_refund(
        RefundQuestion(
            facts=facts,
            transaction=transaction,
            gateway=gateway,
            amount_idr=what_is_left(facts, transaction) if amount_idr is None else amount_idr,
            now=desk.clock(),
            approval_threshold_idr=desk.policy.approval_threshold_idr,
        )
    )


def request_refund(desk: Desk, form: RefundForm) -> RefundResult:
    """Reserve the amount, ask for approval if the sum needs it, else send the refund.

    RefusedError names the rule that says no; nothing is reserved then.
    """
    if not form.reason.strip():
        raise RefusedError(Why.REASON_MISSING)
    refund_id, is_new = _reserve(desk, form)
    if is_new:
        _send_if_approved(desk, refund_id, form.staff_id)
    return refund_result(desk, refund_id)


def _reserve(desk: Desk, form: RefundForm) -> tuple[int, bool]:
    """Write the refund and reserve its amount; an earlier one of the same form is returned."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, form.order_id)
        known = session.scalars(
            select(Refund).where(Refund.form_key == form.form_key)
        ).one_or_none()
        if known is not None:
            return known.id, False
        facts = load_facts(session, order)
        verdict = _judge(desk, facts, form.amount_idr)
        route = _route(form, verdict)
        # Checked after the rules, so that "nothing left" is said rather than "it changed".
        if form.expected_refundable_idr != verdict.refundable_idr:
            raise RefusedError(Why.AMOUNT_CHANGED)
        refuse_over_limit(session, form.staff_id, form.amount_idr, now)
        refund = _new_refund(session, order, facts, form, now)
        refund.route = route
        refund.state = _first_state(route, needs_approval=verdict.needs_approval)
        # Due for the jobs too, in case this process dies before it has sent the refund.
        refund.next_check_at = now if refund.state is RefundState.APPROVED else None
        refund.approval_hash = approval_hash(_subject(order, refund))
        session.add(refund)
        session.flush()
        refresh_order(session, order, _happening(refund, Why.REFUND_REQUESTED, form.staff_id, now))
        return refund.id, True


def _route(form: RefundForm, verdict: RefundVerdict) -> RefundRoute:
    """Choose the route, or raise RefusedError; the manual one only where the API cannot."""
    if form.route is RefundRoute.MANUAL and verdict.route is RefundRoute.MANUAL:
        return RefundRoute.MANUAL
    if not verdict.allowed or verdict.route is None:
        raise RefusedError(verdict.why)
    return verdict.route


def _first_state(route: RefundRoute, *, needs_approval: bool) -> RefundState:
    if needs_approval:
        return RefundState.AWAITING_APPROVAL
    return RefundState.TO_TRANSFER if route is RefundRoute.MANUAL else RefundState.APPROVED


def _new_refund(
    session: Session, order: Order, facts: OrderFacts, form: RefundForm, now: datetime
) -> Refund:
    transaction = transaction_to_refund(facts)
    if transaction is None:
        raise RefusedError(Why.NOT_PAID)
    attempt = session.scalars(
        select(Attempt).where(Attempt.reference == transaction.reference)
    ).one()
    number = next_number(session, order)
    # The random part keeps a key unused even if the database is ever restored from a backup.
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return Refund(
        order_id=order.id,
        number=number,
        key=f"{order.number}-R{number}-{tail}",
        form_key=form.form_key,
        gateway=attempt.gateway,
        gateway_transaction_id=transaction.gateway_transaction_id,
        attempt_id=attempt.id,
        amount_idr=form.amount_idr,
        reason=form.reason.strip(),
        requested_by_id=form.staff_id,
        requested_at=now,
        looks_done=0,
    )


def _subject(order: Order, refund: Refund) -> ApprovalSubject:
    return ApprovalSubject(
        order=order.number,
        refund_key=refund.key,
        amount_idr=refund.amount_idr,
        route=refund.route,
        reason=refund.reason,
    )


def _send_if_approved(desk: Desk, refund_id: int, staff_id: int) -> None:
    with desk.reads() as session:
        state = session.get_one(Refund, refund_id).state
    if state is RefundState.APPROVED:
        send_refund(desk, refund_id, staff_id=staff_id)


def refund_result(desk: Desk, refund_id: int) -> RefundResult:
    """Return where a refund stands."""
    with desk.reads() as session:
        refund = session.get_one(Refund, refund_id)
        return RefundResult(
            refund_id=refund.id,
            number=refund.number,
            state=refund.state,
            why=WHY_OF[refund.state],
            provider_message=refund.provider_message or "",
        )


def approve_refund(
    desk: Desk, refund_id: int, *, staff_id: int, approval_hash: str
) -> RefundResult:
    """Agree to exactly the request that was shown, as a second person, and send it.

    RefusedError: SAME_PERSON, APPROVAL_EXPIRED, REQUEST_CHANGED, WRONG_REFUND_STATE.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        _refuse_unless_approvable(order, refund, staff_id, approval_hash, now)
        manual = refund.route is RefundRoute.MANUAL
        _move(refund, RefundEvent.APPROVE_TRANSFER if manual else RefundEvent.APPROVE)
        refund.approved_by_id = staff_id
        refund.approved_at = now
        refund.next_check_at = None if manual else now
        record_event(session, order, _happening(refund, Why.REFUND_APPROVED, staff_id, now))
    _send_if_approved(desk, refund_id, staff_id)
    return refund_result(desk, refund_id)


def _refuse_unless_approvable(
    order: Order, refund: Refund, staff_id: int, shown_hash: str, now: datetime
) -> None:
    if refund.state is not RefundState.AWAITING_APPROVAL:
        raise RefusedError(Why.WRONG_REFUND_STATE)
    refusal = refuse_approval(
        requested_by=refund.requested_by_id or 0,
        approver=staff_id,
        requested_at=refund.requested_at,
        now=now,
    )
    if refusal is not None:
        raise RefusedError(refusal)
    current = approval_hash(_subject(order, refund))
    if not secrets.compare_digest(current, shown_hash) or refund.approval_hash != current:
        raise RefusedError(Why.REQUEST_CHANGED)


def _move(refund: Refund, event: RefundEvent) -> None:
    if not move_row(refund, event):
        raise RefusedError(Why.WRONG_REFUND_STATE)


def reject_refund(desk: Desk, refund_id: int, *, staff_id: int, reason: str) -> RefundResult:
    """Turn a request down; its amount is free again."""
    return _end(desk, refund_id, RefundEvent.REJECT, _Ending(Why.REFUND_REJECTED, staff_id, reason))


def withdraw_refund(desk: Desk, refund_id: int, *, staff_id: int, reason: str) -> RefundResult:
    """Take back a request that was not sent yet; its amount is free again."""
    ending = _Ending(Why.REFUND_WITHDRAWN, staff_id, reason)
    return _end(desk, refund_id, RefundEvent.WITHDRAW, ending)


def mark_transferred(desk: Desk, refund_id: int, *, staff_id: int, proof: str) -> RefundResult:
    """Record that a manual refund was paid by bank transfer; ``proof`` names the transfer."""
    ending = _Ending(Why.REFUND_TRANSFERRED, staff_id, proof)
    return _end(desk, refund_id, RefundEvent.TRANSFERRED, ending)


@dataclass(frozen=True, slots=True)
class _Ending:
    why: Why
    staff_id: int
    note: str


def _end(desk: Desk, refund_id: int, event: RefundEvent, ending: _Ending) -> RefundResult:
    if not ending.note.strip():
        raise RefusedError(Why.REASON_MISSING)
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        _move(refund, event)
        refund.finished_at = now
        refund.next_check_at = None
        if event is RefundEvent.TRANSFERRED:
            refund.transfer_proof = ending.note.strip()
        happening = _happening(refund, ending.why, ending.staff_id, now)
        details = {**happening.details, "note": ending.note.strip()}
        refresh_order(session, order, replace(happening, details=details))
    return refund_result(desk, refund_id)


def restock_refund(desk: Desk, refund_id: int, *, staff_id: int) -> None:
    """Put the goods of a wholly refunded order back in stock, once.

    RefusedError(WRONG_REFUND_STATE) unless the refund has succeeded, the whole order is refunded
    and its goods have not come back before.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        whole = order.refunded_idr == order.captured_idr
        if refund.state not in RETURNED or not whole or order.stock_state is not StockState.TAKEN:
            raise RefusedError(Why.WRONG_REFUND_STATE)
        move_goods(session, order, StockStep.RESTOCK, now)
        record_event(session, order, _happening(refund, Why.RESTOCKED, staff_id, now))


def _happening(refund: Refund, why: Why, staff_id: int, now: datetime) -> Happening:
    details = {**refund_details(refund), "reason": refund.reason}
    return Happening(why, Actor.STAFF, now, staff_id, details=details)
