"""Accounts of the people who work in the back office: who they are, their role, their way in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from admin.gate.desk_sessions import end_sessions
from admin.gate.links import make_link
from admin.gate.passwords import NO_PASSWORD, hash_password
from admin.gate.throttle import BY_STAFF, forget_tries
from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.core.rights import ADMIN, ROLES
from app.db.locks import lock_staff
from app.db.models import Passkey, RecoveryCode, Role, Staff
from app.db.session import Sessions

LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is to work here; ``daily_limit_idr`` None means what the role allows."""

    email: str
    name: str
    role: str
    daily_limit_idr: int | None = None


def is_email(text: str) -> bool:
    """Tell whether a text is an e-mail address, without asking the network."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def ensure_roles(session: Session) -> dict[str, Role]:
    """Bring the roles table in line with ``ROLES`` and return the roles by name."""
    known = {role.name: role for role in session.scalars(select(Role))}
    for name, rights in ROLES.items():
        role = known.setdefault(name, Role(name=name, rights=[]))
        role.rights = sorted(right.value for right in rights)
        session.add(role)
    session.flush()
    return known


def ensure_demo_staff(session: Session, rows: Iterable[Mapping[str, str]], now: datetime) -> None:
    """Add the demo people that are missing; ``rows`` hold email, password, name and role.

    People who are there already keep their password, their lock and their language.
    """
    roles = ensure_roles(session)
    known = set(session.scalars(select(Staff.email)))
    session.add_all(
        Staff(
            email=row["email"].lower(),
            name=row["name"],
            password_hash=hash_password(row["password"]),
            role_id=roles[row["role"]].id,
            locale=row.get("locale", "id"),
            is_demo=True,
            created_at=now,
        )
        for row in rows
        if row["email"].lower() not in known
    )
    session.flush()


def add_person(sessions: Sessions, new: NewPerson, now: datetime) -> tuple[int, str]:
    """Open an account and return its id and the one-time link's token, to be shown once.

    RefusedError(EMAIL_TAKEN) if there is one, open or closed.
    """
    with sessions.begin() as session:
        roles = ensure_roles(session)
        if session.scalar(select(Staff.id).where(Staff.email == new.email)) is not None:
            raise RefusedError(Why.EMAIL_TAKEN)
        person = Staff(
            email=new.email,
            name=new.name,
            password_hash=NO_PASSWORD,
            role_id=roles[new.role].id,
            daily_refund_limit_idr=new.daily_limit_idr,
            created_at=now,
        )
        session.add(person)
        session.flush()
        return person.id, make_link(session, person.id, now)


def new_link(sessions: Sessions, staff_id: int, now: datetime) -> str:
    """Return the token of a new one-time link; the old password and every session end.

    RefusedError(ACCOUNT_CLOSED) for a closed account.
    """
    with sessions.begin() as session:
        person = _person(session, staff_id)
        if not person.active:
            raise RefusedError(Why.ACCOUNT_CLOSED)
        person.password_hash = NO_PASSWORD
        end_sessions(session, staff_id)
        return make_link(session, staff_id, now)


def set_password(sessions: Sessions, staff_id: int, password: str, *, keep_session: int) -> None:
    """Change a person's own password; every other session of theirs ends."""
    hashed = hash_password(password)
    with sessions.begin() as session:
        session.execute(update(Staff).where(Staff.id == staff_id).values(password_hash=hashed))
        end_sessions(session, staff_id, except_id=keep_session)


def change_role(sessions: Sessions, staff_id: int, role: str, *, by: int) -> None:
    """Give a person another role; what is open on their screen obeys it at the next click.

    RefusedError: OWN_ACCOUNT, LAST_ADMIN.
    """
    with sessions.begin() as session:
        person = _someone_else(session, staff_id, by)
        if role != ADMIN:
            _refuse_last_admin(session, person)
        person.role_id = ensure_roles(session)[role].id


def set_limit(sessions: Sessions, staff_id: int, limit_idr: int | None, *, by: int) -> None:
    """Set a person's own daily refund limit; None returns to that of the role."""
    with sessions.begin() as session:
        _someone_else(session, staff_id, by).daily_refund_limit_idr = limit_idr


def close_account(sessions: Sessions, staff_id: int, *, by: int) -> None:
    """Close an account; its sessions and its link end at once. RefusedError as for the role."""
    with sessions.begin() as session:
        person = _someone_else(session, staff_id, by)
        _refuse_last_admin(session, person)
        person.active = False
        person.link_hash = person.link_expires_at = None
        end_sessions(session, staff_id)


def reopen_account(sessions: Sessions, staff_id: int, *, by: int) -> None:
    """Open a closed account again, with the password and second factors it had."""
    with sessions.begin() as session:
        _someone_else(session, staff_id, by).active = True


def reset_factors(sessions: Sessions, staff_id: int) -> None:
    """Remove every second factor of a person and end their sessions.

    At the next sign-in they must set up a new one before they see a page. The number of the last
    code stays, so that no code that was ever spent is good again.
    """
    with sessions.begin() as session:
        _person(session, staff_id).totp_sealed = None
        for table in (Passkey, RecoveryCode):
            session.execute(delete(table).where(table.staff_id == staff_id))
        end_sessions(session, staff_id)


def unlock(sessions: Sessions, staff_id: int) -> None:
    """Lift the locks that too many wrong passwords or codes put on an account."""
    for limit in BY_STAFF:
        forget_tries(sessions, limit, staff_id)
    with sessions.begin() as session:
        person = _person(session, staff_id)
        person.failed_sign_ins, person.locked_until = 0, None


def end_all_sessions(sessions: Sessions, staff_id: int) -> None:
    """Sign a person out everywhere."""
    with sessions.begin() as session:
        end_sessions(session, staff_id)


def _person(session: Session, staff_id: int) -> Staff:
    person = lock_staff(session, [staff_id]).get(staff_id)
    if person is None:
        raise NotFoundError(f"staff {staff_id}")
    return person


def _someone_else(session: Session, staff_id: int, by: int) -> Staff:
    """Return the person, all administrators locked with them; nobody changes their own account.

    Two administrators who close each other at once meet at these locks.
    """
    if staff_id == by:
        raise RefusedError(Why.OWN_ACCOUNT)
    admins = session.scalars(select(Staff.id).join(Staff.role).where(Role.name == ADMIN)).all()
    found = lock_staff(session, [*admins, staff_id]).get(staff_id)
    if found is None:
        raise NotFoundError(f"staff {staff_id}")
    return found


def _refuse_last_admin(session: Session, person: Staff) -> None:
    others = (
        select(Staff.id)
        .join(Staff.role)
        .where(Role.name == ADMIN, Staff.active.is_(True), Staff.id != person.id)
    )
    if person.role.name == ADMIN and session.scalars(others.limit(1)).first() is None:
        raise RefusedError(Why.LAST_ADMIN)
