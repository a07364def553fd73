"""Migrated databases for the tests, a copy for whoever asks, on SQLite and on PostgreSQL.

Migrations run once per worker and kind, into a template; each test then gets a copy of it, which
takes milliseconds. The fixture `databases` needs a session fixture `migrate_database`: a callable
that brings the database at an address to the newest version.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import psycopg
import pytest
from psycopg import sql

from tests.scratch import scratch_folder

if TYPE_CHECKING:
    # Imported for real as a plug-in: pytest wants to be the first to import those.
    from tests.postgres import PostgresServer

Kind: TypeAlias = Literal["sqlite", "postgres"]
Migrate: TypeAlias = Callable[[str], None]

# Copying files beats copying through the log three times over; servers before 15 know only that.
_FILE_COPY_SINCE = 150000


class Databases:
    """Copies of one migrated database per kind; addresses are SQLAlchemy's, as text."""

    def __init__(self, migrate: Migrate, folder: Path, server: PostgresServer) -> None:
        self._migrate = migrate
        self._folder = folder
        self._server = server
        # Other workers, and other instances in this one, use the same server.
        self._prefix = f"lunas_test_{secrets.token_hex(6)}"
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def fresh(self, kind: Kind) -> Iterator[str]:
        """Yield the address of a migrated, empty database that is removed afterwards."""
        made = self._fresh_sqlite() if kind == "sqlite" else self._fresh_postgres()
        with made as address:
            yield address

    def close(self) -> None:
        """Remove the PostgreSQL template, for a server that lives on after the tests."""
        if "_postgres_template" in self.__dict__:
            # A server that the tests started themselves may be gone already, with all it held.
            with contextlib.suppress(psycopg.OperationalError):
                self._drop(self._postgres_template)

    @contextlib.contextmanager
    def _fresh_sqlite(self) -> Iterator[str]:
        file = self._folder / f"{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._sqlite_template, file)
        try:
            yield f"sqlite:///{file}"
        finally:
            for left in self._folder.glob(f"{file.name}*"):
                left.unlink()

    @contextlib.contextmanager
    def _fresh_postgres(self) -> Iterator[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._create(name, template=self._postgres_template)
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    @cached_property
    def _sqlite_template(self) -> Path:
        file = self._folder / "template.sqlite3"
        self._migrate(f"sqlite:///{file}")
        # What still lies in the write-ahead log would be missing from the copies.
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file

    @cached_property
    def _postgres_template(self) -> str:
        name = f"{self._prefix}_template"
        self._create(name, template="template0")
        self._migrate(self._address(name))
        return name

    def _address(self, database: str) -> str:
        return self._server.url.set(database=database).render_as_string(hide_password=False)

    def _create(self, name: str, *, template: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with self._maintenance() as connection:
            if connection.info.server_version >= _FILE_COPY_SINCE:
                statement += sql.SQL(" STRATEGY FILE_COPY")
            connection.execute(statement)

    def _drop(self, name: str) -> None:
        with self._maintenance() as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(name)))

    def _maintenance(self) -> psycopg.Connection[tuple[object, ...]]:
        address = self._server.url.set(drivername="postgresql").render_as_string(
            hide_password=False
        )
        return psycopg.connect(address, autocommit=True)


@pytest.fixture(scope="session")
def databases(migrate_database: Migrate, postgres_server: PostgresServer) -> Iterator[Databases]:
    """Provide migrated databases; PostgreSQL is started when the first test asks for it."""
    with scratch_folder("databases") as folder:
        made = Databases(migrate_database, folder, postgres_server)
        yield made
        made.close()
