"""Listening to what is sent to a database, for tests that count."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine, event

from app.db.session import Sessions
from tests.world import World


def statements_of(world: World) -> AbstractContextManager[list[str]]:
    """Yield the list of statements that any session of this world sends meanwhile."""
    return statements_on(world.desk.sessions)


@contextmanager
def statements_on(sessions: Sessions) -> Iterator[list[str]]:
    """Yield the list of statements that these sessions, and those that read beside them, send."""
    # The engine of the readers hands its events on to this one.
    with sessions() as session:
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def reads_of(statements: list[str], table: str) -> int:
    """Count the statements that read rows of this table."""
    return sum(s.startswith("SELECT") and f" FROM {table} " in f"{s} " for s in statements)
