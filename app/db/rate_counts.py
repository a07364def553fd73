"""Counts of requests in the database that all web processes share."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from limits.storage import Storage
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.base import UtcDateTime
from app.db.models import Throttle
from app.db.session import Sessions

# One statement, so that requests which arrive together count one by one.
_COUNT: Final = text("""
    INSERT INTO throttles (bucket, tries, until) VALUES (:bucket, :amount, :ends)
    ON CONFLICT (bucket) DO UPDATE SET
        tries = CASE WHEN throttles.until <= :now THEN :amount ELSE throttles.tries + :amount END,
        until = CASE WHEN throttles.until <= :now THEN :ends ELSE throttles.until END
    RETURNING tries
""").bindparams(bindparam("now", type_=UtcDateTime()), bindparam("ends", type_=UtcDateTime()))


class DatabaseCounts(Storage):
    """The table that also counts tries at the gate; a job removes what ran out."""

    STORAGE_SCHEME = None

    def __init__(self, sessions: Sessions, now_s: Callable[[], float] = time.time) -> None:
        """Count through these sessions; ``now_s`` returns seconds since 1970."""
        super().__init__()
        self._sessions = sessions
        self._now_s = now_s

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing database raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count of the window of ``expiry`` seconds since its first."""
        now = self._now_s()
        values = {"bucket": key, "amount": amount, "now": _at(now), "ends": _at(now + expiry)}
        with self._sessions.begin() as session:
            return session.execute(_COUNT, values).scalar_one()

    def get(self, key: str) -> int:
        """Return the count of the window."""
        found = self._find(key)
        return found.tries if found is not None else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970; now if there is none."""
        found = self._find(key)
        return found.until.timestamp() if found is not None else self._now_s()

    def check(self) -> bool:
        """Tell whether the database answers."""
        try:
            self.get("check")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> None:
        """Refuse: the table also holds the counts of tries at the gate."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._sessions.begin() as session:
            session.execute(delete(Throttle).where(Throttle.bucket == key))

    def _find(self, key: str) -> Throttle | None:
        query = select(Throttle).where(Throttle.bucket == key, Throttle.until > _at(self._now_s()))
        with self._sessions() as session:
            return session.scalars(query).one_or_none()


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
