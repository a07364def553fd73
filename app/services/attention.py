"""Taking up the calls for a person: claiming, giving back, settling with a reason."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.core.states import Attention
from app.db.locks import lock_order
from app.db.models import Actor, AttentionCall, Order, Staff
from app.services.calls import end_call, open_calls
from app.services.desk import Desk
from app.services.timeline import Happening, record_event

# Whoever went home or forgot about it does not keep colleagues out for longer.
CLAIM_LASTS: Final = timedelta(hours=2)


def resolve_call(desk: Desk, call_id: int, *, staff_id: int, reason: str) -> None:
    """Settle one call with a reason; the order's other calls stay open.

    RefusedError: REASON_MISSING, CLAIMED_BY_ANOTHER, CALL_IS_OVER. NotFoundError if there is none.
    """
    _refuse_without(reason)
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, call = _lock_call(session, call_id)
        _refuse_if_held(session, call, staff_id, now)
        _settle(session, order, call.code, staff_id, reason, now)


def claim_call(desk: Desk, call_id: int, *, staff_id: int) -> None:
    """Take up a call, so that no two people work on it; claiming one's own again prolongs it.

    RefusedError: CLAIMED_BY_ANOTHER (its detail names who), CALL_IS_OVER. NotFoundError.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        _order, call = _lock_call(session, call_id)
        _refuse_if_held(session, call, staff_id, now)
        call.claimed_by_id, call.claimed_at = staff_id, now


def release_call(desk: Desk, call_id: int, *, staff_id: int) -> None:
    """Give a call back to everybody.

    RefusedError: CLAIMED_BY_ANOTHER, CALL_IS_OVER. NotFoundError.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        _order, call = _lock_call(session, call_id)
        _refuse_if_held(session, call, staff_id, now)
        call.claimed_by_id = call.claimed_at = None


def is_held(call: AttentionCall, now: datetime) -> bool:
    """Tell whether somebody works on the call; a claim runs out by itself."""
    return call.claimed_at is not None and now - call.claimed_at < CLAIM_LASTS


def _lock_call(session: Session, call_id: int) -> tuple[Order, AttentionCall]:
    """Return an open call and its order; the order's lock covers its calls."""
    order_id = session.scalar(select(AttentionCall.order_id).where(AttentionCall.id == call_id))
    if order_id is None:
        raise NotFoundError(f"call {call_id}")
    order = lock_order(session, order_id)
    call = next((known for known in open_calls(order) if known.id == call_id), None)
    if call is None:
        raise RefusedError(Why.CALL_IS_OVER)
    return order, call


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise RefusedError(Why.REASON_MISSING)


def _refuse_if_held(session: Session, call: AttentionCall, staff_id: int, now: datetime) -> None:
    if is_held(call, now) and call.claimed_by_id != staff_id:
        holder = session.get_one(Staff, call.claimed_by_id)
        raise RefusedError(Why.CLAIMED_BY_ANOTHER, holder.name)


def _settle(
    session: Session, order: Order, code: Attention, staff_id: int, reason: str, now: datetime
) -> None:
    end_call(order, code, now, staff_id=staff_id)
    details = {"attention": code.value, "reason": reason.strip()}
    record_event(
        session,
        order,
        Happening(Why.ATTENTION_RESOLVED, Actor.STAFF, now, staff_id, details=details),
    )
