"""Counting tries at the gate, in the database: per account and per address, for each kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, text, update

from app.db.base import UtcDateTime
from app.db.models import Throttle
from app.db.session import Sessions


@dataclass(frozen=True, slots=True)
class Limit:
    """How many wrong tries of one kind are allowed, and how long the lock after them lasts."""

    kind: str
    most: int
    lasts: timedelta


_QUARTER: Final = timedelta(minutes=15)
# By address: a whole office may share one, so these allow more than one person's slips.
PASSWORD_BY_ADDRESS: Final = Limit("password/address", 30, _QUARTER)
PASSKEY_BY_ADDRESS: Final = Limit("passkey/address", 30, _QUARTER)
LINK_BY_ADDRESS: Final = Limit("link/address", 20, _QUARTER)
# By account. Three of a million codes fit at any time: five tries in fifteen minutes leave whoever
# knows the password a chance of about one in seven hundred a day.
CODE: Final = Limit("code/staff", 5, _QUARTER)
RECOVERY: Final = Limit("recovery/staff", 5, timedelta(hours=1))
PASSKEY: Final = Limit("passkey/staff", 10, _QUARTER)
BY_STAFF: Final = (CODE, RECOVERY, PASSKEY)

# One statement, so that parallel tries count one by one. While the lock lasts further tries do not
# prolong it; below the limit each try keeps the count alive.
_TAKE: Final = text("""
    INSERT INTO throttles (bucket, tries, until) VALUES (:bucket, 1, :ends)
    ON CONFLICT (bucket) DO UPDATE SET
        tries = CASE WHEN throttles.until <= :now THEN 1 ELSE throttles.tries + 1 END,
        until = CASE WHEN throttles.until > :now AND throttles.tries >= :most
                     THEN throttles.until ELSE :ends END
    RETURNING tries
""").bindparams(bindparam("now", type_=UtcDateTime()), bindparam("ends", type_=UtcDateTime()))


def take_try(sessions: Sessions, limit: Limit, who: object, now: datetime) -> bool:
    """Count one try before it is looked at; False if there were too many and it must not be."""
    values = {
        "bucket": _bucket(limit, who),
        "now": now,
        "ends": now + limit.lasts,
        "most": limit.most,
    }
    with sessions.begin() as session:
        tries = session.execute(_TAKE, values).scalar_one()
    return tries <= limit.most


def give_back(sessions: Sessions, limit: Limit, who: object) -> None:
    """Take one try off again because it was right; the wrong ones before it still count."""
    statement = update(Throttle).where(Throttle.bucket == _bucket(limit, who), Throttle.tries > 0)
    with sessions.begin() as session:
        session.execute(statement.values(tries=Throttle.tries - 1))


def forget_tries(sessions: Sessions, limit: Limit, who: object) -> None:
    """Forget all tries, after the right one of an account or by an administrator."""
    with sessions.begin() as session:
        session.execute(delete(Throttle).where(Throttle.bucket == _bucket(limit, who)))


def _bucket(limit: Limit, who: object) -> str:
    return f"{limit.kind}/{who}"
