"""What the migrations made of a database is what the models say, to the word; up, down and up."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from app.db.base import Base
from app.factory import create_app
from tests.databases import Databases, Kind
from tests.integration.test_migrations import OLD_ROWS, run_script
from tests.world import settings_for

_CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid, true)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      AND conrelid::regclass::text <> 'alembic_version'"""
_INDEXES = """SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'"""
_COLUMNS = """SELECT table_name, column_name, concat_ws(' ', data_type, character_maximum_length,
      is_nullable) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version'"""
WHAT = ["walls", "indexes", "columns"]
# Of an extension that not every server has; their migration asks first.
_WORDS = re.compile(r"ARRAY\[([^]]*)\]")
_BY_TRIGRAMS = "gin_trgm_ops"


@contextmanager
def opened(url: str) -> Iterator[tuple[Flask, Engine]]:
    app = create_app(settings_for(url, "http://127.0.0.1:1"))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        try:
            yield app, engine
        finally:
            engine.dispose()


def revisions(app: Flask) -> list[str]:
    """Return the revisions, the newest first."""
    folder = ScriptDirectory(str(app.extensions["migrate"].directory))
    return [script.revision for script in folder.walk_revisions()]


def _in_order(words: re.Match[str]) -> str:
    """Sort the words of an enumeration: in which order they are listed means nothing."""
    return f"ARRAY[{', '.join(sorted(words[1].split(', ')))}]"


def described(connection: Connection, query: str) -> dict[tuple[str, str], str]:
    return {
        (table, name): _WORDS.sub(_in_order, words)
        for table, name, words in connection.execute(text(query))
        if _BY_TRIGRAMS not in words
    }


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query", [_CONSTRAINTS, _INDEXES, _COLUMNS], ids=["walls", "indexes", "columns"]
)
def test_a_migrated_postgresql_is_what_the_models_say(databases: Databases, query: str) -> None:
    with databases.fresh("postgres") as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            migrated = described(connection, query)
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            Base.metadata.create_all(connection)
            meant = described(connection, query)
        engine.dispose()

    differ = {name: (migrated.get(name), meant.get(name)) for name in {*migrated, *meant}}
    assert {name: both for name, both in differ.items() if both[0] != both[1]} == {}
    assert len(meant) > 30


def test_a_migrated_sqlite_has_the_walls_and_indexes_of_the_models(databases: Databases) -> None:
    with databases.fresh("sqlite") as url:
        found = _names(create_engine(url))
    with_models = create_engine("sqlite://")
    Base.metadata.create_all(with_models)

    assert found == _names(with_models)


def _names(engine: Engine) -> set[tuple[str, str | None]]:
    inspector = inspect(engine)
    names = {
        (table, found["name"])
        for table in inspector.get_table_names()
        if table != "alembic_version"
        for found in (*inspector.get_check_constraints(table), *inspector.get_indexes(table))
    }
    engine.dispose()
    return names


def test_every_migration_goes_up_and_down_with_rows_in(kind: Kind, databases: Databases) -> None:
    with databases.fresh(kind) as url, opened(url) as (app, engine):
        newest_first = revisions(app)
        for revision in newest_first[1:]:
            downgrade(revision=revision)
        with engine.begin() as connection:
            run_script(connection, OLD_ROWS)
        for revision in reversed(newest_first[:-1]):
            upgrade(revision=revision)
            downgrade(revision="-1")
            upgrade(revision=revision)

        with engine.connect() as connection:
            assert (
                connection.scalar(text("SELECT version_num FROM alembic_version"))
                == (newest_first[0])
            )
            rows = connection.execute(text("SELECT id, captured_idr, refunded_idr FROM orders"))
            assert rows.all() == [(1, 200, 50)]
            assert connection.scalar(text("SELECT count(*) FROM refunds")) == 2


@pytest.mark.postgres
def test_an_index_comes_and_goes_without_keeping_writers_out(databases: Databases) -> None:
    with databases.fresh("postgres") as url, opened(url) as (_app, engine):
        sent: list[str] = []

        def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(engine, "before_cursor_execute", listen)
        downgrade(revision="0012")
        upgrade(revision="0013")

    of_indexes = [one for one in sent if "INDEX" in one and "pg_" not in one]
    assert len(of_indexes) == 9
    assert all("INDEX CONCURRENTLY" in one for one in of_indexes), of_indexes
