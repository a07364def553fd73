"""Reading everything that is recorded of many orders, in one query per table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.states import NotificationState
from app.db.models import (
    Attempt,
    GatewayTransaction,
    LedgerEntry,
    Notification,
    Order,
    OrderEvent,
    OrderItem,
    Refund,
    StockMovement,
)

_Row = TypeVar(
    "_Row", Attempt, GatewayTransaction, LedgerEntry, OrderEvent, OrderItem, Refund, StockMovement
)


@dataclass(frozen=True, slots=True)
class OrderRecords:
    """Everything that is recorded of one order, each list in the order in which it was written.

    ``lost_claims``: notifications that wait to be confirmed and are never due.
    """

    order: Order
    attempts: Sequence[Attempt]
    transactions: Sequence[GatewayTransaction]
    refunds: Sequence[Refund]
    entries: Sequence[LedgerEntry]
    events: Sequence[OrderEvent]
    items: Sequence[OrderItem]
    movements: Sequence[StockMovement]
    lost_claims: Sequence[int]


def load_records(session: Session, order_ids: Sequence[int]) -> list[OrderRecords]:
    """Read these orders with all that belongs to them, by id, in one query per table."""
    orders = session.scalars(select(Order).where(Order.id.in_(order_ids)).order_by(Order.id))
    attempts = _by_order(session, Attempt, Attempt.try_number, order_ids)
    transactions = _by_order(session, GatewayTransaction, GatewayTransaction.id, order_ids)
    refunds = _by_order(session, Refund, Refund.id, order_ids)
    entries = _by_order(session, LedgerEntry, LedgerEntry.seq, order_ids)
    events = _by_order(session, OrderEvent, OrderEvent.seq, order_ids)
    items = _by_order(session, OrderItem, OrderItem.id, order_ids)
    movements = _by_order(session, StockMovement, StockMovement.id, order_ids)
    lost_claims = _lost_claims(session, order_ids)
    return [
        OrderRecords(
            order=order,
            attempts=attempts[order.id],
            transactions=transactions[order.id],
            refunds=refunds[order.id],
            entries=entries[order.id],
            events=events[order.id],
            items=items[order.id],
            movements=movements[order.id],
            lost_claims=lost_claims[order.id],
        )
        for order in orders
    ]


def _by_order(
    session: Session,
    table: type[_Row],
    order_by: InstrumentedAttribute[int],
    order_ids: Sequence[int],
) -> defaultdict[int, list[_Row]]:
    found: defaultdict[int, list[_Row]] = defaultdict(list)
    query = select(table).where(table.order_id.in_(order_ids)).order_by(order_by)
    for row in session.scalars(query):
        found[row.order_id].append(row)
    return found


def _lost_claims(session: Session, order_ids: Sequence[int]) -> defaultdict[int, list[int]]:
    query = select(Notification.order_id, Notification.id).where(
        Notification.order_id.in_(order_ids),
        Notification.state == NotificationState.AWAITING_CONFIRMATION,
        Notification.due_at.is_(None),
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for order_id, notification_id in session.execute(query.order_by(Notification.id)):
        found[order_id or 0].append(notification_id)
    return found
