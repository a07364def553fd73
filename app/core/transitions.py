"""The one decision about an order: what an observation changes, and why.

``settle_status`` folds facts into a state; ``decide`` compares the state before and after an
observation and looks the step up in a table. A step that the table does not name keeps the state
and calls a person: a wrong guess about money costs more than a short wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.core.facts import (
    MONEY_SEEN,
    RANK,
    TAKEN_BACK,
    WHOLLY_RETURNED,
    AttemptFact,
    OrderFacts,
    TransactionFact,
    is_closed,
    is_paid,
    merge_transaction,
    of_attempt,
    page_is_over,
    put_attempt,
    put_transaction,
)
from app.core.money import CURRENCY, NO_MONEY, Rupiah
from app.core.observations import Evidence, Observation, Seen, Source
from app.core.reasons import Why
from app.core.states import HOLDS_MONEY, OPEN, UNPAID_CLOSED, Attention, PaymentStatus, RefundState


@dataclass(frozen=True, slots=True)
class Summary:
    """An order's state and sums as they follow from its facts (rupiah)."""

    status: PaymentStatus
    captured_idr: Rupiah
    refunded_idr: Rupiah
    reserved_idr: Rupiah
    winner: str | None  # gateway id of the transaction that paid


@dataclass(frozen=True, slots=True)
class Decision:
    """What one observation changes about an order, and why."""

    before: PaymentStatus
    after: PaymentStatus
    why: Why
    evidence: Evidence
    attention: Attention | None = None
    needs_confirmation: bool = False
    transaction: TransactionFact | None = None
    attempt: AttemptFact | None = None

    @property
    def changed(self) -> bool:
        """Whether the order's state changes."""
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class Edge:
    """One allowed step: its reason, and whether a person must look."""

    why: Why
    attention: Attention | None = None


_S = PaymentStatus
_PAID_LATE: Final = Edge(Why.PAID_AFTER_CLOSE, Attention.PAID_AFTER_CLOSE)
_TRIED_LATE: Final = Edge(Why.TRIED_AFTER_CLOSE)
_REVERSED: Final = Edge(Why.PAYMENT_REVERSED, Attention.PAYMENT_REVERSED)
_CHARGED_BACK: Final = Edge(Why.CHARGED_BACK, Attention.CHARGED_BACK)
_PAID_TWICE: Final = Edge(Why.PAID_TWICE, Attention.PAID_TWICE)
_REFUND_UNDONE: Final = Edge(Why.REFUND_REVERSED, Attention.DRIFT)

_CLOSED_BY: Final[Mapping[PaymentStatus, Edge]] = {
    _S.EXPIRED: Edge(Why.NOT_PAID_IN_TIME),
    _S.FAILED: Edge(Why.PAYMENT_DECLINED),
    _S.CANCELLED: Edge(Why.CANCELLED_AT_GATEWAY),
}

