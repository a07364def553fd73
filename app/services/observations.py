"""The one door: everything that is learnt about a payment passes ``apply_observation``."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.facts import OrderFacts, TransactionFact, put_attempt
from app.core.observations import Evidence, Observation
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import HOLDS_MONEY, AttemptState, Attention, PaymentStatus
from app.core.stock import stock_step
from app.core.transitions import EDGES, Decision, Summary, decide, settle_status, weigh
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Order, StoredObservation
from app.services.facts import (
    Call,
    attempt_fact,
    call_for_attention,
    load_facts,
    load_refunds,
    reschedule,
    store_summary,
    store_transaction,
    summarise,
)
from app.services.refund_facts import learn_refunds, record_missing_refunds
from app.services.stock import move_goods
from app.services.timeline import ACTOR_OF, Happening, record_event, was_told


@dataclass(frozen=True, slots=True)
class Heard:
    """An observation, with where it came from."""

    observation: Observation
    notification_id: int | None = None
    status_check_id: int | None = None
    staff_id: int | None = None


# Worth a line of the timeline although the state stays.
_TELLING = frozenset({Why.DECLINED_MAY_RETRY, Why.PAID_TWICE, Why.CONTRADICTS_EARLIER})


def apply_observation(session: Session, attempt: Attempt, heard: Heard, now: datetime) -> Decision:
    """Apply one observation to its order, in the caller's transaction.

    Locks the order before deciding, so that a webhook and a status check which arrive together
    decide one after the other.
    """
    order = lock_order(session, attempt.order_id)
    session.refresh(attempt)
    observation = heard.observation
    facts = _facts_for(session, order, attempt, observation, now)
    decision = decide(facts, observation)
    _store_observation(session, attempt, heard, decision, now)
    if decision.evidence is not Evidence.CLAIMS:
        _note_on_attempt(attempt, observation, decision)
        facts = _store_facts(session, order, attempt, facts, decision.transaction, now)
    _carry_out(session, order, heard, decision, facts, now)
    if decision.evidence is Evidence.CONFIRMED and not reschedule(facts, attempt, now):
        _call_for_end_of_polling(session, order, now)
    return decision


def _facts_for(
    session: Session, order: Order, attempt: Attempt, observation: Observation, now: datetime
) -> OrderFacts:
    """Load the facts; refunds that the gateway itself lists are learnt first."""
    facts = load_facts(session, order)
    if observation.refunds and weigh(facts, observation) is Evidence.CONFIRMED:
        learn_refunds(session, order, attempt, observation, now)
        return replace(facts, refunds=load_refunds(session, order))
    return facts


def _store_observation(
    session: Session, attempt: Attempt, heard: Heard, decision: Decision, now: datetime
) -> None:
    seen = heard.observation
    session.add(
        StoredObservation(
            order_id=attempt.order_id,
            attempt_id=attempt.id,
            notification_id=heard.notification_id,
            status_check_id=heard.status_check_id,
            source=seen.source,
            gateway=seen.gateway,
            reference=seen.reference,
            gateway_transaction_id=seen.gateway_transaction_id,
            seen=seen.seen,
            raw_status=seen.raw_status[:60],
            amount_idr=seen.amount_idr,
            method=seen.method,
            details=_details(seen),
            evidence=decision.evidence,
            why=decision.why.value,
            before=decision.before,
            after=decision.after,
            attention=decision.attention.value if decision.attention else None,
            observed_at=seen.observed_at,
            recorded_at=now,
        )
    )
    session.flush()


def _details(seen: Observation) -> dict[str, object]:
    """Keep everything that the decision could rest on, so that it can be made again."""
    return {
        "currency": seen.currency,
        "paid_at": seen.paid_at.isoformat() if seen.paid_at else None,
        "provider_reference": seen.provider_reference,
        "signature_proves_payment": seen.signature_proves_payment,
        "refunds": [
            {
                "key": refund.key,
                "provider_refund_id": refund.provider_refund_id,
                "amount_idr": refund.amount_idr,
                "state": refund.state.value,
            }
            for refund in seen.refunds
        ],
    }


def _note_on_attempt(attempt: Attempt, observation: Observation, decision: Decision) -> None:
    if decision.transaction is not None:
        attempt.method = decision.transaction.method or attempt.method
    if decision.attempt is not None:
        attempt.dead = attempt.dead or decision.attempt.dead
    # Shoppers send money to this number, so no message alone may change it.
    if observation.pay_code is not None and decision.evidence is Evidence.CONFIRMED:
        attempt.pay_code_kind = observation.pay_code.kind
        attempt.pay_code_label = observation.pay_code.label[:60]
        attempt.pay_code_number = observation.pay_code.number[:80]
    if observation.provider_reference and attempt.provider_reference is None:
        # The answer to our create call was lost; the gateway has the charge after all.
        attempt.provider_reference = observation.provider_reference
        attempt.state = AttemptState.OPEN


def _store_facts(
    session: Session,
    order: Order,
    attempt: Attempt,
    facts: OrderFacts,
    learnt: TransactionFact | None,
    now: datetime,
) -> OrderFacts:
    """Write what was learnt; return the facts as the rows now tell them, without reading again."""
    facts = put_attempt(facts, attempt_fact(attempt))
    if learnt is None:
        return facts
    facts = _put_transaction(facts, store_transaction(session, attempt, learnt))
    if record_missing_refunds(session, order, attempt, learnt, now):
        facts = replace(facts, refunds=load_refunds(session, order))
    return facts


def _put_transaction(facts: OrderFacts, stored: TransactionFact) -> OrderFacts:
    """Replace one attempt's transaction; another attempt may have heard of the same id."""
    key = (stored.reference, stored.gateway_transaction_id)
    others = tuple(t for t in facts.transactions if (t.reference, t.gateway_transaction_id) != key)
    return replace(facts, transactions=(*others, stored))


