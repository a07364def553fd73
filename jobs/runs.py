"""What is written down of a run: a heartbeat always, a row where there was work or a failure."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from app.db.models import JobHeartbeat, JobRun
from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport

_log = logging.getLogger("lunas.jobs")


@dataclass(frozen=True, slots=True)
class Timed:
    """One job and how often it runs."""

    name: str
    every: timedelta
    run_once: Callable[[Desk, Crew], RunReport]


@dataclass(frozen=True, slots=True)
class _Run:
    timed: Timed
    started_at: datetime
    report: RunReport
    error: str | None = None


def recorded(timed: Timed, desk: Desk, crew: Crew) -> Callable[[], None]:
    """Return the job as the scheduler calls it: one run, written down."""

    def run() -> None:
        started_at = desk.clock()
        try:
            report = timed.run_once(desk, crew)
        except Exception as error:  # noqa: BLE001 - the schedule must go on.
            _log.exception("job %s failed", timed.name)
            _write_down(desk, crew, _Run(timed, started_at, RunReport(failed=1), str(error)))
            return
        _write_down(desk, crew, _Run(timed, started_at, report))

    return run


def forget_old_heartbeats(desk: Desk) -> None:
    """Drop the heartbeats of processes that ended more than a day ago."""
    long_ago = desk.clock() - timedelta(days=1)
    with desk.sessions.begin() as session:
        session.execute(delete(JobHeartbeat).where(JobHeartbeat.last_run_at < long_ago))


def _write_down(desk: Desk, crew: Crew, run: _Run) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        session.merge(
            JobHeartbeat(
                job=run.timed.name,
                instance=crew.owner,
                last_run_at=now,
                every_s=int(run.timed.every.total_seconds()),
            )
        )
        if run.report.claimed or run.report.failed:
            session.add(
                JobRun(
                    job=run.timed.name,
                    instance=crew.owner,
                    started_at=run.started_at,
                    finished_at=now,
                    claimed=run.report.claimed,
                    changed=run.report.changed,
                    failed=run.report.failed,
                    error=run.error,
                )
            )
    if run.report.changed or run.report.failed:
        _log.info(
            "%s: %d looked at, %d changed, %d failed",
            run.timed.name,
            run.report.claimed,
            run.report.changed,
            run.report.failed,
        )
