"""The statements that cut a table, make its next parts, and take a month out or put it back.

They are only written here, so that a plan can show them before anything is done. Names are ours or
come from the catalogue; nothing in them comes from outside.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from app.core.partitions import Bound, Part, Step
from app.db.partition_catalog import REST, Whole
from app.db.partition_layouts import Layout

ARCHIVE: Final = "lunas_archive"
_LIKE: Final = (
    "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION"
    " INCLUDING COMMENTS"
)


def statements_of(step: Step, layout: Layout, history: Part) -> tuple[str, ...]:
    """Return the statements of a step that stand by themselves: all but the swap."""
    table, bound = layout.table, f"ck_{layout.table}_{history.name}"
    before = f"{layout.key} < {_literal(history.upper)}"
    written: dict[Step, tuple[str, ...]] = {
        Step.FORGET: (f"ALTER TABLE {table} DROP CONSTRAINT {bound}",),
        Step.BOUND: (f"ALTER TABLE {table} ADD CONSTRAINT {bound} CHECK ({before}) NOT VALID",),
        Step.PROVE_BOUND: (f"ALTER TABLE {table} VALIDATE CONSTRAINT {bound}",),
        Step.INDEX: (
            # A build that was broken off leaves an invalid index under the name.
            f"DROP INDEX CONCURRENTLY IF EXISTS {layout.identity}",
            f"CREATE UNIQUE INDEX CONCURRENTLY {layout.identity} ON {table} (id, {layout.key})",
        ),
        Step.PROVE_REFERENCES: (prove_references(layout),),
        Step.ANALYZE: (analyze(layout),),
    }
    return written[step]


def prove_references(layout: Layout) -> str:
    """Return what checks the rows that refer to a table's."""
    return f"ALTER TABLE {layout.referring} VALIDATE CONSTRAINT {layout.reference}"


def analyze(layout: Layout) -> str:
    """Return what counts a table's rows for the planner.

    Nobody else does: autovacuum sees the parts, and not the table that they are of.
    """
    return f"ANALYZE {layout.table}"


def forget(layout: Layout, bound: Part | None) -> tuple[str, ...]:
    """Return what takes a preparation back that was broken off."""
    dropped = statements_of(Step.FORGET, layout, bound) if bound else ()
    return (*dropped, f"DROP INDEX CONCURRENTLY IF EXISTS {layout.identity}")


def locks_on(layout: Layout, whole: Whole) -> tuple[str, ...]:
    """Return what is locked to make parts: the table, and what keys tie it to."""
    return (
        f"LOCK TABLE {layout.table}, {layout.referring} IN ACCESS EXCLUSIVE MODE",
        f"LOCK TABLE {', '.join(sorted(whole.refers_to))} IN SHARE ROW EXCLUSIVE MODE",
    )


def swap(layout: Layout, whole: Whole, history: Part, coming: tuple[Part, ...]) -> tuple[str, ...]:
    """Return what puts a partitioned table in the place of a whole one, which is its first part.

    No row is read or written: the bound and the index that were made before prove all.
    """
    return (
        *layout.functions,
        *_make_way(layout, whole, history),
        *_make_successor(layout, whole, history),
        *_put_in(layout, history),
        f"ALTER SEQUENCE {whole.sequence} OWNED BY {layout.table}.id",
        *(line for part in coming for line in make_part(layout, part, whole.owner)),
        *make_part(layout, None, whole.owner),
        *layout.instead,
    )


def _make_way(layout: Layout, whole: Whole, history: Part) -> Iterator[str]:
    table, first = layout.table, f"{layout.table}_{history.name}"
    yield f"ALTER TABLE {layout.referring} DROP CONSTRAINT {layout.reference}"
    yield f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}"
    yield f"ALTER TABLE {table} RENAME TO {first}"
    yield f"ALTER INDEX {layout.identity} RENAME TO pk_{first}"
    yield f"ALTER TABLE {first} ADD CONSTRAINT pk_{first} PRIMARY KEY USING INDEX pk_{first}"
    for name in whole.indexes:
        yield f"ALTER INDEX {name} RENAME TO {name}_{history.name}"
    for name in whole.unique_keys:
        yield f"ALTER TABLE {first} RENAME CONSTRAINT {name} TO {name}_{history.name}"
    for name in whole.triggers:
        yield f"DROP TRIGGER {name} ON {first}"


def _make_successor(layout: Layout, whole: Whole, history: Part) -> Iterator[str]:
    table, first = layout.table, f"{layout.table}_{history.name}"
    yield f"CREATE TABLE {table} (LIKE {first} {_LIKE}) PARTITION BY RANGE ({layout.key})"
    yield f"ALTER TABLE {table} OWNER TO {whole.owner}"
    yield from (f"GRANT {rights} ON {table} TO {who}" for who, rights in whole.rights.items())
    yield f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{history.name}"
    yield f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id, {layout.key})"
    for name, definition in (*whole.unique_keys.items(), *whole.foreign_keys.items()):
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
    yield from whole.indexes.values()
    yield from whole.triggers.values()


def _put_in(layout: Layout, history: Part) -> Iterator[str]:
    table, first = layout.table, f"{layout.table}_{history.name}"
    yield f"ALTER TABLE {table} ATTACH PARTITION {first} {_values(history)}"
    yield f"ALTER TABLE {first} DROP CONSTRAINT ck_{table}_{history.name}"
    yield _no_truncate(layout, first)


