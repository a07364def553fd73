"""Check status: always ask the gateway, act on the answer, and say what came of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.errors import GatewayError, NotFoundError
from app.core.observations import Observation, Source
from app.core.reasons import Why
from app.core.silences import silence_of
from app.core.states import GatewayName, PaymentStatus
from app.core.transitions import Decision
from app.core.verdict_records import store_chain
from app.core.verdicts import Chain, Matched, answer_links, asked_link, extend_chain
from app.db.locks import lock_order
from app.db.models import Attempt, Order, StatusCheck
from app.services.asking import ask_about_all, ask_gateway
from app.services.desk import Desk
from app.services.observations import Heard, apply_observation
from app.telemetry.context import bind


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a status check did. ``check_ids``: the stored checks, one per attempt asked."""

    before: PaymentStatus
    after: PaymentStatus
    why: Why
    error: str | None
    check_ids: tuple[int, ...]

    @property
    def changed(self) -> bool:
        """Whether the order's state changed."""
        return self.before is not self.after


def check_status(
    desk: Desk,
    order_id: int,
    *,
    source: Source,
    staff_id: int | None = None,
    transaction_id: str | None = None,
) -> StatusReport:
    """Ask the gateway about every attempt of an order, in final states too.

    Midtrans is also asked about ``transaction_id``, which a person has from its dashboard: some
    methods it finds by no other name. NotFoundError if there is no such order. A gateway that does
    not answer is reported, not raised.
    """
    attempts = _attempts(desk, order_id)
    checks = [
        check_attempt(desk, a.id, source=source, staff_id=staff_id, transaction_id=transaction_id)
        for a in attempts
    ]
    telling = next((c for c in checks if c.changed), checks[-1])
    return StatusReport(
        before=checks[0].before,
        after=checks[-1].after,
        why=telling.why,
        error=next((c.error for c in checks if c.error), None),
        check_ids=tuple(number for check in checks for number in check.check_ids),
    )


def _attempts(desk: Desk, order_id: int) -> list[Attempt]:
    with desk.reads() as session:
        query = select(Attempt).where(Attempt.order_id == order_id).order_by(Attempt.try_number)
        attempts = list(session.scalars(query))
    if not attempts:
        raise NotFoundError(f"order {order_id}")
    return attempts


def check_attempt(
    desk: Desk,
    attempt_id: int,
    *,
    source: Source,
    staff_id: int | None = None,
    transaction_id: str | None = None,
) -> StatusReport:
    """Ask about one attempt, and by a transaction's id if given, and record the check."""
    asked_at = desk.clock()
    with desk.reads() as session:
        attempt = session.get_one(Attempt, attempt_id)
        order = session.get_one(Order, attempt.order_id)
        before = order.payment_status
    bind(order=order.number, attempt=attempt.reference)
    question = _Question(attempt, source, staff_id, asked_at, before)
    try:
        answers = ask_about_all(desk, attempt, source)
        if transaction_id is not None:
            answers = _add_the_named(desk, question, answers, transaction_id)
    except GatewayError as error:
        return _record_silence(desk, question, error)
    return _record_answers(desk, question, answers)


@dataclass(frozen=True, slots=True)
class _Question:
    attempt: Attempt
    source: Source
    staff_id: int | None
    asked_at: datetime
    before: PaymentStatus


def _add_the_named(
    desk: Desk, question: _Question, answers: tuple[Observation, ...], transaction_id: str
) -> tuple[Observation, ...]:
    """Add what Midtrans says of a transaction that a person named, if it is the attempt's own."""
    told = {answer.gateway_transaction_id for answer in answers}
    if question.attempt.gateway is not GatewayName.MIDTRANS or transaction_id in told:
        return answers
    more = ask_gateway(desk, question.attempt, question.source, transaction_id)
    return (*answers, *(one for one in more if one.gateway_transaction_id == transaction_id))


def _check_row(question: _Question) -> StatusCheck:
    return StatusCheck(
        order_id=question.attempt.order_id,
        attempt_id=question.attempt.id,
        staff_id=question.staff_id,
        source=question.source,
        asked_at=question.asked_at,
        before=question.before,
        chain=[],
    )


def _opening(question: _Question) -> Chain:
    return (Matched(question.attempt.reference, question.attempt.try_number),)


def _record_silence(desk: Desk, question: _Question, error: GatewayError) -> StatusReport:
    row = _check_row(question)
    row.error = error.message
    row.silence = silence_of(error)
    row.after = question.before
    asked = asked_link(desk.clock(), error=error.message)
    row.chain = store_chain(extend_chain(_opening(question), asked))
    with desk.sessions.begin() as session:
        session.add(row)
    before = question.before
    return StatusReport(before, before, Why.STILL_WAITING, error.message, (row.id,))


def _record_answers(
    desk: Desk, question: _Question, answers: tuple[Observation, ...]
) -> StatusReport:
    now = desk.clock()
    row = _check_row(question)
    row.answered_at = now
    with desk.sessions.begin() as session:
        # Before the attempt is read or written: whoever has the order's lock goes on to the
        # attempt, and would wait for us while we wait for the order.
        lock_order(session, question.attempt.order_id)
        session.add(row)
        session.flush()
        attempt = session.get_one(Attempt, question.attempt.id)
        decisions = [
            apply_observation(
                session,
                attempt,
                Heard(answer, status_check_id=row.id, staff_id=question.staff_id),
                now,
            )
            for answer in answers
        ]
        attempt.checks_done += 1
        asked = asked_link(now, answers=len(answers))
        links = (asked, *answer_links(answers, decisions))
        row.chain = store_chain(extend_chain(_opening(question), *links))
        report = _report(question, row.id, decisions)
        row.before, row.after, row.why = report.before, report.after, report.why.value
    return report


def _report(question: _Question, check_id: int, decisions: list[Decision]) -> StatusReport:
    if not decisions:
        before = question.before
        return StatusReport(before, before, Why.UNKNOWN_ORDER, None, (check_id,))
    telling = next((d for d in decisions if d.changed), decisions[-1])
    before, after = decisions[0].before, decisions[-1].after
    return StatusReport(before, after, telling.why, None, (check_id,))
