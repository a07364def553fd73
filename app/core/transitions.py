"""The one decision about an order: what an observation changes, and why.

``settle_status`` folds facts into a state; ``decide`` compares the state before and after an
observation and looks the step up in the table ``edges.EDGES``. A step that the table does not
allow keeps the state and calls a person: a wrong guess about money costs more than a short wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.core.edges import Cause, Edge, find_edge
from app.core.facts import (
    MONEY_SEEN,
    RANK,
    TAKEN_BACK,
    WHOLLY_RETURNED,
    AttemptFact,
    OrderFacts,
    TransactionFact,
    contradicts,
    is_closed,
    is_paid,
    merge_transaction,
    of_attempt,
    page_is_over,
    put_attempt,
    put_transaction,
)
from app.core.money import CURRENCY, NO_MONEY, Rupiah
from app.core.observations import SAYS, Evidence, Observation, Seen, Source
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

    Midtrans' signature covers order id, status code and amount only, so it proves at most that
    this much was paid under this reference. Xendit's token covers nothing.
    """
    if observation.source is not Source.NOTIFICATION:
        return Evidence.CONFIRMED
    proves = (
        observation.signature_proves_payment
        and observation.seen in {Seen.PAID, Seen.CAPTURED}
        and _refuse(facts, observation) is None
        and _takes_a_proof(facts.status)
        and _is_first_money(facts, observation)
    )
    return Evidence.PROVES if proves else Evidence.CLAIMS


def _takes_a_proof(status: PaymentStatus) -> bool:
    step = find_edge(status, PaymentStatus.PAID, Cause.NOTIFICATION, Evidence.PROVES)
    return isinstance(step, Edge)


def _is_first_money(facts: OrderFacts, observation: Observation) -> bool:
    """Tell whether the signature can only come from a payment that we do not know yet.

    The id is not signed: once money was taken or held under a reference, the signed message about
    that may be sent again under any id, also after the gateway gave the money back.
    """
    known = facts.transaction(observation.gateway_transaction_id)
    mine = of_attempt(facts, observation.reference)
    return (known is None or known.stage is Seen.PENDING) and not any(
        t.ever_paid or t.stage is Seen.AUTHORIZED for t in mine
    )


