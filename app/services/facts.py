"""From rows to facts and back: what decisions read, and where their results are kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.facts import AttemptFact, OrderFacts, RefundFact, TransactionFact
from app.core.money import Rupiah
from app.core.reconciliation import next_look
from app.core.states import AttemptState, Attention
from app.core.transitions import Summary, settle_status
from app.db.models import Attempt, GatewayTransaction, Order, Refund


def load_facts(session: Session, order: Order) -> OrderFacts:
    """Read everything that decisions about this order rest on; the caller holds its lock."""
    attempts = session.scalars(
        select(Attempt).where(Attempt.order_id == order.id).order_by(Attempt.try_number)
    )
    transactions = session.scalars(
        select(GatewayTransaction).where(GatewayTransaction.order_id == order.id)
    )
    by_id = {attempt.id: attempt for attempt in attempts}
    return OrderFacts(
        status=order.payment_status,
        total_idr=Rupiah(order.total_idr),
        attempts=tuple(attempt_fact(row) for row in by_id.values()),
        transactions=tuple(
            transaction_fact(row, by_id[row.attempt_id].reference) for row in transactions
        ),
        refunds=load_refunds(session, order),
    )


def load_refunds(session: Session, order: Order) -> tuple[RefundFact, ...]:
    """Read the order's refunds as facts."""
    rows = session.scalars(select(Refund).where(Refund.order_id == order.id))
    return tuple(
        RefundFact(r.key, r.gateway_transaction_id, Rupiah(r.amount_idr), r.state) for r in rows
    )


def attempt_fact(row: Attempt) -> AttemptFact:
    """Return what is known of an attempt, from its row."""
    rejected = row.state is AttemptState.REJECTED
    return AttemptFact(row.reference, row.gateway, row.expires_at, row.dead, rejected)


def transaction_fact(row: GatewayTransaction, reference: str) -> TransactionFact:
    """Return what is known of a gateway transaction, from its row and its attempt's reference."""
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
    )


def store_transaction(session: Session, attempt: Attempt, fact: TransactionFact) -> TransactionFact:
    """Keep what is now known of one gateway transaction; the fact as its row now tells it."""
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
    row.as_of = fact.as_of
    session.flush()
    return transaction_fact(row, attempt.reference)


def store_summary(order: Order, summary: Summary, now: datetime) -> None:
    """Keep the sums and the winner that follow from the facts; the state is set by its edge."""
    order.captured_idr = summary.captured_idr
    order.refunded_idr = summary.refunded_idr
    order.reserved_idr = summary.reserved_idr
    order.payment_gateway_transaction_id = summary.winner
    order.updated_at = now


def summarise(session: Session, order: Order) -> Summary:
    """Fold the order's rows into its state and sums."""
    session.flush()
    return settle_status(load_facts(session, order))


def reschedule(facts: OrderFacts, attempt: Attempt, now: datetime) -> bool:
    """Set when to ask about this attempt next; False if watching ended without an answer."""
    look = next_look(facts, attempt.reference, attempt.created_at, now)
    attempt.next_check_at = look.at
    return not look.ended


@dataclass(frozen=True, slots=True)
class Call:
    """A person's attention: the code of the queue and the words for whoever takes it up."""

    attention: Attention
    text: str


def call_for_attention(order: Order, call: Call, now: datetime) -> bool:
    """Put the order in a person's queue; False if it waits there already, for an older reason."""
    if order.attention is not None:
        return False
    order.attention = call.attention
    order.attention_text = call.text
    order.attention_at = now
    return True
