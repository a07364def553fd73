"""What PostgreSQL's catalogue says of a table that is, or is to be, partitioned."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

from app.core.partitions import Bound, Part, Progress, read_history
from app.db.partition_layouts import Layout

REST: Final = "rest"
_BOUNDS: Final = re.compile(r"FROM \((.+?)\) TO \((.+?)\)")

_KIND: Final = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:table)")
_CONSTRAINTS: Final = text(
    "SELECT conname, contype, convalidated, pg_get_constraintdef(oid) AS definition,"
    " confrelid::regclass::text AS refers_to FROM pg_constraint"
    " WHERE conrelid = to_regclass(:table) ORDER BY conname"
)
_REFERRING: Final = text(
    "SELECT conname FROM pg_constraint"
    " WHERE confrelid = to_regclass(:table) AND contype = 'f' AND conparentid = 0"
)
_INDEXES: Final = text(
    "SELECT c.relname, pg_get_indexdef(i.indexrelid) AS definition, i.indisvalid"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = to_regclass(:table) AND NOT EXISTS"
    " (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = i.indrelid)"
    " ORDER BY c.relname"
)
_TRIGGERS: Final = text(
    "SELECT tgname, pg_get_triggerdef(oid) AS definition FROM pg_trigger"
    " WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal ORDER BY tgname"
)
_OWNER: Final = text(
    "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class WHERE oid = to_regclass(:table)"
)
_RIGHTS: Final = text(
    "SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END"
    " AS grantee, string_agg(a.privilege_type, ', ') AS rights"
    " FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
    " WHERE c.oid = to_regclass(:table) AND a.grantee <> c.relowner GROUP BY a.grantee"
)
_SEQUENCE: Final = text("SELECT pg_get_serial_sequence(:table, 'id')")
_PARTS: Final = text(
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds,"
    " pg_total_relation_size(c.oid) AS size_b, greatest(c.reltuples, 0)::bigint AS rows"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = to_regclass(:table) ORDER BY c.relname"
)
_SIZE: Final = text(
    "SELECT pg_total_relation_size(oid) AS size_b, greatest(reltuples, 0)::bigint AS rows"
    " FROM pg_class WHERE oid = to_regclass(:table)"
)
_ANALYZED: Final = text("SELECT reltuples >= 0 FROM pg_class WHERE oid = to_regclass(:table)")


@dataclass(frozen=True, slots=True)
class Whole:
    """What a table has that is not partitioned yet, by name, as the statements that make it."""

    indexes: Mapping[str, str]
    unique_keys: Mapping[str, str]
    foreign_keys: Mapping[str, str]
    refers_to: frozenset[str]
    triggers: Mapping[str, str]
    owner: str
    rights: Mapping[str, str]
    sequence: str
    referring: frozenset[str]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: bytes with all indexes, and rows as PostgreSQL last estimated them."""

    size_b: int
    rows: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A partitioned table: its parts with their extents, and what lies in none of them."""

    parts: dict[Part, Extent]
    rest: Extent

    @property
    def newest(self) -> Part:
        """The last part."""
        return next(reversed(self.parts))


def read_progress(connection: Connection, layout: Layout) -> Progress:
    """Return how far the conversion of a table came."""
    named = {"table": layout.table}
    if connection.execute(_KIND, named).scalar_one():
        referring = _constraints(connection, layout.referring).get(layout.reference)
        return Progress(
            is_partitioned=True,
            references_proved=referring is None or referring.convalidated,
            analyzed=connection.execute(_ANALYZED, named).scalar_one(),
        )
    bounds = {
        part: row.convalidated
        for name, row in _constraints(connection, layout.table).items()
        if (part := read_history(name.removeprefix(f"ck_{layout.table}_"))) is not None
    }
    bound = next(iter(bounds), None)
    valid = {row.relname: row.indisvalid for row in connection.execute(_INDEXES, named)}
    return Progress(
        is_partitioned=False,
        bound=bound,
        bound_proved=bound is not None and bounds[bound],
        indexed=valid.get(layout.identity, False),
    )


def read_whole(connection: Connection, layout: Layout) -> Whole:
    """Return what a table has that its partitioned successor has to have too."""
    found = _constraints(connection, layout.table)
    keys = {name: row for name, row in found.items() if row.contype == "f"}
    named = {"table": layout.table}
    return Whole(
        indexes=_pairs(connection, _INDEXES, layout.table, leave=layout.identity),
        unique_keys={n: row.definition for n, row in found.items() if row.contype == "u"},
        foreign_keys={name: row.definition for name, row in keys.items()},
        refers_to=frozenset(row.refers_to for row in keys.values()),
        triggers=_pairs(connection, _TRIGGERS, layout.table),
        owner=connection.execute(_OWNER, named).scalar_one(),
        rights=_pairs(connection, _RIGHTS, layout.table),
        sequence=connection.execute(_SEQUENCE, named).scalar_one(),
        referring=frozenset(connection.execute(_REFERRING, named).scalars()),
    )


def read_cut(connection: Connection, layout: Layout) -> Cut:
    """Return the parts of a partitioned table, the oldest first."""
    parts: dict[Part, Extent] = {}
    rest = Extent(0, 0)
    for row in connection.execute(_PARTS, {"table": layout.table}):
        extent = Extent(row.size_b, row.rows)
        bounds = _BOUNDS.search(row.bounds)
        if bounds is None:
            rest = extent
            continue
        name = row.relname.removeprefix(f"{layout.table}_")
        parts[Part(name, _bound(bounds[1]), _upper(bounds[2]))] = extent
    return Cut({part: parts[part] for part in sorted(parts, key=_place)}, rest)


def _place(part: Part) -> float:
    return part.upper.timestamp() if isinstance(part.upper, datetime) else part.upper


def read_extent(connection: Connection, table: str) -> Extent:
    """Return how much a table that is in one piece holds."""
    row = connection.execute(_SIZE, {"table": table}).one()
    return Extent(row.size_b, row.rows)


def _constraints(connection: Connection, table: str) -> dict[str, Any]:
    return {row.conname: row for row in connection.execute(_CONSTRAINTS, {"table": table})}


def _pairs(
    connection: Connection, query: TextClause, table: str, *, leave: str = ""
) -> dict[str, str]:
    rows = connection.execute(query, {"table": table})
    return {row[0]: row[1] for row in rows if row[0] != leave}


def _bound(words: str) -> Bound | None:
    return None if words == "MINVALUE" else _upper(words)


def _upper(words: str) -> Bound:
    plain = words.strip("'")
    # Of two kinds: the id of an order, or a time, which we only ever ask for in UTC.
    return int(plain) if plain.isdigit() else datetime.fromisoformat(plain).astimezone(UTC)