EDGES: Final[Mapping[tuple[PaymentStatus, PaymentStatus], Edge]] = {
    (_S.PENDING, _S.PAID): Edge(Why.SHOPPER_PAID),
    (_S.PENDING, _S.IN_REVIEW): Edge(Why.FRAUD_REVIEW),
    **{(_S.PENDING, closed): edge for closed, edge in _CLOSED_BY.items()},
    # Paid and refunded in the dashboard before we heard of either.
    (_S.PENDING, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART),
    (_S.PENDING, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.PENDING, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.IN_REVIEW, _S.PAID): Edge(Why.REVIEW_ACCEPTED),
    (_S.IN_REVIEW, _S.PENDING): Edge(Why.REVIEW_DENIED),
    (_S.IN_REVIEW, _S.FAILED): Edge(Why.REVIEW_DENIED),
    (_S.IN_REVIEW, _S.CANCELLED): Edge(Why.CANCELLED_AT_GATEWAY),
    (_S.IN_REVIEW, _S.EXPIRED): Edge(Why.NOT_PAID_IN_TIME),
    (_S.IN_REVIEW, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART),
    (_S.IN_REVIEW, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.IN_REVIEW, _S.CHARGED_BACK): _CHARGED_BACK,
    **{(closed, _S.PAID): _PAID_LATE for closed in UNPAID_CLOSED},
    **{(closed, _S.PARTIALLY_REFUNDED): _PAID_LATE for closed in UNPAID_CLOSED},
    **{(closed, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL) for closed in UNPAID_CLOSED},
    **{(closed, _S.CHARGED_BACK): _CHARGED_BACK for closed in UNPAID_CLOSED},
    # Later news may name the end better: the name must not depend on what was heard first.
    **{
        (before, closed): edge
        for closed, edge in _CLOSED_BY.items()
        for before in UNPAID_CLOSED - {closed}
    },
    **{(closed, _S.PENDING): _TRIED_LATE for closed in UNPAID_CLOSED},
    **{(closed, _S.IN_REVIEW): _TRIED_LATE for closed in UNPAID_CLOSED},
    (_S.PAID, _S.FAILED): _REVERSED,
    (_S.PAID, _S.PENDING): _REVERSED,  # another attempt is still open
    (_S.PAID, _S.IN_REVIEW): _REVERSED,
    (_S.PAID, _S.EXPIRED): _REVERSED,
    (_S.PAID, _S.CANCELLED): _REVERSED,
    (_S.PAID, _S.PARTIALLY_REFUNDED): Edge(Why.REFUNDED_IN_PART),
    (_S.PAID, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.PAID, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.PARTIALLY_REFUNDED, _S.REFUNDED): Edge(Why.REFUNDED_IN_FULL),
    (_S.PARTIALLY_REFUNDED, _S.CHARGED_BACK): _CHARGED_BACK,
    (_S.PARTIALLY_REFUNDED, _S.PAID): _REFUND_UNDONE,
    (_S.REFUNDED, _S.PARTIALLY_REFUNDED): _REFUND_UNDONE,
    (_S.REFUNDED, _S.PAID): _REFUND_UNDONE,
    (_S.REFUNDED, _S.CHARGED_BACK): _CHARGED_BACK,
}

RETURNED: Final = frozenset({RefundState.SUCCEEDED, RefundState.TRANSFERRED})
RELEASED: Final = frozenset({RefundState.FAILED, RefundState.REJECTED, RefundState.WITHDRAWN})


def settle_status(facts: OrderFacts) -> Summary:
    """Fold an order's facts into its state and sums; a pure function of the facts."""
    paid = tuple(t for t in counted(facts) if is_paid(t))
    captured = sum(t.amount_idr for t in paid)
    refunded = min(sum(_returned(facts, t) for t in paid), captured)
    held = sum(
        r.amount_idr for r in facts.refunds if r.state not in RETURNED and r.state not in RELEASED
    )
    status = _money_status(paid, captured, refunded) if paid else _unpaid_status(facts)
    return Summary(
        status=status,
        captured_idr=Rupiah(captured),
        refunded_idr=Rupiah(refunded),
        # A refund made elsewhere may leave less than was set aside here.
        reserved_idr=Rupiah(min(held, captured - refunded)),
        winner=paid[0].gateway_transaction_id if paid else None,
    )


def counted(facts: OrderFacts) -> tuple[TransactionFact, ...]:
    """Return the transactions whose money counts, oldest first.

    Only the order's own total counts: another amount is a person's decision. And what a signed
    message said of a transaction's id gives way to what the gateway confirms for the same attempt.
    """
    confirmed = {t.reference for t in facts.transactions if t.confirmed and t.ever_paid}
    return tuple(
        sorted(
            (
                t
                for t in facts.transactions
                if t.amount_idr == facts.total_idr and (t.confirmed or t.reference not in confirmed)
            ),
            key=lambda t: (t.reference, t.gateway_transaction_id),
        )
    )


def _returned(facts: OrderFacts, transaction: TransactionFact) -> int:
    if transaction.stage in WHOLLY_RETURNED:
        return transaction.amount_idr
    returned = sum(
        r.amount_idr
        for r in facts.refunds
        if r.state in RETURNED and r.gateway_transaction_id == transaction.gateway_transaction_id
    )
    return min(returned, transaction.amount_idr)


