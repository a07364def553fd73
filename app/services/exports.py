"""Exports on record: begun before the first row leaves, counted on the way, ended for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db.models import Export, ExportState, FileFormat
from app.db.session import Sessions

# A process that died leaves its exports "running"; they count no longer than this.
LONGEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewExport:
    """What somebody wants to take out; ``key`` is born with the click."""

    key: str
    staff_id: int
    list_name: str
    file_format: FileFormat
    query: str
    columns: Sequence[str]
    rows_total: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is, in rows."""

    state: ExportState
    rows_done: int
    rows_total: int


def begin_export(sessions: Sessions, export: NewExport, now: datetime) -> bool:
    """Write down that an export begins; False if its key was used before."""
    row = insert(Export).values(
        key=export.key,
        staff_id=export.staff_id,
        list_name=export.list_name,
        file_format=export.file_format,
        query=export.query,
        columns=list(export.columns),
        rows_total=export.rows_total,
        rows_done=0,
        state=ExportState.RUNNING,
        started_at=now,
    )
    try:
        with sessions.begin() as session:
            session.execute(row)
    except IntegrityError:
        return False
    return True


def count_rows(sessions: Sessions, key: str, rows_done: int) -> None:
    """Write down how many rows have left."""
    with sessions.begin() as session:
        session.execute(update(Export).where(Export.key == key).values(rows_done=rows_done))


def end_export(
    sessions: Sessions, key: str, rows_done: int, state: ExportState, now: datetime
) -> None:
    """Write down how an export ended."""
    values = {"rows_done": rows_done, "state": state, "finished_at": now}
    with sessions.begin() as session:
        session.execute(update(Export).where(Export.key == key).values(**values))


def read_progress(session: Session, key: str, staff_id: int) -> Progress | None:
    """Return how far a person's own export is; None if they have none of this key."""
    query = select(Export).where(Export.key == key, Export.staff_id == staff_id)
    row = session.scalars(query).one_or_none()
    return None if row is None else Progress(row.state, row.rows_done, row.rows_total)


def running_exports(session: Session, staff_id: int, now: datetime) -> int:
    """Count a person's exports that are under way."""
    query = select(func.count()).where(
        Export.staff_id == staff_id,
        Export.state == ExportState.RUNNING,
        Export.started_at > now - LONGEST,
    )
    return session.scalar(query) or 0