def make_part(layout: Layout, part: Part | None, owner: str) -> tuple[str, ...]:
    """Return what makes one part with nothing in it; None: the one for what fits in no other."""
    table = layout.table
    name = f"{table}_{part.name if part else REST}"
    return (
        f"CREATE TABLE {name} (LIKE {table} {_LIKE})",
        f"ALTER TABLE {name} OWNER TO {owner}",
        f"ALTER TABLE {table} ATTACH PARTITION {name} {_values(part) if part else 'DEFAULT'}",
        _no_truncate(layout, name),
    )


def empty_rest(
    layout: Layout, coming: tuple[Part, ...], owner: str, *, is_referred_to: bool
) -> tuple[str, ...]:
    """Return what makes parts for rows that have come already, and moves them there."""
    table, spilt = layout.table, f"{layout.table}_spilt"
    dropped = f"ALTER TABLE {layout.referring} DROP CONSTRAINT {layout.reference}"
    return (
        *((dropped,) if is_referred_to else ()),
        f"ALTER TABLE {table} DETACH PARTITION {table}_{REST}",
        f"ALTER TABLE {table}_{REST} RENAME TO {spilt}",
        *(line for part in coming for line in make_part(layout, part, owner)),
        *make_part(layout, None, owner),
        f"INSERT INTO {table} SELECT * FROM {spilt}",  # noqa: S608 - names of ours.
        f"DROP TABLE {spilt}",
        *(layout.instead if is_referred_to else ()),
    )


def leave(layout: Layout, part: Part) -> tuple[str, ...]:
    """Return what takes a part out and keeps it, for reading only, in the archive's schema."""
    name = f"{layout.table}_{part.name}"
    return (
        f"ALTER TABLE {layout.table} DETACH PARTITION {name}",
        f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}",
        f"ALTER TABLE {name} SET SCHEMA {ARCHIVE}",
        f"""CREATE TRIGGER {name}_read_only BEFORE INSERT OR UPDATE OR DELETE ON {ARCHIVE}.{name}
  FOR EACH STATEMENT EXECUTE FUNCTION {layout.refusal}()""",
    )


def copy_back(layout: Layout, part: Part, known: Whole, columns: str) -> tuple[str, ...]:
    """Return what makes a table like the others of a part in the archive, to stand alone yet.

    A copy and not the table itself: out of a dump, the words of its checks come back otherwise than
    they were, and PostgreSQL takes no part whose words differ.
    """
    name, bound = f"{layout.table}_{part.name}", _bound_of(layout, part)
    above = [f"{layout.key} >= {_literal(part.lower)}"] if part.lower is not None else []
    condition = " AND ".join([*above, f"{layout.key} < {_literal(part.upper)}"])
    return (
        f"DROP TABLE IF EXISTS {name}",
        f"CREATE TABLE {name} (LIKE {layout.table} {_LIKE} INCLUDING INDEXES)",
        f"ALTER TABLE {name} OWNER TO {known.owner}",
        f"ALTER TABLE {name} ADD CONSTRAINT {bound} CHECK ({condition})",
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {ARCHIVE}.{name}",  # noqa: S608 - names of ours.
    )


def tie_copy(layout: Layout, part: Part, known: Whole) -> tuple[str, ...]:
    """Return what ties a copy to the tables that it refers to, without looking at its rows."""
    name = f"{layout.table}_{part.name}"
    return tuple(
        f"ALTER TABLE {name} ADD CONSTRAINT {key} {definition} NOT VALID"
        for key, definition in known.foreign_keys.items()
    )


def prove_copy(layout: Layout, part: Part, known: Whole) -> tuple[str, ...]:
    """Return what proves and counts a copy, so that it can be attached without a look at it."""
    name = f"{layout.table}_{part.name}"
    proofs = (f"ALTER TABLE {name} VALIDATE CONSTRAINT {key}" for key in known.foreign_keys)
    return (*proofs, f"ANALYZE {name}")


def come_back(layout: Layout, part: Part) -> tuple[str, ...]:
    """Return what puts a copy in the place that it left, and ends the one in the archive."""
    name = f"{layout.table}_{part.name}"
    return (
        f"ALTER TABLE {layout.table} ATTACH PARTITION {name} {_values(part)}",
        f"ALTER TABLE {name} DROP CONSTRAINT {_bound_of(layout, part)}",
        _no_truncate(layout, name),
        f"DROP TABLE {ARCHIVE}.{name}",
    )


def _bound_of(layout: Layout, part: Part) -> str:
    return f"ck_{layout.table}_{part.name}_bounds"


def _no_truncate(layout: Layout, name: str) -> str:
    # Only row triggers are inherited by the parts.
    return (
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {layout.refusal}()"
    )


def _values(part: Part) -> str:
    lower = "MINVALUE" if part.lower is None else _literal(part.lower)
    return f"FOR VALUES FROM ({lower}) TO ({_literal(part.upper)})"


def _literal(bound: Bound) -> str:
    return f"'{bound:%Y-%m-%d} 00:00:00+00'" if isinstance(bound, datetime) else str(bound)
