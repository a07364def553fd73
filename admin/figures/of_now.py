"""What is open now, by age, and how well the gateways answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from admin.figures.of_period import OPEN_STATES, Figure, Pairs
from admin.figures.periods import Span
from app.core.states import OPEN, GatewayName, NotificationState
from app.db.models import Attempt, Notification, Order, StatusCheck

# From the youngest: how old at least and at most, as the filters write ages.
_AGES: Final = (("", "1h"), ("1h", "24h"), ("24h", "3d"), ("3d", ""))
_LENGTH: Final = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
}
_GENUINE: Final = (NotificationState.DONE, NotificationState.AWAITING_CONFIRMATION)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Orders without a result of one age; empty: no limit at this side."""

    at_least: str
    at_most: str
    orders: Figure


@dataclass(frozen=True, slots=True)
class Health:
    """How often one gateway was asked in a span, how often it did not answer, and when it last did.

    Times are aware; None: not in this span.
    """

    gateway: GatewayName
    asked: int
    failed: int
    answered_at: datetime | None
    asks: Pairs

    @property
    def failed_asks(self) -> Pairs:
        """The filters that show the questions without an answer."""
        return (*self.asks, ("result", "unanswered"))

    @property
    def share(self) -> float | None:
        """The share of questions without an answer; None where nothing was asked."""
        return self.failed / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class LastHeard:
    """When a gateway's notification last passed its check; None: never."""

    gateway: GatewayName
    at: datetime | None


def read_ageing(session: Session, now: datetime) -> list[Ageing]:
    """Return the open orders by age, in one question."""
    sums: list[Any] = []
    for ages in _AGES:
        of_age = _of_age(*ages, now)
        sums += [
            func.coalesce(func.sum(case((of_age, Order.total_idr), else_=0)), 0),
            func.coalesce(func.sum(case((of_age, 1), else_=0)), 0),
        ]
    row = session.execute(select(*sums).where(Order.payment_status.in_(OPEN))).one()
    return [
        Ageing(*ages, Figure(int(row[2 * i]), int(row[2 * i + 1]), _age_asks(*ages)))
        for i, ages in enumerate(_AGES)
    ]


def read_health(session: Session, span: Span, gateways: Sequence[GatewayName]) -> list[Health]:
    """Return how the gateways answered in a span."""
    failed = func.sum(case((StatusCheck.error.is_not(None), 1), else_=0))
    query = (
        select(Attempt.gateway, func.count(), failed, func.max(StatusCheck.answered_at))
        .join(Attempt, Attempt.id == StatusCheck.attempt_id)
        .where(StatusCheck.asked_at >= span.start, StatusCheck.asked_at < span.end)
        .group_by(Attempt.gateway)
    )
    found = {row[0]: (row[1], int(row[2]), row[3]) for row in session.execute(query)}
    return [
        Health(
            name,
            *found.get(name, (0, 0, None)),
            asks=(("asked.between", span.asked), ("gateway", name.value)),
        )
        for name in gateways
    ]


def read_heard(session: Session, gateways: Sequence[GatewayName]) -> list[LastHeard]:
    """Return when each gateway last sent a message that passed its check."""
    return [LastHeard(name, _last_heard(session, name)) for name in gateways]


def _last_heard(session: Session, gateway: GatewayName) -> datetime | None:
    # One look into the index per state: however many forged ones came since, none is read.
    latest = [
        select(func.max(Notification.id))
        .where(Notification.gateway == gateway, Notification.state == state)
        .scalar_subquery()
        for state in _GENUINE
    ]
    query = select(func.max(Notification.received_at)).where(Notification.id.in_(latest))
    return session.scalar(query)


def _of_age(at_least: str, at_most: str, now: datetime) -> ColumnElement[bool]:
    limits: list[ColumnElement[bool]] = []
    if at_least:
        limits.append(Order.created_at < now - _LENGTH[at_least])
    if at_most:
        limits.append(Order.created_at >= now - _LENGTH[at_most])
    return and_(*limits)


def _age_asks(at_least: str, at_most: str) -> Pairs:
    older = (("created.older", at_least),) if at_least else ()
    newer = (("created.newer", at_most),) if at_most else ()
    return (("status.in", OPEN_STATES), *older, *newer)
