"""What gateways say about refunds, brought together with the refunds that we asked for."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.facts import TransactionFact
from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, Seen
from app.core.reasons import Why
from app.core.refunds import TAKEN_BACK_STEPS, RefundEvent, move_refund
from app.core.states import Attention, RefundRoute, RefundState
from app.core.transitions import RELEASED
from app.db.models import Actor, Attempt, Order, Refund
from app.services.calls import Call, call_for_attention, end_call
from app.services.timeline import Happening, record_event

_EVENT_OF: Final[Mapping[RefundState, RefundEvent]] = {
    RefundState.ACCEPTED: RefundEvent.ACCEPTED,
    RefundState.SUCCEEDED: RefundEvent.SUCCEEDED,
    RefundState.FAILED: RefundEvent.REFUSED,
}
_TOLD: Final = frozenset(_EVENT_OF)
_GOES_BACK: Final = frozenset({RefundState.ACCEPTED, RefundState.SUCCEEDED})
WHY_OF: Final[Mapping[RefundState, Why]] = {
    RefundState.AWAITING_APPROVAL: Why.REFUND_REQUESTED,
    RefundState.APPROVED: Why.REFUND_REQUESTED,
    RefundState.SENDING: Why.REFUND_SENT,
    RefundState.UNKNOWN: Why.REFUND_UNKNOWN,
    RefundState.ACCEPTED: Why.REFUND_ACCEPTED,
    RefundState.SUCCEEDED: Why.REFUND_SUCCEEDED,
    RefundState.FAILED: Why.REFUND_FAILED,
    RefundState.REJECTED: Why.REFUND_REJECTED,
    RefundState.WITHDRAWN: Why.REFUND_WITHDRAWN,
    RefundState.TO_TRANSFER: Why.REFUND_TO_TRANSFER,
    RefundState.TRANSFERRED: Why.REFUND_TRANSFERRED,
}
FINAL: Final = frozenset(
    {
        RefundState.SUCCEEDED,
        RefundState.FAILED,
        RefundState.REJECTED,
        RefundState.WITHDRAWN,
        RefundState.TRANSFERRED,
    }
)


def learn_refunds(
    session: Session, order: Order, attempt: Attempt, observation: Observation, now: datetime
) -> None:
    """Bring every refund that the gateway lists into our rows; made elsewhere ones are added."""
    paid_by = observation.gateway_transaction_id
    for listed in observation.refunds:
        ours = _find(session, order, paid_by, listed)
        if ours is not None:
            if settle_refund(order, ours, listed, now):
                record_event(session, order, _happening(ours, now))
        elif listed.state is not RefundState.FAILED:
            _add_outside(session, order, attempt, paid_by, listed, now)


def settle_refund(order: Order, refund: Refund, listed: ObservedRefund, now: datetime) -> bool:
    """Move one refund to what the gateway says of it; False where that is nothing new."""
    refund.provider_refund_id = listed.provider_refund_id or refund.provider_refund_id
    refund.bank_confirmed_at = listed.bank_confirmed_at or refund.bank_confirmed_at
    event, before = _EVENT_OF.get(listed.state), refund.state
    # A word of the gateway that we do not know says nothing: least of all that it failed.
    if event is None or not move_row(refund, event):
        if refund.state in RELEASED and listed.state in _GOES_BACK:
            # Given up here, and yet the gateway pays it.
            _call(order, Attention.DRIFT, Why.REFUND_CONTRADICTED, now)
        return False
    refund.provider_code = listed.failure_code[:60] or refund.provider_code
    if refund.state in FINAL:
        refund.finished_at = now
        refund.next_check_at = None
    call_about_refund(order, refund, before, now)
    return True


def call_about_refund(order: Order, refund: Refund, before: RefundState, now: datetime) -> None:
    """Call a person where a refund did not come to pass, or is told otherwise than before.

    That the outcome is known at last ends the call that it was not.
    """
    if refund.state in _TOLD:
        end_call(order, Attention.REFUND_UNKNOWN, now)
    if (before, refund.state) in TAKEN_BACK_STEPS:
        _call(order, Attention.DRIFT, Why.REFUND_CONTRADICTED, now)
    elif refund.state is RefundState.FAILED:
        _call(order, Attention.REFUND_FAILED, Why.REFUND_FAILED, now)


def _call(order: Order, attention: Attention, why: Why, now: datetime) -> None:
    call_for_attention(order, Call(attention, why), now)


def move_row(refund: Refund, event: RefundEvent) -> bool:
    """Move a refund by one event; False, and nothing changed, where its state does not allow it."""
    reached = move_refund(refund.state, event)
    if reached is None:
        return False
    refund.state = reached
    return True


def record_missing_refunds(
    session: Session, order: Order, attempt: Attempt, transaction: TransactionFact, now: datetime
) -> bool:
    """Add a refund for money that went back without any refund being listed for it; True if added.

    A capture cancelled in the dashboard, or a full refund whose list was left out of the answer.
    """
    is_returned = transaction.stage is Seen.REFUNDED or (
        transaction.stage is Seen.CANCELLED and transaction.ever_paid
    )
    if not is_returned or not transaction.confirmed:
        return False
    known = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_idr), 0)).where(
            Refund.order_id == order.id,
            Refund.gateway_transaction_id == transaction.gateway_transaction_id,
            Refund.state.not_in(RELEASED),
        )
    )
    missing = transaction.amount_idr - (known or 0)
    if missing <= 0:
        return False
    # No gateway names it, and there may be more than one: a number of our own does.
    name = f"missing-{next_number(session, order)}"
    listed = ObservedRefund(Rupiah(missing), RefundState.SUCCEEDED, key=name)
    _add_outside(session, order, attempt, transaction.gateway_transaction_id, listed, now)
    return True


def _find(
    session: Session, order: Order, paid_by: str | None, listed: ObservedRefund
) -> Refund | None:
    mine = session.scalars(select(Refund).where(Refund.order_id == order.id)).all()
    for refund in mine:
        if refund.key in {listed.key, _outside_key(order, paid_by, listed)}:
            return refund
    for refund in mine:
        if (
            listed.provider_refund_id is not None
            and refund.provider_refund_id == listed.provider_refund_id
        ):
            return refund
    return None


def _add_outside(
    session: Session,
    order: Order,
    attempt: Attempt,
    paid_by: str | None,
    listed: ObservedRefund,
    now: datetime,
) -> None:
    refund = Refund(
        order_id=order.id,
        number=next_number(session, order),
        key=_outside_key(order, paid_by, listed),
        gateway=attempt.gateway,
        gateway_transaction_id=paid_by,
        attempt_id=attempt.id,
        amount_idr=listed.amount_idr,
        route=RefundRoute.OUTSIDE,
        state=listed.state,
        reason="",
        provider_refund_id=listed.provider_refund_id,
        bank_confirmed_at=listed.bank_confirmed_at,
        requested_at=now,
        finished_at=now if listed.state in FINAL else None,
        # A refund under way at the gateway is followed like one of ours.
        next_check_at=None if listed.state in FINAL else now + timedelta(minutes=1),
    )
    session.add(refund)
    session.flush()
    record_event(session, order, _happening(refund, now))


def _outside_key(order: Order, paid_by: str | None, listed: ObservedRefund) -> str:
    """Name a refund made elsewhere, once per payment; ``paid_by`` is the gateway's id of that.

    Its own key may be anything, also one that was used for another payment of the same order.
    """
    name = listed.key or listed.provider_refund_id or "unnamed"
    mark = hashlib.sha256(f"{paid_by}/{name}".encode()).hexdigest()[:12]
    return f"outside-{order.number}-{mark}-{name}"[:80]


def _happening(refund: Refund, now: datetime) -> Happening:
    outside = refund.route is RefundRoute.OUTSIDE
    return Happening(
        why=Why.REFUND_OUTSIDE if outside else WHY_OF[refund.state],
        actor=Actor.GATEWAY,
        at=now,
        details=refund_details(refund),
    )


def refund_details(refund: Refund) -> dict[str, object]:
    """Return what the timeline tells of a refund."""
    return {
        "refund_number": refund.number,
        "refund_key": refund.key,
        "amount_idr": refund.amount_idr,
        "route": refund.route.value,
        "state": refund.state.value,
    }


def next_number(session: Session, order: Order) -> int:
    """Return the next human number of a refund within its order."""
    last = session.scalar(select(func.max(Refund.number)).where(Refund.order_id == order.id))
    return (last or 0) + 1
