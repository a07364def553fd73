"""Refunds asked for by people: dry run, request, approval, and the manual route."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import RefusedError
from app.core.facts import OrderFacts, TransactionFact
from app.core.reasons import Why
from app.core.refund_changes import verdict_record
from app.core.refund_lines import Line, price_of_lines
from app.core.refund_reasons import RefundReason
from app.core.refunds import (
    RefundEvent,
    RefundQuestion,
    RefundVerdict,
    approval_hash,
    decide_refund,
    refuse_approval,
    transaction_to_refund,
    what_is_left,
)
from app.core.states import Attention, GatewayName, RefundRoute, RefundState
from app.core.transfers import BankAccount
from app.db.locks import lock_order, lock_refund
from app.db.models import Order, Refund
from app.services.calls import end_call
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.findings import is_frozen
from app.services.observations import refresh_order
from app.services.refund_facts import WHY_OF, move_row
from app.services.refund_limits import refuse_over_limit
from app.services.refund_lines import lines_of, read_sold
from app.services.refund_sending import judge_again, send_refund
from app.services.refund_writing import (
    NewRefund,
    staff_happening,
    subject_of_approval,
    write_refund,
)
from app.services.timeline import record_event

# A refund in these states goes on by bank transfer: refused, or not yet sent to the gateway.
MAY_BE_REROUTED: Final = frozenset({RefundState.FAILED, RefundState.APPROVED})


@dataclass(frozen=True, slots=True)
class RefundForm:
    """A refund as a person filled it in.

    ``form_key`` was born with the form, so that sending it twice asks once;
    ``expected_refundable_idr`` is what the person saw as left; ``route`` MANUAL is an explicit
    choice of the bank transfer to ``account``, another one what the person was shown, None leaves
    it to the rules. ``lines``: the pieces that it pays for, of just this amount; none for an amount
    that a person chose.
    """

    order_id: int
    amount_idr: int
    reason: str
    staff_id: int
    form_key: str
    expected_refundable_idr: int
    route: RefundRoute | None = None
    account: BankAccount | None = None
    reason_code: RefundReason | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class RerouteForm:
    """A refund to go on with by bank transfer; ``form_key`` was born with the form."""

    refund_id: int
    account: BankAccount
    staff_id: int
    form_key: str


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
        frozen = is_frozen(session, order_id)
        return judge_refund(desk, load_facts(session, order), amount_idr, frozen=frozen)


def judge_refund(
    desk: Desk, facts: OrderFacts, amount_idr: int | None, *, frozen: bool
) -> RefundVerdict:
    """Ask the rules about a new refund of an order with these facts; ``None``: all that is left."""
    question = _question(desk, facts, transaction_to_refund(facts), amount_idr)
    return decide_refund(replace(question, frozen=frozen))


def _question(
    desk: Desk, facts: OrderFacts, transaction: TransactionFact | None, amount_idr: int | None
) -> RefundQuestion:
    attempt = facts.attempt(transaction.reference) if transaction else facts.attempts[-1]
    return RefundQuestion(
        facts=facts,
        transaction=transaction,
        gateway=attempt.gateway if attempt else GatewayName.MIDTRANS,
        amount_idr=what_is_left(facts, transaction) if amount_idr is None else amount_idr,
        now=desk.clock(),
        approval_threshold_idr=desk.policy.approval_threshold_idr,
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
        known = _of_form(session, form.form_key)
        if known is not None:
            return known.id, False
        facts = load_facts(session, order)
        verdict = judge_refund(desk, facts, form.amount_idr, frozen=is_frozen(session, order.id))
        _refuse_other_lines(session, form)
        new = _new_refund(form, transaction_to_refund(facts), verdict)
        refuse_over_limit(session, form.staff_id, form.amount_idr, now)
        _take_up(order, form, now)
        return write_refund(session, order, new, now).id, True


def _of_form(session: Session, form_key: str) -> Refund | None:
    return session.scalars(select(Refund).where(Refund.form_key == form_key)).one_or_none()


def _refuse_other_lines(session: Session, form: RefundForm) -> None:
    """Raise RefusedError(LINES_CHANGED) unless the lines are left and cost just this amount."""
    if form.lines and price_of_lines(form.lines, read_sold(session, form.order_id)) != (
        form.amount_idr
    ):
        raise RefusedError(Why.LINES_CHANGED)


def _new_refund(
    form: RefundForm, transaction: TransactionFact | None, verdict: RefundVerdict
) -> NewRefund:
    route = _route(form, verdict)
    if transaction is None:
        raise RefusedError(Why.NOT_PAID)
    # Checked after the rules, so that "nothing left" is said rather than "it changed".
    if form.expected_refundable_idr != verdict.refundable_idr:
        raise RefusedError(Why.AMOUNT_CHANGED)
    by_hand = route is RefundRoute.MANUAL
    if by_hand and form.account is None:
        raise RefusedError(Why.ACCOUNT_INCOMPLETE)
    return NewRefund(
        transaction=transaction,
        amount_idr=form.amount_idr,
        route=route,
        needs_approval=verdict.needs_approval,
        reason=form.reason,
        staff_id=form.staff_id,
        form_key=form.form_key,
        account=form.account if by_hand else None,
        reason_code=form.reason_code,
        lines=form.lines,
        asked=verdict_record(verdict),
    )


def _route(form: RefundForm, verdict: RefundVerdict) -> RefundRoute:
    """Choose the route, or raise RefusedError; the manual one only where the API cannot."""
    if form.route is RefundRoute.MANUAL and verdict.allows(RefundRoute.MANUAL):
        return RefundRoute.MANUAL
    if not verdict.allowed or verdict.route is None:
        raise RefusedError(verdict.why)
    if form.route in {RefundRoute.REFUND, RefundRoute.VOID} - {verdict.route}:
        raise RefusedError(Why.ROUTE_CHANGED)
    return verdict.route


def _take_up(order: Order, form: RefundForm | RerouteForm, now: datetime) -> None:
    """Take the order out of the queue of failed refunds: this person goes on with it."""
    end_call(order, Attention.REFUND_FAILED, now, staff_id=form.staff_id)


def reroute_refund(desk: Desk, form: RerouteForm) -> RefundResult:
    """Go on with a refund by bank transfer, as a new refund under a key of its own.

    For one that the gateway refused, or that was not sent yet: that one is withdrawn in the same
    transaction, so that its amount is never free in between. RefusedError(WRONG_REFUND_STATE)
    where money may be on its way, or by the rules of any refund. The same form again returns the
    first answer; a refused refund goes on at most once.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, old = lock_refund(session, form.refund_id)
        known = _of_form(session, form.form_key)
        refund_id = known.id if known else _reroute(desk, session, order, old, form, now)
    return refund_result(desk, refund_id)


