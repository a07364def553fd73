"""Refunds on their way to the gateway: sent, answered, lost and found again under one key."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.core.errors import (
    GatewayError,
    GatewayRejectedError,
    GatewayUnavailableError,
)
from app.core.facts import OrderFacts
from app.core.money import Rupiah
from app.core.observations import ObservedRefund, Source
from app.core.ports import ChargeSubject, RefundAnswer, RefundRequest
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.reconciliation import next_refund_look
from app.core.refunds import PASSING, RefundEvent, RefundQuestion, decide_refund
from app.core.states import Attention, GatewayName, RefundRoute, RefundState
from app.db.locks import lock_refund
from app.db.models import Actor, Attempt, Order, Refund
from app.services.desk import Desk
from app.services.facts import Call, call_for_attention, load_facts
from app.services.findings import is_frozen
from app.services.observations import Heard, apply_observation, refresh_order
from app.services.refund_facts import (
    WHY_OF,
    call_about_refund,
    move_row,
    refund_details,
    settle_refund,
)
from app.services.status import check_attempt
from app.services.timeline import Happening

# Longer than any gateway timeout: a refund found "sending" after this has lost its sender.
_SENDER_LIVES: Final = timedelta(seconds=60)
_LOOKS_BEFORE_CALLING: Final = 3


def send_refund(desk: Desk, refund_id: int, *, staff_id: int | None = None) -> None:
    """Send an approved refund, or repeat one of unknown outcome under the same key.

    The intent is committed before the call and the outcome after it, so that a crash in between
    leaves "sending", which is resolved by asking. ``staff_id``: whose click sends it, if anybody's.
    Never raises GatewayError.
    """
    sending = _begin_sending(desk, refund_id, staff_id)
    if sending is None:
        return
    try:
        answer = desk.gateway(sending.gateway).refund(sending.request)
    except GatewayError as error:
        _store_failure(desk, refund_id, error, is_repeat=sending.is_repeat)
    else:
        _store_answer(desk, refund_id, answer)


@dataclass(frozen=True, slots=True)
class _Sending:
    """A refund on its way; ``is_repeat``: an earlier try may have reached the gateway."""

    request: RefundRequest
    gateway: GatewayName
    is_repeat: bool


def _begin_sending(desk: Desk, refund_id: int, staff_id: int | None) -> _Sending | None:
    """Commit the intent; None if another process was faster or the rules now refuse."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        if is_frozen(session, order.id):
            return None  # It keeps its state, and goes on when a person releases the order.
        if refund.state is RefundState.APPROVED:
            refusal = judge_again(desk, session, order, refund, now)
            if refusal is not None:
                _hold_back(session, order, refund, refusal, now)
                return None
        is_repeat = refund.state is RefundState.UNKNOWN
        if not move_row(refund, RefundEvent.SEND):
            return None
        refund.sent_at = now
        refund.next_check_at = now + _SENDER_LIVES
        sender = Actor.JOB if staff_id is None else Actor.STAFF
        refresh_order(session, order, _happening(refund, now, sender, staff_id))
        return _Sending(_request(session, refund), refund.gateway, is_repeat)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a refund may not go its way now; ``until``: when it may, where that is known (UTC)."""

    why: Why
    until: datetime | None = None


def judge_again(
    desk: Desk, session: Session, order: Order, refund: Refund, now: datetime
) -> Refusal | None:
    """Ask the rules once more, before the refund goes its way; the dry run may be days old."""
    facts = _facts_without(load_facts(session, order), refund.key)
    verdict = decide_refund(
        RefundQuestion(
            facts=facts,
            transaction=facts.transaction(refund.gateway_transaction_id),
            gateway=refund.gateway,
            amount_idr=refund.amount_idr,
            now=now,
            approval_threshold_idr=desk.policy.approval_threshold_idr,
            gateway_refused=refund.replaces_id is not None,
        )
    )
    if verdict.allows(refund.route):
        return None
    # A payment that settled meanwhile may still be refunded, but not by what was agreed to.
    why = Why.ROUTE_CHANGED if verdict.allowed else verdict.why
    return Refusal(why, verdict.closed_until)


def _facts_without(facts: OrderFacts, key: str) -> OrderFacts:
    """Return the facts as if this refund were not there, so that it does not stand in its own way.

    Another one that waits to be sent must not either, or both would wait for each other.
    """
    others = tuple(
        replace(r, state=RefundState.AWAITING_APPROVAL) if r.state is RefundState.APPROVED else r
        for r in facts.refunds
        if r.key != key
    )
    return replace(facts, refunds=others)


def _hold_back(
    session: Session, order: Order, refund: Refund, refusal: Refusal, now: datetime
) -> None:
    """Let the refund wait for what passes by itself; withdraw it for any other reason."""
    refund.provider_message = WORDS[refusal.why].en
    if refusal.why in PASSING:
        refund.next_check_at = refusal.until or next_refund_look(refund.looks_done, now)
        return
    refund.state = RefundState.WITHDRAWN
    refund.finished_at = now
    refund.next_check_at = None
    call_for_attention(order, Call(Attention.REFUND_FAILED, WORDS[refusal.why].en), now)
    refresh_order(session, order, _happening(refund, now))


def _request(session: Session, refund: Refund) -> RefundRequest:
    attempt = session.get_one(Attempt, refund.attempt_id)
    return RefundRequest(
        subject=ChargeSubject(
            attempt.reference, attempt.provider_reference, refund.gateway_transaction_id
        ),
        key=refund.key,
        amount_idr=Rupiah(refund.amount_idr),
        reason=refund.reason,
        route=refund.route,
    )


def _store_answer(desk: Desk, refund_id: int, answer: RefundAnswer) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        refund.provider_message = answer.message
        refund.provider_code = answer.code[:60]
        _settle(session, order, refund, answer.refund, now)
        if answer.observation is not None:
            attempt = session.get_one(Attempt, refund.attempt_id)
            apply_observation(session, attempt, Heard(answer.observation), now)


def _settle(
    session: Session, order: Order, refund: Refund, listed: ObservedRefund, now: datetime
) -> None:
    if not settle_refund(order, refund, listed, now):
        return
    if refund.state is RefundState.ACCEPTED:
        refund.next_check_at = next_refund_look(refund.looks_done, now)
    refresh_order(session, order, _happening(refund, now, Actor.GATEWAY))


def _store_failure(desk: Desk, refund_id: int, error: GatewayError, *, is_repeat: bool) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        before = refund.state
        if not move_row(refund, _event_for(error, is_repeat=is_repeat)):
            return  # A notification told us the outcome while the call was failing.
        refund.provider_message = error.message
        refund.provider_code = error.code[:60]
        refund.next_check_at = next_refund_look(refund.looks_done, now)
        refund.looks_done += 1
        if refund.state is RefundState.FAILED:
            refund.finished_at = now
            refund.next_check_at = None
        call_about_refund(order, refund, before, now)
        refresh_order(session, order, _happening(refund, now, Actor.GATEWAY))


def _event_for(error: GatewayError, *, is_repeat: bool) -> RefundEvent:
    if isinstance(error, GatewayRejectedError):
        return RefundEvent.REFUSED
    # That a repeat did not get through says nothing about the first try.
    if isinstance(error, GatewayUnavailableError) and not is_repeat:
        return RefundEvent.NOT_SENT
    return RefundEvent.LOST_ANSWER


def resolve_refund(desk: Desk, refund_id: int) -> None:
    """Bring one unfinished refund forward by evidence: send, look up, or send again."""
    state = _state_for_resolving(desk, refund_id)
    if state is RefundState.APPROVED:
        send_refund(desk, refund_id)
    elif state in {RefundState.UNKNOWN, RefundState.ACCEPTED}:
        _look_up(desk, refund_id)


def _state_for_resolving(desk: Desk, refund_id: int) -> RefundState:
    """Return the refund's state; one whose sender died becomes unknown here."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        lost = refund.sent_at is not None and now - refund.sent_at >= _SENDER_LIVES
        if refund.state is RefundState.SENDING and lost:
            refund.state = RefundState.UNKNOWN
            refresh_order(session, order, _happening(refund, now))
        refund.looks_done += 1
        if refund.next_check_at is not None:
            refund.next_check_at = next_refund_look(refund.looks_done, now)
        return refund.state