def decide(facts: OrderFacts, observation: Observation) -> Decision:
    """Decide where an order goes after one observation, and why. Never raises.

    The caller holds the order's lock, stores the decision with the observation, and asks the
    gateway where ``needs_confirmation`` says so.
    """
    evidence = weigh(facts, observation)
    if evidence is Evidence.CLAIMS:
        return _keep(facts, evidence, _claim(facts, observation))
    refusal = _refuse(facts, observation)
    if refusal is not None:
        why, attention = refusal
        return _keep(facts, evidence, why, attention)
    after = _learn(facts, observation, evidence)
    step = _step(facts, after, observation, evidence)
    if evidence is Evidence.PROVES and not step.changed:
        # What may not be acted on is not learnt either: the answer to our question will be.
        return replace(step, needs_confirmation=True)
    return replace(
        step,
        needs_confirmation=evidence is Evidence.PROVES,
        transaction=after.transaction(observation.gateway_transaction_id),
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


def _claim(facts: OrderFacts, observation: Observation) -> Why:
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
    return Why.ALREADY_KNOWN if says_nothing_new else Why.CLAIM_AWAITS_CONFIRMATION


def _refuse(facts: OrderFacts, observation: Observation) -> tuple[Why, Attention] | None:
    """Name what is wrong with a confirmed answer, if anything keeps us from acting on it."""
    if observation.seen not in SAYS[observation.gateway]:
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
    if contradicts(facts, observation):
        return facts
    known = facts.transaction(observation.gateway_transaction_id)
    merged = merge_transaction(known, observation, evidence)
    return facts if merged is None else put_transaction(facts, merged)


def _step(
    facts: OrderFacts, after: OrderFacts, observation: Observation, evidence: Evidence
) -> Decision:
    reached = settle_status(after).status
    notice = _notice(facts, after, observation)
    if reached is facts.status:
        why, attention = notice or (_why_unchanged(facts, observation), None)
        return _keep(facts, evidence, why, attention)
    edge = find_edge(facts.status, reached, Cause(observation.source.value), evidence)
    if isinstance(edge, Why):
        return _keep(facts, evidence, edge, Attention.UNKNOWN_TRANSITION)
    why, attention = notice or (edge.why, _while_cancelling(facts, reached) or edge.attention)
    return Decision(facts.status, reached, why, evidence, attention)


def _while_cancelling(facts: OrderFacts, reached: PaymentStatus) -> Attention | None:
    """Call a person if money came after all: to send the goods, or to give the money back."""
    came = facts.cancel_asked and facts.status in OPEN and reached in HOLDS_MONEY
    return Attention.PAID_AFTER_CLOSE if came else None


def _notice(
    facts: OrderFacts, after: OrderFacts, observation: Observation
) -> tuple[Why, Attention] | None:
    """Name what a person must hear, whatever step it comes with."""
    if _paid_count(after) > max(_paid_count(facts), 1):
        return Why.PAID_TWICE, Attention.PAID_TWICE
    if contradicts(facts, observation):
        return Why.CONTRADICTS_EARLIER, Attention.UNKNOWN_TRANSITION
    if _comes_anew(facts, after) and observation.seen is not Seen.CHARGED_BACK:
        is_partly_gone = observation.seen is Seen.PARTIALLY_CHARGED_BACK
        call = Attention.CHARGED_BACK if is_partly_gone else Attention.PAID_AFTER_CLOSE
        return Why.PAID_AFTER_CLOSE, call
    return _notice_of_stage(facts, after, observation)


def _notice_of_stage(
    facts: OrderFacts, after: OrderFacts, observation: Observation
) -> tuple[Why, Attention] | None:
    """Name what a person must hear of a payment that has come further than we knew."""
    known = facts.transaction(observation.gateway_transaction_id)
    if known is not None and RANK.get(observation.seen, 0) <= RANK[known.stage]:
        return None
    if observation.seen is Seen.PARTIALLY_CHARGED_BACK:
        return Why.PARTLY_CHARGED_BACK, Attention.CHARGED_BACK
    if observation.seen is Seen.PARTIALLY_REFUNDED and not _has_refunds(after, observation):
        return Why.REFUND_UNLISTED, Attention.DRIFT
    return None


def _comes_anew(facts: OrderFacts, after: OrderFacts) -> bool:
    """Tell whether a payment came after all that there was had been given back, or taken back.

    A payment page stays open to other methods, also after its first payment was reversed.
    """
    is_given_back = facts.status in {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
    return is_given_back and _paid_count(after) > _paid_count(facts)


def _has_refunds(facts: OrderFacts, observation: Observation) -> bool:
    transaction = facts.transaction(observation.gateway_transaction_id)
    return transaction is not None and _returned(facts, transaction) > NO_MONEY


def _why_unchanged(facts: OrderFacts, observation: Observation) -> Why:
    known = facts.transaction(observation.gateway_transaction_id)
    if known is not None and RANK.get(observation.seen, 0) < RANK[known.stage]:
        return Why.STALE
    if facts.status in UNPAID_CLOSED:
        return Why.ALREADY_CLOSED
    if facts.status in OPEN:
        return _QUIET.get(observation.seen, Why.ALREADY_KNOWN)
    return Why.NOT_FOUND_AGAIN if observation.seen is Seen.NOTHING else Why.ALREADY_KNOWN


_QUIET: Final[Mapping[Seen, Why]] = {
    Seen.NOTHING: Why.NOTHING_AT_GATEWAY,
    Seen.PENDING: Why.STILL_WAITING,
    Seen.AUTHORIZED: Why.STILL_WAITING,
    Seen.IN_REVIEW: Why.STILL_WAITING,
    Seen.DENIED: Why.DECLINED_MAY_RETRY,
    Seen.FAILED: Why.DECLINED_MAY_RETRY,
    Seen.EXPIRED: Why.DECLINED_MAY_RETRY,
    Seen.CANCELLED: Why.DECLINED_MAY_RETRY,
}


def _paid_count(facts: OrderFacts) -> int:
    return sum(1 for t in counted(facts) if is_paid(t))


def rests_on_a_message(facts: OrderFacts, reference: str) -> bool:
    """Tell whether money is counted for this attempt that the gateway has never confirmed."""
    return any(is_paid(t) and not t.confirmed for t in counted(facts) if t.reference == reference)
