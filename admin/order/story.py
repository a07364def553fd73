"""Reading one page of an order's story: so many events, and all that was heard between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, joinedload, raiseload

from admin.order.timeline import Line, Passage, in_passages, quiet_line, tell_story
from app.core.observations import Source
from app.db.models import Notification, OrderEvent, Staff, StatusCheck, StoredObservation

EVENTS_ON_A_PAGE: Final = 40
# An open order is asked about every few minutes for days: this is more than one try ever gets.
MOST_HEARD: Final = 1000


@dataclass(frozen=True, slots=True)
class Story:
    """One page of the story, the newest first.

    ``older`` continues it (``?before=``), None at its beginning; ``is_latest``: it ends in the
    present. ``is_cut``: more was heard between these events than is shown.
    """

    lines: Sequence[Line]
    passages: Sequence[Passage]
    older: int | None
    is_latest: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of time between events: from ``since`` on, and before ``until``."""

    since: datetime | None
    until: datetime | None

    def holds(self, column: Any) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.since is not None:
            conditions.append(column >= self.since)
        if self.until is not None:
            conditions.append(column < self.until)
        return conditions


def load_story(
    session: Session, order_id: int, before: int | None = None, most: int = MOST_HEARD
) -> Story:
    """Return the page of events before the one with this number; the latest page by default."""
    rows = _events(session, order_id, before)
    # What was heard before the last event of a page is on the next page.
    newer = rows[0] if rows and before is not None and rows[0].seq == before else None
    rows = rows[1:] if newer else rows
    events, rest = rows[:EVENTS_ON_A_PAGE], rows[EVENTS_ON_A_PAGE:]
    stretch = _Stretch(events[-1].at if rest else None, newer.at if newer else None)
    doors = (_observations, _silences, _letters)
    heard = [door(session, order_id, stretch, most) for door in doors]
    quiet = sorted((line for lines in heard for line in lines), key=lambda line: line.at)
    lines = tell_story(reversed(events), quiet)
    return Story(
        lines=lines,
        passages=in_passages(lines),
        older=events[-1].seq if rest else None,
        is_latest=newer is None,
        is_cut=any(len(lines) >= most for lines in heard),
    )


def _events(session: Session, order_id: int, before: int | None) -> Sequence[OrderEvent]:
    query = select(OrderEvent).where(OrderEvent.order_id == order_id)
    if before is not None:
        query = query.where(OrderEvent.seq <= before)
    query = query.options(joinedload(OrderEvent.staff), raiseload("*"))
    bounds = 1 if before is None else 2
    return session.scalars(
        query.order_by(OrderEvent.seq.desc()).limit(EVENTS_ON_A_PAGE + bounds)
    ).all()


def _latest(
    query: Select[*tuple[Any, ...]], column: Any, stretch: _Stretch, most: int
) -> Select[*tuple[Any, ...]]:
    return query.where(*stretch.holds(column)).order_by(column.desc()).limit(most)


def _observations(session: Session, order_id: int, stretch: _Stretch, most: int) -> list[Line]:
    """Return what a gateway said that changed nothing, unless an event tells of it too."""
    seen = StoredObservation
    told = exists().where(
        OrderEvent.order_id == order_id,
        OrderEvent.at == seen.recorded_at,
        OrderEvent.why == seen.why,
    )
    query = (
        select(
            seen.id,
            seen.source,
            seen.why,
            seen.recorded_at,
            seen.reference,
            seen.gateway_transaction_id,
            seen.raw_status,
            seen.evidence,
            seen.notification_id,
            Staff.name,
        )
        .outerjoin(StatusCheck, StatusCheck.id == seen.status_check_id)
        .outerjoin(Staff, Staff.id == StatusCheck.staff_id)
        .where(seen.order_id == order_id, seen.before == seen.after, ~told)
    )
    rows = session.execute(_latest(query, seen.recorded_at, stretch, most))
    return [_heard(row) for row in rows]


def _heard(row: Any) -> Line:
    details = {
        "reference": row.reference,
        "gateway_transaction_id": row.gateway_transaction_id,
        "gateway_status": row.raw_status,
        "evidence": row.evidence.value,
        "notification": row.notification_id,
    }
    return _by(
        row.name, quiet_line(f"heard-{row.id}", row.source, row.why, row.recorded_at, details)
    )


def _silences(session: Session, order_id: int, stretch: _Stretch, most: int) -> list[Line]:
    """Return the questions that no gateway answered."""
    query = (
        select(StatusCheck.id, StatusCheck.source, StatusCheck.asked_at, StatusCheck.error)
        .add_columns(Staff.name)
        .outerjoin(Staff, Staff.id == StatusCheck.staff_id)
        .where(StatusCheck.order_id == order_id, StatusCheck.error.is_not(None))
    )
    rows = session.execute(_latest(query, StatusCheck.asked_at, stretch, most))
    return [
        _by(
            row.name,
            quiet_line(
                f"check-{row.id}", row.source, "no_answer", row.asked_at, {"error": row.error}
            ),
        )
        for row in rows
    ]


def _letters(session: Session, order_id: int, stretch: _Stretch, most: int) -> list[Line]:
    """Return the notifications that never became something that we heard: doubles, refused ones."""
    letter = Notification
    heard = exists().where(StoredObservation.notification_id == letter.id)
    query = select(letter.id, letter.verdict, letter.received_at, letter.raw_status)
    query = query.where(letter.order_id == order_id, ~heard)
    rows = session.execute(_latest(query, letter.received_at, stretch, most))
    return [
        quiet_line(
            f"letter-{row.id}",
            Source.NOTIFICATION,
            row.verdict,
            row.received_at,
            {"gateway_status": row.raw_status, "notification": row.id},
        )
        for row in rows
    ]


def _by(person: str | None, line: Line) -> Line:
    return line if person is None else replace(line, person=person)
