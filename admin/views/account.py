"""A person's own account: second factors, sessions, password, and what they may refund today."""

from collections.abc import Callable
from typing import Any, Final

from flask import flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out
from admin.gate.desk_sessions import end_session, end_sessions, open_sessions
from admin.gate.enrolment import (
    new_codes,
    remove_app,
    remove_passkey,
    set_up_app,
    set_up_passkey,
)
from admin.gate.factors import factors_of
from admin.gate.passkeys import passkey_site, passkeys_of
from admin.gate.passwords import refuse_password
from admin.gate.second_factor import app_picture, codes_page, enrolling, passkey_name
from admin.gate.sign_in import fits_password
from admin.pages import PageMissingError
from admin.people.staff_accounts import set_password
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import LARGEST_ID, Guarded
from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.core.rights import Right
from app.db.models import Staff
from app.services.refund_limits import refund_allowance

_LONGEST_CODE: Final = 20


class AccountView(Guarded, BaseView):
    """The page of whoever is signed in, about themselves."""

    right = Right.OWN_ACCOUNT

    def is_visible(self) -> bool:
        """Say no: the person's name at the top leads here."""
        return False

    @expose("/")
    def index(self) -> str:
        """Show the account."""
        person, desk = signed_in_person(), current_desk()
        session, now = reads(), desk.clock()
        return self.render(
            "lunas/account.html",
            staff=session.scalars(select(Staff).where(Staff.id == person.staff_id)).one(),
            factors=factors_of(session, person.staff_id),
            passkeys=passkeys_of(session, person.staff_id),
            open_sessions=open_sessions(session, person.staff_id, now),
            site=passkey_site(desk.policy.public_url),
            allowance=_allowance(person),
        )

    @expose("/app")
    def app(self) -> str:
        """Show how to set up an authenticator app, in the place of an earlier one if any."""
        person = signed_in_person()
        picture = app_picture(enrolling(person), person.email)
        return self.render("lunas/account_app.html", **picture)

    @expose("/app", methods=("POST",))
    def app_confirm(self) -> str | Response:
        """Keep the app once its code was typed."""
        code = request.form.get("code", "")[:_LONGEST_CODE]

        def keep(person: Person) -> list[str]:
            desk = desk_to_act()
            return set_up_app(desk.sessions, enrolling(person), code, desk.clock())

        codes = _carry_out("set_up_app", keep)
        if codes is None:
            return redirect(url_for(".app"))
        return _done(gettext("The app is set up."), codes)

    @expose("/app/remove", methods=("POST",))
    def app_remove(self) -> Response:
        """Remove the app."""
        return _simply("remove_app", lambda me: remove_app(_sessions(), me.staff_id))

    @expose("/passkeys", methods=("POST",))
    def passkey_add(self) -> str | Response:
        """Keep a new passkey."""
        made = (passkey_name(), request.form.get("answer", ""))

        def keep(person: Person) -> list[str]:
            desk = desk_to_act()
            site = passkey_site(desk.policy.public_url)
            return set_up_passkey(desk.sessions, site, enrolling(person), made, desk.clock())

        codes = _carry_out("add_passkey", keep)
        if codes is None:
            return redirect(url_for(".index"))
        return _done(gettext("The passkey was added."), codes)

    @expose("/passkeys/<int:passkey_id>/remove", methods=("POST",))
    def passkey_remove(self, passkey_id: int) -> Response:
        """Remove one passkey."""
        _refuse_huge(passkey_id)
        return _simply(
            "remove_passkey", lambda me: remove_passkey(_sessions(), me.staff_id, passkey_id)
        )

    @expose("/codes", methods=("POST",))
    def codes(self) -> str | Response:
        """Make new recovery codes, which end the old ones, and show them once."""
        codes = _carry_out("new_recovery_codes", lambda me: new_codes(_sessions(), me.staff_id))
        return redirect(url_for(".index")) if codes is None else _done("", codes)

    @expose("/sessions/<int:session_id>/end", methods=("POST",))
    def session_end(self, session_id: int) -> Response:
        """Sign out one other browser."""
        _refuse_huge(session_id)

        def end(person: Person) -> None:
            with _sessions().begin() as session:
                if not end_session(session, person.staff_id, session_id):
                    raise NotFoundError(f"session {session_id}")

        return _simply("end_session", end)

    @expose("/sessions/end-others", methods=("POST",))
    def sessions_end_others(self) -> Response:
        """Sign out every browser but this one."""

        def end(person: Person) -> None:
            with _sessions().begin() as session:
                end_sessions(session, person.staff_id, except_id=person.session_id)

        return _simply("end_other_sessions", end)

    @expose("/password", methods=("POST",))
    def password(self) -> Response:
        """Change the password; every other browser is signed out."""
        present, new = request.form.get("present", ""), request.form.get("new", "")

        def change(person: Person) -> None:
            desk = desk_to_act()
            fits = fits_password(desk.sessions, person.email, present, desk.clock())
            if not fits or refuse_password(new, person.email):
                raise RefusedError(Why.NEW_PASSWORD_REFUSED)
            set_password(desk.sessions, person.staff_id, new, keep_session=person.session_id)

        return _simply("change_password", change)


def _refuse_huge(row_id: int) -> None:
    """Say that there is no such row where the number does not even fit a column."""
    if row_id > LARGEST_ID:
        raise PageMissingError


def _sessions() -> Any:
    return desk_to_act().sessions


def _allowance(person: Person) -> Any:
    if not person.may(Right.REFUND):
        return None
    return refund_allowance(current_desk(), person.staff_id)


def _carry_out(name: str, work: Callable[[Person], Any]) -> Any:
    return carry_out(Act(Right.OWN_ACCOUNT, name, signed_in_person().email), work)


def _simply(name: str, work: Callable[[Person], None]) -> Response:
    """Do one thing and return to the account."""

    def done(person: Person) -> bool:
        work(person)
        return True

    if _carry_out(name, done):
        flash(gettext("Done."), "done")
    return redirect(url_for("account.index"))


def _done(words: str, codes: list[str]) -> str | Response:
    if words:
        flash(words, "done")
    return codes_page(codes, url_for("account.index"))
