"""How Alembic reaches the database: through the Flask application's own engine."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from app.db.base import UtcDateTime


def render_item(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our time type as what it is in the database, so that migrations import nothing."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_migrations() -> None:
    """Bring the database to the wanted revision.

    SQLite in one transaction. PostgreSQL in one for each migration, so that no lock outlives its
    own, and so that an index can be built beside the shop's work (``autocommit_block``).
    """
    migrate = current_app.extensions["migrate"]
    with migrate.db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration that cannot get its lock must fail, not queue up the whole shop.
            connection.execute(sa.text("SET lock_timeout = '5s'"))
            connection.execute(sa.text("SET statement_timeout = '15min'"))
            connection.commit()
        if connection.dialect.name == "sqlite":
            # A changed table is copied and dropped: with foreign keys in force, dropping it would
            # fail on the first row that refers to it. Nothing is heeded inside a transaction.
            _raw(connection).execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            render_item=render_item,
            transaction_per_migration=connection.dialect.name == "postgresql",
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            if connection.dialect.name == "sqlite":
                _insist_on_foreign_keys(connection)
        if connection.dialect.name == "sqlite":
            _raw(connection).execute("PRAGMA foreign_keys=ON")


def _raw(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _insist_on_foreign_keys(connection: sa.Connection) -> None:
    """Stop, and so take everything back, if a migration left a row that refers to nothing."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the migration broke foreign keys: {broken[:3]}")


run_migrations()
