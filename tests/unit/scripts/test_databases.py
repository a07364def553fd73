"""The databases that tests get: migrated, separate, gone afterwards."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.databases import Databases, Kind
from tests.postgres import PostgresServer


class CountingMigration:
    """Makes one table in WAL mode, and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, address: str) -> None:
        self.calls += 1
        engine = create_engine(address)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.execute(text("CREATE TABLE orders (number INTEGER NOT NULL)"))
        engine.dispose()


@pytest.fixture
def migration() -> CountingMigration:
    return CountingMigration()


@pytest.fixture
def own_databases(
    migration: CountingMigration, tmp_path: Path, postgres_server: PostgresServer
) -> Iterator[Databases]:
    made = Databases(migration, tmp_path, postgres_server)
    yield made
    made.close()


def insert(address: str) -> None:
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO orders VALUES (1)"))
    engine.dispose()


def count_orders(address: str) -> int:
    engine = create_engine(address)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM orders")).scalar_one()
    engine.dispose()
    return found


def test_every_database_is_migrated_and_sees_nothing_of_the_others(
    own_databases: Databases, kind: Kind
) -> None:
    with own_databases.fresh(kind) as first, own_databases.fresh(kind) as second:
        insert(first)

        assert count_orders(first) == 1
        assert count_orders(second) == 0


def test_migrations_run_once_for_many_databases(
    own_databases: Databases, migration: CountingMigration, kind: Kind
) -> None:
    for _ in range(3):
        with own_databases.fresh(kind) as address:
            assert count_orders(address) == 0

    assert migration.calls == 1


def test_a_sqlite_database_leaves_no_file_behind(own_databases: Databases, tmp_path: Path) -> None:
    with own_databases.fresh("sqlite") as address:
        insert(address)
        file = Path(make_url(address).database or "")
        assert file.exists()

    assert not list(tmp_path.glob(f"{file.name}*"))
    with sqlite3.connect(tmp_path / "template.sqlite3") as template:
        assert template.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    template.close()


@pytest.mark.postgres
def test_a_postgres_database_is_dropped_although_somebody_is_still_connected(
    own_databases: Databases, postgres_server: PostgresServer
) -> None:
    with own_databases.fresh("postgres") as address:
        name = make_url(address).database
        held = create_engine(address).connect()

    assert name not in database_names(postgres_server)
    held.invalidate()
    held.close()


@pytest.mark.postgres
def test_two_sets_of_databases_share_a_server(
    own_databases: Databases, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    others = Databases(CountingMigration(), tmp_path, postgres_server)
    with own_databases.fresh("postgres") as first, others.fresh("postgres") as second:
        insert(first)

        assert count_orders(second) == 0
    others.close()


@pytest.mark.postgres
def test_closing_removes_the_template_too(
    migration: Callable[[str], None], tmp_path: Path, postgres_server: PostgresServer
) -> None:
    before = database_names(postgres_server)
    made = Databases(migration, tmp_path, postgres_server)
    with made.fresh("postgres"):
        assert len(database_names(postgres_server)) == len(before) + 2

    made.close()

    assert database_names(postgres_server) == before


def database_names(server: PostgresServer) -> set[str]:
    address = server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
