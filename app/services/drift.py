"""Asking the gateways about closed orders, of which nobody expects any news."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from app.core.observations import Source
from app.core.reasons import Why
from app.core.refunds import UNDER_WAY
from app.core.states import OPEN, AttemptState, Attention, GatewayName
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, LedgerEntry, Order, Refund, StatusCheck, StoredObservation
from app.services.calls import Call, call_for_attention
from app.services.desk import Desk
from app.services.order_walk import next_orders
from app.services.reconciliation import Crew, RunReport
from app.services.status import StatusReport, check_attempt
from app.services.timeline import Happening, record_event
from app.telemetry.context import kept_apart

JOB: Final = "sample_closed_orders"
SAMPLE: Final = 5
# Card schemes take money back for up to 120 days; after that nothing moves any more.
_MAY_MOVE_FOR: Final = timedelta(days=120)


def sample_closed_orders(desk: Desk, crew: Crew, sample: int = SAMPLE) -> RunReport:
    """Ask about the next few closed orders; what changed goes through the door and is shown."""
    ids = next_orders(desk, JOB, _closed(desk.clock()), sample)
    ask = kept_apart(_ask)
    outcomes = [ask(desk, crew, order_id) for order_id in ids]
    return RunReport(len(ids), outcomes.count(True), outcomes.count(None))


def _closed(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Name the orders that are over: nobody asks about them, and no refund is on its way."""
    watched = exists().where(Attempt.order_id == Order.id, Attempt.next_check_at.is_not(None))
    refunding = exists().where(Refund.order_id == Order.id, Refund.state.in_(UNDER_WAY))
    return (
        Order.payment_status.not_in(OPEN),
        Order.created_at > now - _MAY_MOVE_FOR,
        ~watched,
        ~refunding,
    )


def _ask(desk: Desk, crew: Crew, order_id: int) -> bool | None:
    """Ask about every attempt of one order; True if it had changed, None without an answer."""
    asked_at = desk.clock()
    reports: list[StatusReport] = []
    for attempt_id, gateway in _attempts(desk, order_id):
        limit = crew.limits.get(gateway)
        if limit is not None:
            limit.wait()
        reports.append(check_attempt(desk, attempt_id, source=Source.JOB))
    if _has_moved(desk, order_id, asked_at):
        _show(desk, order_id)
        return True
    return None if any(report.error for report in reports) else False


def _attempts(desk: Desk, order_id: int) -> list[tuple[int, GatewayName]]:
    with desk.reads() as session:
        query = select(Attempt.id, Attempt.gateway).where(
            Attempt.order_id == order_id, Attempt.state != AttemptState.REJECTED
        )
        return [(row[0], row[1]) for row in session.execute(query.order_by(Attempt.id))]


def _has_moved(desk: Desk, order_id: int, since: datetime) -> bool:
    """Tell whether an answer to our questions, and nothing else, moved the state or the books."""
    with desk.reads() as session:
        return _moved(session, order_id, since)


def _moved(session: Session, order_id: int, since: datetime) -> bool:
    posted = exists().where(LedgerEntry.observation_id == StoredObservation.id)
    query = (
        select(StoredObservation.id)
        .join(StatusCheck, StatusCheck.id == StoredObservation.status_check_id)
        .where(
            StoredObservation.order_id == order_id,
            StatusCheck.source == Source.JOB,
            StatusCheck.asked_at >= since,
            or_(StoredObservation.before != StoredObservation.after, posted),
        )
    )
    return session.scalars(query.limit(1)).first() is not None


def _show(desk: Desk, order_id: int) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        call_for_attention(order, Call(Attention.DRIFT, Why.DRIFT_FOUND), now)
        record_event(session, order, Happening(Why.DRIFT_FOUND, Actor.JOB, now))