def _look_up(desk: Desk, refund_id: int) -> None:
    with desk.reads() as session:
        refund = session.get_one(Refund, refund_id)
        request = _request(session, refund)
    if refund.route is RefundRoute.OUTSIDE:
        # It has no key of ours; the gateway's own list, read with the status, tells its state.
        check_attempt(desk, refund.attempt_id, source=Source.JOB)
        return
    try:
        listed = desk.gateway(refund.gateway).find_refund(request)
    except GatewayError as error:
        _call_if_long_unknown(desk, refund_id, error.message)
        return
    if listed is not None:
        _store_found(desk, refund_id, listed)
    elif refund.state is RefundState.UNKNOWN:
        # The gateway never booked it. The same key makes the repeat safe even if it did.
        send_refund(desk, refund_id)


def _store_found(desk: Desk, refund_id: int, listed: ObservedRefund) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        before = refund.state
        if listed.state is before:
            return
        _settle(session, order, refund, listed, now)
    # The transaction's own state changes with the refund: read it too.
    check_attempt(desk, refund.attempt_id, source=Source.JOB)


def _call_if_long_unknown(desk: Desk, refund_id: int, said: str) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        if refund.state is RefundState.UNKNOWN and refund.looks_done >= _LOOKS_BEFORE_CALLING:
            text = f"{WORDS[Why.REFUND_UNKNOWN].en} ({said})"
            call_for_attention(order, Call(Attention.REFUND_UNKNOWN, text), now)


def _happening(
    refund: Refund, now: datetime, actor: Actor = Actor.JOB, staff_id: int | None = None
) -> Happening:
    return Happening(WHY_OF[refund.state], actor, now, staff_id, details=refund_details(refund))
