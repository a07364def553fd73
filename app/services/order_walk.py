"""How jobs walk over all orders, a few at a time, round and round, however many processes walk."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from app.db.models import JobPosition, Order
from app.services.desk import Desk


def next_orders(
    desk: Desk, job: str, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[int]:
    """Return the ids of the next orders of this job's walk; fewer than ``limit`` end a round.

    The position is moved in the same transaction: two processes never get the same orders.
    """
    with desk.sessions.begin() as session:
        position = session.get_one(JobPosition, job, with_for_update=True)
        query = select(Order.id).where(Order.id > position.order_id, *conditions)
        ids = list(session.scalars(query.order_by(Order.id).limit(limit)))
        position.order_id = ids[-1] if len(ids) == limit else 0
        return ids
