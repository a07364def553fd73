"""Deliveries of the gateways: stored with a verdict first, acknowledged after, never lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import (
    BadSignatureError,
    GatewayError,
    MalformedNotificationError,
)
from app.core.facts import RANK
from app.core.observations import Evidence, Observation, Seen, Source
from app.core.ports import Gateway, RawNotification
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, NotificationState
from app.core.transitions import Decision, rests_on_a_message
from app.core.verdict_records import load_chain
from app.core.verdicts import (
    Authenticity,
    Chain,
    Checked,
    Concluded,
    Link,
    Matched,
    Proof,
    Read,
    Received,
    Repeats,
    answer_links,
    asked_link,
    claim_of,
    extend_chain,
    judged_link,
    read_link,
    verdict_of,
)
from app.db.arrivals import NOTIFICATIONS, earlier_telling
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Notification
from app.services.asking import ask_gateway
from app.services.calls import Call, call_for_attention
from app.services.desk import Desk
from app.services.facts import load_facts
from app.services.intake import conclude, take_in, write_chain
from app.services.observations import Heard, apply_observation, find_attempt
from app.services.timeline import Happening, record_event
from app.telemetry.context import bind

MOST_BYTES: Final = 64 * 1024
# A refused delivery may come from anybody: keep enough to recognise it, not a disk full.
_REFUSED_BYTES: Final = 4 * 1024
_KEPT_HEADERS: Final = frozenset({"content-type", "user-agent", "webhook-id", "content-length"})
_PROOF_OF: Final = {GatewayName.MIDTRANS: Proof.SIGNATURE, GatewayName.XENDIT: Proof.TOKEN}
_PREVIOUS: Final = {
    Proof.SIGNATURE: Proof.PREVIOUS_SIGNATURE,
    Proof.TOKEN: Proof.PREVIOUS_TOKEN,
}
# Between tries to confirm a claim; the last one repeats while the gateway does not answer.
_CONFIRM_WAITS: Final = tuple(timedelta(seconds=s) for s in (1, 5, 30, 120, 600))
# A gateway may announce a change before its own status API shows it.
_PATIENCE: Final = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery; ``accepted`` False means that it was refused."""

    notification_id: int
    accepted: bool
    why: Why


@dataclass(frozen=True, slots=True)
class _Intake:
    """A delivery on its way in, with what is known of it so far; no observation: refused."""

    delivery: RawNotification
    remote_address: str | None
    gateway: GatewayName
    chain: Chain = ()
    observation: Observation | None = None

    def refused(self, *links: Link) -> "_Intake":
        """Return the delivery with the links that end it."""
        return replace(self, chain=(*self.chain, *links))


def recognise_gateway(headers: Mapping[str, str]) -> GatewayName:
    """Tell whose delivery this is: Xendit sends its token in a header, Midtrans signs the body."""
    return GatewayName.XENDIT if "x-callback-token" in headers else GatewayName.MIDTRANS


def receive_notification(
    desk: Desk,
    delivery: RawNotification,
    *,
    gateway: GatewayName | None = None,
    remote_address: str | None = None,
) -> Receipt:
    """Store a delivery with its verdict and apply at once what it proves.

    When this returns, the delivery is durable. What it only claims waits for the jobs to ask the
    gateway. Errors of the database pass through: the caller must then not acknowledge.
    """
    name = gateway or recognise_gateway(delivery.headers)
    intake = _read(desk, _Intake(delivery, remote_address, name))
    if intake.observation is None:
        return _store_refusal(desk, intake)
    return _store_and_apply(desk, intake, intake.observation)


def _read(desk: Desk, intake: _Intake) -> _Intake:
    """Authenticate and read a delivery, without touching the database."""
    size = len(intake.delivery.body)
    if size > MOST_BYTES:
        return intake.refused(Received(size, _REFUSED_BYTES, Why.TOO_LARGE))
    received = Received(size, min(size, _REFUSED_BYTES))
    intake = replace(intake, chain=(received,))
    if intake.gateway not in desk.gateways:
        return intake.refused(Checked(Authenticity.CANNOT_TELL, why=Why.GATEWAY_NOT_CONFIGURED))
    return _read_as(desk.gateway(intake.gateway), intake)


def _read_as(gateway: Gateway, intake: _Intake) -> _Intake:
    proof = _PROOF_OF[gateway.name]
    try:
        observation = gateway.read_notification(intake.delivery)
    except BadSignatureError:
        return intake.refused(Checked(Authenticity.NO, proof, Why.BAD_SIGNATURE))
    except MalformedNotificationError:
        authentic = _authenticity_of_malformed(gateway, intake.delivery)
        return intake.refused(Checked(authentic, proof), Read(why=Why.MALFORMED))
    received = Received(len(intake.delivery.body), len(intake.delivery.body))
    shown = _PREVIOUS[proof] if observation.by_previous_key else proof
    chain = (received, Checked(Authenticity.YES, shown), read_link(observation))
    return replace(intake, chain=chain, observation=observation)


