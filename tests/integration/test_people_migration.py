"""A database from before the chain: its entries get their place in it, and then are kept."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.session import make_reads
from app.factory import create_app
from app.services.audit import verify_audit
from tests.databases import Databases, Kind
from tests.world import settings_for

BEFORE = "0001"


def add_entry(app: Flask, who: str) -> None:
    statement = text(
        "INSERT INTO audit_log (at, who, action, target, done, why) "
        "VALUES (:at, :who, 'sign_in', '', :done, '')"
    )
    with app.extensions["sqlalchemy"].engine.begin() as connection:
        at = datetime(2026, 5, 31, 1, 2, 3, 456, tzinfo=UTC)
        if connection.dialect.name == "sqlite":
            at = at.replace(tzinfo=None)
        connection.execute(statement, {"at": str(at), "who": who, "done": True})


@pytest.mark.parametrize("entries", [0, 3])
def test_old_entries_are_chained_in_order_and_guarded_then(
    kind: Kind, databases: Databases, entries: int
) -> None:
    with databases.fresh(kind) as url:
        app = create_app(settings_for(url, "http://127.0.0.1:1"))
        with app.app_context():
            downgrade(revision=BEFORE)
            for n in range(entries):
                add_entry(app, f"person{n}")

            upgrade()

            engine = app.extensions["sqlalchemy"].engine
            report = verify_audit(make_reads(engine))
            assert (report.entries, report.damage) == (entries, "")
            with engine.connect() as connection:
                rows = connection.execute(text("SELECT who, seq FROM audit_log ORDER BY id")).all()
                assert [tuple(r) for r in rows] == [(f"person{n}", n + 1) for n in range(entries)]
            if entries:
                with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
                    connection.execute(text("UPDATE audit_log SET who = 'x'"))
            engine.dispose()


def test_going_back_and_forth_keeps_what_the_guard_of_others_protects(
    databases: Databases,
) -> None:
    with databases.fresh("sqlite") as url:
        app = create_app(settings_for(url, "http://127.0.0.1:1"))
        with app.app_context():
            downgrade(revision=BEFORE)
            add_entry(app, "budi")
            engine = app.extensions["sqlalchemy"].engine
            with engine.begin() as connection:
                connection.execute(
                    text(
                        "CREATE TRIGGER another_guard BEFORE UPDATE ON audit_log "
                        "BEGIN SELECT RAISE(ABORT, 'guarded'); END"
                    )
                )

            upgrade()

            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            with engine.connect() as connection:
                names = list(connection.execute(text(query)).scalars())
            assert "another_guard" in names
            assert verify_audit(make_reads(engine)).entries == 1
            engine.dispose()
