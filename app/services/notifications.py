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
    NotificationError,
)
from app.core.facts import RANK
from app.core.observations import Evidence, Observation, Seen, Source
from app.core.ports import RawNotification
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, NotificationState
from app.core.transitions import Decision, rests_on_a_message
from app.db.locks import lock_order
from app.db.models import Actor, Attempt, Notification, StoredObservation
from app.services.asking import ask_gateway
from app.services.desk import Desk
from app.services.facts import Call, call_for_attention, load_facts
from app.services.observations import Heard, apply_observation, find_attempt
from app.services.timeline import Happening, record_event

MOST_BYTES: Final = 64 * 1024
# A refused delivery may come from anybody: keep enough to recognise it, not a disk full.
_REFUSED_BYTES: Final = 4 * 1024
_KEPT_HEADERS: Final = frozenset({"content-type", "user-agent", "webhook-id", "content-length"})
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
    """A delivery on its way in, with what is known of it so far."""

    delivery: RawNotification
    remote_address: str | None
    gateway: GatewayName | None
    observation: Observation | None = None


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
    intake = _Intake(delivery, remote_address, name)
    refusal = _refuse(desk, intake)
    if refusal is not None:
        return _store_refusal(desk, intake, refusal)
    try:
        observation = desk.gateway(name).read_notification(delivery)
    except NotificationError as error:
        return _store_refusal(desk, intake, _refusal_for(error))
    return _store_and_apply(desk, replace(intake, observation=observation))


def _refuse(desk: Desk, intake: _Intake) -> Why | None:
    if intake.gateway not in desk.gateways:
        return Why.GATEWAY_NOT_CONFIGURED
    return Why.TOO_LARGE if len(intake.delivery.body) > MOST_BYTES else None


def _refusal_for(error: NotificationError) -> Why:
    if isinstance(error, BadSignatureError):
        return Why.BAD_SIGNATURE
    if isinstance(error, MalformedNotificationError):
        return Why.MALFORMED
    raise TypeError(f"{type(error).__name__} is not a leaf of the tree")


def _store_refusal(desk: Desk, intake: _Intake, why: Why) -> Receipt:
    row = _row(intake, NotificationState.REFUSED, why)
    row.body = intake.delivery.body[:_REFUSED_BYTES]
    row.chain = [_link("received"), _link("authentic", ok=False, why=why)]
    with desk.sessions.begin() as session:
        session.add(row)
        session.flush()
        return Receipt(row.id, accepted=False, why=why)


def _row(intake: _Intake, state: NotificationState, why: Why) -> Notification:
    delivery = intake.delivery
    done = state is not NotificationState.AWAITING_CONFIRMATION
    return Notification(
        gateway=intake.gateway,
        state=state,
        verdict=why.value,
        chain=[],
        headers={k: v[:200] for k, v in delivery.headers.items() if k in _KEPT_HEADERS},
        body=delivery.body,
        body_size=len(delivery.body),
        remote_address=intake.remote_address,
        received_at=delivery.received_at,
        processed_at=delivery.received_at if done else None,
        due_at=None if done else delivery.received_at,
        tries=0,
    )


def _link(
    step: str, *, ok: bool = True, why: Why | None = None, **details: object
) -> dict[str, object]:
    """Make one link of a verdict's chain; read by people and searched by staff."""
    link: dict[str, object] = {"step": step, "ok": ok}
    if why is not None:
        link["why"] = why.value
    return link | details


def _store_and_apply(desk: Desk, intake: _Intake) -> Receipt:
    observation = intake.observation
    assert observation is not None  # noqa: S101 - set by the only caller
    with desk.sessions.begin() as session:
        row = _row(intake, NotificationState.DONE, Why.UNKNOWN_ORDER)
        row.dedupe_key = observation.dedupe_key or None
        row.reference = observation.reference[:80] or None
        row.gateway_transaction_id = (observation.gateway_transaction_id or "")[:80] or None
        row.raw_status = observation.raw_status[:60]
        row.chain = [
            _link("received"),
            _link("authentic"),
            _link("parsed", seen=observation.seen.value),
        ]
        session.add(row)
        session.flush()
        why = _judge(session, row, observation, desk.clock())
        row.verdict = why.value
        return Receipt(row.id, accepted=True, why=why)


def _judge(session: Session, row: Notification, observation: Observation, now: datetime) -> Why:
    if observation.is_test:
        return _end_chain(row, Why.TEST_MESSAGE)
    attempt = find_attempt(session, observation.reference, observation.provider_reference)
    if attempt is None:
        return _end_chain(row, Why.UNKNOWN_ORDER)
    row.order_id, row.attempt_id = attempt.order_id, attempt.id
    row.chain = [*row.chain, _link("matched", reference=attempt.reference)]
    if _is_duplicate(session, row):
        return _end_chain(row, Why.DUPLICATE)
    # A refund message of Xendit names the invoice, not our reference.
    named = replace(observation, reference=attempt.reference)
    decision = apply_observation(session, attempt, Heard(named, notification_id=row.id), now)
    return _conclude(row, decision, now)


def _end_chain(row: Notification, why: Why) -> Why:
    row.chain = [*row.chain, _link("verdict", why=why)]
    return why


