"""How the whole system is, from the database: every process that is asked tells the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core.states import Attention, RefundState
from app.core.transitions import RELEASED, RETURNED
from app.db.models import AttentionCall, Finding, Notification, Refund
from app.services.ageing import OpenOfAge, read_open_by_age
from app.services.desk import Desk
from app.services.heartbeats import Heartbeat, read_heartbeats


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and for how many seconds the longest has; 0 where none waits."""

    count: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """What waits and what beats; ``at`` is when it was read (aware UTC).

    ``clock_ahead_s``: by how much this process's clock is ahead of the database's; 0 with SQLite,
    which is on the same machine.
    """

    at: datetime
    claims: Waiting
    open_orders: Sequence[OpenOfAge]
    refunds: Mapping[RefundState, int]
    unknown_refunds: Waiting
    attention: Mapping[Attention, int]
    findings: int
    heartbeats: Sequence[Heartbeat]
    clock_ahead_s: float


def read_vital_signs(desk: Desk) -> VitalSigns:
    """Read everything once, without a lock; SQLAlchemyError if the database does not answer."""
    now = desk.clock()
    with desk.reads() as session:
        return VitalSigns(
            at=now,
            claims=_claims(session, now),
            open_orders=read_open_by_age(session, now),
            refunds=_refunds(session),
            unknown_refunds=_unknown_refunds(session, now),
            attention=_attention(session),
            findings=_findings(session),
            heartbeats=read_heartbeats(session, now),
            clock_ahead_s=_clock_ahead_s(session, desk),
        )


def _clock_ahead_s(session: Session, desk: Desk) -> float:
    if session.get_bind().dialect.name != "postgresql":
        return 0.0
    # Of this very moment; now() is when the transaction began.
    theirs = session.execute(select(func.clock_timestamp())).scalar_one()
    return (desk.clock() - theirs).total_seconds()


def _claims(session: Session, now: datetime) -> Waiting:
    """Claims that are due: what is put off while a gateway is silent does not count as late."""
    due = Notification.due_at <= now
    return _waiting(session, select(func.count(), func.min(Notification.due_at)).where(due), now)


def _refunds(session: Session) -> Mapping[RefundState, int]:
    unfinished = [state for state in RefundState if state not in {*RELEASED, *RETURNED}]
    query = select(Refund.state, func.count()).where(Refund.state.in_(unfinished))
    found = {row[0]: row[1] for row in session.execute(query.group_by(Refund.state))}
    return {state: found.get(state, 0) for state in unfinished}


def _unknown_refunds(session: Session, now: datetime) -> Waiting:
    unknown = Refund.state == RefundState.UNKNOWN
    return _waiting(session, select(func.count(), func.min(Refund.sent_at)).where(unknown), now)


def _attention(session: Session) -> Mapping[Attention, int]:
    query = select(AttentionCall.code, func.count()).where(AttentionCall.closed_at.is_(None))
    found = {row[0]: row[1] for row in session.execute(query.group_by(AttentionCall.code))}
    return {code: found.get(code, 0) for code in Attention}


def _findings(session: Session) -> int:
    query = select(func.count()).select_from(Finding).where(Finding.resolved_at.is_(None))
    return session.scalar(query) or 0


def _waiting(session: Session, query: Select[int, datetime | None], now: datetime) -> Waiting:
    count, since = session.execute(query).one()
    return Waiting(count, max(0.0, (now - since).total_seconds()) if since else 0.0)
