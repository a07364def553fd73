"""The life of partitioned tables: the parts to come, months that leave, months that come back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, text

from app.core.errors import PartitioningError
from app.core.partitions import (
    Part,
    insist_on_leaving,
    month_part,
    parts_to_come,
    read_history,
    read_month,
)
from app.db.long_work import alone, locked, patient_tries, run, whole
from app.db.partition_catalog import REST, read_cut, read_progress, read_whole
from app.db.partition_ddl import (
    ARCHIVE,
    analyze,
    come_back,
    copy_back,
    empty_rest,
    leave,
    locks_on,
    make_part,
    prove_copy,
    prove_references,
    tie_copy,
)
from app.db.partition_layouts import LAYOUTS, NOTIFICATIONS, Layout

_LAST_ORDER: Final = text("SELECT coalesce(max(id), 0) FROM orders")
_COLUMNS: Final = text(
    "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped"
)


def make_parts_ahead(engine: Engine, now: datetime) -> list[str]:
    """Make the parts of partitioned tables that have to stand ready; return the names of the new.

    Rows that came while there was no part for them are moved into theirs. PartitioningError on
    SQLite, or if the lock cannot be had.
    """
    made: list[str] = []
    with alone(engine) as connection:
        for layout in LAYOUTS.values():
            if read_progress(connection, layout).is_partitioned:
                made += _make_ahead(connection, layout, now)
    return made


def _make_ahead(connection: Connection, layout: Layout, now: datetime) -> list[str]:
    last = connection.execute(_LAST_ORDER).scalar_one()
    coming = parts_to_come(read_cut(connection, layout).newest, now, last)
    if coming:
        known = read_whole(connection, layout)
        for one in patient_tries():
            with one, whole(connection):
                locked(connection, locks_on(layout, known))
                run(connection, *_making(connection, layout, coming, known.owner))
        _prove_references(connection, layout)
    run(connection, analyze(layout))
    return [f"{layout.table}_{part.name}" for part in coming]


def _making(
    connection: Connection, layout: Layout, coming: Sequence[Part], owner: str
) -> tuple[str, ...]:
    spilt = connection.execute(
        text(f"SELECT EXISTS (SELECT FROM {layout.table}_{REST})")  # noqa: S608 - names of ours.
    ).scalar_one()
    if not spilt:
        return tuple(line for part in coming for line in make_part(layout, part, owner))
    return empty_rest(layout, tuple(coming), owner, is_referred_to=not layout.by_month)


def _prove_references(connection: Connection, layout: Layout) -> None:
    if not read_progress(connection, layout).references_proved:
        run(connection, prove_references(layout))


def detach_month(engine: Engine, words: str, now: datetime) -> str:
    """Take a month of notifications out of the table, into the archive; return its name there.

    PartitioningError if there is none, if it is too young, or if one of them is not concluded.
    """
    layout = NOTIFICATIONS
    with alone(engine) as connection:
        part = _part_of(connection, layout, words)
        insist_on_leaving(part, now, _waiting(connection, layout, part))
        for one in patient_tries():
            with one, whole(connection):
                locked(connection, locks_on(layout, read_whole(connection, layout)))
                # Again, because until now it could be written to.
                insist_on_leaving(part, now, _waiting(connection, layout, part))
                run(connection, *leave(layout, part))
    return f"{ARCHIVE}.{layout.table}_{part.name}"


def _part_of(connection: Connection, layout: Layout, words: str) -> Part:
    if not read_progress(connection, layout).is_partitioned:
        raise PartitioningError(f"{layout.table} is not partitioned")
    name = _named(words).name
    for part in read_cut(connection, layout).parts:
        if part.name == name:
            return part
    raise PartitioningError(f"there is no part {layout.table}_{name}")


def _names(connection: Connection, layout: Layout) -> set[str]:
    return {f"{layout.table}_{part.name}" for part in read_cut(connection, layout).parts}


def _named(words: str) -> Part:
    """Return the part of a month (2026-01), or that of all before one (before-2026-01)."""
    return read_history(words.replace("-", "_")) or month_part(read_month(words))


def _waiting(connection: Connection, layout: Layout, part: Part) -> int:
    query = f"SELECT count(*) FROM {layout.table}_{part.name} WHERE due_at IS NOT NULL"  # noqa: S608 - names of ours.
    return connection.execute(text(f"{query} OR state = 'awaiting_confirmation'")).scalar_one()


def attach_month(engine: Engine, words: str) -> str:
    """Put a month from the archive back into the table; return the part's name.

    PartitioningError if it is not in the archive, or is in the table too.
    """
    layout, part = NOTIFICATIONS, _named(words)
    name = f"{layout.table}_{part.name}"
    with alone(engine) as connection:
        columns = connection.execute(_COLUMNS, {"name": f"{ARCHIVE}.{name}"}).scalar_one()
        if columns is None:
            raise PartitioningError(f"there is no {ARCHIVE}.{name}")
        if not read_progress(connection, layout).is_partitioned:
            raise PartitioningError(f"{layout.table} is not partitioned")
        if name in _names(connection, layout):
            raise PartitioningError(f"{name} is in its place already")
        known = read_whole(connection, layout)
        with whole(connection):
            run(connection, *copy_back(layout, part, known, columns))
        for one in patient_tries():
            with one, whole(connection):
                run(connection, *tie_copy(layout, part, known))
        run(connection, *prove_copy(layout, part, known))
        for one in patient_tries():
            with one, whole(connection):
                locked(connection, locks_on(layout, known))
                run(connection, *come_back(layout, part))
    return name
