"""Bugs put into the product on purpose, to show that the simulation finds them.

Each replaces something of the product for the time of one story; the product itself has no
switches for them. ``seed`` is the first story, of :data:`LENGTH` steps, that finds the bug.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from sqlalchemy.orm import Session

from app.core import ledger, transitions
from app.core import refunds as core_refunds
from app.core.errors import GatewayError
from app.core.facts import MONEY_SEEN, OrderFacts, TransactionFact
from app.core.observations import Evidence, Observation, Seen, Source
from app.core.ports import RawNotification, RefundRequest
from app.core.reasons import Why
from app.core.refunds import RefundEvent
from app.core.states import HOLDS_MONEY, NotificationState, PaymentStatus, RefundState, StockState
from app.core.stock import StockStep, stock_step
from app.db.models import Attempt, Notification, Order, Refund
from app.gateways import midtrans
from app.gateways.xendit import XenditGateway
from app.services import (
    checkout,
    notifications,
    observations,
    payment_pages,
    refund_facts,
    refund_sending,
    refunds,
    status,
    timeline,
)
from app.services.desk import Desk
from app.services.notifications import Receipt
from tests.simulation.boundaries import ProcessDiedError
from webhooks import endpoints

LENGTH: Final = 40
Patch: TypeAlias = tuple[Any, str, Any]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One seeded bug: its name, what it does wrong, its patches, and how it is found.

    The story of ``seed`` breaks ``rule``.
    """

    name: str
    words: str
    patches: Callable[[], list[Patch]]
    seed: int
    rule: str


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """Put the bug in place until the end of the block."""
    with ExitStack() as stack:
        for where, name, replacement in mutation.patches():
            stack.enter_context(patch.object(where, name, replacement))
        yield


def _in_all(name: str, replacement: object, *places: Any) -> list[Patch]:
    return [(place, name, replacement) for place in places]


def _no_lock() -> list[Patch]:
    """Decide on what was read before the gateway was asked, as two processes without a lock do."""
    real_load = observations.load_facts
    read_before: dict[int, OrderFacts] = {}

    def reading_first(ask: Callable[..., tuple[Observation, ...]]) -> Callable[..., Any]:
        def asking(desk: Desk, attempt: Attempt, *arguments: Any) -> tuple[Observation, ...]:
            with desk.reads() as session:
                before = real_load(session, session.get_one(Order, attempt.order_id))
            answers = ask(desk, attempt, *arguments)
            read_before[attempt.order_id] = before
            return answers

        return asking

    def load(session: Session, order: Order) -> OrderFacts:
        return read_before.pop(order.id, None) or real_load(session, order)

    return [
        (status, "ask_about_all", reading_first(status.ask_about_all)),
        (notifications, "ask_gateway", reading_first(notifications.ask_gateway)),
        (observations, "load_facts", load),
    ]


def _believe(which: Callable[[Observation], bool]) -> list[Patch]:
    real = transitions.weigh

    def weigh(facts: OrderFacts, observation: Observation) -> Evidence:
        return Evidence.CONFIRMED if which(observation) else real(facts, observation)

    return _in_all("weigh", weigh, transitions, observations)


def _believe_everything() -> list[Patch]:
    return _believe(lambda observation: True)


def _believe_refunds() -> list[Patch]:
    return _believe(lambda observation: bool(observation.refunds))


def _believe_any_status_under_a_signature() -> list[Patch]:
    return _believe(lambda observation: observation.signature_proves_payment)


def _new_key_per_try() -> list[Patch]:
    real = refund_sending._request
    tries = iter(range(1, 1_000_000))

    def request(session: Session, refund: Refund) -> RefundRequest:
        made = real(session, refund)
        return replace(made, key=f"{made.key}-{next(tries)}")

    return [(refund_sending, "_request", request)]


def _timeout_is_failure() -> list[Patch]:
    def event_for(error: GatewayError, *, is_repeat: bool) -> RefundEvent:
        return RefundEvent.REFUSED

    return [(refund_sending, "_event_for", event_for)]


def _last_word_wins() -> list[Patch]:
    real = transitions.merge_transaction

    def merge(
        known: TransactionFact | None, observation: Observation, evidence: Evidence
    ) -> TransactionFact | None:
        merged = real(known, observation, evidence)
        if merged is None or observation.seen in {Seen.NOTHING, Seen.UNRECOGNISED}:
            return merged
        return replace(merged, stage=observation.seen, ever_paid=observation.seen in MONEY_SEEN)

    return [(transitions, "merge_transaction", merge)]


