"""Writes that belong together: one statement on PostgreSQL, one after the other on SQLite.

A round trip costs the door more than what the database does in it. Both ways are put together from
the same statements; PostgreSQL gets them as the parts (CTEs) of one.

What to know before adding a kind of write: the parts of one statement see the tables as they were
before it, and not what the others write. A part may use the id that another's new row gets
(``IdOf``), and nothing else of it. Foreign keys and triggers that run AFTER a row look when the
whole statement is done: they see every part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Insert,
    Integer,
    ScalarSelect,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal,
    select,
    update,
)

from app.core.stock import StockStep
from app.db.base import Base
from app.db.locks import goods_of
from app.db.models import Product, StockMovement

Values: TypeAlias = Mapping[str, Any]

_PRODUCTS: Final = Base.metadata.tables[Product.__tablename__]
_MOVEMENTS: Final = Base.metadata.tables[StockMovement.__tablename__]
# One for each combination of columns that is ever written together; there are a few.
_MOST_SHAPES: Final = 128


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of a write decides its statement: everything but the values."""

    kind: type
    table: Table | None = None
    columns: tuple[str, ...] = ()
    awaited: tuple[tuple[str, Table], ...] = ()


@dataclass(frozen=True, slots=True)
class IdOf:
    """Stands for the id of the row that an earlier write of the same list adds to this table."""

    table: Table


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add."""

    table: Table
    values: Values


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """Columns of a row to set; the caller holds its lock, or its order's."""

    table: Table
    row_id: int
    values: Values


@dataclass(frozen=True, slots=True)
class TakenGoods:
    """An order's reserved goods leave: the products are locked, counted down, and it is noted."""

    order_id: int
    at: datetime


Write: TypeAlias = NewRow | ChangedRow | TakenGoods
_Statement: TypeAlias = Insert | Update


def write_all(connection: Connection, writes: Sequence[Write]) -> int:
    """Write everything, in one round trip where the database can; return the first row's id.

    The first of ``writes`` is a ``NewRow``. Errors of the database pass through.
    """
    if connection.dialect.name == "postgresql":
        return write_joined(connection, writes)
    return write_apart(connection, writes)


def write_joined(connection: Connection, writes: Sequence[Write]) -> int:
    """Write everything by one statement; PostgreSQL only."""
    values: dict[str, Any] = {}
    for number, write in enumerate(writes):
        values |= _parameters(write, number)
    return connection.execute(_joined(tuple(map(_shape, writes))), values).scalar_one()


def write_apart(connection: Connection, writes: Sequence[Write]) -> int:
    """Write everything by a statement for each table."""
    ids: dict[Table, int] = {}
    for write in writes:
        shape = _shape(write)
        values = _parameters(write, 0) | {_named(name, 0): ids[of] for name, of in shape.awaited}
        for statement in _apart(shape):
            done = connection.execute(statement, values)
            if isinstance(write, NewRow):
                ids.setdefault(write.table, done.scalar_one())
    return next(iter(ids.values()))


def _shape(write: Write) -> _Shape:
    if isinstance(write, TakenGoods):
        return _Shape(TakenGoods)
    values = write.values.items()
    awaited = tuple((name, value.table) for name, value in values if isinstance(value, IdOf))
    return _Shape(type(write), write.table, tuple(write.values), awaited)


def _parameters(write: Write, number: int) -> dict[str, Any]:
    """Return the values of a write, by names that are its own within the list."""
    if isinstance(write, TakenGoods):
        own = {"order_id": write.order_id, "at": write.at}
    else:
        own = {name: v for name, v in write.values.items() if not isinstance(v, IdOf)}
    if isinstance(write, ChangedRow):
        own["id"] = write.row_id
    return {_named(name, number): value for name, value in own.items()}


def _named(name: str, number: int) -> str:
    return f"{name}_{number}"


@lru_cache(_MOST_SHAPES)
def _apart(shape: _Shape) -> tuple[_Statement, ...]:
    ids = {name: bindparam(_named(name, 0), type_=Integer) for name, _ in shape.awaited}
    return _statements(shape, 0, ids)


@lru_cache(_MOST_SHAPES)
def _joined(shapes: tuple[_Shape, ...]) -> Select[int]:
    """Return the statement of which every write is a part, and which answers the first id."""
    new: dict[Table, ScalarSelect[int]] = {}
    parts: list[CTE] = []
    for number, shape in enumerate(shapes):
        ids = {name: new[table] for name, table in shape.awaited}
        for nth, statement in enumerate(_statements(shape, number, ids)):
            part = statement.cte(f"part_{number}_{nth}")
            parts.append(part)
            if shape.kind is NewRow and shape.table is not None:
                new.setdefault(shape.table, select(part.c.id).scalar_subquery())
    return select(next(iter(new.values()))).add_cte(*parts)


def _statements(
    shape: _Shape, number: int, ids: Mapping[str, ColumnElement[Any]]
) -> tuple[_Statement, ...]:
    if shape.table is None:
        return _taking(number)
    columns = {name: shape.table.c[name] for name in shape.columns}
    values: dict[str, ColumnElement[Any]] = {
        name: bindparam(_named(name, number), type_=column.type) for name, column in columns.items()
    }
    if shape.kind is ChangedRow:
        row = shape.table.c.id == bindparam(_named("id", number), type_=Integer)
        return (update(shape.table).where(row).values(values),)
    return (insert(shape.table).values({**values, **ids}).returning(shape.table.c.id),)


def _taking(number: int) -> tuple[_Statement, ...]:
    """Return the statements that let goods leave: the products first, locked in the order of all.

    The goods are the same part for both, so that products are locked once.
    """
    order = bindparam(_named("order_id", number), type_=Integer)
    goods = goods_of(order).cte(_named("goods", number))
    counted = {name: _PRODUCTS.c[name] - goods.c.quantity for name in ("on_hand", "reserved")}
    at = bindparam(_named("at", number), type_=_MOVEMENTS.c.at.type)
    step = literal(StockStep.TAKE, _MOVEMENTS.c.step.type)
    moved = {"order_id": order, "product_id": goods.c.id, "step": step, "at": at}
    moved["quantity"] = goods.c.quantity
    return (
        update(_PRODUCTS).where(_PRODUCTS.c.id == goods.c.id).values(counted),
        insert(_MOVEMENTS).from_select(
            list(moved), select(*moved.values()), include_defaults=False
        ),
    )
