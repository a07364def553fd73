"""Sealing second factors anew when the key of the settings has been replaced."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from admin.gate.sealing import SealBrokenError, SealKeys, seal, unseal
from app.db.models import Staff
from app.db.session import Sessions


@dataclass(frozen=True, slots=True)
class SealCount:
    """How many second factors open with the key in force, with the previous one, with neither."""

    current: int = 0
    stale: int = 0
    broken: int = 0


def seal_keys() -> SealKeys:
    """Return the keys of the running application."""
    fallbacks: list[str] = current_app.config["SECRET_KEY_FALLBACKS"]
    return SealKeys(current_app.config["SECRET_KEY"], fallbacks[0] if fallbacks else "")


def seal_anew(sessions: Sessions, keys: SealKeys, staff_id: int, sealed: str) -> bool:
    """Put a second factor under the key in force; False if it was replaced or removed meanwhile.

    SealBrokenError if neither key opens it.
    """
    fresh = seal(keys, staff_id, unseal(keys, staff_id, sealed).secret)
    # The text is compared: a factor that was set up at the same moment is not overwritten.
    same = update(Staff).where(Staff.id == staff_id, Staff.totp_sealed == sealed)
    with sessions.begin() as session:
        changed = session.execute(same.values(totp_sealed=fresh).returning(Staff.id))
        return changed.one_or_none() is not None


def count_seals(session: Session, keys: SealKeys) -> SealCount:
    """Tell how many second factors need which key."""
    found = [_stale(keys, *row) for row in _sealed(session)]
    return SealCount(found.count(False), found.count(True), found.count(None))


def seal_all_anew(sessions: Sessions, keys: SealKeys) -> SealCount:
    """Put every second factor under the key in force; count what was so, was changed, or is lost.

    It may run while people sign in, and be run again.
    """
    with sessions() as session:
        rows = _sealed(session)
        counted = count_seals(session, keys)
    for staff_id, sealed in rows:
        if _stale(keys, staff_id, sealed):
            seal_anew(sessions, keys, staff_id, sealed)
    return counted


def _sealed(session: Session) -> list[tuple[int, str]]:
    query = select(Staff.id, Staff.totp_sealed).where(Staff.totp_sealed.is_not(None))
    return [(number, sealed or "") for number, sealed in session.execute(query.order_by(Staff.id))]


def _stale(keys: SealKeys, staff_id: int, sealed: str) -> bool | None:
    """Tell whether it needs the previous key; None if neither opens it."""
    try:
        return unseal(keys, staff_id, sealed).is_stale
    except SealBrokenError:
        return None
