"""Recovery codes: ten of them, each opens the second door once, shown only when they are made."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.references import ALPHABET
from app.db.models import RecoveryCode
from app.db.session import Sessions

HOW_MANY: Final = 10
# 16 characters of 5 bits: too many to try even with a copy of the hashes in hand, which is why a
# plain hash will do here and a password needs a slow one.
_LENGTH: Final = 16
_GROUP: Final = 4
# The alphabet has no O, I and L, so whoever types one means a digit.
_MISREAD: Final = str.maketrans("OIL", "011")
_SHAPE: Final = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\Z")


def replace_codes(session: Session, staff_id: int) -> list[str]:
    """Make ten new codes, which end all earlier ones, and return them to be shown once."""
    codes = [_new_code() for _ in range(HOW_MANY)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, code_hash=_hash(code)) for code in codes)
    return codes


def use_code(sessions: Sessions, staff_id: int, typed: str, now: datetime) -> bool:
    """Spend a code; False if it is none of this person's, or was spent before."""
    statement = (
        update(RecoveryCode)
        .where(RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == _hash(typed))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    with sessions.begin() as session:
        return session.execute(statement).one_or_none() is not None


def codes_left(session: Session, staff_id: int) -> int:
    """Count the codes of a person that are not spent."""
    query = select(func.count()).select_from(RecoveryCode)
    query = query.where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def is_code(text: str) -> bool:
    """Tell whether a text has the shape in which codes are shown."""
    return _SHAPE.match(text) is not None


def _new_code() -> str:
    text = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return "-".join(text[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _hash(typed: str) -> str:
    plain = "".join(character for character in typed.upper() if character.isalnum())
    plain = plain.translate(_MISREAD)
    return hashlib.sha256(plain.encode()).hexdigest()