def _reroute(
    desk: Desk, session: Session, order: Order, old: Refund, form: RerouteForm, now: datetime
) -> int:
    taken = session.scalar(select(Refund.id).where(Refund.replaces_id == old.id))
    if taken is not None or old.state not in MAY_BE_REROUTED or old.route is RefundRoute.MANUAL:
        raise RefusedError(Why.WRONG_REFUND_STATE)
    _give_up(session, order, old, form, now)
    facts = load_facts(session, order)
    transaction = facts.transaction(old.gateway_transaction_id)
    question = _question(desk, facts, transaction, old.amount_idr)
    frozen = is_frozen(session, order.id)
    verdict = decide_refund(replace(question, gateway_refused=True, frozen=frozen))
    if transaction is None or not verdict.allows(RefundRoute.MANUAL):
        raise RefusedError(verdict.why)
    _take_up(order, form, now)
    new = NewRefund(
        transaction=transaction,
        amount_idr=old.amount_idr,
        route=RefundRoute.MANUAL,
        needs_approval=verdict.needs_approval,
        reason=old.reason,
        staff_id=form.staff_id,
        form_key=form.form_key,
        account=form.account,
        replaces_id=old.id,
        reason_code=old.reason_code,
        lines=lines_of(old),
        asked=verdict_record(verdict),
    )
    return write_refund(session, order, new, now).id


