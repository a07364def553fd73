"""A connection for changing tables that a shop is working with: one at a time, and in no one's way.

Whoever waits for a table's lock keeps all who come later waiting too. So a lock is asked for only
for a moment, and asked for again when those who hold it have ended.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.core.errors import PartitioningError

_LOCK_TIMEOUT_MS: Final = 500
_TRIES: Final = 60
_PAUSE_S: Final = 0.5
# PostgreSQL, Appendix A: lock_not_available, deadlock_detected.
_NO_LOCK: Final = frozenset({"55P03", "40P01"})
# Any number, as long as nothing else of ours asks for it.
_ONE_AT_A_TIME: Final = 7_130_023
# Of one that was killed a moment ago, PostgreSQL has yet to notice.
_TURN_TIMEOUT_MS: Final = 10_000
_TAKE: Final = text("SELECT pg_advisory_lock(:key)")
_RELEASE: Final = text("SELECT pg_advisory_unlock(:key)")


def insist_on_postgresql(engine: Engine) -> None:
    """Raise PartitioningError on SQLite."""
    if engine.dialect.name != "postgresql":
        raise PartitioningError("SQLite has no partitions: this is for PostgreSQL only")


@contextmanager
def alone(engine: Engine) -> Generator[Connection]:
    """Yield a connection on which each statement stands by itself and may take as long as it does.

    PartitioningError on SQLite, and while another such connection is at work.
    """
    insist_on_postgresql(engine)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            _wait_for_turn(connection)
            run(connection, f"SET lock_timeout = {_LOCK_TIMEOUT_MS}", "SET statement_timeout = 0")
            yield connection
        finally:
            # The end of a connection would release it too, but only a moment later. Whoever is
            # interrupted has no connection any more.
            with suppress(SQLAlchemyError):
                connection.execute(_RELEASE, {"key": _ONE_AT_A_TIME})
            connection.invalidate()  # Nobody else gets its settings.


def _wait_for_turn(connection: Connection) -> None:
    run(connection, f"SET lock_timeout = {_TURN_TIMEOUT_MS}")
    try:
        connection.execute(_TAKE, {"key": _ONE_AT_A_TIME})
    except OperationalError as error:
        if _sqlstate(error) not in _NO_LOCK:
            raise
        raise PartitioningError("another process is changing the partitions just now") from None


def run(connection: Connection, *statements: str) -> None:
    """Run statements one after the other."""
    for statement in statements:
        connection.execute(text(statement))


@contextmanager
def whole(connection: Connection) -> Generator[None]:
    """Let all that is run inside happen together or not at all."""
    run(connection, "BEGIN")
    try:
        yield
        run(connection, "COMMIT")
    except BaseException:
        with suppress(SQLAlchemyError):
            run(connection, "ROLLBACK")
        raise


def locked(connection: Connection, locks: Sequence[str]) -> float:
    """Take locks, inside a transaction; return when the first was held, for ``time.monotonic``."""
    run(connection, *locks[:1])
    begun = time.monotonic()
    run(connection, *locks[1:])
    return begun


def patient_tries(wait_s: float = _PAUSE_S) -> Iterator["Try"]:
    """Yield one try after the other until one succeeds; PartitioningError if none does.

    A try that fails because a lock could not be had is followed by another; other errors go on up.
    """
    for _ in range(_TRIES):
        this = Try()
        yield this
        if this.succeeded:
            return
        time.sleep(wait_s)
    raise PartitioningError("the lock could not be had: other transactions hold the table for long")


class Try:
    """One try at something that needs a lock."""

    succeeded = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Swallow the error if it only says that a lock could not be had."""
        self.succeeded = error is None
        return isinstance(error, OperationalError) and _sqlstate(error) in _NO_LOCK


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
