"""What waits for a person: each queue as a condition, all of them counted in one question."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, select, union
from sqlalchemy.orm import Session, aliased

from app.core.states import OPEN, AttemptState, NotificationState, RefundState
from app.db.models import Attempt, AttentionCall, Base, Notification, Order, Refund

# The gateways end a page at its deadline, and a look follows within minutes.
LATE_AFTER: Final = timedelta(hours=1)
# A claim is confirmed within seconds; for longer, the gateway or the jobs are in trouble.
UNHEARD_AFTER: Final = timedelta(minutes=5)
_WATCHED: Final = frozenset({AttemptState.CREATING, AttemptState.OPEN, AttemptState.UNKNOWN})


class Stuck(StrEnum):
    """Why an order goes neither forward nor to a person."""

    LATE = "late"  # open although its time is over
    FORGOTTEN = "forgotten"  # a try that nobody looks at any more
    UNHEARD = "unheard"  # a notification that is not confirmed


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much waits in each queue."""

    approvals: int
    attention: int
    unknown: int
    transfers: int
    stuck: int


def in_refund_queue(state: RefundState) -> ColumnElement[bool]:
    """Return which refunds wait in the queue of one state."""
    return Refund.state == state


def is_called() -> ColumnElement[bool]:
    """Return which calls for a person are open."""
    return AttentionCall.closed_at.is_(None)


def is_stuck(now: datetime) -> ColumnElement[bool]:
    """Return which orders are stuck; those that a person is called to already are not.

    Each reason is looked up by itself: joined by "or", they would read every order of the shop.
    """
    return Order.id.in_(union(_late(now), _forgotten(), _unheard(now)))


def why_stuck(
    session: Session, orders: Sequence[Order], now: datetime
) -> Mapping[int, list[Stuck]]:
    """Return the reasons for each of these orders; their attempts must be loaded."""
    unheard = set(session.scalars(_unheard(now)))
    found: defaultdict[int, list[Stuck]] = defaultdict(list)
    for order in orders:
        is_unwatched = order.payment_status in OPEN and order.attention is None
        if is_unwatched and order.expires_at < now - LATE_AFTER:
            found[order.id].append(Stuck.LATE)
        if is_unwatched and any(map(_is_forgotten, order.attempts)):
            found[order.id].append(Stuck.FORGOTTEN)
        if order.id in unheard:
            found[order.id].append(Stuck.UNHEARD)
    return found


def count_queues(session: Session, now: datetime) -> QueueCounts:
    """Count every queue in one statement."""
    row = session.execute(
        select(
            _count(Refund, in_refund_queue(RefundState.AWAITING_APPROVAL)),
            _count(AttentionCall, is_called()),
            _count(Refund, in_refund_queue(RefundState.UNKNOWN)),
            _count(Refund, in_refund_queue(RefundState.TO_TRANSFER)),
            _count(Order, is_stuck(now)),
        )
    ).one()
    return QueueCounts(*row)


def _count(model: type[Base], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(model).where(condition).scalar_subquery()


def _unwatched() -> tuple[type[Order], ColumnElement[bool]]:
    """Return orders of a name of their own, so that no query around takes them for its own."""
    order = aliased(Order)
    return order, and_(order.payment_status.in_(OPEN), order.attention.is_(None))


def _late(now: datetime) -> Select[int]:
    order, unwatched = _unwatched()
    return select(order.id).where(unwatched, order.expires_at < now - LATE_AFTER)


def _forgotten() -> Select[int]:
    order, unwatched = _unwatched()
    return (
        select(order.id)
        .join(Attempt, Attempt.order_id == order.id)
        .where(
            unwatched,
            Attempt.next_check_at.is_(None),
            Attempt.dead.is_(False),
            Attempt.state.in_(_WATCHED),
        )
    )


def _is_forgotten(attempt: Attempt) -> bool:
    is_watched = attempt.state in _WATCHED and not attempt.dead
    return is_watched and attempt.next_check_at is None


def _unheard(now: datetime) -> Select[int | None]:
    return select(Notification.order_id).where(
        Notification.state == NotificationState.AWAITING_CONFIRMATION,
        Notification.received_at < now - UNHEARD_AFTER,
        Notification.order_id.is_not(None),
    )
