"""Signing in and out, and choosing a language."""

from pathlib import Path
from typing import Final

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from admin.forms import SignInForm
from admin.languages import LANGUAGES, remember_language
from admin.pages import PageMissingError
from admin.people import Person, current_person
from admin.reading import current_desk, desk_to_act, end_reading
from admin.security import PREFIX
from admin.sign_in import choose_language, sign_in
from app.services.audit import AuditNote, record_audit

_HERE: Final = Path(__file__).parent

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
    wanted = _safe_target(request.args.get("next"))
    if current_person() is not None:
        return redirect(wanted)
    return render_template("lunas/sign_in.html", form=SignInForm(next=wanted), error="")


@desk_pages.post("/login")
def do_sign_in() -> tuple[str, int] | Response:
    """Let the person in, or say no in one and the same way for every reason."""
    form, desk = SignInForm(), desk_to_act()
    email = (form.email.data or "").lower()[:254]
    person = sign_in(desk.sessions, email, form.password.data or "", desk.clock())
    _note(person, email)
    if person is None:
        error = gettext(
            "E-mail and password do not fit together. After five wrong tries the account stays "
            "locked for 15 minutes."
        )
        return render_template("lunas/sign_in.html", form=form, error=error), 401
    # A session that somebody else may have planted ends here.
    session.clear()
    session.permanent = True
    login_user(person)
    return redirect(_safe_target(form.next.data))


@desk_pages.post("/logout")
def sign_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("desk.sign_in"))


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
    return redirect(_safe_target(request.form.get("next")))


@desk_pages.get("/<path:unknown>")
def missing_page(unknown: str) -> str:
    """Say so where there is no page; the shop's own page would be a riddle here."""
    raise PageMissingError(unknown)


def _safe_target(wanted: str | None) -> str:
    """Return where to go next: a page of the back office and nowhere else."""
    home = url_for("admin.index")
    text = wanted or home
    is_ours = text == PREFIX or text.startswith(f"{PREFIX}/")
    # Browsers read a backslash as a slash; control characters could split the header.
    is_plain = "\\" not in text and text.isprintable()
    is_gate = text.startswith((url_for("desk.sign_in"), url_for("desk.sign_out")))
    return text if is_ours and is_plain and not is_gate else home


def _note(person: Person | None, email: str) -> None:
    desk = current_desk()
    note = AuditNote(
        staff_id=person.staff_id if person else None,
        who=email,
        action="sign_in",
        target="",
        done=person is not None,
        why="" if person else "wrong_or_locked",
        remote_address=request.remote_addr,
    )
    record_audit(desk.sessions, note, desk.clock())
    current_app.logger.info("sign-in %s", "done" if person else "refused")
