"""Who is signed in where: sessions kept by the server, so that each can be ended at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.db.models import SessionStage, Staff, StaffSession
from app.db.session import Sessions

# Nobody at the desk for so long: whoever sits down next is not taken for them.
IDLE: Final = timedelta(minutes=30)
# A working day; a forgotten browser is signed out by the next morning.
LASTS: Final = timedelta(hours=10)
# Between the password and the second factor, the first set-up of one included.
HALF_LASTS: Final = timedelta(minutes=15)
# Not written more often, so that reading a page does not mean writing to the database.
_SEEN_EVERY: Final = timedelta(minutes=1)
_MOST_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from, as far as we can tell."""

    address: str
    device: str


def open_session(
    session: Session, staff_id: int, stage: SessionStage, browser: Browser, now: datetime
) -> str:
    """Write down a new session and return its token, which only the browser knows."""
    token = secrets.token_urlsafe(32)
    lasts = LASTS if stage is SessionStage.FULL else HALF_LASTS
    session.add(
        StaffSession(
            staff_id=staff_id,
            token_hash=_hash(token),
            stage=stage,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lasts,
            verified_at=now,
            address=browser.address[:45],
            device=browser.device[:200],
        )
    )
    return token


def find_session(
    session: Session, token: str, stage: SessionStage, now: datetime
) -> StaffSession | None:
    """Return the session of a token with its person and role.

    None if there is none, if it ran out or lay idle, or if the account was closed.
    """
    query = (
        select(StaffSession)
        .join(StaffSession.staff)
        .where(StaffSession.token_hash == _hash(token), StaffSession.stage == stage)
        .where(StaffSession.expires_at > now, *_used_lately(now))
        .where(Staff.active.is_(True))
        .options(joinedload(StaffSession.staff).joinedload(Staff.role))
    )
    return session.scalars(query).one_or_none()


def _used_lately(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # After the clock was set back, nobody knows how long a session from the future has lain idle.
    seen = StaffSession.last_seen_at
    return seen > now - IDLE, seen < now + IDLE


def complete_session(
    sessions: Sessions, half: StaffSession, browser: Browser, now: datetime
) -> str | None:
    """End the half session and open a full one under a new token; None if it was used already."""
    with sessions.begin() as session:
        ended = delete(StaffSession).where(StaffSession.token_hash == half.token_hash)
        ended = ended.returning(StaffSession.id)
        if session.execute(ended).one_or_none() is None:
            return None
        return open_session(session, half.staff_id, SessionStage.FULL, browser, now)


def see_session(sessions: Sessions, row: StaffSession, now: datetime) -> None:
    """Note that the person is there, at most once a minute."""
    if now - row.last_seen_at < _SEEN_EVERY:
        return
    with sessions.begin() as session:
        seen = update(StaffSession).where(StaffSession.id == row.id)
        session.execute(seen.values(last_seen_at=now))


def verify_session(sessions: Sessions, session_id: int, now: datetime) -> None:
    """Note that the person has just proved to be there."""
    with sessions.begin() as session:
        proved = update(StaffSession).where(StaffSession.id == session_id)
        session.execute(proved.values(verified_at=now, last_seen_at=now))


def open_sessions(session: Session, staff_id: int, now: datetime) -> Sequence[StaffSession]:
    """Return a person's sessions that are still good, the latest used first."""
    query = (
        select(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.stage == SessionStage.FULL)
        .where(StaffSession.expires_at > now, *_used_lately(now))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
        .limit(_MOST_SHOWN)
    )
    return session.scalars(query).all()


def end_session(session: Session, staff_id: int, session_id: int) -> bool:
    """End one session of this person; False if they have no such session."""
    ended = delete(StaffSession).where(
        StaffSession.id == session_id, StaffSession.staff_id == staff_id
    )
    return session.execute(ended.returning(StaffSession.id)).one_or_none() is not None


def end_sessions(session: Session, staff_id: int, *, except_id: int | None = None) -> None:
    """End all sessions of a person, half ones too; the named one stays."""
    ended = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if except_id is not None:
        ended = ended.where(StaffSession.id != except_id)
    session.execute(ended)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
