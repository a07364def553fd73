"""From rows to facts and back: what decisions read, and where their results are kept."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from app.core.facts import AttemptFact, OrderFacts, RefundFact, TransactionFact
from app.core.ledger import Sums
from app.core.money import Rupiah
from app.core.observations import Instrument
from app.core.reconciliation import next_look
from app.core.states import AttemptState
from app.db.models import Attempt, GatewayTransaction, Order, Refund

_Row = TypeVar("_Row", Attempt, GatewayTransaction, Refund)
# Built once: every decision reads the facts several times, and building costs more than running.
_OF_ORDER: Final = bindparam("order_id", type_=Integer)
_ATTEMPTS: Final = select(Attempt).where(Attempt.order_id == _OF_ORDER).order_by(Attempt.try_number)
_TRANSACTIONS: Final = select(GatewayTransaction).where(GatewayTransaction.order_id == _OF_ORDER)
_REFUNDS: Final = select(Refund).where(Refund.order_id == _OF_ORDER)


def load_facts(session: Session, order: Order) -> OrderFacts:
    """Read everything that decisions about this order rest on; the caller holds its lock."""
    of_order = {"order_id": order.id}
    attempts = session.scalars(_ATTEMPTS, of_order).all()
    transactions = session.scalars(_TRANSACTIONS, of_order).all()
    refunds = session.scalars(_REFUNDS, of_order).all()
    return facts_of(order, attempts, transactions, refunds)


def load_facts_of_all(session: Session, orders: Sequence[Order]) -> dict[int, OrderFacts]:
    """Read the facts of many orders in three statements, for who asks and changes nothing."""
    ids = [order.id for order in orders]
    tries = select(Attempt).where(Attempt.order_id.in_(ids)).order_by(Attempt.try_number)
    payments = select(GatewayTransaction).where(GatewayTransaction.order_id.in_(ids))
    attempts = _by_order(session.scalars(tries))
    transactions = _by_order(session.scalars(payments))
    refunds = _by_order(session.scalars(select(Refund).where(Refund.order_id.in_(ids))))
    return {
        one.id: facts_of(one, attempts[one.id], transactions[one.id], refunds[one.id])
        for one in orders
    }


def _by_order(rows: Iterable[_Row]) -> defaultdict[int, list[_Row]]:
    found: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def facts_of(
    order: Order,
    attempts: Sequence[Attempt],
    transactions: Iterable[GatewayTransaction],
    refunds: Iterable[Refund],
) -> OrderFacts:
    """Return the facts that these rows of one order tell; attempts in the order they were made."""
    references = {attempt.id: attempt.reference for attempt in attempts}
    return OrderFacts(
        status=order.payment_status,
        total_idr=Rupiah(order.total_idr),
        attempts=tuple(attempt_fact(row) for row in attempts),
        transactions=tuple(_transaction(row, references[row.attempt_id]) for row in transactions),
        refunds=tuple(refund_fact(row) for row in refunds),
        cancel_asked=order.cancel_asked_at is not None,
    )


def load_refunds(session: Session, order: Order) -> tuple[RefundFact, ...]:
    """Read the order's refunds as facts."""
    rows = session.scalars(_REFUNDS, {"order_id": order.id})
    return tuple(refund_fact(row) for row in rows)


def refund_fact(row: Refund) -> RefundFact:
    """Return what is known of a refund, from its row."""
    amount_idr = Rupiah(row.amount_idr)
    return RefundFact(row.key, row.gateway_transaction_id, amount_idr, row.state, row.route)


def attempt_fact(row: Attempt) -> AttemptFact:
    """Return what is known of an attempt, from its row."""
    rejected = row.state is AttemptState.REJECTED
    return AttemptFact(row.reference, row.gateway, row.expires_at, row.dead, rejected)


def _transaction(row: GatewayTransaction, reference: str) -> TransactionFact:
    return TransactionFact(
        gateway_transaction_id=row.gateway_transaction_id,
        reference=reference,
        stage=row.stage,
        amount_idr=Rupiah(row.amount_idr),
        ever_paid=row.ever_paid,
        confirmed=row.confirmed,
        as_of=row.as_of,
        method=row.method,
        paid_at=row.paid_at,
        fee_idr=None if row.fee_idr is None else Rupiah(row.fee_idr),
        instrument=_instrument(row),
    )


def _instrument(row: GatewayTransaction) -> Instrument | None:
    found = Instrument(row.acquirer, row.issuer, row.off_us)
    return None if found == Instrument() else found


def store_transaction(session: Session, attempt: Attempt, fact: TransactionFact) -> None:
    """Keep what is now known of one gateway transaction."""
    row = session.scalars(
        select(GatewayTransaction).where(
            GatewayTransaction.attempt_id == attempt.id,
            GatewayTransaction.gateway_transaction_id == fact.gateway_transaction_id,
        )
    ).one_or_none()
    if row is None:
        row = GatewayTransaction(
            order_id=attempt.order_id,
            attempt_id=attempt.id,
            gateway=attempt.gateway,
            gateway_transaction_id=fact.gateway_transaction_id,
        )
        session.add(row)
    row.stage = fact.stage
    row.amount_idr = fact.amount_idr
    row.ever_paid = fact.ever_paid
    row.confirmed = fact.confirmed
    row.method = fact.method
    row.paid_at = fact.paid_at
    row.fee_idr = fact.fee_idr
    row.as_of = fact.as_of
    instrument = fact.instrument or Instrument()
    row.acquirer, row.issuer = instrument.acquirer, instrument.issuer
    row.off_us = instrument.off_us
    session.flush()


def store_sums(order: Order, sums: Sums, winner: str | None, now: datetime) -> None:
    """Keep what the books come to and which payment pays; the state is set by its edge."""
    order.captured_idr = sums.captured_idr
    order.refunded_idr = sums.refunded_idr
    order.reserved_idr = sums.reserved_idr
    order.payment_gateway_transaction_id = winner
    order.updated_at = now


def reschedule(facts: OrderFacts, attempt: Attempt, now: datetime) -> bool:
    """Set when to ask about this attempt next; False if watching ended without an answer."""
    look = next_look(facts, attempt.reference, attempt.created_at, now)
    attempt.next_check_at = look.at
    return not look.ended
