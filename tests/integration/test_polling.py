"""Open orders are asked about in a stream: the limit sets the pace, and no thread stands idle."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from app.core.states import GatewayName
from app.db.models import Attempt, StatusCheck
from app.services import reconciliation
from app.services.reconciliation import Crew, RunReport, poll_attempts
from jobs.scheduler import run_while_full
from tests.world import World

# Longer than any of it takes; waited for only where the test fails.
_PATIENCE_S = 30
CREW = Crew(owner="test", threads=2, batch=2, limits={})


@pytest.fixture
def due(world: World) -> list[int]:
    """Five attempts that are due, by id."""
    pages = [world.checkout(GatewayName.MIDTRANS) for _ in range(5)]
    with world.desk.sessions.begin() as session:
        for attempt in session.scalars(select(Attempt)):
            attempt.next_check_at = world.clock()
    return [world.attempt(page).id for page in pages]


def asked(world: World) -> list[int]:
    with world.session() as session:
        return sorted(session.scalars(select(StatusCheck.attempt_id)))


def leases(world: World) -> list[Any]:
    with world.session() as session:
        return [one for one in session.scalars(select(Attempt.lease_owner)) if one]


@pytest.mark.parametrize("threads", [1, 2])
def test_every_due_order_is_asked_about_once(world: World, due: list[int], threads: int) -> None:
    ends_at = world.clock() + timedelta(hours=1)

    report = poll_attempts(world.desk, replace(CREW, threads=threads), ends_at=ends_at)

    assert report == RunReport(claimed=5)
    assert asked(world) == due
    assert leases(world) == []


@pytest.mark.parametrize("ends_at", [None, timedelta(0)], ids=["no end", "time is over"])
def test_one_batch_is_the_least(world: World, due: list[int], ends_at: timedelta | None) -> None:
    until = None if ends_at is None else world.clock() + ends_at

    report = poll_attempts(world.desk, CREW, ends_at=until)

    assert report == RunReport(claimed=2, has_more=until is not None)
    assert len(asked(world)) == 2
    assert set(asked(world)) < set(due)
    assert leases(world) == []


def test_the_next_batch_begins_while_one_of_the_last_is_under_way(
    postgres_world: World,
) -> None:
    world = postgres_world
    attempts = [world.attempt(world.checkout(GatewayName.MIDTRANS)).id for _ in range(3)]
    with world.desk.sessions.begin() as session:
        for attempt in session.scalars(select(Attempt)):
            attempt.next_check_at = world.clock()
    check = reconciliation.check_attempt
    second_batch = threading.Event()
    waited: list[bool] = []

    def hold(desk: Any, attempt_id: int, **how: Any) -> Any:
        if attempt_id == attempts[0]:
            waited.append(second_batch.wait(_PATIENCE_S))
        if attempt_id == attempts[2]:
            second_batch.set()
        return check(desk, attempt_id, **how)

    with patch.object(reconciliation, "check_attempt", hold):
        ends_at = world.clock() + timedelta(hours=1)
        report = poll_attempts(world.desk, CREW, ends_at=ends_at)

    assert waited == [True]
    assert report == RunReport(claimed=3)


def test_a_row_that_fails_is_put_off_and_given_back(world: World, due: list[int]) -> None:
    check = reconciliation.check_attempt

    def fail(desk: Any, attempt_id: int, **how: Any) -> Any:
        if attempt_id == due[1]:
            raise RuntimeError("a fault of ours")
        return check(desk, attempt_id, **how)

    with patch.object(reconciliation, "check_attempt", fail):
        ends_at = world.clock() + timedelta(hours=1)
        report = poll_attempts(world.desk, CREW, ends_at=ends_at)

    assert report == RunReport(claimed=5, failed=1)
    assert asked(world) == [one for one in due if one != due[1]]
    assert leases(world) == []
    with world.session() as session:
        put_off = session.get_one(Attempt, due[1]).next_check_at
    assert put_off is not None
    assert put_off > world.clock()


class Scheduler:
    running = True


def test_a_job_that_leaves_work_behind_runs_again_at_once() -> None:
    left = [True, True, False, True]

    run_while_full(Scheduler(), lambda: left.pop(0))

    assert left == [True]


def test_a_process_that_ends_begins_no_further_run() -> None:
    scheduler, runs = Scheduler(), []

    def run() -> bool:
        runs.append(1)
        scheduler.running = len(runs) < 2
        return True

    run_while_full(scheduler, run)

    assert len(runs) == 2
