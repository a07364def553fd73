"""Putting refunded goods back in stock: a choice of its own, once for each piece."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.refund_lines import may_come_back
from app.core.states import StockState
from app.core.transitions import RETURNED
from app.db.locks import lock_refund
from app.db.models import Order, Refund
from app.services.desk import Desk
from app.services.refund_lines import read_sold
from app.services.refund_writing import staff_happening
from app.services.stock import restock_goods
from app.services.timeline import record_event


def restock_refund(
    desk: Desk, refund_id: int, *, staff_id: int, pieces: Mapping[int, int] | None = None
) -> None:
    """Put pieces of each line (by ``order_items.id``) back in stock; None: all that may come back.

    RefusedError: WRONG_REFUND_STATE unless the refund has succeeded and the goods had left;
    RESTOCKED_ALREADY where more is asked for than may still come back.
    """
    now = desk.clock()
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        if refund.state not in RETURNED or order.stock_state is not StockState.TAKEN:
            raise RefusedError(Why.WRONG_REFUND_STATE)
        allowed = restockable(session, refund)
        wanted = _everything(order, refund, allowed) if pieces is None else pieces
        chosen = {item: count for item, count in wanted.items() if count}
        if not chosen or any(not 0 < n <= allowed.get(item, 0) for item, n in chosen.items()):
            raise RefusedError(Why.RESTOCKED_ALREADY)
        _put_back(session, order, refund, chosen, now)
        record_event(session, order, staff_happening(refund, Why.RESTOCKED, staff_id, now))


def _everything(order: Order, refund: Refund, allowed: Mapping[int, int]) -> Mapping[int, int]:
    """Return all that the refund is about; of a part by amount only a person knows it."""
    if not refund.items and order.refunded_idr != order.captured_idr:
        raise RefusedError(Why.WRONG_REFUND_STATE)
    return allowed


def restockable(session: Session, refund: Refund) -> dict[int, int]:
    """Return the pieces of each line that may still be put back because of this refund."""
    lines = {item.order_item_id: item.quantity - item.restocked for item in refund.items}
    return may_come_back(read_sold(session, refund.order_id), lines)


def _put_back(
    session: Session, order: Order, refund: Refund, chosen: Mapping[int, int], now: datetime
) -> None:
    for line in refund.items:
        line.restocked += chosen.get(line.order_item_id, 0)
    restock_goods(session, order, chosen, now)
