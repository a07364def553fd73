"""The one door: everything that is learnt about a payment passes ``apply_observation``."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.edges import Cause, Edge, find_edge
from app.core.facts import OrderFacts, TransactionFact, put_attempt, put_on_attempt
from app.core.observations import Evidence, Observation
from app.core.reasons import Why
from app.core.states import HOLDS_MONEY, AttemptState, Attention, PaymentStatus
from app.core.stock import stock_step
from app.core.transitions import Decision, decide, settle_status, weigh
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Order, StoredObservation
from app.services.calls import Call, call_for_attention
from app.services.facts import (
    attempt_fact,
    load_facts,
    load_refunds,
    reschedule,
    store_sums,
    store_transaction,
)
from app.services.ledger import Origin, keep_books
from app.services.observation_records import observation_row
from app.services.refund_facts import learn_refunds, record_missing_refunds
from app.services.stock import move_goods
from app.services.timeline import ACTOR_OF, Happening, record_event, was_told
from app.telemetry.context import bind
from app.telemetry.meters import DECISIONS

_log = logging.getLogger("lunas.orders")


@dataclass(frozen=True, slots=True)
class Heard:
    """An observation, with where it came from."""

    observation: Observation
    notification_id: int | None = None
    status_check_id: int | None = None
    staff_id: int | None = None


# Worth a line of the timeline although the state stays.
TELLING = frozenset({Why.DECLINED_MAY_RETRY, Why.PAID_TWICE, Why.CONTRADICTS_EARLIER})


def apply_observation(session: Session, attempt: Attempt, heard: Heard, now: datetime) -> Decision:
    """Apply one observation to its order, in the caller's transaction.

    Locks the order before deciding, so that a webhook and a status check which arrive together
    decide one after the other.
    """
    order = lock_order(session, attempt.order_id)
    bind(attempt=attempt.reference)
    session.refresh(attempt)
    observation = heard.observation
    facts = _facts_for(session, order, attempt, observation, now)
    decision = decide(facts, observation)
    row = observation_row(observation, decision, facts)
    origin = Origin(observation_id=_store_observation(session, attempt, heard, row, now))
    if decision.evidence is not Evidence.CLAIMS:
        # A signature covers that the order was paid, not how, nor where shoppers send money to.
        if decision.evidence is Evidence.CONFIRMED:
            _note_on_attempt(attempt, observation, decision)
        facts = _store_facts(session, order, attempt, facts, decision.transaction, now)
    _carry_out(session, order, heard, decision, now)
    _enter(session, order, _Entry(decision.after, decision.why, facts, origin), now)
    if decision.evidence is Evidence.CONFIRMED and not reschedule(facts, attempt, now):
        _call_for_end_of_polling(session, order, now)
    report(observation, decision)
    return decision


def report(observation: Observation, decision: Decision) -> None:
    """Count a decision that was carried out, and write a line of the log where a state changed."""
    source, why = observation.source.value, decision.why.value
    DECISIONS.labels(source, why).inc()
    if decision.changed:
        moved = {"before": decision.before.value, "after": decision.after.value}
        _log.info("order moved", extra=moved | {"source": source, "why": why})


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
    session: Session, attempt: Attempt, heard: Heard, row: StoredObservation, now: datetime
) -> int:
    row.order_id, row.attempt_id = attempt.order_id, attempt.id
    row.notification_id, row.status_check_id = heard.notification_id, heard.status_check_id
    row.recorded_at = now
    session.add(row)
    session.flush()
    return row.id


def _note_on_attempt(attempt: Attempt, observation: Observation, decision: Decision) -> None:
    if decision.transaction is not None:
        attempt.method = decision.transaction.method or attempt.method
    if decision.attempt is not None:
        attempt.dead = attempt.dead or decision.attempt.dead
    if observation.pay_code is not None:
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
    store_transaction(session, attempt, learnt)
    facts = put_on_attempt(facts, learnt, attempt.reference)
    if record_missing_refunds(session, order, attempt, learnt, now):
        facts = replace(facts, refunds=load_refunds(session, order))
    return facts


def _carry_out(
    session: Session,
    order: Order,
    heard: Heard,
    decision: Decision,
    now: datetime,
) -> None:
    must_tell = _call_a_person(session, order, decision, now)
    if decision.changed or must_tell or decision.why in TELLING:
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
                details=event_details(heard.observation, decision),
            ),
        )


def _call_a_person(session: Session, order: Order, decision: Decision, now: datetime) -> bool:
    """Call a person if the decision says so; True if the timeline must tell of it."""
    if decision.attention is None:
        return False
    call = Call(decision.attention, decision.why)
    return _is_news(session, order, call, decision.why, now)


def _is_news(session: Session, order: Order, call: Call, why: Why, now: datetime) -> bool:
    """Call a person; True if the timeline must tell why.

    An order that waits for a person already keeps its older reason: the timeline then tells of the
    new one, once, so that whoever takes the order up finds both.
    """
    return call_for_attention(order, call, now) or not was_told(session, order, why)


def event_details(seen: Observation, decision: Decision) -> dict[str, object]:
    """Return what the timeline tells of the message behind a step."""
    return {
        "reference": seen.reference,
        "gateway_transaction_id": seen.gateway_transaction_id,
        "gateway_status": seen.raw_status,
        "evidence": decision.evidence.value,
        "source": seen.source.value,
    }


@dataclass(frozen=True, slots=True)
class _Entry:
    """A state to enter and the reason for it; the facts, and what made them known."""

    after: PaymentStatus
    why: Why
    facts: OrderFacts
    origin: Origin


def _enter(session: Session, order: Order, entry: _Entry, now: datetime) -> None:
    """Put the order into a state: its books, its sums, its goods, and since when it is paid."""
    before = order.payment_status
    sums = keep_books(session, order, entry.facts, entry.origin, now)
    store_sums(order, sums, settle_status(entry.facts).winner, now)
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
    call = Call(Attention.POLLING_ENDED, Why.POLLING_ENDED)
    if _is_news(session, order, call, Why.POLLING_ENDED, now):
        record_event(session, order, Happening(Why.POLLING_ENDED, Actor.JOB, now))


def _call_for_goods(session: Session, order: Order, now: datetime) -> None:
    call_for_attention(order, Call(Attention.STOCK_SHORT, Why.STOCK_SHORT), now)
    record_event(session, order, Happening(Why.STOCK_SHORT, Actor.JOB, now))


def refresh_order(session: Session, order: Order, cause: Happening) -> None:
    """Bring the order in line with its facts after something other than an observation.

    The caller holds the lock and has written the facts; ``cause`` tells the timeline why.
    """
    before = order.payment_status
    session.flush()
    facts = load_facts(session, order)
    reached = settle_status(facts).status
    edge = _edge_for(before, reached, cause)
    taken = isinstance(edge, Edge)
    event = record_event(
        session, order, replace(cause, before=before, after=reached) if taken else cause
    )
    if edge is not None and not taken:
        _call_about_step(session, order, edge, cause.at)
    # A shopper's own act is told in its own words: "a new try", not "a payment after the end".
    why = edge.why if taken and cause.actor is not Actor.SHOPPER else cause.why
    entry = _Entry(reached if taken else before, why, facts, Origin(event_id=event.id))
    _enter(session, order, entry, cause.at)


def _edge_for(before: PaymentStatus, reached: PaymentStatus, cause: Happening) -> Edge | Why | None:
    """Return the step to take, why there is none, or None where the state stays."""
    if reached is before:
        return None
    return find_edge(before, reached, _CAUSE_OF[cause.actor], Evidence.CONFIRMED)


# What the gateway makes happen outside of observations are its answers to calls of ours.
_CAUSE_OF: Final[Mapping[Actor, Cause]] = {
    Actor.SHOPPER: Cause.SHOPPER,
    Actor.GATEWAY: Cause.API_ANSWER,
    Actor.JOB: Cause.JOB,
    Actor.STAFF: Cause.STAFF,
}


def _call_about_step(session: Session, order: Order, why: Why, now: datetime) -> None:
    if call_for_attention(order, Call(Attention.UNKNOWN_TRANSITION, why), now):
        record_event(session, order, Happening(why, Actor.JOB, now))


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