def _money_status(paid: tuple[TransactionFact, ...], captured: int, refunded: int) -> PaymentStatus:
    if any(t.stage is Seen.CHARGED_BACK for t in paid):
        return PaymentStatus.CHARGED_BACK
    if refunded == NO_MONEY:
        return PaymentStatus.PAID
    if refunded < captured:
        return PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.REFUNDED


def _unpaid_status(facts: OrderFacts) -> PaymentStatus:
    if any(t.stage is Seen.IN_REVIEW for t in counted(facts)):
        return PaymentStatus.IN_REVIEW
    if not facts.attempts or not all(is_closed(facts, attempt) for attempt in facts.attempts):
        return PaymentStatus.PENDING
    last = facts.attempts[-1]
    stages = {t.stage for t in of_attempt(facts, last.reference)}
    if facts.cancel_asked or Seen.CANCELLED in stages:
        return PaymentStatus.CANCELLED
    if last.rejected or (Seen.EXPIRED not in stages and stages & TAKEN_BACK):
        return PaymentStatus.FAILED
    return PaymentStatus.EXPIRED


def weigh(facts: OrderFacts, observation: Observation) -> Evidence:
    """Tell how far an observation may be acted on.

    Midtrans' signature covers order id, status code and amount only, so it proves exactly one
    step: from pending to paid, for a transaction never seen closed. Xendit's token covers nothing.
    """
    if observation.source is not Source.NOTIFICATION:
        return Evidence.CONFIRMED
    known = facts.transaction(observation.gateway_transaction_id)
    proves = (
        observation.signature_proves_payment
        and observation.seen in {Seen.PAID, Seen.CAPTURED}
        and facts.status is PaymentStatus.PENDING
        and observation.amount_idr == facts.total_idr
        and (known is None or known.stage in {Seen.PENDING, Seen.AUTHORIZED})
    )
    return Evidence.PROVES if proves else Evidence.CLAIMS


def decide(facts: OrderFacts, observation: Observation) -> Decision:
    """Decide where an order goes after one observation, and why. Never raises.

    The caller holds the order's lock, stores the decision with the observation, and asks the
    gateway where ``needs_confirmation`` says so.
    """
    evidence = weigh(facts, observation)
    if evidence is Evidence.CLAIMS:
        return _keep(facts, evidence, *_claim(facts, observation))
    refusal = _refuse(facts, observation)
    if refusal is not None:
        return _keep(facts, evidence, *refusal)
    known = facts.transaction(observation.gateway_transaction_id)
    after = _learn(facts, observation, evidence)
    step = _step(facts, after, observation)
    return replace(
        step,
        evidence=evidence,
        needs_confirmation=evidence is Evidence.PROVES,
        transaction=merge_transaction(known, observation, evidence),
        attempt=after.attempt(observation.reference),
    )


def _keep(
    facts: OrderFacts, evidence: Evidence, why: Why, attention: Attention | None = None
) -> Decision:
    return Decision(
        before=facts.status,
        after=facts.status,
        why=why,
        evidence=evidence,
        attention=attention,
        needs_confirmation=why is Why.CLAIM_AWAITS_CONFIRMATION,
    )


def _claim(facts: OrderFacts, observation: Observation) -> tuple[Why]:
    known = facts.transaction(observation.gateway_transaction_id)
    says_nothing_new = (
        known is not None
        and known.confirmed
        and known.reference == observation.reference
        and known.stage is observation.seen
        # A refund's second message (the bank's confirmation) carries the same status as the first.
        and not observation.refunds
        and observation.seen is not Seen.PARTIALLY_REFUNDED
    )
    return (Why.ALREADY_KNOWN if says_nothing_new else Why.CLAIM_AWAITS_CONFIRMATION,)


