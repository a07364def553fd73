"""One-time links: by them a person chooses the first password, or a new one."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin.gate.desk_sessions import end_sessions
from admin.gate.passwords import hash_password
from app.db.models import Staff
from app.db.session import Sessions

LINK_LASTS: Final = timedelta(hours=48)


def make_link(session: Session, staff_id: int, now: datetime) -> str:
    """Give a person a new link and return its token, kept only as a hash; the old one ends."""
    token = secrets.token_urlsafe(32)
    values = {"link_hash": _hash(token), "link_expires_at": now + LINK_LASTS}
    session.execute(update(Staff).where(Staff.id == staff_id).values(**values))
    return token


def person_of_link(session: Session, token: str, now: datetime) -> Staff | None:
    """Return whose one-time link this is; None if it was used, ran out, or never was."""
    query = select(Staff).where(Staff.link_hash == _hash(token), Staff.link_expires_at > now)
    return session.scalars(query.where(Staff.active.is_(True))).one_or_none()


def use_link(sessions: Sessions, token: str, password: str, now: datetime) -> int | None:
    """Set the password by a one-time link, once, and return whose; None if the link is spent."""
    spent = (
        update(Staff)
        .where(Staff.link_hash == _hash(token), Staff.link_expires_at > now)
        .where(Staff.active.is_(True))
        .values(
            password_hash=hash_password(password),
            link_hash=None,
            link_expires_at=None,
            failed_sign_ins=0,
            locked_until=None,
        )
        .returning(Staff.id)
        .execution_options(synchronize_session=False)
    )
    with sessions.begin() as session:
        staff_id = session.scalars(spent).one_or_none()
        if staff_id is not None:
            end_sessions(session, staff_id)
    return staff_id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
