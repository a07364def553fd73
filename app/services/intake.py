"""The short way in: what most notifications tell, stored and applied in a handful of statements.

It takes what is about no order of ours, what was told before, and what is said of an order that
still waits for its money. The rules are those of the one door (``observations.py``): the same
``decide``, the same books, the same chain of the timeline, under the same lock. Whatever needs more
than that, a person, refunds, goods that are gone, is left to the door, in the same transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table

from app.core.facts import OrderFacts, TransactionFact, put_on_attempt
from app.core.ledger import Posting, books_after, books_of, post, sum_up
from app.core.mails import due_mail
from app.core.money import Rupiah
from app.core.observations import Evidence, Observation
from app.core.reasons import Why
from app.core.states import HOLDS_MONEY, NotificationState, PaymentStatus, StockState
from app.core.stock import StockStep, stock_step
from app.core.transitions import Decision, decide, settle_status
from app.core.verdict_records import store_chain
from app.core.verdicts import Chain, Matched, Repeats, judged_link, state_of, verdict_of
from app.db.arrivals import (
    ENTRIES,
    EVENTS,
    MAILS,
    NOTIFICATIONS,
    OBSERVATIONS,
    ORDERS,
    TRANSACTIONS,
    columns_of,
    match,
    read_situation,
)
from app.db.base import Base
from app.db.locks import lock_order_columns
from app.db.models import Actor, GatewayTransaction, Notification
from app.db.writes import ChangedRow, IdOf, NewRow, TakenGoods, Write, write_all
from app.services.facts import attempt_fact, tell, transaction_fact
from app.services.ledger import new_entries
from app.services.mail_outbox import new_mail
from app.services.observation_records import observation_row
from app.services.observations import TELLING, event_details, report
from app.services.timeline import Happening, next_event, told_by
from app.telemetry.context import bind

_NOTHING_KNOWN: Final[tuple[Any, ...]] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a message does to the order it is about, decided and not yet written.

    ``order`` and ``situation`` are what it was decided on, as the rows were under the lock.
    """

    order: Any
    situation: Sequence[Any]
    observation: Observation
    facts: OrderFacts
    decision: Decision
    learnt: TransactionFact | None
    postings: tuple[Posting, ...]
    winner: str | None
    step: StockStep | None


def write_chain(row: Notification, chain: Chain) -> None:
    """Write the chain of a delivery, with the state and the verdict that follow from it."""
    row.chain = store_chain(chain)
    row.state = state_of(chain)
    row.verdict = verdict_of(chain).value


def conclude(row: Notification, chain: Chain, now: datetime) -> None:
    """Write the chain of a delivery that was taken in; a claim is due at once."""
    write_chain(row, chain)
    if row.state is NotificationState.AWAITING_CONFIRMATION:
        row.due_at = now
        row.processed_at = None


def take_in(
    connection: Connection,
    row: Notification,
    chain: Chain,
    observation: Observation,
    now: datetime,
) -> int | None:
    """Store a delivery and do what it says; return its id, or None (nothing written) for the door.

    ``row`` is in no session; it ends as it was stored.
    """
    found = match(connection, observation.reference, observation.gateway, row.dedupe_key)
    if found is None:
        unknown = Matched(observation.reference[:80], why=Why.UNKNOWN_ORDER)
        return _store(connection, row, (*chain, unknown), now)
    bind(attempt=found.reference)
    row.order_id, row.attempt_id = found.order_id, found.id
    chain = (*chain, Matched(found.reference, found.try_number))
    if found.earlier is not None:
        return _store(connection, row, (*chain, Repeats(found.earlier)), now)
    plan = _plan(connection, found.order_id, observation)
    if plan is None:
        return None
    conclude(row, (*chain, judged_link(plan.decision)), now)
    notification_id = write_all(connection, [_new(NOTIFICATIONS, row), *_writes(plan, row, now)])
    report(observation, plan.decision)
    return notification_id


def _store(connection: Connection, row: Notification, chain: Chain, now: datetime) -> int:
    conclude(row, chain, now)
    return write_all(connection, [_new(NOTIFICATIONS, row)])


def _new(table: Table, row: Base, **more: object) -> NewRow:
    return NewRow(table, columns_of(row) | more)


