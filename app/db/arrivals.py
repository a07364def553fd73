"""What is read while a notification comes in: Core statements, built once.

Building a statement costs more than running it, and a unit of work costs more than both: see
docs/performance.md. What they read is rows of columns; ``Any``, because those have no type of
their own. What is then written goes by ``writes.py``.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    exists,
    select,
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
    Refund,
    StoredObservation,
)

NOTIFICATIONS: Final = Base.metadata.tables[Notification.__tablename__]
OBSERVATIONS: Final = Base.metadata.tables[StoredObservation.__tablename__]
TRANSACTIONS: Final = Base.metadata.tables[GatewayTransaction.__tablename__]
EVENTS: Final = Base.metadata.tables[OrderEvent.__tablename__]
ENTRIES: Final = Base.metadata.tables[LedgerEntry.__tablename__]
MAILS: Final = Base.metadata.tables[Mail.__tablename__]
_ATTEMPTS: Final = Base.metadata.tables[Attempt.__tablename__]
ORDERS: Final = Base.metadata.tables[Order.__tablename__]
_REFUNDS: Final = Base.metadata.tables[Refund.__tablename__]

_OF_ORDER: Final = bindparam("order_id", type_=Integer)


def earlier_telling(dedupe_key: Any, gateway: Any) -> Select[int]:
    """Return the query for the first notification by which a message was handled, or is being."""
    return (
        select(NOTIFICATIONS.c.id)
        .where(
            NOTIFICATIONS.c.dedupe_key == dedupe_key,
            NOTIFICATIONS.c.gateway == gateway,
            NOTIFICATIONS.c.state != NotificationState.REFUSED,
            NOTIFICATIONS.c.order_id.is_not(None),
            # What the gateway once did not confirm may have become true since.
            NOTIFICATIONS.c.verdict != Why.CLAIM_NOT_CONFIRMED.value,
        )
        # Not by the bare id: its index would offer the order, at the price of reading all messages.
        .order_by(NOTIFICATIONS.c.id + 0)
        .limit(1)
    )


_EARLIER: Final = earlier_telling(
    bindparam("dedupe_key", type_=String),
    bindparam("gateway", type_=NOTIFICATIONS.c.gateway.type),
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