def _goods_leave_again() -> list[Patch]:
    def step(held: StockState, before: PaymentStatus, after: PaymentStatus) -> StockStep | None:
        if held is StockState.TAKEN and after in HOLDS_MONEY:
            return StockStep.TAKE_LATE
        return stock_step(held, before, after)

    return [(observations, "stock_step", step)]


def _acknowledge_first() -> list[Patch]:
    real = endpoints.receive_notification

    def receive(desk: Desk, delivery: RawNotification, **named: Any) -> Receipt:
        try:
            return real(desk, delivery, **named)
        except ProcessDiedError:
            return Receipt(0, accepted=True, why=Why.CLAIM_AWAITS_CONFIRMATION)

    return [(endpoints, "receive_notification", receive)]


def _forget_to_look_again() -> list[Patch]:
    def reschedule(facts: OrderFacts, attempt: Attempt, now: datetime) -> bool:
        attempt.next_check_at = None
        return True

    return _in_all("reschedule", reschedule, observations, payment_pages)


def _second_payment_unseen() -> list[Patch]:
    return [(transitions, "_paid_count", lambda facts: 1)]


def _unknown_releases() -> list[Patch]:
    released = transitions.RELEASED | {RefundState.UNKNOWN}
    return _in_all("RELEASED", released, transitions, core_refunds, ledger, refund_facts)


def _any_signature() -> list[Patch]:
    def unchecked(body: bytes, server_key: str) -> Any:
        return json.loads(body)

    return [
        (midtrans, "signed_body", unchecked),
        (XenditGateway, "authenticate", lambda self, delivery: None),
    ]


def _create_without_looking() -> list[Patch]:
    def create(desk: Desk, attempt: Attempt) -> Any:
        gateway = desk.gateway(attempt.gateway)
        return gateway.create_charge(payment_pages._request_for(desk, attempt))

    return [(payment_pages, "_find_or_create", create)]


def _expire_unasked() -> list[Patch]:
    real = status.ask_about_all

    def ask(desk: Desk, attempt: Attempt, source: Source) -> tuple[Observation, ...]:
        now = desk.clock()
        if now < attempt.expires_at:
            return real(desk, attempt, source)
        over = now + timedelta(minutes=2)
        return (
            Observation(attempt.gateway, attempt.reference, Seen.NOTHING, source, over, "expired"),
        )

    return [(status, "ask_about_all", ask)]


def _dead_sender_stays() -> list[Patch]:
    return [(refund_sending, "_SENDER_LIVES", timedelta(days=999))]


def _approval_forgotten() -> list[Patch]:
    return [(core_refunds, "_needs_approval", lambda question: False)]


def _own_approval() -> list[Patch]:
    return [(refunds, "refuse_approval", lambda **named: None)]


def _claim_dropped() -> list[Patch]:
    def put_off(desk: Desk, notification_id: int, error: GatewayError) -> None:
        with desk.sessions.begin() as session:
            row = session.get_one(Notification, notification_id)
            row.state = NotificationState.DONE
            row.due_at = row.lease_until = row.lease_owner = None

    return [(notifications, "_put_off", put_off)]


def _everything_is_a_duplicate() -> list[Patch]:
    real = notifications._find_earlier

    def find_earlier(session: Session, row: Notification) -> int | None:
        earlier = session.query(Notification.id).filter(
            Notification.reference == row.reference, Notification.id < row.id
        )
        return real(session, row) or earlier.order_by(Notification.id).limit(1).scalar()

    return [(notifications, "_find_earlier", find_earlier)]


def _send_before_commit() -> list[Patch]:
    real = refund_sending._begin_sending

    def begin(desk: Desk, refund_id: int, staff_id: int | None) -> Any:
        sending = real(desk, refund_id, staff_id)
        with desk.sessions.begin() as session:
            refund = session.get_one(Refund, refund_id)
            if refund.state is RefundState.SENDING:
                refund.state = RefundState.APPROVED
        return sending

    return [(refund_sending, "_begin_sending", begin)]


def _outside_refunds_ignored() -> list[Patch]:
    return [(refund_facts, "_add_outside", lambda *arguments: None)]


def _event_without_a_chain() -> list[Patch]:
    real = timeline.event_hash

    def unchained(event: Any) -> str:
        event.previous_hash = ""
        return real(event)

    return [(timeline, "event_hash", unchained)]


