"""Turning a table that has grown into a partitioned one, while the shop goes on working.

Each step is one transaction (or one statement that PostgreSQL runs outside of any) and asks first
what is there, so that whoever is broken off is taken up again by running the same command.
"""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, text

from app.core.errors import PartitioningError
from app.core.partitions import Part, Step, cut_by_month, cut_by_order, next_step
from app.db.long_work import alone, insist_on_postgresql, locked, patient_tries, run, whole
from app.db.partition_catalog import (
    Cut,
    Extent,
    Whole,
    read_cut,
    read_extent,
    read_progress,
    read_whole,
)
from app.db.partition_ddl import forget, locks_on, statements_of, swap
from app.db.partition_layouts import LAYOUTS, Layout

_ORDERS: Final = text(
    "SELECT coalesce(max(id), 0) AS last, count(*) FILTER"
    " (WHERE created_at > CAST(:now AS timestamptz) - interval '30 days') AS lately FROM orders"
)


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was taken; ``locked_s``: how long everybody else was kept out, in seconds."""

    what: str
    took_s: float
    locked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table as it is, and the statements that converting it would run, step by step.

    ``cut`` is None while the table is in one piece.
    """

    table: str
    extent: Extent
    cut: Cut | None
    steps: Sequence[tuple[Step, tuple[str, ...]]]


def plan_tables(engine: Engine, now: datetime) -> list[TablePlan]:
    """Tell of each table what it is and what converting it would run; changes nothing.

    PartitioningError on SQLite.
    """
    insist_on_postgresql(engine)
    with engine.connect() as connection:
        return [_plan(connection, layout, now) for layout in LAYOUTS.values()]


def _plan(connection: Connection, layout: Layout, now: datetime) -> TablePlan:
    if read_progress(connection, layout).is_partitioned:
        cut = read_cut(connection, layout)
        all_of_it = (*cut.parts.values(), cut.rest)
        extent = Extent(sum(e.size_b for e in all_of_it), sum(e.rows for e in all_of_it))
        return TablePlan(layout.table, extent, cut, ())
    history, coming = _parts(connection, layout, now)
    known = read_whole(connection, layout)
    swapped = (*locks_on(layout, known), *swap(layout, known, history, coming))
    steps = [
        (step, swapped if step is Step.SWAP else statements_of(step, layout, history))
        for step in (Step.BOUND, Step.PROVE_BOUND, Step.INDEX, Step.SWAP)
    ]
    return TablePlan(layout.table, read_extent(connection, layout.table), None, steps)


def _parts(connection: Connection, layout: Layout, now: datetime) -> tuple[Part, tuple[Part, ...]]:
    if layout.by_month:
        return cut_by_month(now)
    orders = connection.execute(_ORDERS, {"now": now}).one()
    return cut_by_order(orders.last, orders.lately)


def convert(engine: Engine, table: str, now: datetime) -> Generator[Done]:
    """Turn a table into a partitioned one, step by step; what is done already is not done again.

    PartitioningError if that is impossible here, or if the lock cannot be had; run it again later.
    """
    layout = LAYOUTS[table]
    with alone(engine) as connection:
        history, coming = _parts(connection, layout, now)
        while (step := next_step(read_progress(connection, layout), history)) is not None:
            if step is Step.SWAP:
                yield _swap(connection, layout, history, coming)
            else:
                yield _step(connection, layout, step, history)


def _step(connection: Connection, layout: Layout, step: Step, history: Part) -> Done:
    begun = time.monotonic()
    stale = read_progress(connection, layout).bound if step is Step.FORGET else None
    for one in patient_tries():
        with one:
            run(connection, *statements_of(step, layout, stale or history))
    return Done(step.value, time.monotonic() - begun)


def _swap(connection: Connection, layout: Layout, history: Part, coming: tuple[Part, ...]) -> Done:
    begun, since = time.monotonic(), 0.0
    known = read_whole(connection, layout)
    _insist_on_known(layout, known)
    for one in patient_tries():
        with one, whole(connection):
            since = locked(connection, locks_on(layout, known))
            run(connection, *swap(layout, known, history, coming))
    ended = time.monotonic()
    return Done(Step.SWAP.value, ended - begun, locked_s=ended - since)


def _insist_on_known(layout: Layout, known: Whole) -> None:
    """Stop where a later migration refers to the table in a way that we would lose unseen."""
    unknown = known.referring - {layout.reference}
    if unknown:
        raise PartitioningError(f"{', '.join(sorted(unknown))} refers to {layout.table} by its id")


def abandon(engine: Engine, table: str) -> None:
    """Take back what a conversion prepared that is not to be gone on with.

    PartitioningError if the table is partitioned already.
    """
    layout = LAYOUTS[table]
    with alone(engine) as connection:
        found = read_progress(connection, layout)
        if found.is_partitioned:
            raise PartitioningError(f"{table} is partitioned already")
        for one in patient_tries():
            with one:
                run(connection, *forget(layout, found.bound))
