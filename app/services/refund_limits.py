"""The daily limit of each person who refunds, held under a lock on the person."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError, RefusedError
from app.core.money import Rupiah
from app.core.reasons import Why
from app.core.refund_limits import Allowance, daily_limit_idr, day_began_at
from app.core.transitions import RELEASED
from app.db.locks import lock_staff
from app.db.models import Refund, Staff
from app.services.desk import Desk


def refund_allowance(desk: Desk, staff_id: int) -> Allowance:
    """Return what a person may still refund today, for the dry run; nothing is locked."""
    with desk.reads() as session:
        return _allowance(session, session.get_one(Staff, staff_id), desk.clock())


def refuse_over_limit(session: Session, staff_id: int, amount_idr: int, now: datetime) -> None:
    """Raise RefusedError(DAILY_LIMIT_REACHED) if the amount is more than the person has left.

    Call it in the transaction that writes the refund: the lock on the person makes a second
    request wait until the first one counts.
    """
    person = lock_staff(session, [staff_id]).get(staff_id)
    if person is None:
        raise NotFoundError(f"staff {staff_id}")
    if not _allowance(session, person, now).covers(amount_idr):
        raise RefusedError(Why.DAILY_LIMIT_REACHED)


def _allowance(session: Session, person: Staff, now: datetime) -> Allowance:
    """Add up what the person asked for today; requests that were given up do not count."""
    spent = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_idr), 0)).where(
            Refund.requested_by_id == person.id,
            Refund.requested_at >= day_began_at(now),
            Refund.state.not_in(RELEASED),
        )
    )
    limit = daily_limit_idr(person.role.name, person.daily_refund_limit_idr)
    return Allowance(limit, Rupiah(int(spent or 0)))