def _give_up(session: Session, order: Order, old: Refund, form: RerouteForm, now: datetime) -> None:
    """Withdraw a refund that was not sent; one that failed has ended already."""
    if not move_row(old, RefundEvent.WITHDRAW):
        return
    old.finished_at = now
    old.next_check_at = None
    session.flush()
    record_event(session, order, staff_happening(old, Why.REFUND_WITHDRAWN, form.staff_id, now))


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

    RefusedError: SAME_PERSON, APPROVAL_EXPIRED, REQUEST_CHANGED, WRONG_REFUND_STATE, ORDER_FROZEN;
    for a bank transfer also what the rules say now. What goes through the gateway is judged at
    sending.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        if is_frozen(session, order.id):
            raise RefusedError(Why.ORDER_FROZEN)
        _refuse_unless_approvable(order, refund, staff_id, approval_hash, now)
        manual = refund.route is RefundRoute.MANUAL
        refusal = judge_again(desk, session, order, refund, now) if manual else None
        if refusal is not None:
            raise RefusedError(refusal.why)
        _move(refund, RefundEvent.APPROVE_TRANSFER if manual else RefundEvent.APPROVE)
        refund.approved_by_id = staff_id
        refund.approved_at = now
        refund.next_check_at = None if manual else now
        record_event(session, order, staff_happening(refund, Why.REFUND_APPROVED, staff_id, now))
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
    current = approval_hash(subject_of_approval(order, refund))
    # As bytes: what a form sends may be any text, and text outside ASCII cannot be compared so.
    if (
        not secrets.compare_digest(current.encode(), shown_hash.encode())
        or refund.approval_hash != current
    ):
        raise RefusedError(Why.REQUEST_CHANGED)


def _move(refund: Refund, event: RefundEvent) -> None:
    if not move_row(refund, event):
        raise RefusedError(Why.WRONG_REFUND_STATE)


def reject_refund(desk: Desk, refund_id: int, *, staff_id: int, reason: str) -> RefundResult:
    """Turn a request down and free its amount; RefusedError(WRONG_REFUND_STATE)."""
    return _end(desk, refund_id, RefundEvent.REJECT, _Ending(Why.REFUND_REJECTED, staff_id, reason))


def withdraw_refund(desk: Desk, refund_id: int, *, staff_id: int, reason: str) -> RefundResult:
    """Take back a request that was not sent and free its amount; else WRONG_REFUND_STATE."""
    ending = _Ending(Why.REFUND_WITHDRAWN, staff_id, reason)
    return _end(desk, refund_id, RefundEvent.WITHDRAW, ending)


def mark_transferred(desk: Desk, refund_id: int, *, staff_id: int, proof: str) -> RefundResult:
    """Record that a manual refund was paid by bank transfer; ``proof`` names the transfer.

    RefusedError(SAME_PERSON) if the sum needed approval and this person had asked for it. The
    rules are not asked again: the money has left, and that must be written down.
    """
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
            _note_transfer(refund, ending)
        happening = staff_happening(refund, ending.why, ending.staff_id, now)
        details = {**happening.details, "note": ending.note.strip()}
        refresh_order(session, order, replace(happening, details=details))
    return refund_result(desk, refund_id)


def _note_transfer(refund: Refund, ending: _Ending) -> None:
    if refund.needs_approval and refund.requested_by_id == ending.staff_id:
        raise RefusedError(Why.SAME_PERSON)
    refund.transfer_proof = ending.note.strip()
    refund.transferred_by_id = ending.staff_id
