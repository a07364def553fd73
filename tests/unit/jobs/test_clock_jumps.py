"""After the clock was set back the jobs go on at once, and not when it is that late again."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from jobs.clock_jumps import ClockJumps
from tests.log_lines import caught_lines

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Watch:
    """A clock on the wall, and seconds that pass whatever it shows."""

    def __init__(self) -> None:
        self.now, self.passed_s = NOON, 1000.0

    def let_pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.passed_s += seconds

    def jumps(self) -> ClockJumps:
        return ClockJumps(lambda: self.now, lambda: self.passed_s)


@pytest.fixture
def scheduler() -> Iterator[Any]:
    made: Any = BackgroundScheduler(timezone="UTC")
    made.start(paused=True)
    made.add_job(print, "interval", seconds=5, next_run_time=NOON + timedelta(seconds=5), id="a")
    yield made
    made.shutdown(wait=False)


def test_a_clock_set_back_lets_every_job_run_now_and_is_told_once(scheduler: Any) -> None:
    watch = Watch()
    jumps = watch.jumps()
    watch.let_pass(3)
    watch.now -= HOUR

    with caught_lines() as lines:
        assert jumps.mend(scheduler)
        assert not jumps.mend(scheduler)

    assert scheduler.get_job("a").next_run_time == watch.now
    assert [line["event"] for line in lines.events() if line["logger"] == "lunas.jobs"] == [
        "the clock was set back by 1:00:00; all jobs run now"
    ]


@pytest.mark.parametrize("jump", [HOUR, timedelta(), timedelta(seconds=-4)])
def test_other_changes_leave_the_times_as_they_are(scheduler: Any, jump: timedelta) -> None:
    watch = Watch()
    jumps = watch.jumps()
    for _ in range(3):
        watch.let_pass(5)
    watch.now += jump

    assert not jumps.mend(scheduler)
    assert scheduler.get_job("a").next_run_time == NOON + timedelta(seconds=5)


def test_a_job_that_would_have_waited_an_hour_really_runs() -> None:
    ran = threading.Event()
    scheduler: Any = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(ran.set, "interval", seconds=1, next_run_time=datetime.now(UTC) + HOUR)
    # As after an hour was taken off: the scheduler's own clock is the real one.
    offset = [HOUR]
    jumps = ClockJumps(lambda: datetime.now(UTC) + offset[0])
    scheduler.start()
    try:
        offset[0] = timedelta()
        assert jumps.mend(scheduler)
        assert ran.wait(30)
    finally:
        scheduler.shutdown(wait=True)
