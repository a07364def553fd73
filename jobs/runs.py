"""What is written down of a run: a heartbeat always, a row where there was work or a failure."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from app.db.models import JobHeartbeat, JobRun
from app.services.desk import Desk
from app.services.reconciliation import Crew, RunReport
from app.telemetry.context import begin_work, kept_apart, new_id
from app.telemetry.meters import JOB_ROWS, JOB_RUNS, JOB_SECONDS

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


def recorded(timed: Timed, desk: Desk, crew: Crew) -> Callable[[], bool]:
    """Return the job as the scheduler calls it: one run, written down; True if more is due."""

    def run() -> bool:
        begin_work(job=timed.name, run=new_id())
        began, started_at = time.monotonic(), desk.clock()
        try:
            # The ids of the rows stay with the rows: the lines of the run itself carry none.
            report = kept_apart(timed.run_once)(desk, crew)
        except Exception as error:  # noqa: BLE001 - the schedule must go on.
            _log.exception("job %s failed", timed.name)
            made = _Run(timed, started_at, RunReport(failed=1), str(error))
        else:
            made = _Run(timed, started_at, report)
        _count(made, time.monotonic() - began)
        _write_down(desk, crew, made)
        return made.report.has_more

    return run


def _count(run: _Run, took_s: float) -> None:
    job, report = run.timed.name, run.report
    JOB_RUNS.labels(job, "failed" if run.error is not None else "done").inc()
    JOB_SECONDS.labels(job).observe(took_s)
    JOB_ROWS.labels(job, "changed").inc(report.changed)
    JOB_ROWS.labels(job, "failed").inc(report.failed)
    # Negative where the job itself broke off before it claimed anything.
    JOB_ROWS.labels(job, "same").inc(max(0, report.claimed - report.changed - report.failed))


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
        report = run.report
        counts = {"claimed": report.claimed, "changed": report.changed, "failed": report.failed}
        _log.info("job did its work", extra=counts)
