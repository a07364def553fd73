"""Whether the jobs are alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.reading import current_desk
from app.db.models import JobHeartbeat

# Even a job that runs every second may wait this long for a slow gateway.
_PATIENCE: Final = timedelta(seconds=30)
# A job that has missed three of its times is silent.
_TIMES_MISSED: Final = 3


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a job last ran, in which process, and whether that is recent enough."""

    job: str
    instance: str
    last_run_at: datetime
    is_alive: bool


def heartbeats(session: Session) -> Sequence[Heartbeat]:
    """Return the latest run of each job, whichever process made it.

    A process that was stopped is no news as long as another does its work.
    """
    now = current_desk().clock()
    latest: dict[str, JobHeartbeat] = {}
    for beat in session.scalars(select(JobHeartbeat).order_by(JobHeartbeat.last_run_at)):
        latest[beat.job] = beat
    return [_judge(latest[job], now) for job in sorted(latest)]


def _judge(beat: JobHeartbeat, now: datetime) -> Heartbeat:
    allowed = max(_PATIENCE, _TIMES_MISSED * timedelta(seconds=beat.every_s))
    is_alive = now - beat.last_run_at <= allowed
    return Heartbeat(beat.job, beat.instance, beat.last_run_at, is_alive)
