"""Clearing away what the gate no longer needs, so that its tables stay small."""

from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from app.db.models import PasskeyChallenge, StaffSession, Throttle
from app.services.desk import Desk
from app.services.reconciliation import RunReport

# More addresses than ever try at once in peace; in an attack the oldest counts go first.
MOST_THROTTLES: Final = 50_000


def clear_gate(desk: Desk) -> RunReport:
    """Remove sessions, questions and counts of tries that ran out; count what was removed."""
    now = desk.clock()
    with desk.sessions.begin() as session:
        removed = _remove_expired(session, now) + _remove_overflow(session)
    return RunReport(claimed=removed, changed=removed)


def _remove_expired(session: Session, now: datetime) -> int:
    expired = (
        delete(StaffSession).where(StaffSession.expires_at <= now),
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now),
        delete(Throttle).where(Throttle.until <= now),
    )
    return sum(_count(session.execute(statement)) for statement in expired)


def _remove_overflow(session: Session) -> int:
    newest = select(Throttle.until).order_by(Throttle.until.desc()).offset(MOST_THROTTLES).limit(1)
    end = session.scalar(newest)
    if end is None:
        return 0
    return _count(session.execute(delete(Throttle).where(Throttle.until <= end)))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