def _authenticity_of_malformed(gateway: Gateway, delivery: RawNotification) -> Authenticity:
    """Tell whether at least the proof was right; a signature inside a broken body is lost."""
    try:
        gateway.authenticate(delivery)
    except MalformedNotificationError:
        return Authenticity.CANNOT_TELL
    return Authenticity.YES


def _store_refusal(desk: Desk, intake: _Intake) -> Receipt:
    row = _row(intake)
    row.body = intake.delivery.body[:_REFUSED_BYTES]
    write_chain(row, intake.chain)
    with desk.sessions.begin() as session:
        session.add(row)
        session.flush()
        bind(notification=row.id)
        return Receipt(row.id, accepted=False, why=Why(row.verdict))


def _row(intake: _Intake) -> Notification:
    """Make the row of a delivery, as if handled; its chain is written once it is known."""
    delivery = intake.delivery
    return Notification(
        gateway=intake.gateway,
        state=NotificationState.DONE,
        verdict=Why.UNKNOWN_ORDER.value,
        chain=[],
        headers={k: v[:200] for k, v in delivery.headers.items() if k in _KEPT_HEADERS},
        body=delivery.body,
        body_size=len(delivery.body),
        remote_address=intake.remote_address,
        received_at=delivery.received_at,
        processed_at=delivery.received_at,
        tries=0,
    )


def _store_and_apply(desk: Desk, intake: _Intake, observation: Observation) -> Receipt:
    row = _row(intake)
    row.dedupe_key = observation.dedupe_key or None
    row.reference = observation.reference[:80] or None
    row.gateway_transaction_id = (observation.gateway_transaction_id or "")[:80] or None
    row.raw_status = observation.raw_status[:60]
    with desk.sessions.begin() as session:
        number = _take_in(session, row, intake.chain, observation, desk.clock())
        return Receipt(number, accepted=True, why=Why(row.verdict))


def _take_in(
    session: Session, row: Notification, chain: Chain, observation: Observation, now: datetime
) -> int:
    """Store and apply by the short way, or through the door; return the notification's id."""
    if observation.reference and not observation.is_test:
        number = take_in(session.connection(), row, chain, observation, now)
        if number is not None:
            bind(notification=number)
            return number
    session.add(row)
    session.flush()
    bind(notification=row.id)
    conclude(row, (*chain, *_judge(session, row, observation, now)), now)
    return row.id


def _judge(
    session: Session, row: Notification, observation: Observation, now: datetime
) -> tuple[Link, ...]:
    reference = observation.reference[:80]
    if observation.is_test:
        return (Matched(reference, why=Why.TEST_MESSAGE),)
    attempt = find_attempt(session, observation.reference, observation.provider_reference)
    if attempt is None:
        return (Matched(reference, why=Why.UNKNOWN_ORDER),)
    row.order_id, row.attempt_id = attempt.order_id, attempt.id
    matched = Matched(attempt.reference, attempt.try_number)
    earlier = _find_earlier(session, row)
    if earlier is not None:
        return matched, Repeats(earlier)
    # A refund message of Xendit names the invoice, not our reference.
    named = replace(observation, reference=attempt.reference)
    decision = apply_observation(session, attempt, Heard(named, notification_id=row.id), now)
    return matched, judged_link(decision)


def _find_earlier(session: Session, row: Notification) -> int | None:
    """Return the first notification by which the same message was handled, or is being handled."""
    if row.dedupe_key is None:
        return None
    query = earlier_telling(row.dedupe_key, row.gateway).where(NOTIFICATIONS.c.id != row.id)
    return session.scalar(query)


def confirm_notification(desk: Desk, notification_id: int) -> bool:
    """Ask the gateway whether a claim is true and act on its answer; True if the order changed.

    The caller holds the row's lease. While the gateway does not answer, the claim stays due.
    """
    with desk.reads() as session:
        row = session.get_one(Notification, notification_id)
        attempt = session.get_one(Attempt, row.attempt_id)
    bind(notification=notification_id, attempt=attempt.reference)
    try:
        answers = ask_gateway(desk, attempt, Source.JOB, row.gateway_transaction_id)
    except GatewayError as error:
        _put_off(desk, notification_id, error)
        return False
    return _act_on_answers(desk, notification_id, answers)


