"""Pages of a list, continued after a row and not counted off: (value, id) is where one ends.

A row that stays where it is in the order is met exactly once, whatever is added or removed
between two pages; with page numbers, rows would be lost or seen twice.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask_babel import LazyString
from sqlalchemy import ColumnElement, Integer, Select, String, literal, tuple_, type_coerce

from app.db.base import UtcDateTime

LARGEST_ID: Final = 2**31 - 1
_LARGEST_AMOUNT: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"-?\d{1,19}\Z", re.ASCII)
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list. The column is never empty: empty values have no place in an order."""

    name: str
    label: LazyString | str
    column: Any
    attribute: str

    @property
    def is_by_id(self) -> bool:
        """Tell whether the id alone is the order."""
        return self.attribute == "id"

    @property
    def value_column(self) -> ColumnElement[Any]:
        """The column as the database compares it: states are text there."""
        is_state = isinstance(self.column.type, String)
        return type_coerce(self.column, String()) if is_state else self.column


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two rows: after (or before) the row with this value and id."""

    value: Any
    row_id: int
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """How a list is walked through: by what, in which direction, from where, how far."""

    sort: Sort
    is_descending: bool
    place: Place | None
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the places that continue them; None where nothing follows."""

    rows: Sequence[Any]
    before: str | None
    after: str | None


def write_place(sort: Sort, row: Any) -> str:
    """Write the place of a row for an address: ``150000~17``."""
    value = getattr(row, sort.attribute)
    if isinstance(value, datetime):
        text = value.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")
    else:
        text = str(value)
    return f"{text}~{row.id}"


def read_place(sort: Sort, text: str, *, is_before: bool) -> Place | None:
    """Read a place from an address; None if it is none of ours."""
    value_text, tilde, id_text = text[:_LONGEST].rpartition("~")
    if not tilde or not _NUMBER.match(id_text):
        return None
    value = _read_value(sort.column.type, value_text)
    row_id = max(0, min(int(id_text), LARGEST_ID))
    return None if value is None else Place(value, row_id, is_before)


def read_page(
    fetch: Callable[[Select[Any]], Sequence[Any]], query: Select[Any], key: Any, walk: Walk
) -> Page:
    """Return one page of the query, in its order, with the places that continue it."""
    backwards = walk.place is not None and walk.place.is_before
    query = _ordered(query, key, walk, is_descending=walk.is_descending != backwards)
    rows = list(fetch(query.limit(walk.size + 1)))
    has_more, rows = len(rows) > walk.size, rows[: walk.size]
    if backwards:
        rows.reverse()
    has_before = has_more if backwards else walk.place is not None
    has_after = has_more or backwards
    return Page(
        rows,
        before=write_place(walk.sort, rows[0]) if rows and has_before else None,
        after=write_place(walk.sort, rows[-1]) if rows and has_after else None,
    )


def in_order(query: Select[Any], key: Any, sort: Sort, *, is_descending: bool) -> Select[Any]:
    """Return the whole query in the order of the list."""
    columns = [key] if sort.is_by_id else [sort.value_column, key]
    return query.order_by(*(c.desc() if is_descending else c.asc() for c in columns))


def _ordered(query: Select[Any], key: Any, walk: Walk, *, is_descending: bool) -> Select[Any]:
    query = in_order(query, key, walk.sort, is_descending=is_descending)
    if walk.place is None:
        return query
    left, right = key, literal(walk.place.row_id)
    if not walk.sort.is_by_id:
        column = walk.sort.value_column
        # Compared as a pair, which is how a database finds its place in an index on both.
        left, right = tuple_(column, key), tuple_(literal(walk.place.value, column.type), right)
    return query.where(left < right if is_descending else left > right)


def _read_value(kind: Any, text: str) -> Any:
    if isinstance(kind, UtcDateTime):
        return _read_time(text)
    if isinstance(kind, Integer):
        number = int(text) if _NUMBER.match(text) else None
        return number if number is not None and abs(number) <= _LARGEST_AMOUNT else None
    return text if text.isprintable() else None


def _read_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
