"""Settling what an order waits for, as a person does who starts at the top."""

from sqlalchemy import select

from app.db.models import AttentionCall, Order
from app.services.attention import resolve_call
from app.services.desk import Desk


def resolve_attention(desk: Desk, order_id: int, *, staff_id: int, reason: str) -> None:
    """Settle the most urgent call of an order; where nobody is called, nothing happens."""
    with desk.reads() as session:
        call_id = session.scalar(
            select(AttentionCall.id)
            .join(AttentionCall.order)
            .where(Order.id == order_id, AttentionCall.code == Order.attention)
            .where(AttentionCall.closed_at.is_(None))
        )
    if call_id is not None:
        resolve_call(desk, call_id, staff_id=staff_id, reason=reason)
