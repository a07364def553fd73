"""What the job process does: claim what is due, ask the gateways, end every open order.

Each run claims a batch under a lease, works on it in a few threads under a rate limit per gateway,
and reports what came of it. While the last rows of a batch are under way the next is claimed: the
limit, and not we, sets the pace. A row that fails is put off, and never stops the others.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from app.core.errors import GatewayError
from app.core.observations import Source
from app.core.reasons import Why
from app.core.refunds import APPROVAL_LIFETIME
from app.core.states import GatewayName, RefundState
from app.db.claims import ClaimedTable, claim_due, due_column
from app.db.locks import lock_refund
from app.db.models import Actor, Attempt, Notification, Refund
from app.services.cancelling import go_on_cancelling, is_being_cancelled
from app.services.desk import Desk
from app.services.notifications import confirm_notification
from app.services.observations import refresh_order
from app.services.refund_facts import refund_details
from app.services.refund_sending import resolve_refund
from app.services.status import check_attempt
from app.services.timeline import Happening
from app.telemetry.context import kept_apart

_log = logging.getLogger("lunas.jobs")
_AFTER_FAILURE: Final = timedelta(seconds=30)
# A shopper may be watching the page that this claim is about.
_AFTER_FAILED_CLAIM: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of a job did; ``has_more``: its time was over, and more may be due."""

    claimed: int = 0
    changed: int = 0
    failed: int = 0
    has_more: bool = False


class RateLimit:
    """At most ``per_second`` calls a second, shared by the threads of one process."""

    def __init__(self, per_second: float) -> None:
        """Start with the first call allowed at once."""
        self._gap_s = 1 / per_second
        self._lock = threading.Lock()
        self._next_at = 0.0

    def wait(self) -> None:
        """Sleep until the next call is allowed."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next_at)
            self._next_at = at + self._gap_s
        time.sleep(max(0.0, at - now))


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works: the name under which rows are claimed, threads, batch size and limits.

    One thread is the caller's own: the rows are then worked on in the order of their ids.
    """

    owner: str
    threads: int
    batch: int
    limits: dict[GatewayName, RateLimit]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    gateway: GatewayName


def confirm_claims(desk: Desk, crew: Crew) -> RunReport:
    """Ask the gateways about what notifications claimed."""

    def confirm(notification_id: int) -> bool:
        return confirm_notification(desk, notification_id)

    return _work(desk, crew, Notification, confirm)


def poll_attempts(desk: Desk, crew: Crew, *, ends_at: datetime | None = None) -> RunReport:
    """Ask the gateways about the attempts that are due, each by its own schedule.

    Batch after batch while they are full, until ``ends_at``; without it one batch.
    """

    def poll(attempt_id: int) -> bool:
        if is_being_cancelled(desk, attempt_id):
            return _close(desk, attempt_id)
        report = check_attempt(desk, attempt_id, source=Source.JOB)
        if report.error is not None:
            _put_off(desk, Attempt, attempt_id)
        return report.changed

    return _work(desk, crew, Attempt, poll, ends_at)


def _close(desk: Desk, attempt_id: int) -> bool:
    try:
        return go_on_cancelling(desk, attempt_id)
    except GatewayError:
        _put_off(desk, Attempt, attempt_id)
        return False


def resolve_refunds(desk: Desk, crew: Crew) -> RunReport:
    """Bring unfinished refunds forward: send, look up, or send again under the same key."""

    def resolve(refund_id: int) -> bool:
        before = _refund_state(desk, refund_id)
        resolve_refund(desk, refund_id)
        return _refund_state(desk, refund_id) is not before

    return _work(desk, crew, Refund, resolve)


def _refund_state(desk: Desk, refund_id: int) -> RefundState:
    with desk.reads() as session:
        return session.get_one(Refund, refund_id).state


def _work(
    desk: Desk,
    crew: Crew,
    table: ClaimedTable,
    do_one: Callable[[int], bool],
    ends_at: datetime | None = None,
) -> RunReport:
    def work(row: _Row) -> bool | None:
        limit = crew.limits.get(row.gateway)
        if limit is not None:
            limit.wait()
        outcome = _guarded(desk, table, row.id, do_one)
        _release(desk, table, row.id, crew.owner)
        return outcome

    outcomes = _each(crew, table, work, _claim(desk, crew, table, ends_at))
    # Only the last batch may be short.
    has_more = ends_at is not None and bool(outcomes) and len(outcomes) % crew.batch == 0
    return RunReport(len(outcomes), outcomes.count(True), outcomes.count(None), has_more)


