"""What verification found: kept, told, and, where it concerns money, in the way of refunds.

An order is frozen while one of its freezing findings was not released by a person. That follows
from the findings alone: there is no second place that could disagree with them. A finding that
vanishes by itself stays in the way, because something had been wrong with the money; one that was
released stays released for as long as it does not change.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.errors import RefusedError
from app.core.findings import FREEZING, Difference
from app.core.reasons import Why
from app.core.states import RefundState
from app.db.locks import lock_order
from app.db.models import Actor, Finding, Order, Refund
from app.services.desk import Desk
from app.services.timeline import Happening, record_event

# These were not sent while the order was frozen; the job need not wait for its next look.
_HELD_UP: Final = (RefundState.APPROVED, RefundState.UNKNOWN)
_IN_THE_WAY: Final = (Finding.freezes, Finding.released_at.is_(None))


def is_frozen(session: Session, order_id: int) -> bool:
    """Tell whether a finding that nobody has released stands in the way of refunds."""
    query = select(Finding.id).where(Finding.order_id == order_id, *_IN_THE_WAY)
    return session.scalars(query.limit(1)).first() is not None


def frozen_among(session: Session, order_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these orders such a finding stands in the way of, in one statement."""
    query = select(Finding.order_id).where(Finding.order_id.in_(list(order_ids)), *_IN_THE_WAY)
    return frozenset(found for found in session.scalars(query.distinct()) if found is not None)


def record_findings(
    session: Session, order: Order, differences: Iterable[Difference], now: datetime
) -> None:
    """Bring the order's findings in line with the differences; the caller holds its lock."""
    was_frozen = is_frozen(session, order.id)
    known = session.scalars(
        select(Finding).where(Finding.order_id == order.id, Finding.resolved_at.is_(None))
    )
    new = bring_in_line(session, known, differences, now)
    for finding in new:
        finding.order_id = order.id
        finding.freezes = finding.code in FREEZING
    session.add_all(new)
    session.flush()
    if not was_frozen and is_frozen(session, order.id):
        codes = sorted(finding.code.value for finding in new if finding.freezes)
        details = {"findings": ", ".join(codes)}
        record_event(session, order, Happening(Why.BOOKS_BROKEN, Actor.JOB, now, details=details))


def bring_in_line(
    session: Session, known: Iterable[Finding], differences: Iterable[Difference], now: datetime
) -> list[Finding]:
    """Touch what is still there, resolve what is gone or has changed, and return what is new."""
    wanted = {(one.code, one.subject): one for one in differences}
    for finding in known:
        still = wanted.get((finding.code, finding.subject))
        if still and (still.expected, still.found) == (finding.expected, finding.found):
            finding.last_seen_at = now
            del wanted[finding.code, finding.subject]
        else:
            finding.resolved_at = now
    # Before the new ones come: there may be one open finding of a kind for a subject.
    session.flush()
    return [
        Finding(
            code=one.code,
            subject=one.subject,
            freezes=False,
            expected=one.expected,
            found=one.found,
            first_seen_at=now,
            last_seen_at=now,
        )
        for one in wanted.values()
    ]


def release_order(desk: Desk, order_id: int, *, staff_id: int, reason: str) -> None:
    """Let refunds of an order go on in spite of its findings; who, when and why are kept.

    RefusedError(REASON_MISSING) without a reason. Where nothing is in the way, nothing happens.
    """
    if not reason.strip():
        raise RefusedError(Why.REASON_MISSING)
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        in_the_way = session.scalars(
            select(Finding).where(Finding.order_id == order_id, *_IN_THE_WAY)
        ).all()
        if not in_the_way:
            return
        for finding in in_the_way:
            finding.released_at = now
            finding.released_by_id = staff_id
            finding.release_reason = reason.strip()
        session.execute(
            update(Refund)
            .where(Refund.order_id == order_id, Refund.state.in_(_HELD_UP))
            .values(next_check_at=now)
        )
        codes = sorted({finding.code.value for finding in in_the_way})
        details = {"findings": ", ".join(codes), "reason": reason.strip()}
        happening = Happening(Why.ORDER_RELEASED, Actor.STAFF, now, staff_id, details=details)
        record_event(session, order, happening)
