"""Engines and sessions: PostgreSQL at its usual, SQLite set up so that money is safe in it."""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from psycopg import RawCursor, RawServerCursor
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from app.db.liveness import look_before_use

Sessions: TypeAlias = sessionmaker[Session]

_READ_ONLY: Final = "lunas_read_only"
_BUSY_TIMEOUT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long PostgreSQL lets us wait, in seconds, before it ends the statement with an error.

    ``lock_s``: for a row that somebody else holds. ``statement_s``: for any one statement.
    ``idle_s``: how long a transaction may stand still before the server ends it and lets its locks
    go: a process that froze must not keep an order from all others. ``lost_s``: after how long a
    machine that hears nothing of the other gives the connection up. The other timeouts are the
    server's, and cannot reach whom a pulled cable keeps waiting: without this one a request waits
    until the network heals, or for ever.
    """

    lock_s: float = 5
    statement_s: float = 15
    idle_s: float = 60
    lost_s: float = 15

    @property
    def options(self) -> str:
        """What a connection says of it when it opens."""
        given = {
            "lock_timeout": _ms(self.lock_s),
            "statement_timeout": _ms(self.statement_s),
            "idle_in_transaction_session_timeout": _ms(self.idle_s),
            "timezone": "UTC",
            # Compiling a plan takes longer than running any of ours, which are all short.
            "jit": "off",
            # The server, too, gives up on a machine that is gone, and lets its locks go.
            **{f"tcp_{name.removeprefix('tcp_')}": value for name, value in self.probes.items()},
        }
        return " ".join(f"-c {name}={value}" for name, value in given.items())

    @property
    def probes(self) -> dict[str, int]:
        """How a silent connection is asked whether it still is one, in libpq's words.

        By itself the kernel asks for the first time after two hours.
        """
        every_s = max(1, round(self.lost_s / 3))
        return {
            "keepalives_idle": every_s,
            "keepalives_interval": every_s,
            "keepalives_count": 2,
            "tcp_user_timeout": _ms(self.lost_s),
        }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


_USUAL: Final = Timeouts()


def engine_options(url: str, *, pool_size: int, timeouts: Timeouts = _USUAL) -> dict[str, Any]:
    """Return what ``create_engine`` needs for this database."""
    if is_sqlite(url):
        return {"connect_args": {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    return {
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": 5,
        # Statements in PostgreSQL's own form: the driver would otherwise read each through in
        # search of its placeholders, a long one every time.
        "paramstyle": "numeric_dollar",
        "connect_args": {
            "options": timeouts.options,
            "connect_timeout": 5,
            "cursor_factory": RawCursor,
            **timeouts.probes,
        },
    }


def is_sqlite(url: str) -> bool:
    """Tell whether the URL names a SQLite database."""
    return make_url(url).get_backend_name() == "sqlite"


def make_engine(url: str, *, pool_size: int = 8, timeouts: Timeouts = _USUAL) -> Engine:
    """Return an engine for ``DATABASE_URL``; SQLite knows no timeouts but that for its one lock."""
    options = engine_options(url, pool_size=pool_size, timeouts=timeouts)
    # Errors would quote the values of a statement: names, addresses, secrets.
    engine = create_engine(url, hide_parameters=True, **options)
    if is_sqlite(url):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
        look_before_use(engine)
    return engine


def _prepare_postgresql(dbapi_connection: Any, _record: object) -> None:
    # For what is read bit by bit (exports): in the same form as all other statements.
    dbapi_connection.server_cursor_factory = RawServerCursor


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver's own implicit BEGIN would be a deferred one: see _begin_sqlite.
    dbapi_connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        # NORMAL may lose the last commits when the power fails; we answer 2xx after a commit.
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once.

    A deferred transaction that reads first and writes later fails with "database is locked"
    without waiting, and SQLite has no ``FOR UPDATE``: the immediate lock stands in for both.
    """
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def read_one_moment(session: Session) -> None:
    """Let all that this session reads from here on be of one moment, whatever others write.

    SQLite does so in every transaction; PostgreSQL only when asked.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def make_sessions(engine: Engine) -> Sessions:
    """Return the factory of sessions that write."""
    return sessionmaker(engine, expire_on_commit=False)


def make_reads(engine: Engine) -> Sessions:
    """Return the factory of sessions that only read; on SQLite they do not wait for writers."""
    return sessionmaker(engine.execution_options(**{_READ_ONLY: True}), expire_on_commit=False)