def _goods_kept_for_nobody() -> list[Patch]:
    def step(held: StockState, before: PaymentStatus, after: PaymentStatus) -> StockStep | None:
        found = stock_step(held, before, after)
        return None if found is StockStep.GIVE_BACK else found

    return [(observations, "stock_step", step)]


def _any_amount() -> list[Patch]:
    return [(transitions, "_refuse", lambda facts, observation: None)]


def _call_inside_a_transaction() -> list[Patch]:
    real = checkout.open_page

    def open_page(desk: Desk, attempt_id: int, *, holder: str) -> Any:
        with desk.reads() as session:
            session.get_one(Attempt, attempt_id)
            return real(desk, attempt_id, holder=holder)

    return [(checkout, "open_page", open_page)]


MUTATIONS: Final = (
    Mutation(
        "no lock",
        "what was read before the gateway was asked is decided on",
        _no_lock,
        267,
        "each step begins where the last one ended",
    ),
    Mutation(
        "claims are believed",
        "every notification counts as proof",
        _believe_everything,
        17,
        "captured <= ever taken at the gateways",
    ),
    Mutation(
        "refund claims are believed",
        "a refund message counts unasked",
        _believe_refunds,
        99,
        "captured <= ever taken at the gateways",
    ),
    Mutation(
        "the signature covers all",
        "any status under a right signature counts",
        _believe_any_status_under_a_signature,
        17,
        "captured <= ever taken at the gateways",
    ),
    Mutation(
        "a new key per try",
        "a repeated refund gets a new key",
        _new_key_per_try,
        0,
        "no refund that nobody asked for",
    ),
    Mutation(
        "a timeout is a failure",
        "an unknown refund is marked failed",
        _timeout_is_failure,
        41,
        "a refund at the gateway is not over here",
    ),
    Mutation(
        "the last word wins",
        "a slow answer moves a payment back",
        _last_word_wins,
        105,
        "what was acknowledged is acted upon",
    ),
    Mutation(
        "goods leave again",
        "a second step takes the goods twice",
        _goods_leave_again,
        0,
        "no goods appear",
    ),
    Mutation(
        "yes before storing",
        "2xx although nothing was stored",
        _acknowledge_first,
        1,
        "acknowledged means stored",
    ),
    Mutation(
        "no next look",
        "polling is not rescheduled",
        _forget_to_look_again,
        0,
        "an open order is watched or waits for a person",
    ),
    Mutation(
        "second payment unseen",
        "two payments look like one",
        _second_payment_unseen,
        3,
        "a second payment is told to a person",
    ),
    Mutation(
        "unknown releases",
        "an unknown refund frees its amount",
        _unknown_releases,
        0,
        "",
    ),
    Mutation(
        "any signature",
        "signature and token are not checked",
        _any_signature,
        1,
        "a forged message is refused",
    ),
    Mutation(
        "create without looking",
        "a lost answer: two invoices",
        _create_without_looking,
        23,
        "an attempt has one open invoice",
    ),
    Mutation(
        "expire unasked",
        "an order is closed by its age",
        _expire_unasked,
        112,
        "after asking, every order equals its gateway",
    ),
    Mutation(
        "dead sender stays",
        "a crash while sending is never resumed",
        _dead_sender_stays,
        103,
        "every refund comes to an end or to a person",
    ),
    Mutation(
        "approval forgotten",
        "large refunds need nobody else",
        _approval_forgotten,
        8,
        "a large refund has a second person",
    ),
    Mutation(
        "own approval",
        "the one who asked may approve",
        _own_approval,
        0,
        "",
    ),
    Mutation(
        "claim dropped",
        "a claim is over when the gateway is silent",
        _claim_dropped,
        0,
        "",
    ),
    Mutation(
        "all are duplicates",
        "later news of an order counts as known",
        _everything_is_a_duplicate,
        0,
        "",
    ),
    Mutation(
        "sent before written",
        "the intent is not written first",
        _send_before_commit,
        0,
        "",
    ),
    Mutation(
        "outside ignored",
        "dashboard refunds are not learnt",
        _outside_refunds_ignored,
        0,
        "",
    ),
    Mutation(
        "no chain",
        "the timeline's hashes do not link",
        _event_without_a_chain,
        0,
        "",
    ),
    Mutation(
        "goods lost",
        "a reversed payment keeps the goods",
        _goods_kept_for_nobody,
        0,
        "",
    ),
    Mutation(
        "any amount",
        "another amount than the total is taken for it",
        _any_amount,
        0,
        "",
    ),
    Mutation(
        "call in transaction",
        "a gateway is called in one",
        _call_inside_a_transaction,
        0,
        "",
    ),
)
