"""The second door: proving a second factor, setting up the first one, and passkeys at the gate."""

import secrets

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from admin.gate import totp
from admin.gate.enrolment import Enrolling, secret_to_set_up, set_up_app, set_up_passkey
from admin.gate.entering import (
    enter,
    enter_from,
    halfway,
    is_welcome,
    note_at_gate,
    prover_halfway,
    safe_target,
)
from admin.gate.factors import Outcome, check_proof, factors_of, read_proof
from admin.gate.forms import SignInForm, cleaned
from admin.gate.front_door import desk_pages, sign_in_page
from admin.gate.passkeys import Owner, Site, ask_to_make, ask_to_prove, find_prover, passkey_site
from admin.gate.recovery import is_code
from admin.gate.resealing import seal_keys
from admin.gate.step_up import proof_error, proving_in
from admin.gate.throttle import PASSKEY_BY_ADDRESS, give_back, take_try
from admin.person import Person, current_person
from admin.reading import current_desk, desk_to_act, reads
from admin.wording import why_words
from app.core.addresses import address_group
from app.core.errors import RefusedError
from app.db.models import StaffSession

_NONCE = "passkey_nonce"


@desk_pages.get("/second-factor")
def second_factor() -> str | Response:
    """Ask for the second factor, or first for the set-up of one."""
    half = halfway()
    if half is None:
        return redirect(url_for("desk.sign_in"))
    wanted = safe_target(request.args.get("next"))
    if not factors_of(reads(), half.staff_id).any:
        return redirect(url_for("desk.set_up", next=wanted))
    return _proof_page(half, wanted)


@desk_pages.post("/second-factor")
def do_second_factor() -> str | tuple[str, int] | Response:
    """Let the person in who proves a second factor after the password."""
    half = halfway()
    if half is None:
        return redirect(url_for("desk.sign_in"))
    staff, wanted = half.staff, safe_target(request.form.get("next"))
    outcome = check_proof(desk_to_act(), prover_halfway(half), read_proof(request.form))
    if outcome is not Outcome.RIGHT:
        note_at_gate("sign_in", staff, staff.email, outcome.value)
        return _proof_page(half, wanted, proof_error(outcome)), 401
    note_at_gate("sign_in", staff, staff.email)
    return redirect(wanted if enter_from(half) else url_for("desk.sign_in"))


def _proof_page(half: StaffSession, wanted: str, error: str = "") -> str:
    return render_template(
        "lunas/second_factor.html",
        staff=half.staff,
        wanted=wanted,
        error=error,
        factors=factors_of(reads(), half.staff_id),
        site=_site(),
    )


@desk_pages.get("/set-up", endpoint="set_up")
def show_set_up() -> str | Response:
    """Show how to set up the first second factor; there is no other page before it is done."""
    half = _without_factor()
    if half is None:
        return redirect(url_for("desk.second_factor"))
    return _set_up_page(half, safe_target(request.args.get("next")))


@desk_pages.post("/set-up")
def do_set_up() -> str | tuple[str, int] | Response:
    """Keep the app or the passkey, let the person in, and show their recovery codes, once."""
    half = _without_factor()
    if half is None:
        return redirect(url_for("desk.second_factor"))
    staff, wanted = half.staff, safe_target(request.form.get("next"))
    try:
        codes = _set_up(half)
    except RefusedError as refusal:
        note_at_gate("set_up_factor", staff, staff.email, refusal.why.value)
        return _set_up_page(half, wanted, why_words(refusal.why.value)), 422
    note_at_gate("set_up_factor", staff, staff.email)
    if not enter_from(half):
        return redirect(url_for("desk.sign_in"))
    note_at_gate("sign_in", staff, staff.email)
    return codes_page(codes, wanted)


def _without_factor() -> StaffSession | None:
    """Return the half session of somebody who has no second factor yet.

    With one, the set-up is closed to whoever knows only the password.
    """
    half = halfway()
    if half is None or factors_of(reads(), half.staff_id).any:
        return None
    return half


def _set_up(half: StaffSession) -> list[str]:
    desk, who = desk_to_act(), _enrolling(half.staff_id, half.id)
    answer = request.form.get("answer", "")
    if answer:
        return set_up_passkey(desk.sessions, _site(), who, (passkey_name(), answer), desk.clock())
    return set_up_app(desk.sessions, who, request.form.get("code", "")[:20], desk.clock())


def _set_up_page(half: StaffSession, wanted: str, error: str = "") -> str:
    return render_template(
        "lunas/set_up.html",
        staff=half.staff,
        wanted=wanted,
        error=error,
        site=_site(),
        **app_picture(_enrolling(half.staff_id, half.id), half.staff.email),
    )


