"""Copies of a desk with all it knows, to live the same moment in several ways."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, select
from sqlalchemy.engine import make_url

from app.db.models import (
    Attempt,
    GatewayTransaction,
    Order,
    Product,
    Refund,
)
from app.db.session import make_engine
from app.wiring import build_desk
from tests.world import Clock, World

# What tells when something was heard, asked or will be asked, not what is known.
_TIMES: Final = frozenset(
    {"id", "as_of", "updated_at", "next_check_at", "checks_done", "lease_until", "lease_owner"}
    | {"attention_at", "attention_text", "last_why", "requested_at", "finished_at"}
)


class OwnClock(Clock):
    """The desk's time alone: waiting for a job does not move the gateway."""

    def __init__(self, shared: Clock) -> None:
        self._shared = shared
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._shared() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def rewind(self) -> None:
        self._ahead = timedelta()


@contextmanager
def copies_of(world: World) -> Iterator[Callable[[], World]]:
    """Yield the way to a copy of the desk as it is at that moment (SQLite), same gateways.

    Each copy takes the place of the one before: one engine keeps its compiled statements, which
    takes a third of the time that an engine for each copy would.
    """
    source = make_url(world.settings.database_url).database
    assert source is not None
    target = Path(f"{source}.copy")
    engine = make_engine(f"sqlite:///{target}")
    # A copy lives for one moment: waiting for the disk would be most of its time.
    event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
    clock = OwnClock(world.clock)
    copy = replace(world, desk=build_desk(world.settings, engine, clock=clock), clock=clock)

    def fresh() -> World:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
        clock.rewind()
        return copy

    try:
        yield fresh
    finally:
        engine.dispose()


Knowledge = dict[str, list[dict[str, Any]]]


def knowledge(world: World) -> Knowledge:
    """Return everything that the desk holds of orders, payments, refunds and goods."""
    tables = (Order, Attempt, GatewayTransaction, Refund, Product)
    with world.session() as session:
        return {
            table.__tablename__: [
                _content(row) for row in session.scalars(select(table).order_by(table.id))
            ]
            for table in tables
        }


def _content(row: Any) -> dict[str, Any]:
    hidden = _TIMES | ({"paid_at"} if isinstance(row, Order) else set())
    names = [column.key for column in row.__table__.columns if column.key not in hidden]
    return {name: getattr(row, name) for name in names}
