"""What a shopper may see of an order, read from the database only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.core.errors import NotFoundError
from app.core.facts import WAITING, OrderFacts, is_closed, of_attempt
from app.core.observations import Seen
from app.core.refund_progress import Arrival, RefundStep, refund_step, usual_arrival
from app.core.states import (
    OPEN,
    UNPAID_CLOSED,
    AttemptState,
    NotificationState,
    PaymentStatus,
    RefundRoute,
    RefundState,
)
from app.core.transitions import RELEASED, RETURNED
from app.db.models import Attempt, Notification, Order, Refund, StoredObservation
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.paying_method import paying_method

_MONEY_ON_ITS_WAY: Final = frozenset({Seen.AUTHORIZED, Seen.IN_REVIEW, Seen.CAPTURED, Seen.PAID})


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund for its shopper; ``method`` is where the money goes, None for a bank transfer."""

    number: int
    amount_idr: int
    step: RefundStep
    method: str | None
    arrival: Arrival
    requested_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order for its shopper; ``attempt`` is the latest try, which need not be the paid one."""

    order: Order
    attempt: Attempt
    method: str | None
    confirming: bool
    declined: bool
    can_continue: bool
    can_retry: bool
    refund_pending_idr: int
    refunds: tuple[RefundView, ...]
    final: bool

    @property
    def page_url(self) -> str | None:
        """The address of the payment page that is still open, if any."""
        return self.attempt.page_url if self.can_continue else None


def read_order(desk: Desk, public_id: str) -> OrderView:
    """Return the order by its unguessable id; NotFoundError if there is none."""
    with desk.reads() as session:
        order = session.scalars(
            select(Order)
            .where(Order.public_id == public_id)
            .options(
                selectinload(Order.items),
                selectinload(Order.attempts),
                selectinload(Order.transactions),
                selectinload(Order.refunds),
            )
        ).one_or_none()
        if order is None:
            raise NotFoundError("order")
        return _view(desk, session, order)


def _view(desk: Desk, session: Session, order: Order) -> OrderView:
    facts = load_facts(session, order)
    attempt = order.attempts[-1]
    is_open = not is_closed(facts, facts.attempts[-1]) and attempt.expires_at > desk.clock()
    pending = order.payment_status is PaymentStatus.PENDING
    refund_pending = _refund_pending(order)
    return OrderView(
        order=order,
        attempt=attempt,
        method=paying_method(order) if order.payment_gateway_transaction_id else attempt.method,
        confirming=_is_confirming(session, order),
        declined=pending and _last_was_declined(facts),
        can_continue=pending and is_open and attempt.state is AttemptState.OPEN,
        can_retry=pending or order.payment_status in UNPAID_CLOSED,
        refund_pending_idr=refund_pending,
        refunds=_refunds(order),
        final=order.payment_status not in OPEN and refund_pending == 0,
    )


def _is_confirming(session: Session, order: Order) -> bool:
    """Tell whether a message that money is on its way waits for the gateway's confirmation.

    A message that the shopper only chose a bank must not say "do not pay twice" to somebody who
    has not paid once.
    """
    if order.payment_status not in OPEN:
        return False
    query = (
        select(Notification.id)
        .join(StoredObservation, StoredObservation.notification_id == Notification.id)
        .where(
            Notification.order_id == order.id,
            Notification.state == NotificationState.AWAITING_CONFIRMATION,
            StoredObservation.seen.in_(_MONEY_ON_ITS_WAY),
        )
    )
    return session.scalar(query.limit(1)) is not None


def _last_was_declined(facts: OrderFacts) -> bool:
    stages = {t.stage for t in of_attempt(facts, facts.attempts[-1].reference)}
    return bool(stages & {Seen.DENIED, Seen.FAILED}) and not stages & WAITING


def _refund_pending(order: Order) -> int:
    """Sum what is on its way back; a request that still needs approval is not yet on its way."""
    quiet = RETURNED | RELEASED | {RefundState.AWAITING_APPROVAL}
    return sum(refund.amount_idr for refund in order.refunds if refund.state not in quiet)


def _refunds(order: Order) -> tuple[RefundView, ...]:
    """List the refunds that concern the shopper; what another goes on from is not told twice."""
    replaced = {refund.replaces_id for refund in order.refunds}
    paid_by = {attempt.id: attempt.method for attempt in order.attempts}
    views = (
        _refund(refund, paid_by[refund.attempt_id])
        for refund in order.refunds
        if refund.id not in replaced
    )
    return tuple(view for view in views if view is not None)


def _refund(refund: Refund, method: str | None) -> RefundView | None:
    step = refund_step(refund.state)
    if step is None:
        return None
    return RefundView(
        number=refund.number,
        amount_idr=refund.amount_idr,
        step=step,
        method=None if refund.route is RefundRoute.MANUAL else method,
        arrival=usual_arrival(refund.route, method),
        requested_at=refund.requested_at,
        sent_at=refund.sent_at,
        finished_at=refund.finished_at,
    )