def app_picture(who: Enrolling, email: str) -> dict[str, str]:
    """Return the picture and the letters from which an app learns its secret."""
    secret = secret_to_set_up(desk_to_act().sessions, who)
    address = totp.setup_address(secret, email, "Lunas")
    letters = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"picture": totp.picture(address), "letters": letters}


def enrolling(person: Person) -> Enrolling:
    """Return who sets up a factor: this person, in this session."""
    return _enrolling(person.staff_id, person.session_id)


def _enrolling(staff_id: int, session_id: int) -> Enrolling:
    return Enrolling(staff_id, session_id, seal_keys())


def passkey_name() -> str:
    """Return what the person calls the passkey, or the name of the thing."""
    return cleaned(request.form.get("name"))[:60] or gettext("Passkey")


def codes_page(codes: list[str], wanted: str) -> str | Response:
    """Show new recovery codes, once; without any just go on."""
    if not codes:
        return redirect(wanted)
    return render_template("lunas/codes.html", codes=codes, wanted=wanted)


@desk_pages.post("/recovery-codes.txt")
def download_codes() -> Response:
    """Return the codes that the page shows as a file; they are nowhere on the server."""
    codes = [code for code in request.form.getlist("codes")[:10] if is_code(code)]
    if current_person() is None or not codes:
        raise BadRequest
    name = "attachment; filename=lunas-recovery-codes.txt"
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return FlaskResponse("\r\n".join([*codes, ""]), mimetype="text/plain", headers=headers)


@desk_pages.post("/passkey/question")
def passkey_question() -> Response:
    """Return a question for the browser's passkeys, fitting to who asks and how far they came."""
    site = _site()
    question = None if site is None else _question(site, request.form.get("for", ""))
    if question is None:
        raise BadRequest
    return FlaskResponse(question, mimetype="application/json")


def _question(site: Site, kind: str) -> str | None:
    person, half = current_person(), halfway()
    if person is not None:
        owner = (person.staff_id, person.session_id, person.email, person.name)
        return _question_for(site, owner, kind)
    if half is not None:
        has_factor = factors_of(reads(), half.staff_id).any
        wanted = "prove" if has_factor else "make"
        owner = (half.staff_id, half.id, half.staff.email, half.staff.name)
        return _question_for(site, owner, kind) if kind == wanted else None
    return _question_for_strangers(site) if kind == "prove" else None


def _question_for(site: Site, owner: tuple[int, int, str, str], kind: str) -> str | None:
    desk, (staff_id, session_id, email, name) = desk_to_act(), owner
    if kind == "prove":
        purpose = proving_in(session_id)
        return ask_to_prove(desk.sessions, site, staff_id, purpose, desk.clock())
    if kind != "make":
        return None
    who = _enrolling(staff_id, session_id)
    described = Owner(staff_id, email, name, who.handle)
    return ask_to_make(desk.sessions, site, described, who.purpose, desk.clock())


def _question_for_strangers(site: Site) -> str | None:
    """Ask any passkey; the answer counts only in the browser that was asked."""
    desk, address = desk_to_act(), address_group(request.remote_addr)
    if not take_try(desk.sessions, PASSKEY_BY_ADDRESS, address, desk.clock()):
        return None
    session[_NONCE] = secrets.token_urlsafe(16)
    return ask_to_prove(desk.sessions, site, None, f"enter:{session[_NONCE]}", desk.clock())


@desk_pages.post("/passkey/sign-in")
def passkey_sign_in() -> tuple[str, int] | Response:
    """Let in whoever's passkey answers the question; it stands for both factors."""
    desk, wanted = desk_to_act(), safe_target(request.form.get("next"))
    site, nonce = _site(), session.pop(_NONCE, "")
    answer = read_proof(request.form).passkey
    staff = None
    if site is not None and nonce:
        staff = find_prover(desk.sessions, site, answer, f"enter:{nonce}", desk.clock())
    if staff is None or not is_welcome(staff):
        note_at_gate("passkey_sign_in", None, "", Outcome.WRONG.value)
        return sign_in_page(SignInForm(next=wanted), gettext("This passkey was not accepted.")), 401
    give_back(desk.sessions, PASSKEY_BY_ADDRESS, address_group(request.remote_addr))
    note_at_gate("passkey_sign_in", staff, staff.email)
    enter(staff)
    return redirect(wanted)


def _site() -> Site | None:
    return passkey_site(current_desk().policy.public_url)
