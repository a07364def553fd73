"""What is known of an order, as values: the input of every decision.

Facts only grow. Merging an observation into a transaction is commutative, associative and
idempotent, so that late, repeated and reordered messages end in the same facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.core.money import NO_MONEY, Rupiah
from app.core.observations import Evidence, Instrument, Observation, Seen
from app.core.states import GatewayName, PaymentStatus, RefundRoute, RefundState

# A transaction is where the highest-ranked thing said about it puts it. The order of the ranks is
# the order in which the providers' life cycles run (Midtrans docs "Transaction status cycle";
# Xendit docs, invoice states): nothing later can be followed by something earlier, except that
# money may still arrive after an expiry, that a capture can be voided before it settles, and that
# a settlement can be taken back (deny).
RANK: Final[Mapping[Seen, int]] = {
    Seen.PENDING: 10,
    Seen.AUTHORIZED: 15,
    Seen.IN_REVIEW: 20,
    Seen.FAILED: 25,
    Seen.EXPIRED: 30,
    Seen.CAPTURED: 40,
    Seen.CANCELLED: 50,
    Seen.PAID: 60,
    Seen.DENIED: 70,
    Seen.PARTIALLY_REFUNDED: 80,
    Seen.REFUNDED: 90,
    Seen.PARTIALLY_CHARGED_BACK: 100,
    Seen.CHARGED_BACK: 110,
}
WAITING: Final = frozenset({Seen.PENDING, Seen.AUTHORIZED, Seen.IN_REVIEW})
MONEY_SEEN: Final = frozenset(
    {
        Seen.CAPTURED,
        Seen.PAID,
        Seen.PARTIALLY_REFUNDED,
        Seen.REFUNDED,
        Seen.PARTIALLY_CHARGED_BACK,
        Seen.CHARGED_BACK,
    }
)
# The gateway's own word that nothing was paid and nothing will be.
UNPAID_ENDS: Final = frozenset({Seen.EXPIRED, Seen.CANCELLED})
TAKEN_BACK: Final = frozenset({Seen.DENIED, Seen.FAILED})
# A void counts as a refund of the whole payment.
WHOLLY_RETURNED: Final = frozenset({Seen.REFUNDED, Seen.CANCELLED})
CARD: Final = "credit_card"
# The clocks of gateway and desk differ, and Midtrans expires in batches.
EXPIRY_GRACE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class TransactionFact:
    """What is known of one gateway transaction.

    ``confirmed``: the gateway itself told us of it and, if it was paid, of the payment.
    ``fee_idr``: what the gateway keeps of it, where the gateway tells.
    """

    gateway_transaction_id: str
    reference: str
    stage: Seen
    amount_idr: Rupiah
    ever_paid: bool
    confirmed: bool
    as_of: datetime
    method: str | None = None
    paid_at: datetime | None = None
    fee_idr: Rupiah | None = None
    instrument: Instrument | None = None


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """What is known of one try at one gateway.

    ``dead``: its payment page can no longer be used; ``rejected``: the gateway never opened one.
    """

    reference: str
    gateway: GatewayName
    expires_at: datetime
    dead: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class RefundFact:
    """What is known of one refund."""

    key: str
    gateway_transaction_id: str | None
    amount_idr: Rupiah
    state: RefundState
    route: RefundRoute = RefundRoute.REFUND


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything a decision about an order rests on; attempts in the order they were made.

    ``cancel_asked``: a person wants the order ended unpaid.
    """

    status: PaymentStatus
    total_idr: Rupiah
    attempts: tuple[AttemptFact, ...]
    transactions: tuple[TransactionFact, ...] = ()
    refunds: tuple[RefundFact, ...] = ()
    cancel_asked: bool = False

    def transaction(self, gateway_transaction_id: str | None) -> TransactionFact | None:
        """Return the known transaction with this id, if any."""
        for known in self.transactions:
            if known.gateway_transaction_id == gateway_transaction_id:
                return known
        return None

    def attempt(self, reference: str) -> AttemptFact | None:
        """Return the attempt with this reference, if any."""
        for known in self.attempts:
            if known.reference == reference:
                return known
        return None


def merge_transaction(
    known: TransactionFact | None, observation: Observation, evidence: Evidence
) -> TransactionFact | None:
    """Return the transaction after hearing the observation; None if it names no transaction."""
    if observation.gateway_transaction_id is None or observation.seen not in RANK:
        return known
    heard = _heard(observation, evidence)
    if known is None:
        return heard
    newer, older = (heard, known) if RANK[heard.stage] > RANK[known.stage] else (known, heard)
    return replace(
        newer,
        ever_paid=known.ever_paid or heard.ever_paid,
        # A payment that only a message told of is not confirmed by an answer from before it.
        confirmed=newer.confirmed or (older.confirmed and older.ever_paid >= newer.ever_paid),
        as_of=max(known.as_of, heard.as_of),
        method=_method(known, heard),
        paid_at=_paid_at(known, heard),
        fee_idr=_fee_idr(known, heard),
        instrument=_instrument(known, heard),
    )


def contradicts(facts: OrderFacts, observation: Observation) -> bool:
    """Tell a gateway that takes back what it said from an answer that was merely slow.

    Asked later, it says of one transaction what its own life cycle does not allow, and money is at
    stake: such an answer is not learnt, because either of the two may be the wrong one.
    """
    known = facts.transaction(observation.gateway_transaction_id)
    if known is None or not known.confirmed or observation.observed_at <= known.as_of:
        return False
    if observation.seen not in RANK:
        return False
    if known.stage in UNPAID_ENDS and not known.ever_paid and observation.seen is Seen.DENIED:
        return True
    about_money = known.stage in MONEY_SEEN or observation.seen in MONEY_SEEN
    return about_money and RANK[observation.seen] < RANK[known.stage]