def _refuse(facts: OrderFacts, observation: Observation) -> tuple[Why, Attention | None] | None:
    """Name what is wrong with a confirmed answer, if anything keeps us from acting on it."""
    if observation.seen is Seen.UNRECOGNISED:
        return Why.UNRECOGNISED_STATUS, Attention.UNKNOWN_TRANSITION
    if observation.currency != CURRENCY:
        return Why.CURRENCY_DIFFERS, Attention.AMOUNT_DIFFERS
    if observation.seen in MONEY_SEEN and observation.amount_idr != facts.total_idr:
        return Why.AMOUNT_DIFFERS, Attention.AMOUNT_DIFFERS
    return None


def _learn(facts: OrderFacts, observation: Observation, evidence: Evidence) -> OrderFacts:
    attempt = facts.attempt(observation.reference)
    if attempt is not None and page_is_over(attempt, observation):
        facts = put_attempt(facts, replace(attempt, dead=True))
    known = facts.transaction(observation.gateway_transaction_id)
    merged = merge_transaction(known, observation, evidence)
    return facts if merged is None else put_transaction(facts, merged)


def _step(facts: OrderFacts, after: OrderFacts, observation: Observation) -> Decision:
    reached = settle_status(after).status
    edge = _edge(facts, after, reached)
    if edge is not None:
        return Decision(facts.status, reached, edge.why, Evidence.CONFIRMED, edge.attention)
    why, attention = _why_unchanged(facts, observation)
    if reached is not facts.status:
        why, attention = Why.UNKNOWN_TRANSITION, Attention.UNKNOWN_TRANSITION
    return _keep(facts, Evidence.CONFIRMED, why, attention)


def _edge(facts: OrderFacts, after: OrderFacts, reached: PaymentStatus) -> Edge | None:
    """Return the step to take, if any; a second payment is told as such, whatever it changes."""
    named = EDGES.get((facts.status, reached))
    if named is not None and facts.cancel_asked and facts.status in OPEN:
        named = _while_cancelling(named, reached)
    is_second = _paid_count(after) > max(_paid_count(facts), 1)
    return _PAID_TWICE if is_second and (named or reached is facts.status) else named


def _while_cancelling(named: Edge, reached: PaymentStatus) -> Edge:
    """Call a person if money came after all: to send the goods, or to give the money back."""
    return replace(named, attention=Attention.PAID_AFTER_CLOSE) if reached in HOLDS_MONEY else named


def _why_unchanged(facts: OrderFacts, observation: Observation) -> tuple[Why, Attention | None]:
    known = facts.transaction(observation.gateway_transaction_id)
    if known is not None and RANK.get(observation.seen, 0) < RANK[known.stage]:
        return _why_behind(known, observation)
    is_news = known is None or known.stage is not observation.seen
    if observation.seen is Seen.PARTIALLY_CHARGED_BACK and is_news:
        return Why.PARTLY_CHARGED_BACK, Attention.CHARGED_BACK
    if facts.status in UNPAID_CLOSED:
        return Why.ALREADY_CLOSED, None
    return _QUIET.get(observation.seen if facts.status in OPEN else None, Why.ALREADY_KNOWN), None


_QUIET: Final[Mapping[Seen | None, Why]] = {
    Seen.NOTHING: Why.NOTHING_AT_GATEWAY,
    Seen.PENDING: Why.STILL_WAITING,
    Seen.AUTHORIZED: Why.STILL_WAITING,
    Seen.IN_REVIEW: Why.STILL_WAITING,
    Seen.DENIED: Why.DECLINED_MAY_RETRY,
    Seen.FAILED: Why.DECLINED_MAY_RETRY,
    Seen.EXPIRED: Why.DECLINED_MAY_RETRY,
}


def _why_behind(known: TransactionFact, observation: Observation) -> tuple[Why, Attention | None]:
    """Tell a slow answer from a gateway that takes back what it said."""
    was_asked_later = observation.observed_at > known.as_of
    if was_asked_later and known.confirmed and known.stage in MONEY_SEEN:
        return Why.CONTRADICTS_EARLIER, Attention.UNKNOWN_TRANSITION
    return Why.STALE, None


def _paid_count(facts: OrderFacts) -> int:
    return sum(1 for t in counted(facts) if is_paid(t))
