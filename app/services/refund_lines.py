"""The lines of an order and what refunds have said about each."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.refund_lines import Line, Sold
from app.core.transitions import RELEASED
from app.db.models import OrderItem, Refund, RefundItem


def read_sold(session: Session, order_id: int) -> list[Sold]:
    """Return the lines of an order with the pieces that refunds pay back or have reserved."""
    returned = (
        select(func.coalesce(func.sum(RefundItem.quantity), 0))
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(RefundItem.order_item_id == OrderItem.id, Refund.state.not_in(RELEASED))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            OrderItem.id,
            OrderItem.unit_price_idr,
            OrderItem.quantity,
            returned,
            OrderItem.restocked,
        )
        .where(OrderItem.order_id == order_id)
        .order_by(OrderItem.id)
    )
    return [Sold(row[0], row[1], row[2], int(row[3]), row[4]) for row in rows]


def lines_of(refund: Refund) -> tuple[Line, ...]:
    """Return the pieces that a refund is about; none for a refund by amount."""
    return tuple(Line(item.order_item_id, item.quantity) for item in refund.items)
