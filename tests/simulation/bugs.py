"""The bugs that are put into the product on purpose, as patches of its modules."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeAlias

from sqlalchemy import Connection, select
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
    intake,
    notifications,
    observations,
    payment_pages,
    reconciliation,
    refund_facts,
    refund_sending,
    refunds,
    status,
    timeline,
)
from app.services.desk import Desk
from app.services.notifications import Receipt
from app.services.refunds import RefundForm
from tests.simulation.boundaries import ProcessDiedError
from webhooks import endpoints

Patch: TypeAlias = tuple[Any, str, Any]


def _in_all(name: str, replacement: object, *places: Any) -> list[Patch]:
    return [(place, name, replacement) for place in places]


def no_lock() -> list[Patch]:
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


def refunds_without_lock() -> list[Patch]:
    """Decide about a request on what was read before its transaction began."""
    real_load, real_reserve = refunds.load_facts, refunds._reserve
    read_before: list[OrderFacts] = []

    def reserve(desk: Desk, form: RefundForm) -> tuple[int, bool]:
        with desk.reads() as session:
            mine = real_load(session, session.get_one(Order, form.order_id))
        read_before.append(mine)
        try:
            return real_reserve(desk, form)
        finally:
            read_before[:] = [facts for facts in read_before if facts is not mine]

    def load(session: Session, order: Order) -> OrderFacts:
        is_dry_run = session.connection().get_execution_options().get("lunas_read_only", False)
        if is_dry_run or not read_before:
            return real_load(session, order)
        return read_before.pop()

    return [(refunds, "_reserve", reserve), (refunds, "load_facts", load)]


def _believe(which: Callable[[Observation], bool]) -> list[Patch]:
    real = transitions.weigh

    def weigh(facts: OrderFacts, observation: Observation) -> Evidence:
        return Evidence.CONFIRMED if which(observation) else real(facts, observation)

    return _in_all("weigh", weigh, transitions, observations)


def believe_everything() -> list[Patch]:
    return _believe(lambda observation: True)


def believe_refunds() -> list[Patch]:
    return _believe(lambda observation: bool(observation.refunds))


def believe_any_status_under_a_signature() -> list[Patch]:
    return _believe(lambda observation: observation.signature_proves_payment)


def new_key_per_try() -> list[Patch]:
    real = refund_sending._request
    tries = iter(range(1, 1_000_000))

    def request(session: Session, refund: Refund) -> RefundRequest:
        made = real(session, refund)
        return replace(made, key=f"{made.key}-{next(tries)}")

    return [(refund_sending, "_request", request)]


def timeout_is_failure() -> list[Patch]:
    def event_for(error: GatewayError, *, is_repeat: bool) -> RefundEvent:
        return RefundEvent.REFUSED

    return [(refund_sending, "_event_for", event_for)]


def last_word_wins() -> list[Patch]:
    real = transitions.merge_transaction

    def merge(
        known: TransactionFact | None, observation: Observation, evidence: Evidence
    ) -> TransactionFact | None:
        merged = real(known, observation, evidence)
        if merged is None or observation.seen in {Seen.NOTHING, Seen.UNRECOGNISED}:
            return merged
        return replace(merged, stage=observation.seen, ever_paid=observation.seen in MONEY_SEEN)

    return [(transitions, "merge_transaction", merge)]


def goods_leave_again() -> list[Patch]:
    def step(held: StockState, before: PaymentStatus, after: PaymentStatus) -> StockStep | None:
        if held is StockState.TAKEN and after in HOLDS_MONEY:
            return StockStep.TAKE_LATE
        return stock_step(held, before, after)

    return [(observations, "stock_step", step)]


def acknowledge_first() -> list[Patch]:
    real = endpoints.receive_notification

    def receive(desk: Desk, delivery: RawNotification, **named: Any) -> Receipt:
        try:
            return real(desk, delivery, **named)
        except ProcessDiedError:
            return Receipt(0, accepted=True, why=Why.CLAIM_AWAITS_CONFIRMATION)

    return [(endpoints, "receive_notification", receive)]


def forget_to_look_again() -> list[Patch]:
    def reschedule(facts: OrderFacts, attempt: Attempt, now: datetime) -> bool:
        attempt.next_check_at = None
        return True

    return _in_all("reschedule", reschedule, observations, payment_pages)


def second_payment_unseen() -> list[Patch]:
    return [(transitions, "_paid_count", lambda facts: 1)]


def unknown_releases() -> list[Patch]:
    released = transitions.RELEASED | {RefundState.UNKNOWN}
    return _in_all("RELEASED", released, transitions, core_refunds, ledger, refund_facts)


def any_signature() -> list[Patch]:
    def unchecked(body: bytes, server_key: str) -> Any:
        return json.loads(body)

    return [
        (midtrans, "signed_body", unchecked),
        (XenditGateway, "authenticate", lambda self, delivery: None),
    ]


def create_without_looking() -> list[Patch]:
    def create(desk: Desk, attempt: Attempt) -> Any:
        gateway = desk.gateway(attempt.gateway)
        return gateway.create_charge(payment_pages._request_for(desk, attempt))

    return [(payment_pages, "_find_or_create", create)]


def expire_unasked() -> list[Patch]:
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


def dead_sender_stays() -> list[Patch]:
    real = reconciliation.resolve_refund

    def resolve(desk: Desk, refund_id: int) -> None:
        with desk.reads() as session:
            state = session.get_one(Refund, refund_id).state
        if state is not RefundState.SENDING:
            real(desk, refund_id)

    return [(reconciliation, "resolve_refund", resolve)]


def approval_forgotten() -> list[Patch]:
    return [(core_refunds, "_needs_approval", lambda question: False)]


def own_approval() -> list[Patch]:
    return [(refunds, "refuse_approval", lambda **named: None)]


def claim_dropped() -> list[Patch]:
    def put_off(desk: Desk, notification_id: int, error: GatewayError) -> None:
        with desk.sessions.begin() as session:
            row = session.get_one(Notification, notification_id)
            row.state = NotificationState.DONE
            row.due_at = row.lease_until = row.lease_owner = None

    return [(notifications, "_put_off", put_off)]


def everything_is_a_duplicate() -> list[Patch]:
    real = intake.match
    told = select(Notification.id).order_by(Notification.id).limit(1)

    def match(connection: Connection, reference: str, *rest: Any) -> Any:
        found = real(connection, reference, *rest)
        if found is None or found.earlier is not None:
            return found
        earlier = connection.scalar(told.where(Notification.reference == reference))
        return SimpleNamespace(**{**found._mapping, "earlier": earlier})

    return [(intake, "match", match)]


def send_before_commit() -> list[Patch]:
    real = refund_sending._begin_sending

    def begin(desk: Desk, refund_id: int, staff_id: int | None) -> Any:
        sending = real(desk, refund_id, staff_id)
        with desk.sessions.begin() as session:
            refund = session.get_one(Refund, refund_id)
            if refund.state is RefundState.SENDING:
                refund.state = RefundState.APPROVED
        return sending

    return [(refund_sending, "_begin_sending", begin)]


def outside_refunds_ignored() -> list[Patch]:
    return [(refund_facts, "_add_outside", lambda *arguments: None)]


def event_without_a_chain() -> list[Patch]:
    real = timeline.event_hash

    def unchained(event: Any) -> str:
        event.previous_hash = ""
        return real(event)

    return [(timeline, "event_hash", unchained)]


def goods_kept_for_nobody() -> list[Patch]:
    def step(held: StockState, before: PaymentStatus, after: PaymentStatus) -> StockStep | None:
        found = stock_step(held, before, after)
        return None if found is StockStep.GIVE_BACK else found

    return [(observations, "stock_step", step)]


def any_amount() -> list[Patch]:
    return [(transitions, "_refuse", lambda facts, observation: None)]


def call_inside_a_transaction() -> list[Patch]:
    real = payment_pages._find_or_create

    def find_or_create(desk: Desk, attempt: Attempt) -> Any:
        with desk.reads() as session:
            session.get_one(Attempt, attempt.id)
            return real(desk, attempt)

    return [(payment_pages, "_find_or_create", find_or_create)]