def _claim(desk: Desk, crew: Crew, table: ClaimedTable, ends_at: datetime | None) -> Iterator[_Row]:
    """Yield what is due, claimed batch by batch as it is asked for."""
    while True:
        ids = claim_due(desk.sessions, table, owner=crew.owner, now=desk.clock(), limit=crew.batch)
        gateways = _gateways(desk, table, ids) if ids else {}
        yield from (_Row(row_id, gateways[row_id]) for row_id in ids)
        if len(ids) < crew.batch or ends_at is None or desk.clock() >= ends_at:
            return


def _each(
    crew: Crew, table: ClaimedTable, work: Callable[[_Row], bool | None], rows: Iterator[_Row]
) -> list[bool | None]:
    apart = kept_apart(work)
    if crew.threads == 1:
        return [apart(row) for row in rows]
    outcomes: list[bool | None] = []
    under_way: deque[Future[bool | None]] = deque()
    with ThreadPoolExecutor(crew.threads, thread_name_prefix=table.__tablename__) as pool:
        for row in rows:
            under_way.append(pool.submit(apart, row))
            # As many wait as work: no thread stands idle while the next batch is claimed.
            if len(under_way) >= 2 * crew.threads:
                outcomes.append(under_way.popleft().result())
        outcomes += [one.result() for one in under_way]
    return outcomes


def _guarded(
    desk: Desk, table: ClaimedTable, row_id: int, do_one: Callable[[int], bool]
) -> bool | None:
    """Work on one row; None if it failed: it is put off, and the others go on."""
    try:
        return do_one(row_id)
    except Exception:  # noqa: BLE001 - one row must not stop the others.
        _log.exception("%s %s failed", table.__tablename__, row_id)
        _put_off(desk, table, row_id)
        return None


def _gateways(desk: Desk, table: ClaimedTable, ids: Iterable[int]) -> dict[int, GatewayName]:
    with desk.reads() as session:
        rows = session.execute(select(table.id, table.gateway).where(table.id.in_(ids)))
        return {row_id: gateway or GatewayName.MIDTRANS for row_id, gateway in rows}


def _put_off(desk: Desk, table: ClaimedTable, row_id: int) -> None:
    is_claim = table is Notification
    later = desk.clock() + (_AFTER_FAILED_CLAIM if is_claim else _AFTER_FAILURE)
    due_at = due_column(table)
    with desk.sessions.begin() as session:
        session.execute(
            update(table)
            # What has ended meanwhile is due no more, and must not be asked about for ever.
            .where(table.id == row_id, due_at.is_not(None))
            .values({due_at.key: later})
        )


def _release(desk: Desk, table: ClaimedTable, row_id: int, owner: str) -> None:
    # One by one: whoever holds several rows while it waits for the next can close a circle with
    # two orders that wait for the same goods.
    with desk.sessions.begin() as session:
        session.execute(
            update(table)
            .where(table.id == row_id, table.lease_owner == owner)
            .values(lease_until=None, lease_owner=None)
        )


def expire_approvals(desk: Desk) -> RunReport:
    """Withdraw requests that waited longer than 72 hours for a second person."""
    now = desk.clock()
    with desk.reads() as session:
        query = select(Refund.id).where(
            Refund.state == RefundState.AWAITING_APPROVAL,
            Refund.requested_at < now - APPROVAL_LIFETIME,
        )
        waiting = list(session.scalars(query))
    withdrawn = [_expire_approval(desk, refund_id, now) for refund_id in waiting]
    return RunReport(len(waiting), withdrawn.count(True))


def _expire_approval(desk: Desk, refund_id: int, now: datetime) -> bool:
    with desk.sessions.begin() as session:
        order, refund = lock_refund(session, refund_id)
        if refund.state is not RefundState.AWAITING_APPROVAL:
            return False
        refund.state = RefundState.WITHDRAWN
        refund.finished_at = now
        details = refund_details(refund)
        refresh_order(
            session, order, Happening(Why.APPROVAL_EXPIRED, Actor.JOB, now, details=details)
        )
        return True
