"""Taking an order out of a person's queue, by a person, with a reason."""

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.db.locks import lock_order
from app.db.models import Actor
from app.services.desk import Desk
from app.services.timeline import Happening, record_event


def resolve_attention(desk: Desk, order_id: int, *, staff_id: int, reason: str) -> None:
    """Clear the order's attention; RefusedError(REASON_MISSING) without a reason."""
    if not reason.strip():
        raise RefusedError(Why.REASON_MISSING)
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        if order.attention is None:
            return
        details = {"attention": order.attention.value, "reason": reason.strip()}
        order.attention = order.attention_text = order.attention_at = None
        record_event(
            session,
            order,
            Happening(Why.ATTENTION_RESOLVED, Actor.STAFF, now, staff_id, details=details),
        )
