"""Accounts of the people who work in the back office: passwords, roles, demo staff."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.rights import ROLES, Right
from app.db.models import Role, Staff

__all__ = [
    "ROLES",
    "Right",
    "ensure_demo_staff",
    "ensure_roles",
    "hash_password",
    "verify_password",
]

# argon2id with the package's defaults (RFC 9106, low-memory profile).
_HASHER: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, salt and parameters included."""
    return _HASHER.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether the password fits the hash; a damaged hash fits nothing."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


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
