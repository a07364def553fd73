"""The person who is signed in, and what this request may do in their name."""

from dataclasses import dataclass

from flask_login import UserMixin, current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from admin.rights import Right
from app.db.models import Staff


@dataclass(frozen=True)
class Person(UserMixin):
    """A member of staff, as read at the start of the request."""

    staff_id: int
    email: str
    name: str
    role: str
    rights: frozenset[str]
    locale: str

    def get_id(self) -> str:
        """Return what the session cookie remembers of the person."""
        return str(self.staff_id)

    def may(self, right: Right | str) -> bool:
        """Tell whether the person's role allows this."""
        return str(right) in self.rights


def load_person(session: Session, staff_id: str) -> Person | None:
    """Return the active person of a session cookie; None once the account was closed."""
    if not (staff_id.isascii() and staff_id.isdigit()):
        return None
    query = select(Staff).where(Staff.id == int(staff_id), Staff.active.is_(True))
    staff = session.scalars(query.options(joinedload(Staff.role))).one_or_none()
    return None if staff is None else person_of(staff)


def person_of(staff: Staff) -> Person:
    """Return the value that stands for a row of staff, its role loaded."""
    return Person(
        staff_id=staff.id,
        email=staff.email,
        name=staff.name,
        role=staff.role.name,
        rights=frozenset(staff.role.rights),
        locale=staff.locale,
    )


def current_person() -> Person | None:
    """Return who is signed in, if anybody."""
    # Flask-Login's anonymous user is another class; we say None instead.
    user = current_user._get_current_object()  # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue]
    return user if isinstance(user, Person) else None


def signed_in_person() -> Person:
    """Return who is signed in, on pages that nobody else reaches."""
    person = current_person()
    if person is None:
        raise LookupError("nobody is signed in")
    return person
