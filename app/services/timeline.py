"""The order's timeline: append-only, numbered, each line carrying the hash of the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from app.core.mails import Told
from app.core.observations import Source
from app.core.reasons import Why
from app.core.states import PaymentStatus
from app.db.models import Actor, Order, OrderEvent
from app.services.mail_outbox import queue_mail

ACTOR_OF: Mapping[Source, Actor] = {
    Source.NOTIFICATION: Actor.GATEWAY,
    Source.STATUS_CHECK: Actor.STAFF,
    Source.JOB: Actor.JOB,
    Source.API_ANSWER: Actor.GATEWAY,
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an order; ``before``/``after`` only where its state changed."""

    why: Why
    actor: Actor
    at: datetime
    staff_id: int | None = None
    before: PaymentStatus | None = None
    after: PaymentStatus | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])


_LAST_EVENT: Final = (
    select(OrderEvent)
    .where(OrderEvent.order_id == bindparam("order_id", type_=Integer))
    .order_by(OrderEvent.seq.desc())
    .limit(1)
)


# What stands before the first line of a timeline.
BEGINNING: Final = (0, "")


def record_event(session: Session, order: Order, happening: Happening) -> OrderEvent:
    """Append one line to the order's timeline; the caller holds the order's lock.

    A line that the shopper should hear of brings its mail with it.
    """
    last = session.scalars(_LAST_EVENT, {"order_id": order.id}).one_or_none()
    link = BEGINNING if last is None else (last.seq, last.hash)
    event = next_event(order.id, link, happening)
    session.add(event)
    queue_mail(session, order, told_by(happening), happening.at)
    session.flush()
    return event


def told_by(happening: Happening) -> Told:
    """Return what of a happening decides whether the shopper gets a mail."""
    return Told(happening.before, happening.after, happening.details)


def next_event(order_id: int, last: tuple[int, str], happening: Happening) -> OrderEvent:
    """Return the line that follows ``last`` (its number and hash) on the order's timeline."""
    seq, previous_hash = last
    event = OrderEvent(
        order_id=order_id,
        seq=seq + 1,
        at=happening.at,
        actor=happening.actor,
        staff_id=happening.staff_id,
        why=happening.why.value,
        before=happening.before,
        after=happening.after,
        details=dict(happening.details),
        previous_hash=previous_hash,
        hash="",
    )
    event.hash = event_hash(event)
    return event


def was_told(session: Session, order: Order, why: Why) -> bool:
    """Tell whether the order's timeline names this reason already."""
    query = select(OrderEvent.id).where(
        OrderEvent.order_id == order.id, OrderEvent.why == why.value
    )
    return session.scalar(query.limit(1)) is not None


def event_hash(event: OrderEvent) -> str:
    """Return the hash that chains this line to the one before (hex SHA-256)."""
    content = [
        event.order_id,
        event.seq,
        event.at.isoformat(),
        event.actor.value,
        event.staff_id,
        event.why,
        event.before,
        event.after,
        event.details,
        event.previous_hash,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
