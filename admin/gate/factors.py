"""Proving to be there: a code, a recovery code, a passkey, or, for demo staff, the password."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from admin.gate import recovery, totp
from admin.gate.passkeys import Site, find_prover
from admin.gate.resealing import seal_anew
from admin.gate.sealing import SealBrokenError, SealKeys, unseal
from admin.gate.sign_in import fits_password
from admin.gate.throttle import CODE, PASSKEY, RECOVERY, Limit, forget_tries, take_try
from app.db.models import Passkey, Staff
from app.services.desk import Desk

# Beside the fields of the form that a proof interrupts, so no form of ours has fields like these.
PREFIX: Final = "proof_"
_LONGEST_TYPED: Final = 200


class Outcome(StrEnum):
    """What became of a proof; the words go to the audit log as they are."""

    RIGHT = "right"
    WRONG = "wrong_proof"
    TOO_MANY = "too_many_tries"


@dataclass(frozen=True, slots=True)
class Factors:
    """Which second factors a person has set up."""

    has_app: bool
    passkeys: int
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all."""
        return self.has_app or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person sent to prove that it is they; at most one is looked at."""

    code: str = ""
    recovery: str = ""
    passkey: str = ""
    password: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was sent, so that there is nothing to refuse yet."""
        return not (self.code or self.recovery or self.passkey or self.password)


@dataclass(frozen=True, slots=True)
class Prover:
    """Who proves, and where: ``purpose`` ties a passkey's answer to this one session."""

    staff_id: int
    email: str
    purpose: str
    site: Site | None
    keys: SealKeys


def read_proof(form: MultiDict[str, str]) -> Proof:
    """Return the proof in a form."""
    return Proof(
        code=form.get(f"{PREFIX}code", "")[:_LONGEST_TYPED].strip(),
        recovery=form.get(f"{PREFIX}recovery", "")[:_LONGEST_TYPED].strip(),
        passkey=form.get(f"{PREFIX}passkey", ""),
        password=form.get(f"{PREFIX}password", ""),
    )


def factors_of(session: Session, staff_id: int) -> Factors:
    """Return which second factors a person has."""
    sealed = session.scalar(select(Staff.totp_sealed).where(Staff.id == staff_id))
    keys = select(func.count()).select_from(Passkey).where(Passkey.staff_id == staff_id)
    return Factors(
        has_app=sealed is not None,
        passkeys=session.scalar(keys) or 0,
        codes_left=recovery.codes_left(session, staff_id),
    )


def check_proof(desk: Desk, prover: Prover, proof: Proof) -> Outcome:
    """Judge a proof; each try is counted before it is looked at, and a right one clears them.

    The password counts only for demo staff without a second factor: elsewhere it would prove
    nothing new.
    """
    now = desk.clock()
    if proof.password:
        return _check_password(desk, prover, proof.password, now)
    limit = _limit_for(proof)
    if not take_try(desk.sessions, limit, prover.staff_id, now):
        return Outcome.TOO_MANY
    if not _fits(desk, prover, proof, now):
        return Outcome.WRONG
    forget_tries(desk.sessions, limit, prover.staff_id)
    return Outcome.RIGHT


def _limit_for(proof: Proof) -> Limit:
    if proof.code:
        return CODE
    return RECOVERY if proof.recovery else PASSKEY


def _fits(desk: Desk, prover: Prover, proof: Proof, now: datetime) -> bool:
    if proof.code:
        return _fits_app(desk, prover, proof.code, now)
    if proof.recovery:
        return recovery.use_code(desk.sessions, prover.staff_id, proof.recovery, now)
    if prover.site is None:
        return False
    found = find_prover(desk.sessions, prover.site, proof.passkey, prover.purpose, now)
    return found is not None and found.id == prover.staff_id


def _fits_app(desk: Desk, prover: Prover, code: str, now: datetime) -> bool:
    with desk.reads() as session:
        sealed = session.scalar(select(Staff.totp_sealed).where(Staff.id == prover.staff_id))
    if sealed is None:
        return False
    try:
        opened = unseal(prover.keys, prover.staff_id, sealed)
    except SealBrokenError:
        return False
    counter = totp.counter_of(opened.secret, code, now)
    if counter is None or not totp.use_counter(desk.sessions, prover.staff_id, counter):
        return False
    if opened.is_stale:
        seal_anew(desk.sessions, prover.keys, prover.staff_id, sealed)
    return True


def _check_password(desk: Desk, prover: Prover, password: str, now: datetime) -> Outcome:
    with desk.reads() as session:
        is_demo = session.get_one(Staff, prover.staff_id).is_demo
        has_factor = factors_of(session, prover.staff_id).any
    if not is_demo or has_factor:
        return Outcome.WRONG
    fits = fits_password(desk.sessions, prover.email, password, now)
    return Outcome.RIGHT if fits else Outcome.WRONG
