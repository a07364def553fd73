"""The way in: from the password over the second factor to a session, and where to go then."""

from typing import Final

from flask import current_app, request, session, url_for
from flask_login import login_user

from admin.gate.desk_sessions import Browser, complete_session, find_session, open_session
from admin.gate.factors import Prover
from admin.gate.passkeys import passkey_site
from admin.gate.resealing import seal_keys
from admin.gate.step_up import proving_in
from admin.languages import remember_language
from admin.person import person_in
from admin.reading import current_desk, desk_to_act, end_reading, reads
from admin.security import PREFIX
from app.db.models import SessionStage, Staff, StaffSession
from app.services.audit import AuditNote, record_audit

_HALF: Final = "half"
_LEADS_NOWHERE: Final = ("login", "logout", "second-factor", "set-up", "welcome", "passkey")


def browser() -> Browser:
    """Return where this request comes from."""
    return Browser(request.remote_addr or "", request.user_agent.string)


def enter_halfway(staff: Staff) -> None:
    """Note that the password was right; no page opens before the second factor."""
    desk = desk_to_act()
    with desk.sessions.begin() as db:
        token = open_session(db, staff.id, SessionStage.HALF, browser(), desk.clock())
    # A session that somebody else may have planted ends here.
    session.clear()
    session.permanent = True
    session[_HALF] = token
    remember_language(staff.locale)


def halfway() -> StaffSession | None:
    """Return the session of whoever has given the password but no second factor yet."""
    token = session.get(_HALF)
    if not token:
        return None
    return find_session(reads(), str(token), SessionStage.HALF, current_desk().clock())


def enter(staff: Staff) -> None:
    """Sign a person in, under a new token."""
    desk = desk_to_act()
    with desk.sessions.begin() as db:
        token = open_session(db, staff.id, SessionStage.FULL, browser(), desk.clock())
    _sign_in_with(token)


def enter_from(half: StaffSession) -> bool:
    """Sign in whoever came halfway, under a new token; False if that was done already."""
    desk = desk_to_act()
    token = complete_session(desk.sessions, half, browser(), desk.clock())
    if token is not None:
        _sign_in_with(token)
    return token is not None


def _sign_in_with(token: str) -> None:
    row = find_session(reads(), token, SessionStage.FULL, current_desk().clock())
    session.clear()
    session.permanent = True
    if row is not None:
        login_user(person_in(row, token))
    end_reading()


def prover_halfway(half: StaffSession) -> Prover:
    """Return who proves at the gate: the person of this half session."""
    return Prover(
        staff_id=half.staff_id,
        email=half.staff.email,
        purpose=proving_in(half.id),
        site=passkey_site(current_desk().policy.public_url),
        keys=seal_keys(),
    )


def is_welcome(staff: Staff) -> bool:
    """Tell whether this kind of account may come in at all: demo staff only in a demonstration."""
    return staff.active and (not staff.is_demo or current_desk().policy.admits_demo_staff)


def note_at_gate(action: str, staff: Staff | None, who: str, why: str = "") -> None:
    """Write to the audit log what happened at the gate; ``why`` is empty where it was done."""
    desk = desk_to_act()
    note = AuditNote(
        staff_id=staff.id if staff else None,
        who=who,
        action=action,
        target="",
        done=not why,
        why=why,
        remote_address=request.remote_addr,
    )
    record_audit(desk.sessions, note, desk.clock())
    current_app.logger.info("%s %s", action, "refused" if why else "done")


def safe_target(wanted: str | None, otherwise: str | None = None) -> str:
    """Return where to go next: a page of the back office and nowhere else."""
    home = otherwise or url_for("admin.index")
    text = wanted or home
    is_ours = text == PREFIX or text.startswith(f"{PREFIX}/")
    # Browsers read a backslash as a slash; control characters could split the header.
    is_plain = "\\" not in text and text.isprintable()
    is_gate = text.startswith(tuple(f"{PREFIX}/{name}" for name in _LEADS_NOWHERE))
    return text if is_ours and is_plain and not is_gate else home