def _put_off(desk: Desk, notification_id: int, error: GatewayError) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        row = _lock_claim(session, notification_id)
        if row.state is NotificationState.AWAITING_CONFIRMATION:
            asked = asked_link(now, error=error.message)
            write_chain(row, extend_chain(load_chain(row.chain), asked))
            _wait_longer(row, now)


def _lock_claim(session: Session, notification_id: int) -> Notification:
    """Return a claim as it stands now, under its order's lock.

    Whoever held the lease before us and was slow may have written to it since it was claimed.
    """
    order_id = session.scalar(
        select(Notification.order_id).where(Notification.id == notification_id)
    )
    lock_order(session, order_id or 0)
    return session.get_one(Notification, notification_id, populate_existing=True)


def _wait_longer(row: Notification, now: datetime) -> None:
    row.due_at = now + _CONFIRM_WAITS[min(row.tries, len(_CONFIRM_WAITS) - 1)]
    row.tries += 1
    row.lease_until = row.lease_owner = None


@dataclass(frozen=True, slots=True)
class _Round:
    """One question about a claim that was answered, with what each answer changed."""

    at: datetime
    answers: tuple[Observation, ...]
    decisions: tuple[Decision, ...]

    @property
    def links(self) -> tuple[Link, ...]:
        asked = asked_link(self.at, answers=len(self.answers))
        return (asked, *answer_links(self.answers, self.decisions))


def _act_on_answers(desk: Desk, notification_id: int, answers: tuple[Observation, ...]) -> bool:
    now = desk.clock()
    with desk.sessions.begin() as session:
        row = _lock_claim(session, notification_id)
        if row.state is not NotificationState.AWAITING_CONFIRMATION:
            return False  # Our lease ran out, and another process has concluded it.
        attempt = session.get_one(Attempt, row.attempt_id)
        decisions = tuple(
            apply_observation(session, attempt, Heard(answer, notification_id=row.id), now)
            for answer in answers
        )
        _close_claim(session, row, _Round(now, answers, decisions))
        return any(decision.changed for decision in decisions)


def _close_claim(session: Session, row: Notification, heard: _Round) -> None:
    """Conclude a claim by what was answered, or wait for the gateway to catch up with it."""
    chain = extend_chain(load_chain(row.chain), *heard.links)
    claimed, evidence = claim_of(chain)
    unfounded = evidence is Evidence.PROVES and _rests_on_message(session, row)
    confirmed = _confirms(claimed, heard.answers) and not unfounded
    if not confirmed and row.tries < _PATIENCE:
        write_chain(row, chain)
        _wait_longer(row, heard.at)
        return
    attention = _call_about_unconfirmed_proof(session, row, heard.at) if unfounded else None
    why = _verdict(verdict_of(chain), heard.decisions, confirmed=confirmed)
    write_chain(row, extend_chain(chain, Concluded(heard.at, why, attention)))
    row.processed_at = heard.at
    row.due_at = row.lease_until = row.lease_owner = None


def _rests_on_message(session: Session, row: Notification) -> bool:
    """Tell whether the order still counts money that the gateway does not know of."""
    attempt = session.get_one(Attempt, row.attempt_id)
    facts = load_facts(session, lock_order(session, attempt.order_id))
    return rests_on_a_message(facts, attempt.reference)


def _call_about_unconfirmed_proof(
    session: Session, row: Notification, now: datetime
) -> Attention | None:
    """Show a person a payment that was signed for but that the gateway then did not know."""
    order = lock_order(session, row.order_id or 0)
    if not call_for_attention(order, Call(Attention.DRIFT, Why.PAYMENT_NOT_CONFIRMED), now):
        return None
    record_event(session, order, Happening(Why.PAYMENT_NOT_CONFIRMED, Actor.GATEWAY, now))
    return Attention.DRIFT


def _confirms(claimed: Seen, answers: tuple[Observation, ...]) -> bool:
    """Tell whether the gateway is at, or already past, what was claimed."""
    return any(RANK.get(a.seen, -1) >= RANK.get(claimed, 0) for a in answers)


def _verdict(so_far: Why, decisions: tuple[Decision, ...], *, confirmed: bool) -> Why:
    """Return what stays as the verdict: what the answers changed, or what became of the claim."""
    # First, because such a message must not make the true one of the same words a duplicate.
    if not confirmed:
        return Why.CLAIM_NOT_CONFIRMED
    changed = next((decision.why for decision in decisions if decision.changed), None)
    if changed is not None:
        return changed
    # Proven and applied on arrival: the reason for that change is the verdict that stays.
    return Why.CLAIM_CONFIRMED if so_far is Why.CLAIM_AWAITS_CONFIRMATION else so_far
