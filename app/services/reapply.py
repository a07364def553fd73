"""Applying again what notifications were about: ask the gateways, look first, then act.

A stored message proves nothing new. What may be new is the gateway's answer, and it passes the one
door like every other. The dry run is the same work in a transaction that is taken back, so that
what it tells is what will happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import GatewayError, NotFoundError, RefusedError
from app.core.observations import Source
from app.core.reasons import Why
from app.core.states import Attention, PaymentStatus
from app.db.models import Attempt, Order, ReapplyRow, ReapplyRun, ReapplyStep
from app.services.asking import ask_about_all
from app.services.desk import Desk
from app.services.observations import Heard, apply_observation
from app.services.status import check_attempt

# What one run takes up, and what one request of a person works on before it answers.
MOST_ROWS: Final = 500
AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """The notifications that somebody chose: how many, and the payments that they are about."""

    query: str
    messages: int
    without_order: int
    attempt_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking about one payment did, or would do."""

    step: ReapplyStep
    before: PaymentStatus | None = None
    after: PaymentStatus | None = None
    why: Why | None = None
    error: str | None = None


def begin_reapply(desk: Desk, chosen: Chosen, *, staff_id: int) -> int:
    """Keep the set as it is now and return the run's id; nothing is asked yet."""
    taken = chosen.attempt_ids[:MOST_ROWS]
    with desk.sessions.begin() as session:
        run = ReapplyRun(
            staff_id=staff_id,
            query=chosen.query,
            messages=chosen.messages,
            without_order=chosen.without_order,
            is_cut=len(taken) < len(chosen.attempt_ids),
            begun_at=desk.clock(),
        )
        session.add(run)
        session.flush()
        session.add_all(
            ReapplyRow(run_id=run.id, attempt_id=one, step=ReapplyStep.WAITING) for one in taken
        )
        return run.id


def look_further(desk: Desk, run_id: int) -> int:
    """Ask about the next few payments without changing anything; return how many were looked at.

    NotFoundError if there is no such run. Whatever ends this half-way, the next call goes on.
    """
    _run(desk, run_id)
    return _work_on(desk, run_id, ReapplyStep.WAITING, look)


def apply_further(desk: Desk, run_id: int, *, staff_id: int) -> int:
    """Ask about the next few payments that would change, and apply the answers.

    Only what the dry run showed is touched; while that is not complete, it goes on and nothing is
    applied. Repeating it does nothing twice, because the door knows what it has heard.
    NotFoundError if there is no such run.
    """
    run = _run(desk, run_id)
    if _has_waiting(desk, run_id):
        return look_further(desk, run_id)
    if run.apply_asked_at is None:
        with desk.sessions.begin() as session:
            session.get_one(ReapplyRun, run_id).apply_asked_at = desk.clock()
    return _work_on(
        desk, run_id, ReapplyStep.WOULD_CHANGE, lambda d, one: apply(d, one, staff_id=staff_id)
    )


def look(desk: Desk, attempt_id: int) -> Outcome:
    """Return what asking about a payment now would change, and change nothing."""
    with desk.reads() as session:
        attempt = session.get_one(Attempt, attempt_id)
        before = _standing(session, attempt)
    try:
        answers = ask_about_all(desk, attempt, Source.STATUS_CHECK)
    except GatewayError as error:
        return Outcome(ReapplyStep.NO_ANSWER, before.status, before.status, error=error.message)
    except RefusedError as refusal:
        return Outcome(ReapplyStep.NO_ANSWER, before.status, before.status, refusal.why)
    with desk.sessions() as session:
        attempt = session.get_one(Attempt, attempt_id)
        heard = (Heard(answer) for answer in answers)
        decisions = [apply_observation(session, attempt, one, desk.clock()) for one in heard]
        after = _standing(session, attempt)
        session.rollback()
    telling = next((one for one in decisions if one.changed), decisions[-1] if decisions else None)
    step = ReapplyStep.WOULD_NOT if after == before else ReapplyStep.WOULD_CHANGE
    why = Why.UNKNOWN_ORDER if telling is None else telling.why
    return Outcome(step, before.status, after.status, why)


def apply(desk: Desk, attempt_id: int, *, staff_id: int) -> Outcome:
    """Ask about a payment and apply the answer, as a status check of this person."""
    before = _standing_of(desk, attempt_id)
    report = check_attempt(desk, attempt_id, source=Source.STATUS_CHECK, staff_id=staff_id)
    if report.error is not None:
        return Outcome(ReapplyStep.NO_ANSWER, report.before, report.after, error=report.error)
    is_same = _standing_of(desk, attempt_id) == before
    step = ReapplyStep.UNCHANGED if is_same else ReapplyStep.CHANGED
    return Outcome(step, report.before, report.after, report.why)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What staff see of an order's money."""

    status: PaymentStatus
    sums: tuple[int, int, int]
    attention: Attention | None


def _standing(session: Session, attempt: Attempt) -> _Standing:
    order = session.get_one(Order, attempt.order_id)
    sums = (order.captured_idr, order.refunded_idr, order.reserved_idr)
    return _Standing(order.payment_status, sums, order.attention)


def _standing_of(desk: Desk, attempt_id: int) -> _Standing:
    with desk.reads() as session:
        return _standing(session, session.get_one(Attempt, attempt_id))


def _run(desk: Desk, run_id: int) -> ReapplyRun:
    with desk.reads() as session:
        run = session.get(ReapplyRun, run_id)
    if run is None:
        raise NotFoundError(f"run {run_id}")
    return run


def _has_waiting(desk: Desk, run_id: int) -> bool:
    query = select(func.count()).where(
        ReapplyRow.run_id == run_id, ReapplyRow.step == ReapplyStep.WAITING
    )
    with desk.reads() as session:
        return bool(session.scalar(query))


def _work_on(
    desk: Desk, run_id: int, step: ReapplyStep, work: Callable[[Desk, int], Outcome]
) -> int:
    query = select(ReapplyRow.id, ReapplyRow.attempt_id).where(
        ReapplyRow.run_id == run_id, ReapplyRow.step == step
    )
    with desk.reads() as session:
        rows = session.execute(query.order_by(ReapplyRow.id).limit(AT_ONCE)).all()
    for row_id, attempt_id in rows:
        _keep(desk, row_id, work(desk, attempt_id))
    return len(rows)


def _keep(desk: Desk, row_id: int, outcome: Outcome) -> None:
    """Write down each outcome at once: whoever goes on after a crash begins with the next."""
    with desk.sessions.begin() as session:
        row = session.get_one(ReapplyRow, row_id)
        row.step, row.before, row.after = outcome.step, outcome.before, outcome.after
        row.why = outcome.why.value if outcome.why is not None else None
        row.error, row.done_at = outcome.error, desk.clock()
