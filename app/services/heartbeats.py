"""Whether the jobs are alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

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
    allowed: timedelta
    is_alive: bool


def read_heartbeats(session: Session, now: datetime) -> Sequence[Heartbeat]:
    """Return the run of each job that is nearest to now, whichever process made it.

    A process that was stopped is no news as long as another does its work; neither is one that
    wrote of a time to come, before its clock was set right.
    """
    latest: dict[str, JobHeartbeat] = {}
    beats = session.scalars(select(JobHeartbeat))
    for beat in sorted(beats, key=lambda one: abs(now - one.last_run_at), reverse=True):
        latest[beat.job] = beat
    return [_judge(latest[job], now) for job in sorted(latest)]


def _judge(beat: JobHeartbeat, now: datetime) -> Heartbeat:
    allowed = max(_PATIENCE, _TIMES_MISSED * timedelta(seconds=beat.every_s))
    is_alive = abs(now - beat.last_run_at) <= allowed
    return Heartbeat(beat.job, beat.instance, beat.last_run_at, allowed, is_alive)
