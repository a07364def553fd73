"""Actions of a person: checked against their rights, carried out, and written to the audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import flash, request
from flask_babel import gettext

from admin.gate import step_up
from admin.pages import PageForbiddenError, PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import current_desk, end_reading
from admin.wording import why_words
from app.core.errors import GatewayError, NotFoundError, RefusedError
from app.core.reasons import Why
from app.core.rights import Right
from app.services.audit import AuditNote, record_audit

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of action on one thing: the right it needs, its name in the audit log, the thing."""

    right: Right
    name: str
    target: str


def insist(act: Act) -> Person:
    """Return who is signed in if their role allows the act; otherwise refuse, on record."""
    person = signed_in_person()
    if not person.may(act.right):
        note(act, done=False, why=Why.NOT_ALLOWED.value)
        raise PageForbiddenError
    return person


def insist_present(act: Act) -> Person:
    """Return who is signed in if they may do this and proved to be there a short while ago.

    Otherwise the answer is the page that asks for a proof and then goes on with the same form. A
    proof is recorded, a wrong one too.
    """
    person = insist(act)
    try:
        proved_now = step_up.insist_present(act.right, person, act.target)
    except step_up.ProofRefusedError as refusal:
        note(Act(act.right, "step_up", act.target), done=False, why=refusal.why)
        raise
    if proved_now:
        note(Act(act.right, "step_up", act.target), done=True, why="")
    return person


def carry_out(act: Act, work: Callable[[Person], _Result]) -> _Result | None:
    """Do the work in the person's name and record it; None if a rule or the gateway refused.

    A refusal is told to the person on the next page, and recorded like a deed. The right is
    checked here too, right before the work, whatever the view did; acts about money and accounts
    also need a proof that is not older than five minutes.
    """
    person = insist_present(act)
    end_reading()
    try:
        result = work(person)
    except NotFoundError:
        note(act, done=False, why="not_found")
        raise PageMissingError from None
    except RefusedError as refusal:
        note(act, done=False, why=refusal.why.value)
        flash(_refusal_words(refusal), "refused")
        return None
    except GatewayError as failure:
        note(act, done=False, why=failure.code or type(failure).__name__)
        flash(gettext("The gateway said: %(words)s", words=failure.message), "refused")
        return None
    note(act, done=True, why="")
    return result


def note(act: Act, *, done: bool, why: str) -> None:
    """Append what the person did, or was refused, to the audit log."""
    person, desk = signed_in_person(), current_desk()
    end_reading()
    entry = AuditNote(
        staff_id=person.staff_id,
        who=person.email,
        action=act.name,
        target=act.target,
        done=done,
        why=why,
        remote_address=request.remote_addr,
    )
    record_audit(desk.sessions, entry, desk.clock())


def _refusal_words(refusal: RefusedError) -> str:
    words = why_words(refusal.why.value)
    return f"{words} ({refusal.detail})" if refusal.detail else words
