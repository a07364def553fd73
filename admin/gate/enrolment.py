"""Setting up and removing second factors; the first one brings the recovery codes with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from admin.gate import totp
from admin.gate.factors import factors_of
from admin.gate.passkeys import Site, add_passkey
from admin.gate.recovery import replace_codes
from admin.gate.sealing import SealBrokenError, SealKeys, derived_key, seal, unseal
from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.db.locks import lock_staff
from app.db.models import Passkey, RecoveryCode, Staff, StaffSession
from app.db.session import Sessions

_HANDLE: Final = b"lunas: passkey handles, version 1"


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Who sets up a factor, and in which session."""

    staff_id: int
    session_id: int
    keys: SealKeys

    @property
    def handle(self) -> bytes:
        """What a device knows the person by: always the same, and it tells nothing about them."""
        return derived_key(self.keys.current, _HANDLE + b":%d" % self.staff_id)

    @property
    def purpose(self) -> str:
        """What ties a passkey's answer to this session."""
        return f"make:{self.session_id}"


def secret_to_set_up(sessions: Sessions, who: Enrolling) -> str:
    """Return the secret of the app that is being set up in this session, a new one at first.

    The same until it is confirmed, so that a page that is loaded again shows the same picture.
    """
    with sessions.begin() as session:
        row = session.get_one(StaffSession, who.session_id)
        if row.pending_totp is not None:
            try:
                return unseal(who.keys, who.staff_id, row.pending_totp).secret
            except SealBrokenError:
                pass  # The settings' key has changed: begin anew.
        secret = totp.new_secret()
        row.pending_totp = seal(who.keys, who.staff_id, secret)
        return secret


def set_up_app(sessions: Sessions, who: Enrolling, typed: str, now: datetime) -> list[str]:
    """Make the app a second factor once its code was typed; return recovery codes if it is first.

    RefusedError(CODE_WRONG). The code that confirms is spent: it does not sign in.
    """
    with sessions.begin() as session:
        lock_staff(session, [who.staff_id])
        row = session.get_one(StaffSession, who.session_id)
        sealed = row.pending_totp
        counter = _confirmed(who, sealed, typed, now)
        if counter is None:
            raise RefusedError(Why.CODE_WRONG)
        row.pending_totp = None
        values = {"totp_sealed": sealed, "totp_counter": counter}
        is_first = not factors_of(session, who.staff_id).any
        session.execute(update(Staff).where(Staff.id == who.staff_id).values(**values))
        return replace_codes(session, who.staff_id) if is_first else []


def _confirmed(who: Enrolling, sealed: str | None, typed: str, now: datetime) -> int | None:
    if sealed is None:
        return None
    try:
        return totp.counter_of(unseal(who.keys, who.staff_id, sealed).secret, typed, now)
    except SealBrokenError:
        return None


def set_up_passkey(
    sessions: Sessions, site: Site | None, who: Enrolling, made: tuple[str, str], now: datetime
) -> list[str]:
    """Keep a new passkey (its name and the browser's answer); recovery codes if it is first.

    RefusedError(PASSKEY_REFUSED) if the answer does not hold, or ten are there already.
    """
    name, answer = made
    if site is None or not add_passkey(sessions, site, _row(who, name, now), answer, who.purpose):
        raise RefusedError(Why.PASSKEY_REFUSED)
    with sessions.begin() as session:
        lock_staff(session, [who.staff_id])
        has_codes = factors_of(session, who.staff_id).codes_left > 0
        return [] if has_codes else replace_codes(session, who.staff_id)


def _row(who: Enrolling, name: str, now: datetime) -> Passkey:
    return Passkey(staff_id=who.staff_id, name=name[:60], created_at=now)


def remove_app(sessions: Sessions, staff_id: int) -> None:
    """Remove the app; RefusedError(LAST_FACTOR) where a second factor must remain."""
    with sessions.begin() as session:
        _refuse_last_factor(session, staff_id)
        lock_staff(session, [staff_id])[staff_id].totp_sealed = None
        _drop_lonely_codes(session, staff_id)


def remove_passkey(sessions: Sessions, staff_id: int, passkey_id: int) -> None:
    """Remove one passkey of this person; RefusedError(LAST_FACTOR) as for the app."""
    with sessions.begin() as session:
        mine = select(Passkey.id).where(Passkey.id == passkey_id, Passkey.staff_id == staff_id)
        if session.scalar(mine) is None:
            raise NotFoundError(f"passkey {passkey_id}")
        _refuse_last_factor(session, staff_id)
        session.execute(delete(Passkey).where(Passkey.id == passkey_id))
        _drop_lonely_codes(session, staff_id)


def new_codes(sessions: Sessions, staff_id: int) -> list[str]:
    """Return ten new recovery codes; RefusedError(LAST_FACTOR) without a second factor."""
    with sessions.begin() as session:
        lock_staff(session, [staff_id])
        if not factors_of(session, staff_id).any:
            raise RefusedError(Why.LAST_FACTOR)
        return replace_codes(session, staff_id)


def _refuse_last_factor(session: Session, staff_id: int) -> None:
    """Refuse, under the person's lock, to leave somebody without a second factor.

    Demo staff may go without. Two removals at once meet at the lock.
    """
    person = lock_staff(session, [staff_id])[staff_id]
    factors = factors_of(session, staff_id)
    if not person.is_demo and factors.passkeys + int(factors.has_app) <= 1:
        raise RefusedError(Why.LAST_FACTOR)


def _drop_lonely_codes(session: Session, staff_id: int) -> None:
    """Remove recovery codes with the last factor: alone they would be a factor of their own."""
    session.flush()
    if not factors_of(session, staff_id).any:
        session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
