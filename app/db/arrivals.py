"""The statements by which a notification comes in: Core, and built once.

Building a statement costs more than running it, and a unit of work costs more than both: see
docs/performance.md. What they read is rows of columns; ``Any``, because those have no type of
their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Table,
    bindparam,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.inspection import inspect

from app.core.reasons import Why
from app.core.states import NotificationState
from app.db.base import Base
from app.db.models import (
    Attempt,
    GatewayTransaction,
    LedgerEntry,
    Mail,
    Notification,
    Order,
    OrderEvent,
    OrderItem,
    Product,
    Refund,
    StockMovement,
    StoredObservation,
)

Values = Mapping[str, Any]


NOTIFICATIONS: Final = Base.metadata.tables[Notification.__tablename__]
OBSERVATIONS: Final = Base.metadata.tables[StoredObservation.__tablename__]
TRANSACTIONS: Final = Base.metadata.tables[GatewayTransaction.__tablename__]
EVENTS: Final = Base.metadata.tables[OrderEvent.__tablename__]
ENTRIES: Final = Base.metadata.tables[LedgerEntry.__tablename__]
MAILS: Final = Base.metadata.tables[Mail.__tablename__]
MOVEMENTS: Final = Base.metadata.tables[StockMovement.__tablename__]
_ATTEMPTS: Final = Base.metadata.tables[Attempt.__tablename__]
_ORDERS: Final = Base.metadata.tables[Order.__tablename__]
_ITEMS: Final = Base.metadata.tables[OrderItem.__tablename__]
_PRODUCTS: Final = Base.metadata.tables[Product.__tablename__]
_REFUNDS: Final = Base.metadata.tables[Refund.__tablename__]

_OF_ORDER: Final = bindparam("order_id", type_=Integer)

# The first notification by which the same message was handled, or is being handled.
_EARLIER: Final = (
    select(NOTIFICATIONS.c.id)
    .where(
        NOTIFICATIONS.c.dedupe_key == bindparam("dedupe_key", type_=String),
        NOTIFICATIONS.c.gateway == bindparam("gateway", type_=NOTIFICATIONS.c.gateway.type),
        NOTIFICATIONS.c.state != NotificationState.REFUSED,
        NOTIFICATIONS.c.order_id.is_not(None),
        # What the gateway once did not confirm may have become true since.
        NOTIFICATIONS.c.verdict != Why.CLAIM_NOT_CONFIRMED.value,
    )
    .order_by(NOTIFICATIONS.c.id)
    .limit(1)
)
_MATCH: Final = select(
    _ATTEMPTS.c.id,
    _ATTEMPTS.c.order_id,
    _ATTEMPTS.c.reference,
    _ATTEMPTS.c.try_number,
    _EARLIER.scalar_subquery().label("earlier"),
).where(_ATTEMPTS.c.reference == bindparam("reference", type_=String))

_EVENT: Final = (
    select(EVENTS).where(EVENTS.c.order_id == _OF_ORDER).order_by(EVENTS.c.seq.desc()).limit(1)
)
_SITUATION: Final = (
    select(
        _ATTEMPTS.c.id.label("attempt_id"),
        _ATTEMPTS.c.reference,
        _ATTEMPTS.c.gateway,
        _ATTEMPTS.c.expires_at,
        _ATTEMPTS.c.dead,
        _ATTEMPTS.c.state,
        TRANSACTIONS.c.id.label("transaction_id"),
        TRANSACTIONS.c.gateway_transaction_id,
        TRANSACTIONS.c.stage,
        TRANSACTIONS.c.amount_idr,
        TRANSACTIONS.c.ever_paid,
        TRANSACTIONS.c.confirmed,
        TRANSACTIONS.c.as_of,
        TRANSACTIONS.c.method,
        TRANSACTIONS.c.paid_at,
        TRANSACTIONS.c.fee_idr,
        TRANSACTIONS.c.acquirer,
        TRANSACTIONS.c.issuer,
        TRANSACTIONS.c.off_us,
        exists().where(_REFUNDS.c.order_id == _OF_ORDER).label("has_refunds"),
        exists().where(ENTRIES.c.order_id == _OF_ORDER).label("has_entries"),
        _EVENT.with_only_columns(EVENTS.c.seq).scalar_subquery().label("last_seq"),
        _EVENT.with_only_columns(EVENTS.c.hash).scalar_subquery().label("last_hash"),
    )
    .select_from(
        _ATTEMPTS.outerjoin(TRANSACTIONS, TRANSACTIONS.c.attempt_id == _ATTEMPTS.c.id),
    )
    .where(_ATTEMPTS.c.order_id == _OF_ORDER)
    .order_by(_ATTEMPTS.c.try_number, TRANSACTIONS.c.id)
)

_INSERTS: Final = {
    table: insert(table)
    for table in (TRANSACTIONS, EVENTS, ENTRIES, MAILS, MOVEMENTS, OBSERVATIONS)
}
_INSERT_NOTIFICATION: Final = insert(NOTIFICATIONS).returning(NOTIFICATIONS.c.id)
_INSERT_OBSERVATION: Final = insert(OBSERVATIONS).returning(OBSERVATIONS.c.id)
_ROW: Final = bindparam("row_id", type_=Integer)
_UPDATE_ORDER: Final = update(_ORDERS).where(_ORDERS.c.id == _ROW)
_UPDATE_TRANSACTION: Final = update(TRANSACTIONS).where(TRANSACTIONS.c.id == _ROW)
_PIECES: Final = bindparam("pieces", type_=Integer)
_TAKE: Final = (
    update(_PRODUCTS)
    .where(_PRODUCTS.c.id == _ROW)
    .values(on_hand=_PRODUCTS.c.on_hand - _PIECES, reserved=_PRODUCTS.c.reserved - _PIECES)
)


def columns_of(row: Base) -> dict[str, Any]:
    """Return what was set of a row that no session holds, by column."""
    return {name: value for name, value in inspect(row).dict.items() if name[0] != "_"}


def match(connection: Connection, reference: str, gateway: str, dedupe_key: str | None) -> Any:
    """Return the attempt that a message is about, with an earlier telling of the same; or None."""
    named = {"reference": reference, "gateway": gateway, "dedupe_key": dedupe_key}
    return connection.execute(_MATCH, named).one_or_none()


def read_situation(connection: Connection, order_id: int) -> Sequence[Any]:
    """Return an order's attempts, one row for each transaction they saw; its lock is held.

    Read after the lock and not with it: a statement that waits for a lock sees the other tables as
    they were before it waited.
    """
    return connection.execute(_SITUATION, {"order_id": order_id}).all()


def add_notification(connection: Connection, values: Values) -> int:
    """Store a delivery; return its id."""
    return connection.execute(_INSERT_NOTIFICATION, values).scalar_one()


def add_observation(connection: Connection, values: Values) -> int:
    """Store what was said and decided; return its id."""
    return connection.execute(_INSERT_OBSERVATION, values).scalar_one()


def add_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Store rows of which nothing else needs the ids."""
    connection.execute(_INSERTS[table], rows)


def change_order(connection: Connection, order_id: int, values: Values) -> None:
    """Set columns of an order; the caller holds its lock."""
    connection.execute(_UPDATE_ORDER, {"row_id": order_id, **values})


def change_transaction(connection: Connection, transaction_id: int, values: Values) -> None:
    """Set columns of a gateway transaction; the caller holds its order's lock."""
    connection.execute(_UPDATE_TRANSACTION, {"row_id": transaction_id, **values})


def take_goods(connection: Connection, pieces: Mapping[int, int]) -> None:
    """Let reserved goods leave, pieces by product; the caller holds the products' locks."""
    rows = [{"row_id": product, "pieces": count} for product, count in pieces.items()]
    connection.execute(_TAKE, rows)
