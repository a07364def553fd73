"""Asking a gateway about one attempt, outside any transaction, and choosing what to believe."""

from app.core.observations import Observation, Source
from app.core.ports import ChargeSubject
from app.db.models import Attempt
from app.services.desk import Desk


def subject_of(attempt: Attempt, gateway_transaction_id: str | None = None) -> ChargeSubject:
    """Name an attempt's charge for the gateway."""
    return ChargeSubject(attempt.reference, attempt.provider_reference, gateway_transaction_id)


def ask_gateway(
    desk: Desk, attempt: Attempt, source: Source, gateway_transaction_id: str | None = None
) -> tuple[Observation, ...]:
    """Return what the gateway says of this attempt now; GatewayError if it does not answer.

    A transaction id that came with a message is not signed: if it leads to somebody else's
    payment, the answer is dropped and the question is asked by our own reference instead.
    """
    gateway = desk.gateway(attempt.gateway)
    subject = subject_of(attempt, gateway_transaction_id)
    answers = gateway.fetch_status(subject, source=source)
    if gateway_transaction_id and any(a.reference != attempt.reference for a in answers):
        answers = gateway.fetch_status(subject_of(attempt), source=source)
    return tuple(answer for answer in answers if answer.reference == attempt.reference)
