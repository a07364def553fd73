"""Staff: who works here, in which role, and the ways in and out that administrators look after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist
from admin.gate.desk_sessions import open_sessions
from admin.gate.factors import factors_of
from admin.gate.forms import cleaned
from admin.gate.links import LINK_LASTS
from admin.lists.filters import ChoiceFilter, Filter
from admin.pages import PageMissingError
from admin.people.staff_accounts import (
    LONGEST_NAME,
    NewPerson,
    add_person,
    change_role,
    close_account,
    end_all_sessions,
    is_email,
    new_link,
    reopen_account,
    reset_factors,
    set_limit,
    unlock,
)
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import LARGEST_ID, ListView
from app.core.money import parse_typed_amount
from app.core.refund_limits import DAILY_LIMIT_IDR, daily_limit_idr
from app.core.rights import ROLES, Right, rights_of
from app.db.models import Staff
from app.db.session import Sessions

_ONE: Final = "<int:staff_id>"


@dataclass(frozen=True, slots=True)
class Typed:
    """A new account as it was typed, with what is wrong with it, by field."""

    email: str
    name: str
    role: str
    limit: str
    errors: dict[str, str]


class StaffView(ListView):
    """Who works here, and the page of each."""

    right = Right.VIEW_STAFF
    list_template = "lunas/staff.html"
    columns: ClassVar = {
        "name": lazy_gettext("Name"),
        "email": lazy_gettext("E-mail"),
        "role": lazy_gettext("Role"),
        "limit": lazy_gettext("Refunds a day"),
        "active": lazy_gettext("Account"),
        "lock": lazy_gettext("Sign-in"),
        "created_at": lazy_gettext("Since (WIB)"),
    }
    column_classes: ClassVar = {"role": "words", "limit": "money"}
    can_search = True
    search_hint = lazy_gettext("Name or e-mail")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "active",
            lazy_gettext("Account"),
            [("yes", lazy_gettext("open")), ("no", lazy_gettext("closed"))],
            lambda value: Staff.active.is_(value == "yes"),
        ),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the person."""
        return (joinedload(Staff.role),)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the people whose e-mail this is, or whose name begins so."""
        begins = func.lower(Staff.name).startswith(text.lower(), autoescape=True)
        return or_(Staff.email == text.lower(), begins)

    def is_locked(self, staff: Staff) -> bool:
        """Tell whether too many wrong passwords keep the account locked now."""
        return staff.locked_until is not None and staff.locked_until > current_desk().clock()

    def limit_of(self, staff: Staff) -> int | None:
        """Return the person's daily refund limit in rupiah; None without the right to refund."""
        if Right.REFUND not in rights_of(staff.role.name):
            return None
        return daily_limit_idr(staff.role.name, staff.daily_refund_limit_idr)

    def may_manage(self) -> bool:
        """Tell whether whoever looks may also change accounts."""
        return signed_in_person().may(Right.MANAGE_STAFF)

    @expose("/new")
    def new(self) -> str:
        """Show the form for a new account."""
        insist(Act(Right.MANAGE_STAFF, "open_add_staff_form", ""))
        return self._new_page(Typed("", "", "support", "", {}))

    @expose("/new", methods=("POST",))
    def add(self) -> str | tuple[str, int]:
        """Open the account and show its one-time link, once."""
        typed = _read_new()
        act = Act(Right.MANAGE_STAFF, "add_staff", typed.email)
        insist(act)
        if typed.errors:
            return self._new_page(typed), 422
        person = NewPerson(typed.email, typed.name, typed.role, _limit(typed.limit)[0])
        made = carry_out(act, lambda _me: add_person(_sessions(), person, current_desk().clock()))
        if made is None:
            return self._new_page(typed), 422
        staff_id, token = made
        return self._link_page(_staff(staff_id), token)

    @expose(f"/{_ONE}")
    def details(self, staff_id: int) -> str:
        """Show one person: role, limit, second factors, where they are signed in."""
        staff, session = _staff(staff_id), reads()
        return self.render(
            "lunas/staff_person.html",
            staff=staff,
            roles=ROLES,
            factors=factors_of(session, staff_id),
            open_sessions=open_sessions(session, staff_id, current_desk().clock()),
            is_self=staff_id == signed_in_person().staff_id,
            role_limit_idr=DAILY_LIMIT_IDR.get(staff.role.name, 0),
        )

    @expose(f"/{_ONE}/role", methods=("POST",))
    def role(self, staff_id: int) -> Response:
        """Give the person another role."""
        wanted = request.form.get("role", "")
        if wanted not in ROLES:
            flash(gettext("Choose one of the roles."), "refused")
            return redirect(url_for(".details", staff_id=staff_id))
        return _act(
            staff_id,
            f"change_role_to_{wanted}",
            lambda me: change_role(_sessions(), staff_id, wanted, by=me.staff_id),
        )

    @expose(f"/{_ONE}/limit", methods=("POST",))
    def limit(self, staff_id: int) -> Response:
        """Set the person's own daily limit; an empty field returns to that of the role."""
        limit_idr, error = _limit(request.form.get("limit", ""))
        if error:
            flash(error, "refused")
            return redirect(url_for(".details", staff_id=staff_id))
        name = "set_limit_of_role" if limit_idr is None else f"set_limit_{limit_idr}"
        return _act(
            staff_id, name, lambda me: set_limit(_sessions(), staff_id, limit_idr, by=me.staff_id)
        )

    @expose(f"/{_ONE}/link", methods=("POST",))
    def link(self, staff_id: int) -> str | Response:
        """End the password and show a new one-time link, once."""
        staff = _staff(staff_id)
        token = carry_out(
            Act(Right.MANAGE_STAFF, "new_password_link", staff.email),
            lambda _me: new_link(_sessions(), staff_id, current_desk().clock()),
        )
        if token is None:
            return redirect(url_for(".details", staff_id=staff_id))
        return self._link_page(staff, token)

    @expose(f"/{_ONE}/reset-factors", methods=("POST",))
    def reset_factors(self, staff_id: int) -> Response:
        """Remove the person's second factors, for somebody who lost their telephone."""
        return _act(
            staff_id, "reset_second_factors", lambda _me: reset_factors(_sessions(), staff_id)
        )

    @expose(f"/{_ONE}/unlock", methods=("POST",))
    def unlock(self, staff_id: int) -> Response:
        """Lift the locks of too many wrong tries."""
        return _act(staff_id, "unlock_account", lambda _me: unlock(_sessions(), staff_id))

    @expose(f"/{_ONE}/sign-out", methods=("POST",))
    def sign_out(self, staff_id: int) -> Response:
        """Sign the person out everywhere."""
        return _act(
            staff_id, "sign_out_everywhere", lambda _me: end_all_sessions(_sessions(), staff_id)
        )

    @expose(f"/{_ONE}/close", methods=("POST",))
    def close(self, staff_id: int) -> Response:
        """Close the account."""
        return _act(
            staff_id,
            "close_account",
            lambda me: close_account(_sessions(), staff_id, by=me.staff_id),
        )

    @expose(f"/{_ONE}/reopen", methods=("POST",))
    def reopen(self, staff_id: int) -> Response:
        """Open the account again."""
        return _act(
            staff_id,
            "reopen_account",
            lambda me: reopen_account(_sessions(), staff_id, by=me.staff_id),
        )

    def _new_page(self, typed: Typed) -> str:
        return self.render("lunas/staff_new.html", typed=typed, roles=ROLES, limits=DAILY_LIMIT_IDR)

    def _link_page(self, staff: Staff, token: str) -> str:
        address = current_desk().policy.public_url + url_for("desk.welcome", token=token)
        hours = int(LINK_LASTS.total_seconds() // 3600)
        return self.render("lunas/staff_link.html", staff=staff, address=address, hours=hours)


def _sessions() -> Sessions:
    return desk_to_act().sessions


def _staff(staff_id: int) -> Staff:
    query = select(Staff).where(Staff.id == staff_id).options(joinedload(Staff.role))
    staff = reads().scalars(query).one_or_none() if staff_id <= LARGEST_ID else None
    if staff is None:
        raise PageMissingError
    return staff


def _act(staff_id: int, name: str, work: Callable[[Person], None]) -> Response:
    """Do one thing to an account and return to its page."""
    staff = _staff(staff_id)

    def done(person: Person) -> bool:
        work(person)
        return True

    if carry_out(Act(Right.MANAGE_STAFF, name, staff.email), done):
        flash(gettext("Done."), "done")
    return redirect(url_for("staff.details", staff_id=staff_id))


def _read_new() -> Typed:
    email, name = cleaned(request.form.get("email")).lower(), cleaned(request.form.get("name"))
    role, limit = request.form.get("role", ""), cleaned(request.form.get("limit"))
    errors = {
        "email": "" if is_email(email) else gettext("Write an e-mail address."),
        "name": "" if 0 < len(name) <= LONGEST_NAME else gettext("Write the person's name."),
        "role": "" if role in ROLES else gettext("Choose one of the roles."),
        "limit": _limit(limit)[1],
    }
    wrong = {field: words for field, words in errors.items() if words}
    return Typed(email[:254], name[:LONGEST_NAME], role, limit, wrong)


def _limit(text: str) -> tuple[int | None, str]:
    """Read a limit in rupiah; None for an empty field, and words if it is no amount."""
    typed = cleaned(text)
    if not typed:
        return None, ""
    try:
        return int(parse_typed_amount(typed)), ""
    except ValueError:
        return None, gettext("Write the amount in rupiah, for example 75.000 or Rp 75.000.")
