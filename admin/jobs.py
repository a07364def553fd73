"""Whether the jobs are alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.reading import current_desk
from app.db.models import JobHeartbeat

# The rarest of the jobs that must never stop runs every few seconds.
ALIVE_FOR: Final = timedelta(seconds=30)
# A process that was stopped on purpose days ago is no news.
_FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a job of a process last ran, and whether that is recent enough."""

    job: str
    instance: str
    last_run_at: datetime
    is_alive: bool


def heartbeats(session: Session) -> Sequence[Heartbeat]:
    """Return the last run of each job of each process seen in the last day."""
    now = current_desk().clock()
    query = (
        select(JobHeartbeat)
        .where(JobHeartbeat.last_run_at > now - _FORGOTTEN_AFTER)
        .order_by(JobHeartbeat.job, JobHeartbeat.last_run_at.desc())
    )
    return [
        Heartbeat(beat.job, beat.instance, beat.last_run_at, now - beat.last_run_at <= ALIVE_FOR)
        for beat in session.scalars(query)
    ]
