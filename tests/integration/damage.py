"""Changing rows behind the application's back, as a person with a database console could."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from tests.world import World

# The walls that keep the tables as they are, and the damage below from being done.
_POSTGRES_OFF = "SET LOCAL session_replication_role = replica"


def damage(world: World, statement: str, **values: object) -> None:
    """Run one statement with all triggers off; CHECKs hold all the same."""
    world.damaged = True
    with world.desk.sessions.begin() as session:
        with without_triggers(session.connection()) as connection:
            done = connection.execute(text(statement), values)
        assert done.rowcount == 1, (statement, done.rowcount)


@contextmanager
def without_triggers(connection: Connection) -> Iterator[Connection]:
    """Switch the triggers off for as long as the context lasts."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRES_OFF))
        yield connection
        connection.execute(text("SET LOCAL session_replication_role = DEFAULT"))
        return
    triggers = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    ).all()
    for name, _ in triggers:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield connection
    for _, made in triggers:
        connection.execute(text(made))
