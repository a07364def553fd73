"""Everything that the page of one order shows, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from admin.timeline import Line, tell_story
from app.core.ledger import Sums, sum_up
from app.core.refunds import UNDER_WAY
from app.core.states import HOLDS_MONEY, OPEN
from app.db.models import (
    Finding,
    LedgerEntry,
    Notification,
    Order,
    OrderEvent,
    Product,
    Refund,
    StatusCheck,
    StockMovement,
    StoredObservation,
)
from app.services.ledger import books_in, load_entries

# An open order is asked about every few minutes for days; the page shows the latest.
_MOST_OBSERVATIONS: Final = 500
_MOST_CHECKS: Final = 50
_MOST_NOTIFICATIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of stock, with the name of what moved."""

    row: StockMovement
    sku: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order with all that is known about it."""

    order: Order
    story: Sequence[Line]
    notifications: Sequence[Notification]
    checks: Sequence[StatusCheck]
    movements: Sequence[Movement]
    entries: Sequence[LedgerEntry]
    findings: Sequence[Finding]

    @property
    def sums(self) -> Sums:
        """What the order's books come to."""
        return sum_up(books_in(self.entries))

    @property
    def frozen(self) -> bool:
        """Tell whether a finding that nobody has released stands in the way of refunds."""
        return any(finding.freezes and finding.released_at is None for finding in self.findings)

    @property
    def left_idr(self) -> int:
        """What could still be refunded: captured less refunded less reserved, in rupiah."""
        return self.order.captured_idr - self.order.refunded_idr - self.order.reserved_idr

    @property
    def next_check_at(self) -> datetime | None:
        """When a job asks the gateway next."""
        times = [a.next_check_at for a in self.order.attempts if a.next_check_at is not None]
        return min(times, default=None)

    @property
    def in_flight(self) -> bool:
        """Tell whether money is on its way, so that the page keeps itself up to date."""
        refunding = any(refund.state in UNDER_WAY for refund in self.order.refunds)
        return refunding or self.order.payment_status in OPEN

    @property
    def is_open(self) -> bool:
        """Whether the order still waits for its payment."""
        return self.order.payment_status in OPEN

    @property
    def holds_money(self) -> bool:
        """Tell whether there is anything that a refund could give back."""
        return self.order.payment_status in HOLDS_MONEY and self.left_idr > 0

    @property
    def obvious_details(self) -> frozenset[str]:
        """What the story need not repeat on every line: the only reference, the only payment."""
        only = {"reference": self.order.attempts, "gateway_transaction_id": self.order.transactions}
        return frozenset(key for key, rows in only.items() if len(rows) <= 1)

    @property
    def method(self) -> str | None:
        """How the shopper paid, or means to pay."""
        return paying_method(self.order)


def paying_method(order: Order) -> str | None:
    """Return the method of the latest try that has one; attempts must be loaded."""
    return next((a.method for a in reversed(order.attempts) if a.method), None)


def load_order(session: Session, number: str) -> Order | None:
    """Return one order with items, attempts, transactions, refunds and events."""
    query = (
        select(Order)
        .where(Order.number == number)
        .options(
            selectinload(Order.items),
            selectinload(Order.attempts),
            selectinload(Order.transactions),
            selectinload(Order.refunds).options(
                joinedload(Refund.requested_by), joinedload(Refund.approved_by)
            ),
            selectinload(Order.events).joinedload(OrderEvent.staff),
            raiseload("*"),
        )
    )
    return session.scalars(query).one_or_none()


def load_page(session: Session, number: str) -> OrderPage | None:
    """Return everything about one order; None if there is none."""
    order = load_order(session, number)
    if order is None:
        return None
    checks = _latest_checks(session, order.id)
    return OrderPage(
        order=order,
        story=tell_story(order.events, _observations(session, order.id), checks),
        notifications=_notifications(session, order.id),
        checks=checks,
        movements=_movements(session, order.id),
        entries=load_entries(session, order),
        findings=_findings(session, order.id),
    )


def _latest_checks(session: Session, order_id: int) -> Sequence[StatusCheck]:
    query = select(StatusCheck).where(StatusCheck.order_id == order_id)
    query = query.options(joinedload(StatusCheck.staff))
    return session.scalars(query.order_by(StatusCheck.id.desc()).limit(_MOST_CHECKS)).all()


def _observations(session: Session, order_id: int) -> Sequence[StoredObservation]:
    query = select(StoredObservation).where(StoredObservation.order_id == order_id)
    query = query.order_by(StoredObservation.id.desc()).limit(_MOST_OBSERVATIONS)
    return list(reversed(session.scalars(query).all()))


def _notifications(session: Session, order_id: int) -> Sequence[Notification]:
    query = select(Notification).where(Notification.order_id == order_id)
    query = query.options(raiseload("*")).order_by(Notification.id.desc())
    return session.scalars(query.limit(_MOST_NOTIFICATIONS)).all()


def _movements(session: Session, order_id: int) -> Sequence[Movement]:
    query = (
        select(StockMovement, Product.sku)
        .join(Product, Product.id == StockMovement.product_id)
        .where(StockMovement.order_id == order_id)
        .order_by(StockMovement.id)
    )
    return [Movement(row, sku) for row, sku in session.execute(query)]


def _findings(session: Session, order_id: int) -> Sequence[Finding]:
    """Return what does not agree now, and what still holds up refunds although it does again."""
    in_the_way = and_(Finding.freezes, Finding.released_at.is_(None))
    query = select(Finding).where(
        Finding.order_id == order_id, or_(Finding.resolved_at.is_(None), in_the_way)
    )
    query = query.options(joinedload(Finding.released_by), raiseload("*"))
    return session.scalars(query.order_by(Finding.id)).all()
