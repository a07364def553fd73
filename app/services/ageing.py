"""Orders without a result, by age."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from app.core.states import OPEN
from app.db.models import Order

# From the youngest: how old at least and at most, as the back office's filters write ages.
AGES: Final = (("", "1h"), ("1h", "24h"), ("24h", "3d"), ("3d", ""))
_LENGTH: Final = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
}


@dataclass(frozen=True, slots=True)
class OpenOfAge:
    """How many orders of one age are open, and their sum; empty: no limit at this side."""

    at_least: str
    at_most: str
    idr: int
    orders: int


def read_open_by_age(session: Session, now: datetime) -> list[OpenOfAge]:
    """Return the open orders by age, in one question."""
    sums: list[Any] = []
    for ages in AGES:
        of_age = _of_age(*ages, now)
        sums += [
            func.coalesce(func.sum(case((of_age, Order.total_idr), else_=0)), 0),
            func.coalesce(func.sum(case((of_age, 1), else_=0)), 0),
        ]
    row = session.execute(select(*sums).where(Order.payment_status.in_(OPEN))).one()
    return [OpenOfAge(*ages, int(row[2 * i]), int(row[2 * i + 1])) for i, ages in enumerate(AGES)]


def _of_age(at_least: str, at_most: str, now: datetime) -> ColumnElement[bool]:
    limits: list[ColumnElement[bool]] = []
    if at_least:
        limits.append(Order.created_at < now - _LENGTH[at_least])
    if at_most:
        limits.append(Order.created_at >= now - _LENGTH[at_most])
    return and_(*limits)
