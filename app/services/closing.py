"""Ending payment pages at the gateways: first there, and only what they answer ends them here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import ConflictError
from app.core.facts import WAITING, OrderFacts, is_closed, of_attempt
from app.core.observations import Observation, Seen
from app.db.models import Attempt, Order
from app.services.asking import unsettled_subjects
from app.services.desk import Desk
from app.services.observations import Heard, apply_observation

# While one request works on an attempt's page, a twin of it waits this long before it may.
HOLD: Final = timedelta(seconds=30)


def hold_attempt(attempt: Attempt, holder: str, now: datetime) -> None:
    """Take the attempt for this request; ConflictError while another holds it."""
    if attempt.lease_until is not None and attempt.lease_until > now:
        raise ConflictError("idempotency_in_progress")
    attempt.lease_until = now + HOLD
    attempt.lease_owner = holder


def open_attempts(session: Session, order: Order, facts: OrderFacts) -> list[Attempt]:
    """Return the attempts on which money may still arrive in the ordinary way, locked afresh."""
    references = [a.reference for a in facts.attempts if not is_closed(facts, a)]
    query = select(Attempt).where(Attempt.order_id == order.id, Attempt.reference.in_(references))
    query = query.order_by(Attempt.try_number).execution_options(populate_existing=True)
    return list(session.scalars(query))


def close_at_gateway(desk: Desk, attempt: Attempt) -> tuple[Observation, ...]:
    """Have the gateway end all that may take money on this attempt; return what it says of it then.

    GatewayError: it may or may not be ended; nothing may be concluded from that.
    """
    gateway = desk.gateway(attempt.gateway)
    answers = [a for one in unsettled_subjects(desk, attempt) for a in gateway.close(one)]
    return tuple(
        _with_what_nobody_saw(attempt, answer)
        for answer in answers
        if answer.reference == attempt.reference
    )


def _with_what_nobody_saw(attempt: Attempt, answer: Observation) -> Observation:
    """Count a page as ended that the gateway does not know and that no shopper was ever led to."""
    is_unseen = answer.seen is Seen.NOTHING and attempt.page_url is None
    return replace(answer, page_ended=True) if is_unseen else answer


def apply_closing(
    session: Session, attempt_id: int, answers: Sequence[Observation], now: datetime
) -> None:
    """Bring what the gateway said on closing through the door, and let the attempt go."""
    attempt = session.get_one(Attempt, attempt_id)
    for answer in answers:
        apply_observation(session, attempt, Heard(answer), now)
    attempt.lease_until = attempt.lease_owner = None


def let_go(desk: Desk, attempts: Sequence[Attempt]) -> None:
    """Give up the hold on attempts that could not be closed."""
    with desk.sessions.begin() as session:
        for attempt in attempts:
            row = session.get_one(Attempt, attempt.id)
            row.lease_until = row.lease_owner = None


def may_still_be_paid(facts: OrderFacts, references: Sequence[str]) -> bool:
    """Tell whether one of these attempts waits for money although it was closed."""
    return any(t.stage in WAITING for one in references for t in of_attempt(facts, one))
