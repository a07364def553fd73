"""Cancelling an unpaid order: the wish is committed, the gateway ends its pages, its answer counts.

A crash anywhere leaves the wish, and the jobs go on with it. Money that arrives in spite of it is
kept, and calls a person.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.errors import ConflictError, GatewayError, RefusedError
from app.core.facts import is_closed
from app.core.reasons import Why
from app.core.states import OPEN, UNPAID_CLOSED, PaymentStatus
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Order
from app.services.closing import apply_closing, close_at_gateway, hold_attempt, open_attempts
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.observations import refresh_order
from app.services.timeline import Happening

_STAFF = "staff"


@dataclass(frozen=True, slots=True)
class CancelReport:
    """Where an order stands after somebody asked to cancel it.

    ``open_until``: an open page that the gateway would not end dies then by itself (UTC);
    ``error``: the gateway's words, if it could not be reached.
    """

    status: PaymentStatus
    open_until: datetime | None
    error: str | None


def cancel_order(desk: Desk, order_id: int, *, staff_id: int, reason: str) -> CancelReport:
    """End an unpaid order, its payment pages at the gateways first.

    RefusedError: REASON_MISSING; ORDER_IS_PAID, also if the money is only found out now;
    ORDER_IS_CLOSED. What cannot be closed at once, the jobs go on closing.
    """
    if not reason.strip():
        raise RefusedError(Why.REASON_MISSING)
    attempts = _ask_for_it(desk, order_id, staff_id, reason.strip())
    errors = [error for one in attempts if (error := _try_to_end(desk, one)) is not None]
    report = _report(desk, order_id, next(iter(errors), None))
    if report.status not in OPEN | UNPAID_CLOSED:
        raise RefusedError(Why.ORDER_IS_PAID)
    return report


def _ask_for_it(desk: Desk, order_id: int, staff_id: int, reason: str) -> list[int]:
    """Commit the wish; no new page is opened from here on. Return the attempts to close."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        _refuse_unless_open(order)
        if order.cancel_asked_at is None:
            order.cancel_asked_at = now
            details = {"reason": reason}
            happening = Happening(Why.CANCEL_ASKED, Actor.STAFF, now, staff_id, details=details)
            refresh_order(session, order, happening)
        attempts = open_attempts(session, order, load_facts(session, order))
        for attempt in attempts:
            # Due for the jobs too, in case this process dies before it has closed them.
            attempt.next_check_at = now
        return [attempt.id for attempt in attempts]


def _refuse_unless_open(order: Order) -> None:
    if order.payment_status in UNPAID_CLOSED:
        raise RefusedError(Why.ORDER_IS_CLOSED)
    if order.payment_status not in OPEN:
        raise RefusedError(Why.ORDER_IS_PAID)


def _try_to_end(desk: Desk, attempt_id: int) -> str | None:
    """Close one attempt; return why it could not be, as words for the person."""
    try:
        with desk.sessions.begin() as session:
            attempt = _locked(session, attempt_id)
            hold_attempt(attempt, _STAFF, desk.clock())
        _end(desk, attempt)
    except GatewayError as error:
        return error.message
    except ConflictError:
        # Somebody is opening it, or a job asks about it; the jobs close it after that.
        return None
    return None


def _locked(session: Session, attempt_id: int) -> Attempt:
    order_id = session.get_one(Attempt, attempt_id).order_id
    lock_order(session, order_id)
    return session.get_one(Attempt, attempt_id, populate_existing=True)


def _end(desk: Desk, attempt: Attempt) -> None:
    answers = close_at_gateway(desk, attempt)
    with desk.sessions.begin() as session:
        apply_closing(session, attempt.id, answers, desk.clock())


def _report(desk: Desk, order_id: int, error: str | None) -> CancelReport:
    with desk.reads() as session:
        order = session.get_one(Order, order_id)
        facts = load_facts(session, order)
        still_open = [a.expires_at for a in facts.attempts if not is_closed(facts, a)]
        return CancelReport(order.payment_status, max(still_open, default=None), error)


def is_being_cancelled(desk: Desk, attempt_id: int) -> bool:
    """Tell whether a person wants this attempt's order ended and it is not ended yet."""
    with desk.reads() as session:
        attempt = session.get_one(Attempt, attempt_id)
        order = session.get_one(Order, attempt.order_id)
        return order.cancel_asked_at is not None and order.payment_status in OPEN


def go_on_cancelling(desk: Desk, attempt_id: int) -> bool:
    """Close one attempt of an order that is being cancelled; True if that ended the order.

    The caller holds the attempt's lease. GatewayError: to be tried again.
    """
    with desk.reads() as session:
        attempt = session.get_one(Attempt, attempt_id)
    _end(desk, attempt)
    return not is_being_cancelled(desk, attempt_id)
