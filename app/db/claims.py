"""How job processes share work: each due row is claimed by one of them for the time of a lease."""

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import Integer, bindparam, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningUpdate

from app.db.base import UtcDateTime
from app.db.bulk import BulkRun
from app.db.mails import Mail
from app.db.payments import Attempt, Notification, Refund
from app.db.session import Sessions

LEASE: Final = timedelta(seconds=60)

ClaimedTable = type[Attempt] | type[Notification] | type[Refund]
# Bulk runs and mails are claimed like the others, but are about no one gateway.
LeasedTable = ClaimedTable | type[BulkRun] | type[Mail]


def claim_due(
    sessions: Sessions, table: LeasedTable, *, owner: str, now: datetime, limit: int
) -> list[int]:
    """Claim up to ``limit`` due rows for ``owner`` and return their ids, the longest due first.

    One statement: on PostgreSQL ``SKIP LOCKED`` lets processes pass each other; on SQLite, which
    has no such clause, the write lock does (and only one job process may run).
    """
    given = {"now": now, "until": now + LEASE, "owner": owner, "most": limit}
    with sessions.begin() as session:
        return sorted(session.scalars(_claim(table), given))


@cache
def _claim(table: LeasedTable) -> ReturningUpdate[int]:
    """Return the claiming statement of one table; built once, because jobs run every second."""
    due_at = due_column(table)
    now = bindparam("now", type_=UtcDateTime)
    free = or_(table.lease_until.is_(None), table.lease_until < now)
    due = (
        select(table.id)
        .where(due_at <= now, free)
        .order_by(due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        # As a CTE it runs once; as a plain subquery a plan may run it again and lock more rows.
        .cte("due")
    )
    return (
        update(table)
        .where(table.id.in_(select(due.c.id)))
        .values(lease_until=bindparam("until"), lease_owner=bindparam("owner"))
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )


def due_column(table: LeasedTable) -> InstrumentedAttribute[datetime | None]:
    """Return the column that says when a row is due."""
    return table.due_at if table is Notification else table.next_check_at  # type: ignore[union-attr]
