"""A database per story: the migrated tables with some goods and people, empty otherwise."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from flask_migrate import upgrade
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.money import MOST_IDR
from app.db.models import Base, Role, Staff
from app.db.session import make_engine
from app.factory import create_app
from tests.world import product, settings_for

# Few pieces, so that orders compete for them; the dear ones need a second person for a refund.
GOODS = (("KOPI", 100_000, 5), ("BATIK", 600_000, 4), ("TENUN", 1_500_000, 2))
# Who asks for refunds and who approves them, by their keys in the database.
REFUNDERS = (1, 2)
APPROVERS = (3, 4)


class Databank(Protocol):
    """One database, put back to its beginning for each story."""

    engine: Engine

    def reset(self) -> None: ...
    def changes(self) -> int: ...


def furnish(session: Session, now: datetime) -> None:
    """Add the goods and the people."""
    role = Role(name="everybody", rights=[])
    session.add_all([product(sku, price_idr=price, on_hand=some) for sku, price, some in GOODS])
    session.add_all([_person(f"staff-{n}", role, now) for n in (*REFUNDERS, *APPROVERS)])


def _person(name: str, role: Role, now: datetime) -> Staff:
    return Staff(
        email=f"{name}@toko.example",
        name=name,
        password_hash="-",
        role=role,
        locale="id",
        active=True,
        is_demo=False,
        failed_sign_ins=0,
        # The limit of a day has tests of its own.
        daily_refund_limit_idr=MOST_IDR,
        created_at=now,
    )


class SqliteBank:
    """SQLite in memory; a story begins with a copy of the template, which takes microseconds."""

    def __init__(self, now: datetime) -> None:
        self.engine = make_engine("sqlite://")
        self._template = _template(now)

    def reset(self) -> None:
        self._raw().deserialize(self._template)

    def changes(self) -> int:
        """Return a number that differs once anything was written."""
        return self._raw().total_changes

    def rows(self) -> list[str]:
        """Return everything that is stored, as the statements that would store it again."""
        return list(self._raw().iterdump())

    def image(self) -> bytes:
        """Return the whole database as the bytes of a file."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "image.sqlite3"
            # A copy of the pages would show in which order they were once used.
            self._raw().execute("VACUUM INTO ?", (str(file),))
            return file.read_bytes()

    def _raw(self) -> sqlite3.Connection:
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
        return driver


@cache
def _template(now: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'template.sqlite3'}"
        _migrate(url)
        engine = make_engine(url)
        with Session(engine) as session:
            furnish(session, now)
            session.commit()
        engine.dispose()
        with closing(sqlite3.connect(Path(folder) / "template.sqlite3")) as connection:
            # A copy in memory keeps no log beside itself.
            connection.execute("PRAGMA journal_mode=DELETE")
            return connection.serialize()


def _migrate(url: str) -> None:
    application = create_app(settings_for(url, "http://127.0.0.1:1"))
    with application.app_context():
        upgrade()
        application.extensions["sqlalchemy"].engine.dispose()


class PostgresBank:
    """A PostgreSQL database that is emptied for each story."""

    def __init__(self, url: str, now: datetime, *, migrated: bool = False) -> None:
        self.engine = make_engine(url, pool_size=2)
        self._now = now
        self._resets = 0
        if not migrated:
            _migrate(url)

    def reset(self) -> None:
        self._resets += 1
        tables = ", ".join(Base.metadata.tables)
        with self.engine.begin() as connection:
            # What only grows refuses to be emptied; this is a new database, as it were.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        with Session(self.engine) as session:
            furnish(session, self._now)
            session.commit()

    def changes(self) -> int:
        """Return a new number each time: here every question is worth asking."""
        self._resets += 1
        return self._resets
