"""Passwords at the gate, with a lock in the database after too many wrong ones."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, literal, null, or_, select, update
from sqlalchemy.orm import joinedload

from admin.gate.passwords import LONGEST_TRIED, NO_PASSWORD, hash_password, verify_password
from app.db.base import UtcDateTime
from app.db.models import Staff
from app.db.session import Sessions

MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
# Checked for addresses we do not know, so that the time of the answer does not tell them apart.
_NOBODY: Final = hash_password("no account has this password")


def sign_in(sessions: Sessions, email: str, password: str, now: datetime) -> Staff | None:
    """Return the person whose e-mail and password these are; None for every kind of no.

    Each try is counted before the password is looked at, so that parallel guesses cannot get
    more than five tries; the fifth wrong one locks the account for 15 minutes.
    """
    if not fits_password(sessions, email, password, now):
        return None
    with sessions.begin() as session:
        query = select(Staff).where(Staff.email == _plain(email)).options(joinedload(Staff.role))
        return session.scalars(query).one()


def fits_password(sessions: Sessions, email: str, password: str, now: datetime) -> bool:
    """Tell whether the password fits the account; counts as a try, which a right one clears."""
    stored = _take_try(sessions, _plain(email), now)
    is_known = stored is not None and stored != NO_PASSWORD
    # Not cut: what begins with the right password is not the right one. Hashed all the same.
    tried = password if len(password) <= LONGEST_TRIED else ""
    is_right = verify_password(stored if is_known and stored else _NOBODY, tried)
    if not is_known or not is_right:
        return False
    forget_failures(sessions, _plain(email))
    return True


def _plain(email: str) -> str:
    return email.strip().lower()


def _take_try(sessions: Sessions, email: str, now: datetime) -> str | None:
    """Count one try and return the stored hash; None if there is no such account or it is locked.

    One statement: two requests at once count two tries.
    """
    tries = case((Staff.locked_until <= now, 1), else_=Staff.failed_sign_ins + 1)
    until = literal(now + LOCKED_FOR, UtcDateTime())
    statement = (
        update(Staff)
        .where(Staff.email == email, Staff.active.is_(True))
        .where(or_(Staff.locked_until.is_(None), Staff.locked_until <= now))
        .values(
            failed_sign_ins=tries,
            locked_until=case((tries >= MOST_FAILURES, until), else_=null()),
        )
        .returning(Staff.password_hash)
        .execution_options(synchronize_session=False)
    )
    with sessions.begin() as session:
        return session.scalars(statement).one_or_none()


def forget_failures(sessions: Sessions, email: str) -> None:
    """Lift the lock of an account and forget its wrong passwords."""
    with sessions.begin() as session:
        statement = update(Staff).where(Staff.email == email)
        session.execute(statement.values(failed_sign_ins=0, locked_until=None))


def choose_language(sessions: Sessions, staff_id: int, locale: str) -> None:
    """Remember the language of a person for every later visit."""
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == staff_id).values(locale=locale))