def _by_weight(
    known: TransactionFact, heard: TransactionFact
) -> tuple[TransactionFact, TransactionFact]:
    """Return the weaker and the stronger: by confirmation, then by payment, then by age.

    A shopper may pick one bank after another on an invoice and then pay with something else.
    """
    weaker, stronger = sorted(
        (known, heard), key=lambda said: (said.confirmed, said.ever_paid, said.as_of)
    )
    return weaker, stronger


def _method(known: TransactionFact, heard: TransactionFact) -> str | None:
    weaker, stronger = _by_weight(known, heard)
    return stronger.method or weaker.method


def _instrument(known: TransactionFact, heard: TransactionFact) -> Instrument | None:
    weaker, stronger = _by_weight(known, heard)
    return stronger.instrument or weaker.instrument


def _paid_at(known: TransactionFact, heard: TransactionFact) -> datetime | None:
    """Choose when it was paid: what was confirmed, then the later time (a card settles last)."""
    if known.confirmed is not heard.confirmed:
        told, confirmed = sorted((known, heard), key=lambda said: said.confirmed)
        return confirmed.paid_at or told.paid_at
    return max((t.paid_at for t in (known, heard) if t.paid_at is not None), default=None)


def _fee_idr(known: TransactionFact, heard: TransactionFact) -> Rupiah | None:
    """Choose the fee: a gateway adds to it (a tax, a later charge) and does not take it back."""
    return max((t.fee_idr for t in (known, heard) if t.fee_idr is not None), default=None)


def _heard(observation: Observation, evidence: Evidence) -> TransactionFact:
    return TransactionFact(
        gateway_transaction_id=observation.gateway_transaction_id or "",
        reference=observation.reference,
        stage=_proved(observation.seen) if evidence is Evidence.PROVES else observation.seen,
        amount_idr=observation.amount_idr or NO_MONEY,
        ever_paid=observation.seen in MONEY_SEEN,
        confirmed=evidence is Evidence.CONFIRMED,
        as_of=observation.observed_at,
        method=observation.method,
        paid_at=observation.paid_at,
        fee_idr=observation.fee_idr,
        instrument=observation.instrument,
    )


def _proved(seen: Seen) -> Seen:
    """Return what a signature covers: that money was taken, not that it has settled.

    The difference matters: what is only captured is voided, not refunded.
    """
    return Seen.CAPTURED if seen is Seen.PAID else seen


def is_paid(transaction: TransactionFact) -> bool:
    """Tell whether money came by this transaction and was not taken back by the gateway."""
    return transaction.ever_paid and transaction.stage not in TAKEN_BACK


def put_transaction(facts: OrderFacts, after: TransactionFact) -> OrderFacts:
    """Return the facts with this transaction added or replaced."""
    others = tuple(
        t for t in facts.transactions if t.gateway_transaction_id != after.gateway_transaction_id
    )
    return replace(facts, transactions=(*others, after))


def put_on_attempt(facts: OrderFacts, after: TransactionFact, reference: str) -> OrderFacts:
    """Return the facts with this attempt's transaction added or replaced.

    Another attempt may have heard of the same id: an id in a message is not signed.
    """
    own = replace(after, reference=reference)
    key = (own.reference, own.gateway_transaction_id)
    others = tuple(t for t in facts.transactions if (t.reference, t.gateway_transaction_id) != key)
    return replace(facts, transactions=(*others, own))


def page_is_over(attempt: AttemptFact, observation: Observation) -> bool:
    """Tell whether this confirmed answer shows that the attempt's payment page is dead.

    A page that dies tells nobody (Midtrans docs, Snap: page expiry sends no notification), so it
    takes our own question after the deadline, or our own order to end it. Xendit ends the invoice
    itself.
    """
    if observation.page_ended:
        return True
    if observation.gateway is GatewayName.XENDIT and observation.seen is Seen.EXPIRED:
        return True
    unpaid = observation.seen in {
        Seen.NOTHING,
        Seen.DENIED,
        Seen.FAILED,
        Seen.EXPIRED,
        Seen.CANCELLED,
    }
    return unpaid and observation.observed_at >= attempt.expires_at + EXPIRY_GRACE


def put_attempt(facts: OrderFacts, after: AttemptFact) -> OrderFacts:
    """Return the facts with this attempt replaced, its place kept."""
    attempts = tuple(after if a.reference == after.reference else a for a in facts.attempts)
    return replace(facts, attempts=attempts)


def of_attempt(facts: OrderFacts, reference: str) -> tuple[TransactionFact, ...]:
    """Return the transactions of one attempt."""
    return tuple(t for t in facts.transactions if t.reference == reference)


def is_closed(facts: OrderFacts, attempt: AttemptFact) -> bool:
    """Tell whether this attempt can no longer bring money in the ordinary way."""
    mine = of_attempt(facts, attempt.reference)
    if any(t.stage in WAITING for t in mine):
        return False
    return attempt.dead or attempt.rejected or any(_ends_the_page(t) for t in mine)


def _ends_the_page(transaction: TransactionFact) -> bool:
    """Tell whether a transaction's end is the end of its whole page.

    A declined or abandoned card leaves the Snap page open for another method (Midtrans docs,
    "Transaction status cycle"); an expired VA, QR or pay code carries the page's own deadline.
    """
    if transaction.stage is Seen.EXPIRED:
        return transaction.method != CARD
    if transaction.stage is Seen.CANCELLED:
        return True
    return transaction.stage in TAKEN_BACK and transaction.ever_paid
