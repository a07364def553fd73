"""Whatever waits, waits in bounded queues: what a run takes, and how many runs there are."""

import os
from dataclasses import replace
from typing import Any

import pytest
from gunicorn.app.base import BaseApplication
from sqlalchemy import func, select

from app.core.bulk import BulkKind
from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.claims import claim_due
from app.db.models import Attempt, BulkRun, Mail, Notification, Refund
from app.services.bulk import NewRun, draft_run
from app.services.reconciliation import Crew, confirm_claims
from app.settings import ROOT
from jobs.scheduler import TIMES, make_scheduler
from tests.world import CREW, World

BATCH = 2


def claims(world: World, count: int) -> None:
    """Let Xendit tell of so many payments."""
    for _ in range(count):
        page = world.checkout(GatewayName.XENDIT, quantity=1)
        world.pay(page, "DANA")
        world.deliver_all(page)


def waiting(world: World) -> int:
    with world.session() as session:
        query = select(func.count()).where(Notification.due_at.is_not(None))
        return session.scalar(query) or 0


def test_a_run_takes_no_more_than_its_batch_and_the_next_one_goes_on(world: World) -> None:
    claims(world, 5)
    crew: Crew = replace(CREW, batch=BATCH)

    taken = [confirm_claims(world.desk, crew).claimed for _ in range(4)]

    assert taken == [2, 2, 1, 0]
    assert waiting(world) == 0


def test_no_kind_of_row_is_claimed_beyond_the_batch(world: World) -> None:
    claims(world, 3)
    world.clock.advance(86_400)
    now = world.clock()

    for table, there in ((Notification, 3), (Attempt, 3), (Refund, 0), (Mail, 0)):
        found = [
            len(claim_due(world.desk.sessions, table, owner=name, now=now, limit=BATCH))
            for name in ("first", "second", "third")
        ]
        assert found == [min(there, BATCH), max(0, there - BATCH), 0], table


def test_of_each_job_one_run_is_at_work_and_missed_ones_are_one(shop: World) -> None:
    scheduler = make_scheduler(shop.desk, CREW)
    scheduler.start(paused=True)
    try:
        jobs: list[Any] = scheduler.get_jobs()
        assert {job.id for job in jobs} == {timed.name for timed in TIMES}
        for job in jobs:
            assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, 60)
        # Each job has a thread to itself: none waits for a slower one.
        assert len(jobs) <= scheduler._lookup_executor("default")._pool._max_workers
    finally:
        scheduler.shutdown(wait=False)


def test_a_bulk_run_holds_no_more_orders_than_it_may(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With the true number the test would place five hundred and one orders.
    monkeypatch.setattr("app.services.bulk.MOST_ROWS", BATCH)
    orders = [world.order(world.checkout(GatewayName.MIDTRANS, quantity=1)).id for _ in range(3)]

    def draft(key: str, ids: list[int]) -> int:
        return draft_run(world.desk, NewRun(key, BulkKind.CHECK, ids, "", world.staff_id()))

    with pytest.raises(RefusedError) as refusal:
        draft("too-many", orders)
    assert refusal.value.why is Why.TOO_MANY_ROWS
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(BulkRun)) == 0
    assert draft("enough", orders[:BATCH])


class Configured(BaseApplication):
    """gunicorn as it is set up for the web process, before it does anything."""

    def load_config(self) -> None:
        given: dict[str, Any] = {}
        code = (ROOT / "app" / "gunicorn_conf.py").read_text(encoding="utf-8")
        exec(compile(code, "gunicorn_conf.py", "exec"), given)  # noqa: S102 - our own file.
        for name, value in given.items():
            if name in self.cfg.settings and name.islower():
                self.cfg.set(name, value)

    def load(self) -> Any:
        raise NotImplementedError


def test_the_web_server_lets_a_bounded_number_wait() -> None:
    os.environ.pop("WEB_THREADS", None)
    settings = Configured().cfg

    assert settings.threads <= 16
    assert settings.worker_connections <= 1000
    assert settings.backlog <= 2048
    # A request that hangs ends with its worker, and not never.
    assert 0 < settings.timeout <= 120
