"""The person who is signed in, and what this request may do in their name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_login import UserMixin, current_user

from app.core.rights import Right, rights_of
from app.db.models import StaffSession

# How long a proof to be there holds for refunds, approvals and the like.
FRESH: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Person(UserMixin):
    """A member of staff, as read at the start of the request, and the session they are in."""

    staff_id: int
    email: str
    name: str
    role: str
    rights: frozenset[str]
    locale: str
    is_demo: bool
    session_id: int
    verified_at: datetime
    token: str

    def get_id(self) -> str:
        """Return what the session cookie remembers: the session's token."""
        return self.token

    def may(self, right: Right | str) -> bool:
        """Tell whether the person's role allows this."""
        return str(right) in self.rights

    def was_verified(self, now: datetime) -> bool:
        """Tell whether the person proved to be there within the last five minutes.

        A proof from a moment ahead comes from a web process whose clock is ahead; one from further
        ahead is older than it looks: the clock was set back.
        """
        return abs(now - self.verified_at) <= FRESH


def person_in(row: StaffSession, token: str) -> Person:
    """Return the value that stands for a session's person, role loaded."""
    staff = row.staff
    return Person(
        staff_id=staff.id,
        email=staff.email,
        name=staff.name,
        role=staff.role.name,
        rights=frozenset(right.value for right in rights_of(staff.role.name)),
        locale=staff.locale,
        is_demo=staff.is_demo,
        session_id=row.id,
        verified_at=row.verified_at,
        token=token,
    )


def current_person() -> Person | None:
    """Return who is signed in, if anybody."""
    # Flask-Login's anonymous user is another class; we say None instead.
    user = current_user._get_current_object()  # noqa: SLF001 - see above. # pyright: ignore[reportAttributeAccessIssue]
    return user if isinstance(user, Person) else None


def signed_in_person() -> Person:
    """Return who is signed in, on pages that nobody else reaches."""
    person = current_person()
    if person is None:
        raise LookupError("nobody is signed in")
    return person