def _carry_out(
    session: Session,
    order: Order,
    heard: Heard,
    decision: Decision,
    facts: OrderFacts,
    now: datetime,
) -> None:
    must_tell = _call_a_person(session, order, decision, now)
    if decision.changed or must_tell or decision.why in _TELLING:
        record_event(
            session,
            order,
            Happening(
                why=decision.why,
                actor=ACTOR_OF[heard.observation.source],
                at=now,
                staff_id=heard.staff_id,
                before=decision.before if decision.changed else None,
                after=decision.after if decision.changed else None,
                details=_event_details(heard, decision),
            ),
        )
    entry = _Entry(decision.after, decision.why, settle_status(facts))
    _enter(session, order, entry, now)


def _call_a_person(session: Session, order: Order, decision: Decision, now: datetime) -> bool:
    """Call a person if the decision says so; True if the timeline must tell of it."""
    if decision.attention is None:
        return False
    call = Call(decision.attention, WORDS[decision.why].en)
    return _is_news(session, order, call, decision.why, now)


def _is_news(session: Session, order: Order, call: Call, why: Why, now: datetime) -> bool:
    """Call a person; True if the timeline must tell why.

    An order that waits for a person already keeps its older reason: the timeline then tells of the
    new one, once, so that whoever takes the order up finds both.
    """
    return call_for_attention(order, call, now) or not was_told(session, order, why)


def _event_details(heard: Heard, decision: Decision) -> dict[str, object]:
    seen = heard.observation
    return {
        "reference": seen.reference,
        "gateway_transaction_id": seen.gateway_transaction_id,
        "gateway_status": seen.raw_status,
        "evidence": decision.evidence.value,
        "source": seen.source.value,
    }


@dataclass(frozen=True, slots=True)
class _Entry:
    """A state to enter, the reason for it, and the sums that follow from the facts."""

    after: PaymentStatus
    why: Why
    summary: Summary


def _enter(session: Session, order: Order, entry: _Entry, now: datetime) -> None:
    """Put the order into a state: its sums, its goods, and since when it is paid."""
    before = order.payment_status
    store_summary(order, entry.summary, now)
    if entry.after is not before:
        order.payment_status = entry.after
        order.last_why = entry.why.value
        if entry.after in HOLDS_MONEY and order.paid_at is None:
            order.paid_at = now
    step = stock_step(order.stock_state, before, entry.after)
    if step is not None and not move_goods(session, order, step, now):
        _call_for_goods(session, order, now)
    session.flush()


def _call_for_end_of_polling(session: Session, order: Order, now: datetime) -> None:
    """Hand the order to a person: age alone never turns it into failed."""
    call = Call(Attention.POLLING_ENDED, WORDS[Why.POLLING_ENDED].en)
    if _is_news(session, order, call, Why.POLLING_ENDED, now):
        record_event(session, order, Happening(Why.POLLING_ENDED, Actor.JOB, now))


def _call_for_goods(session: Session, order: Order, now: datetime) -> None:
    call_for_attention(order, Call(Attention.STOCK_SHORT, WORDS[Why.STOCK_SHORT].en), now)
    record_event(session, order, Happening(Why.STOCK_SHORT, Actor.JOB, now))


def refresh_order(session: Session, order: Order, cause: Happening) -> None:
    """Bring the order in line with its facts after something other than an observation.

    The caller holds the lock and has written the facts; ``cause`` tells the timeline why.
    """
    before = order.payment_status
    summary = summarise(session, order)
    edge = EDGES.get((before, summary.status))
    after = summary.status if edge is not None else before
    changed = after is not before
    record_event(
        session,
        order,
        Happening(
            why=cause.why,
            actor=cause.actor,
            at=cause.at,
            staff_id=cause.staff_id,
            before=before if changed else None,
            after=after if changed else None,
            details=cause.details,
        ),
    )
    entry = _Entry(after, edge.why if edge else cause.why, summary)
    _enter(session, order, entry, cause.at)


def find_attempt(
    session: Session, reference: str, provider_reference: str | None = None
) -> Attempt | None:
    """Return the attempt by our reference or, failing that, by the gateway's own."""
    if reference:
        return session.scalars(select(Attempt).where(Attempt.reference == reference)).one_or_none()
    if provider_reference is None:
        return None
    query = select(Attempt).where(Attempt.provider_reference == provider_reference)
    return session.scalars(query.limit(1)).one_or_none()
