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
class _Run:
    job: str
    started_at: datetime
    report: RunReport
    error: str | None = None


def recorded(
    job: str, run_once: Callable[[Desk, Crew], RunReport], desk: Desk, crew: Crew
) -> Callable[[], None]:
    """Return the job as the scheduler calls it: one run, written down."""

    def run() -> None:
        started_at = desk.clock()
        try:
            report = run_once(desk, crew)
        except Exception as error:  # noqa: BLE001 - the schedule must go on.
            _log.exception("job %s failed", job)
            _write_down(desk, crew, _Run(job, started_at, RunReport(failed=1), str(error)))
            return
        _write_down(desk, crew, _Run(job, started_at, report))

    return run


def forget_old_heartbeats(desk: Desk) -> None:
    """Drop the heartbeats of processes that ended more than a day ago."""
    long_ago = desk.clock() - timedelta(days=1)
    with desk.sessions.begin() as session:
        session.execute(delete(JobHeartbeat).where(JobHeartbeat.last_run_at < long_ago))


def _write_down(desk: Desk, crew: Crew, run: _Run) -> None:
    now = desk.clock()
    with desk.sessions.begin() as session:
        session.merge(JobHeartbeat(job=run.job, instance=crew.owner, last_run_at=now))
        if run.report.claimed or run.report.failed:
            session.add(
                JobRun(
                    job=run.job,
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
            run.job,
            run.report.claimed,
            run.report.changed,
            run.report.failed,
        )
