"""The list of times, and the scheduler that keeps to it."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from apscheduler.events import (  # pyright: ignore[reportMissingTypeStubs]
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.schedulers.background import (  # pyright: ignore[reportMissingTypeStubs]
    BackgroundScheduler,
)

from app.services.desk import Desk
from app.services.reconciliation import Crew
from app.telemetry.meters import JOB_RUNS
from jobs import (
    bulk_runs,
    clear_gate,
    confirm_claims,
    deliver_mails,
    expire_approvals,
    poll_orders,
    resolve_refunds,
    sample_closed_orders,
    verify_orders,
)
from jobs.runs import Timed, recorded

_log = logging.getLogger("lunas.jobs")


TIMES: Final = (
    Timed("confirm_claims", timedelta(seconds=1), confirm_claims.run_once),
    Timed("poll_orders", timedelta(seconds=5), poll_orders.run_once),
    Timed("resolve_refunds", timedelta(seconds=5), resolve_refunds.run_once),
    Timed("deliver_mails", timedelta(seconds=5), deliver_mails.run_once),
    Timed("bulk_runs", timedelta(seconds=1), bulk_runs.run_once),
    Timed("expire_approvals", timedelta(minutes=10), expire_approvals.run_once),
    Timed("verify_orders", timedelta(minutes=10), verify_orders.run_once),
    Timed("sample_closed_orders", timedelta(minutes=10), sample_closed_orders.run_once),
    Timed("clear_gate", timedelta(minutes=10), clear_gate.run_once),
)


def make_scheduler(desk: Desk, crew: Crew) -> Any:
    """Return the scheduler with every job at its times; memory store, so nothing is shared.

    The defaults of APScheduler would drop a run that is more than a second late.
    """
    scheduler: Any = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
    )
    for timed in TIMES:
        scheduler.add_job(
            partial(run_while_full, scheduler, recorded(timed, desk, crew)),
            "interval",
            seconds=timed.every.total_seconds(),
            id=timed.name,
            name=timed.name,
            next_run_time=desk.clock(),
        )
    scheduler.add_listener(_report, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_ERROR)
    return scheduler


def run_while_full(scheduler: Any, run_once: Callable[[], bool]) -> None:
    """Run a job, and again while it leaves work behind; each run is written down when it is over.

    A process that is asked to end stops being a running scheduler, and then waits for this.
    """
    while run_once() and scheduler.running:
        pass


def _report(event: Any) -> None:
    if event.code == EVENT_JOB_ERROR:
        _log.error("job %s failed", event.job_id, exc_info=event.exception)
    else:
        JOB_RUNS.labels(event.job_id, "missed").inc()
    if event.code == EVENT_JOB_MISSED:
        _log.warning("job %s missed its time", event.job_id)
