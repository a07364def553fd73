"""Asking a gateway about one attempt, outside any transaction, and choosing what to believe."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, or_, select

from app.core.observations import Observation, Seen, Source
from app.core.ports import ChargeSubject
from app.db.models import Attempt, GatewayTransaction
from app.services.desk import Desk

# What may still take money.
_IS_UNSETTLED: Final = GatewayTransaction.stage.in_(
    (Seen.PENDING, Seen.AUTHORIZED, Seen.IN_REVIEW, Seen.CAPTURED)
)


def subject_of(attempt: Attempt, gateway_transaction_id: str | None = None) -> ChargeSubject:
    """Name an attempt's charge for the gateway."""
    return ChargeSubject(
        attempt.reference, attempt.provider_reference, gateway_transaction_id, attempt.token
    )


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


def ask_about_all(desk: Desk, attempt: Attempt, source: Source) -> tuple[Observation, ...]:
    """Ask by our reference, and once more for each known transaction that it did not tell about.

    One Midtrans order id may see several transactions, and the answer by order id shows the newest:
    a card declined after the payment must not hide that this was reversed or refunded.
    """
    answers = ask_gateway(desk, attempt, source)
    told = {answer.gateway_transaction_id for answer in answers}
    for transaction_id in _known(desk, attempt, or_(_IS_UNSETTLED, GatewayTransaction.ever_paid)):
        if transaction_id not in told:
            answers += ask_gateway(desk, attempt, source, transaction_id)
    return _distinct(answers)


def unsettled_subjects(desk: Desk, attempt: Attempt) -> tuple[ChargeSubject, ...]:
    """Name everything of this attempt that may still take money."""
    known = _known(desk, attempt, _IS_UNSETTLED)
    by_transaction = tuple(subject_of(attempt, one) for one in known)
    return by_transaction or (subject_of(attempt),)


def _known(desk: Desk, attempt: Attempt, which: ColumnElement[bool]) -> tuple[str, ...]:
    with desk.reads() as session:
        query = select(GatewayTransaction.gateway_transaction_id).where(
            GatewayTransaction.attempt_id == attempt.id, which
        )
        return tuple(session.scalars(query))


def _distinct(answers: Iterable[Observation]) -> tuple[Observation, ...]:
    """Drop what was answered twice, when an unknown id was looked up by reference after all."""
    by_transaction = {answer.gateway_transaction_id: answer for answer in answers}
    return tuple(by_transaction.values())
