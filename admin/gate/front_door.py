"""Signing in and out, choosing a password by a one-time link, and choosing a language."""

from pathlib import Path
from typing import Final

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import logout_user
from werkzeug.wrappers import Response

from admin.gate.desk_sessions import end_session
from admin.gate.entering import (
    enter,
    enter_halfway,
    is_welcome,
    note_at_gate,
    safe_target,
)
from admin.gate.factors import factors_of
from admin.gate.forms import SignInForm
from admin.gate.links import person_of_link, use_link
from admin.gate.passkeys import passkey_site
from admin.gate.passwords import refuse_password
from admin.gate.sign_in import choose_language, sign_in
from admin.gate.throttle import LINK_BY_ADDRESS, PASSWORD_BY_ADDRESS, give_back, take_try
from admin.languages import LANGUAGES, remember_language
from admin.pages import PageMissingError
from admin.person import current_person
from admin.reading import current_desk, desk_to_act, end_reading, reads
from admin.security import PREFIX
from app.core.addresses import address_group
from app.db.models import Staff

_HERE: Final = Path(__file__).parents[1]

desk_pages = Blueprint(
    "desk",
    __name__,
    url_prefix=PREFIX,
    template_folder=str(_HERE / "templates"),
    static_folder=str(_HERE / "static"),
    static_url_path="/assets",
)


@desk_pages.get("/login", endpoint="sign_in")
def show_sign_in() -> str | Response:
    """Show the sign-in page, or go on where somebody is signed in already."""
    wanted = safe_target(request.args.get("next"))
    if current_person() is not None:
        return redirect(wanted)
    return sign_in_page(SignInForm(next=wanted))


@desk_pages.post("/login")
def do_sign_in() -> tuple[str, int] | Response:
    """Take the password, or say no in one and the same way for every reason.

    Whoever has a second factor, or must have one, is asked for it next.
    """
    form = SignInForm()
    email = (form.email.data or "").lower()[:254]
    staff = _password_fits(email, form.password.data or "")
    if staff is None:
        note_at_gate("sign_in", None, email, "wrong_or_locked")
        error = gettext(
            "E-mail and password do not fit together. After five wrong tries the account stays "
            "locked for 15 minutes."
        )
        return sign_in_page(form, error), 401
    wanted = safe_target(form.next.data)
    if _needs_second_factor(staff):
        note_at_gate("password", staff, email)
        enter_halfway(staff)
        return redirect(url_for("desk.second_factor", next=wanted))
    note_at_gate("sign_in", staff, email)
    enter(staff)
    return redirect(wanted)


def sign_in_page(form: SignInForm, error: str = "") -> str:
    """Return the sign-in page; it offers passkeys where they can work."""
    site = passkey_site(current_desk().policy.public_url)
    return render_template("lunas/sign_in.html", form=form, error=error, site=site)


def _password_fits(email: str, password: str) -> Staff | None:
    desk, address = desk_to_act(), address_group(request.remote_addr)
    if not take_try(desk.sessions, PASSWORD_BY_ADDRESS, address, desk.clock()):
        return None
    staff = sign_in(desk.sessions, email, password, desk.clock())
    if staff is None or not is_welcome(staff):
        return None
    give_back(desk.sessions, PASSWORD_BY_ADDRESS, address)
    return staff


def _needs_second_factor(staff: Staff) -> bool:
    """Say yes, except for demo staff who have set up none."""
    return not staff.is_demo or factors_of(reads(), staff.id).any


@desk_pages.post("/logout")
def sign_out() -> Response:
    """End the session, here and on the server."""
    person = current_person()
    if person is not None:
        with desk_to_act().sessions.begin() as db:
            end_session(db, person.staff_id, person.session_id)
    logout_user()
    session.clear()
    if person is not None:
        remember_language(person.locale)
    return redirect(url_for("desk.sign_in"))


@desk_pages.get("/welcome/<token>", endpoint="welcome")
def show_welcome(token: str) -> str | tuple[str, int]:
    """Show the page of a one-time link, on which a person chooses their password."""
    staff = _invited(token)
    return _spent_link() if staff is None else _welcome_page(staff)


@desk_pages.post("/welcome/<token>")
def choose_password(token: str) -> str | tuple[str, int] | Response:
    """Set the password by the one-time link, once, and go on to the sign-in page."""
    staff = _invited(token)
    if staff is None:
        return _spent_link()
    password = request.form.get("password", "")
    error = refuse_password(password, staff.email)
    if not error and password != request.form.get("again", ""):
        error = gettext("The two passwords differ.")
    if error:
        return _welcome_page(staff, error), 422
    desk = desk_to_act()
    if use_link(desk.sessions, token, password, desk.clock()) is None:
        return _spent_link()
    note_at_gate("choose_password", staff, staff.email)
    return redirect(url_for("desk.sign_in"))


def _invited(token: str) -> Staff | None:
    desk, address = desk_to_act(), address_group(request.remote_addr)
    if not take_try(desk.sessions, LINK_BY_ADDRESS, address, desk.clock()):
        return None
    staff = person_of_link(reads(), token, desk.clock())
    if staff is not None:
        give_back(desk.sessions, LINK_BY_ADDRESS, address)
    return staff


def _welcome_page(staff: Staff, error: str = "") -> str:
    return render_template("lunas/welcome.html", staff=staff, error=error)


def _spent_link() -> tuple[str, int]:
    title = gettext("This link does not work any more")
    text = gettext("It was used, or it is too old. Ask an administrator for a new one.")
    return render_template("lunas/problem.html", code=410, title=title, text=text), 410


@desk_pages.post("/language")
def switch_language() -> Response:
    """Change the language of every page, and remember it for the person."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        remember_language(chosen)
        person = current_person()
        if person is not None:
            end_reading()
            choose_language(current_desk().sessions, person.staff_id, chosen)
    return redirect(_after_language(request.form.get("next")))


def _after_language(wanted: str | None) -> str:
    """Return to the page of the gate on which the language was chosen, or to any other of ours."""
    if current_person() is None and wanted:
        here = (url_for("desk.second_factor"), url_for("desk.set_up"))
        if wanted.split("?")[0] in here:
            return wanted.split("?")[0]
    return safe_target(wanted)


@desk_pages.get("/<path:unknown>")
def missing_page(unknown: str) -> str:
    """Say so where there is no page; the shop's own page would be a riddle here."""
    raise PageMissingError(unknown)