def _plan(connection: Connection, order_id: int, observation: Observation) -> _Plan | None:
    """Lock the order and decide; None where only the door can carry it out."""
    order = lock_order_columns(connection, order_id)
    if order.payment_status is not PaymentStatus.PENDING or observation.refunds:
        return None
    situation = read_situation(connection, order_id)
    if situation[0].has_refunds or situation[0].has_entries:
        return None
    facts = _facts(order, situation)
    decision = decide(facts, observation)
    if not is_plain(decision, order.stock_state):
        return None
    learnt = decision.transaction if decision.evidence is Evidence.PROVES else None
    after = facts if learnt is None else put_on_attempt(facts, learnt, observation.reference)
    return _Plan(
        order=order,
        situation=situation,
        observation=observation,
        facts=facts,
        decision=decision,
        learnt=learnt,
        postings=post({}, books_of(after)),
        winner=settle_status(after).winner,
        step=stock_step(order.stock_state, decision.before, decision.after),
    )


def is_plain(decision: Decision, held: StockState) -> bool:
    """Tell whether nobody has to be called and goods, if any, are there to be taken."""
    return (
        decision.evidence is not Evidence.CONFIRMED
        and decision.attention is None
        and decision.why not in TELLING
        and stock_step(held, decision.before, decision.after) in {None, StockStep.TAKE}
    )


def _facts(order: Any, situation: Sequence[Any]) -> OrderFacts:
    attempts = {row.attempt_id: row for row in situation}
    return OrderFacts(
        status=order.payment_status,
        total_idr=Rupiah(order.total_idr),
        attempts=tuple(attempt_fact(row) for row in attempts.values()),
        transactions=tuple(
            transaction_fact(row, row.reference)
            for row in situation
            if row.transaction_id is not None
        ),
        cancel_asked=order.cancel_asked_at is not None,
    )


def _writes(plan: _Plan, row: Notification, now: datetime) -> Iterator[Write]:
    """Yield what the message does to its order, to be written after the message itself."""
    origin: dict[str, Any] = {
        "order_id": row.order_id,
        "attempt_id": row.attempt_id,
        "notification_id": IdOf(NOTIFICATIONS),
        "recorded_at": now,
    }
    said = observation_row(plan.observation, plan.decision, plan.facts)
    yield _new(OBSERVATIONS, said, **origin)
    if plan.learnt is not None:
        yield _transaction(plan, plan.learnt, row)
    if plan.decision.changed:
        yield from _lines(plan, now)
    for entry in new_entries(plan.order.id, _NOTHING_KNOWN, plan.postings):
        yield _new(ENTRIES, entry, observation_id=IdOf(OBSERVATIONS), event_id=None, at=now)
    if plan.step is not None:
        yield TakenGoods(plan.order.id, now)
    yield ChangedRow(ORDERS, plan.order.id, _order_after(plan, now))


def _transaction(plan: _Plan, fact: TransactionFact, row: Notification) -> Write:
    told_of = GatewayTransaction()
    tell(told_of, fact)
    told = columns_of(told_of)
    for known in plan.situation:
        same = known.gateway_transaction_id == fact.gateway_transaction_id
        if same and known.attempt_id == row.attempt_id:
            return ChangedRow(TRANSACTIONS, known.transaction_id, told)
    named = {
        "order_id": row.order_id,
        "attempt_id": row.attempt_id,
        "gateway": plan.observation.gateway,
        "gateway_transaction_id": fact.gateway_transaction_id,
    }
    return NewRow(TRANSACTIONS, named | told)


def _lines(plan: _Plan, now: datetime) -> Iterator[Write]:
    made, first = plan.decision, plan.situation[0]
    happening = Happening(
        made.why,
        Actor.GATEWAY,
        now,
        before=made.before,
        after=made.after,
        details=event_details(plan.observation, made),
    )
    last = (first.last_seq or 0, first.last_hash or "")
    yield _new(EVENTS, next_event(plan.order.id, last, happening))
    due = due_mail(told_by(happening))
    if due is not None:
        # The first of its kind: an order without entries in its books was never paid before.
        yield _new(MAILS, new_mail(plan.order.id, due, now))


def _order_after(plan: _Plan, now: datetime) -> dict[str, object]:
    sums, made = sum_up(books_after(plan.postings)), plan.decision
    after: dict[str, object] = {
        "captured_idr": sums.captured_idr,
        "refunded_idr": sums.refunded_idr,
        "reserved_idr": sums.reserved_idr,
        "payment_gateway_transaction_id": plan.winner,
        "updated_at": now,
    }
    if made.changed:
        after |= {"payment_status": made.after, "last_why": made.why.value}
        if made.after in HOLDS_MONEY:
            after["paid_at"] = plan.order.paid_at or now
    if plan.step is not None:
        after["stock_state"] = StockState.TAKEN
    return after
