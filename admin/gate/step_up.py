"""Proving to be there again, right before money moves or accounts change.

The question interrupts the form: the page that asks carries every field of it along and sends
them, with the proof, to where the form was going. So the form's own key stays the same, nothing is
kept on the server in between, and nothing is sent twice.
"""

from typing import Final

from flask import Flask, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import Unauthorized

from admin.gate.desk_sessions import verify_session
from admin.gate.factors import PREFIX, Outcome, Prover, check_proof, factors_of, read_proof
from admin.gate.passkeys import passkey_site
from admin.gate.resealing import seal_keys
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from app.core.rights import STEP_UP, Right

_NOT_KEPT: Final = "csrf_token"


class StepUpNeededError(Unauthorized):
    """The person must prove to be there first; the answer is a page that asks for it."""

    def __init__(self, target: str, error: str = "") -> None:
        """Keep what the act is about and, after a wrong proof, what to say."""
        super().__init__()
        self.target = target
        self.error = error


class ProofRefusedError(StepUpNeededError):
    """A proof was given and does not hold; ``why`` is for the audit log."""

    def __init__(self, target: str, outcome: Outcome) -> None:
        """Keep the reason and put it in words."""
        super().__init__(target, proof_error(outcome))
        self.why = outcome.value


def ask_for_proof(app: Flask) -> None:
    """Answer an act that needs a fresh proof with the page that asks for it."""
    app.register_error_handler(StepUpNeededError, _ask)
    app.register_error_handler(ProofRefusedError, _ask)


def insist_present(right: Right, person: Person, target: str) -> bool:
    """Let the act pass if the person proved to be there within five minutes, or does so now.

    StepUpNeededError without a proof, ProofRefusedError with a wrong one; nothing was done then.
    True if a proof was given with this very request.
    """
    desk = desk_to_act()
    if right not in STEP_UP or person.was_verified(desk.clock()):
        return False
    proof = read_proof(request.form)
    if proof.is_empty:
        raise StepUpNeededError(target)
    outcome = check_proof(desk, prover_of(person), proof)
    if outcome is not Outcome.RIGHT:
        raise ProofRefusedError(target, outcome)
    verify_session(desk.sessions, person.session_id, desk.clock())
    return True


def prover_of(person: Person) -> Prover:
    """Return who proves: this person, in this session."""
    return Prover(
        staff_id=person.staff_id,
        email=person.email,
        purpose=proving_in(person.session_id),
        site=passkey_site(current_desk().policy.public_url),
        keys=seal_keys(),
    )


def proving_in(session_id: int) -> str:
    """Return the purpose of a passkey's question that is asked within one session."""
    return f"prove:{session_id}"


def proof_error(outcome: Outcome) -> str:
    """Return what a person reads after a proof that did not hold."""
    if outcome is Outcome.TOO_MANY:
        return gettext("Too many wrong tries. Wait a while and try again.")
    return gettext("That was not right, or it was used before. Nothing was done.")


def _ask(error: StepUpNeededError) -> tuple[str, int]:
    person = signed_in_person()
    page = render_template(
        "lunas/step_up.html",
        target=error.target,
        error=error.error,
        kept=_kept_fields(),
        action=request.full_path.removesuffix("?"),
        factors=factors_of(reads(), person.staff_id),
        site=passkey_site(current_desk().policy.public_url),
    )
    return page, Unauthorized.code or 401


def _kept_fields() -> list[tuple[str, str]]:
    fields = request.form.items(multi=True)
    return [(k, v) for k, v in fields if k != _NOT_KEPT and not k.startswith(PREFIX)]