def _is_duplicate(session: Session, row: Notification) -> bool:
    """Tell whether the same message was handled, or is being handled, before."""
    if row.dedupe_key is None:
        return False
    query = (
        select(Notification.id)
        .where(
            Notification.dedupe_key == row.dedupe_key,
            Notification.gateway == row.gateway,
            Notification.id != row.id,
            Notification.state != NotificationState.REFUSED,
            Notification.order_id.is_not(None),
            # What the gateway once did not confirm may have become true since.
            Notification.verdict != Why.CLAIM_NOT_CONFIRMED.value,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def _conclude(row: Notification, decision: Decision, now: datetime) -> Why:
    row.chain = [*row.chain, _decision_link(decision)]
    if decision.needs_confirmation:
        row.state = NotificationState.AWAITING_CONFIRMATION
        row.due_at = now
        row.processed_at = None
    return decision.why


def _decision_link(decision: Decision) -> dict[str, object]:
    return _link(
        "verdict",
        why=decision.why,
        evidence=decision.evidence.value,
        before=decision.before.value,
        after=decision.after.value,
    )


def confirm_notification(desk: Desk, notification_id: int) -> bool:
    """Ask the gateway whether a claim is true and act on its answer; True if the order changed.

    The caller holds the row's lease. While the gateway does not answer, the claim stays due.
    """
    with desk.reads() as session:
        row = session.get_one(Notification, notification_id)
        attempt = session.get_one(Attempt, row.attempt_id)
    try:
        answers = ask_gateway(desk, attempt, Source.JOB, row.gateway_transaction_id)
    except GatewayError as error:
        _put_off(desk, notification_id, error)
        return False
    return _act_on_answers(desk, notification_id, answers)


def _put_off(desk: Desk, notification_id: int, error: GatewayError) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        row = session.get_one(Notification, notification_id)
        _wait_longer(row, now)
        row.chain = [*row.chain[-20:], _link("asked", ok=False, error=error.message[:200])]


def _wait_longer(row: Notification, now: datetime) -> None:
    row.due_at = now + _CONFIRM_WAITS[min(row.tries, len(_CONFIRM_WAITS) - 1)]
    row.tries += 1
    row.lease_until = row.lease_owner = None


def _act_on_answers(desk: Desk, notification_id: int, answers: tuple[Observation, ...]) -> bool:
    now = desk.clock()
    with desk.sessions.begin() as session:
        row = session.get_one(Notification, notification_id)
        attempt = session.get_one(Attempt, row.attempt_id)
        decisions = [
            apply_observation(session, attempt, Heard(answer, notification_id=row.id), now)
            for answer in answers
        ]
        _close_claim(session, row, answers, decisions, now)
        return any(decision.changed for decision in decisions)


def _close_claim(
    session: Session,
    row: Notification,
    answers: tuple[Observation, ...],
    decisions: list[Decision],
    now: datetime,
) -> None:
    claimed = _first_heard(session, row)
    unfounded = claimed.evidence is Evidence.PROVES and _rests_on_message(session, row)
    confirmed = _confirms(claimed.seen, answers) and not unfounded
    row.chain = [*row.chain[-20:], *(_decision_link(decision) for decision in decisions)]
    if not confirmed and row.tries < _PATIENCE:
        _wait_longer(row, now)
        return
    row.verdict = _verdict(row, decisions, confirmed=confirmed).value
    if unfounded:
        _call_about_unconfirmed_proof(session, row, now)
    row.state = NotificationState.DONE
    row.processed_at = now
    row.due_at = row.lease_until = row.lease_owner = None


def _first_heard(session: Session, row: Notification) -> StoredObservation:
    """Return what the message itself said, before any answer of the gateway."""
    return session.scalars(
        select(StoredObservation)
        .where(
            StoredObservation.notification_id == row.id,
            StoredObservation.evidence != Evidence.CONFIRMED,
        )
        .order_by(StoredObservation.id)
        .limit(1)
    ).one()


def _rests_on_message(session: Session, row: Notification) -> bool:
    """Tell whether the order still counts money that the gateway does not know of."""
    attempt = session.get_one(Attempt, row.attempt_id)
    facts = load_facts(session, lock_order(session, attempt.order_id))
    return rests_on_a_message(facts, attempt.reference)


def _call_about_unconfirmed_proof(session: Session, row: Notification, now: datetime) -> None:
    """Show a person a payment that was signed for but that the gateway then did not know."""
    order = lock_order(session, row.order_id or 0)
    words = WORDS[Why.PAYMENT_NOT_CONFIRMED].en
    if call_for_attention(order, Call(Attention.DRIFT, words), now):
        record_event(session, order, Happening(Why.PAYMENT_NOT_CONFIRMED, Actor.GATEWAY, now))


def _confirms(claimed: Seen, answers: tuple[Observation, ...]) -> bool:
    """Tell whether the gateway is at, or already past, what was claimed."""
    return any(RANK.get(a.seen, -1) >= RANK.get(claimed, 0) for a in answers)


def _verdict(row: Notification, decisions: list[Decision], *, confirmed: bool) -> Why:
    # First, because such a message must not make the true one of the same words a duplicate.
    if not confirmed:
        return Why.CLAIM_NOT_CONFIRMED
    changed = next((decision.why for decision in decisions if decision.changed), None)
    if changed is not None:
        return changed
    # Proven and applied on arrival: the reason for that change is the verdict that stays.
    waiting = Why(row.verdict) is Why.CLAIM_AWAITS_CONFIRMATION
    return Why.CLAIM_CONFIRMED if waiting else Why(row.verdict)
