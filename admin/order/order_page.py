"""Everything that the page of one order shows, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from admin.order.next_checks import attempt_check_words, is_late
from admin.order.situation import Answer, Known, answer_for
from admin.order.story import Story, load_story
from app.core.ledger import Sums, sum_up
from app.core.refunds import UNDER_WAY
from app.core.states import HOLDS_MONEY, OPEN, GatewayName
from app.db.models import (
    Attempt,
    AttentionCall,
    Finding,
    LedgerEntry,
    Notification,
    Order,
    OrderNote,
    Product,
    Refund,
    StatusCheck,
    StockMovement,
    StoredObservation,
)
from app.services.attention import is_held
from app.services.ledger import books_in, load_entries
from app.services.notes import notes_of
from app.services.paying_method import paying_method

# An open order is asked about every few minutes for days; the page shows the latest.
_MOST_CHECKS: Final = 50
_MOST_NOTIFICATIONS: Final = 50
_MOST_NOTES: Final = 100


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of stock, with the name of what moved."""

    row: StockMovement
    sku: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order with all that is known about it."""

    order: Order
    story: Story
    notifications: Sequence[Notification]
    checks: Sequence[StatusCheck]
    movements: Sequence[Movement]
    entries: Sequence[LedgerEntry]
    findings: Sequence[Finding]
    notes: Sequence[OrderNote]
    last_heard: Any
    now: datetime

    @property
    def answer(self) -> Answer:
        """Where the order stands, why, and what is next, in sentences."""
        return answer_for(
            Known(
                order=self.order,
                checks=self.checks,
                notifications=self.notifications,
                last_heard=self.last_heard,
                is_frozen=self.frozen,
                now=self.now,
            )
        )

    @property
    def version(self) -> str:
        """Name what the page shows: it changes when something happened, not when time goes by."""
        rows = (self.last_heard, *self.checks[:1], *self.notifications[:1], *self.notes[:1])
        newest = self.story.lines[0].key if self.story.lines else ""
        held = [str(call.claimed_by_id or 0) for call in self.order.calls]
        return "-".join([newest, *held, *(str(row.id) if row is not None else "0" for row in rows)])

    def is_held(self, call: AttentionCall) -> bool:
        """Tell whether somebody works on one of the order's open calls."""
        return is_held(call, self.now)

    @property
    def jobs_are_late(self) -> bool:
        """Tell whether a check is due for so long that the jobs may not be running."""
        return is_late(self.order, self.now)

    def check_of(self, attempt: Attempt) -> str:
        """Say when a job asks about one attempt next, or why none does."""
        return attempt_check_words(attempt, self.order, self.now)

    @property
    def fees_are_known(self) -> bool:
        """Tell whether the gateway has told what it keeps of every payment that counts."""
        paid = [t for t in self.order.transactions if t.ever_paid]
        return bool(paid) and all(t.fee_idr is not None for t in paid)

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
    def in_flight(self) -> bool:
        """Tell whether money is on its way, so that the page keeps itself up to date."""
        refunding = any(refund.state in UNDER_WAY for refund in self.order.refunds)
        return refunding or self.order.payment_status in OPEN

    @property
    def is_open(self) -> bool:
        """Whether the order still waits for its payment."""
        return self.order.payment_status in OPEN

    @property
    def may_hide_payments(self) -> bool:
        """Whether Midtrans may hold a payment that it tells of by the payment's own id only."""
        return any(a.gateway is GatewayName.MIDTRANS for a in self.order.attempts)

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


def load_order(session: Session, number: str) -> Order | None:
    """Return one order with items, attempts, transactions and refunds."""
    query = (
        select(Order)
        .where(Order.number == number)
        .options(
            selectinload(Order.items),
            selectinload(Order.attempts),
            selectinload(Order.transactions),
            selectinload(Order.calls).joinedload(AttentionCall.claimed_by),
            selectinload(Order.refunds).options(
                joinedload(Refund.requested_by), joinedload(Refund.approved_by)
            ),
            raiseload("*"),
        )
    )
    return session.scalars(query).one_or_none()


def load_page(
    session: Session, number: str, now: datetime, before: int | None = None
) -> OrderPage | None:
    """Return everything about one order; None if there is none.

    ``before``: the story continues before the event with this number.
    """
    order = load_order(session, number)
    if order is None:
        return None
    return OrderPage(
        order=order,
        story=load_story(session, order.id, before),
        notifications=_notifications(session, order.id),
        checks=_latest_checks(session, order.id),
        movements=_movements(session, order.id),
        entries=load_entries(session, order),
        findings=_findings(session, order.id),
        notes=notes_of(session, order.id, _MOST_NOTES),
        last_heard=_last_heard(session, order.id),
        now=now,
    )


def _latest_checks(session: Session, order_id: int) -> Sequence[StatusCheck]:
    query = select(StatusCheck).where(StatusCheck.order_id == order_id)
    query = query.options(joinedload(StatusCheck.staff))
    return session.scalars(query.order_by(StatusCheck.id.desc()).limit(_MOST_CHECKS)).all()


def _last_heard(session: Session, order_id: int) -> Any:
    """Return what a gateway said last about the order, from any door; None if nothing."""
    seen = StoredObservation
    columns = (seen.id, seen.recorded_at, seen.source, seen.gateway, seen.raw_status, seen.why)
    query = select(*columns).where(seen.order_id == order_id)
    return session.execute(query.order_by(seen.id.desc()).limit(1)).one_or_none()


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
