"""Requests counted in the database, as several web processes do it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from app.db.rate_counts import DatabaseCounts
from app.services.gate_upkeep import clear_gate
from tests.world import World

KEY = "LIMITER/order/203.0.113.9/60/1/minute"


def test_requests_that_arrive_together_count_one_by_one(world: World) -> None:
    counts = DatabaseCounts(world.desk.sessions)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: counts.incr(KEY, 3600), range(20)))

    assert sorted(found) == list(range(1, 21))
    assert counts.get(KEY) == 20


def test_a_window_ends_and_the_next_one_begins_at_one(world: World) -> None:
    now = [1_800_000_000.0]
    counts = DatabaseCounts(world.desk.sessions, lambda: now[0])
    assert [counts.incr(KEY, 60), counts.incr(KEY, 60, amount=2)] == [1, 3]
    assert counts.get_expiry(KEY) == now[0] + 60

    now[0] += 59.9
    assert counts.incr(KEY, 60) == 4
    now[0] += 0.1

    assert counts.get(KEY) == 0
    assert counts.get_expiry(KEY) == now[0]
    assert counts.incr(KEY, 60) == 1
    assert counts.get_expiry(KEY) == now[0] + 60


def test_one_window_is_forgotten_without_the_others(world: World) -> None:
    counts = DatabaseCounts(world.desk.sessions)
    counts.incr(KEY, 3600)
    counts.incr(f"{KEY}/2", 3600)

    counts.clear(KEY)

    assert (counts.get(KEY), counts.get(f"{KEY}/2")) == (0, 1)
    assert counts.check()


def test_the_job_removes_windows_that_ran_out(world: World) -> None:
    past = (world.clock() - timedelta(hours=2)).timestamp()
    DatabaseCounts(world.desk.sessions, lambda: past).incr(KEY, 60)
    living = DatabaseCounts(world.desk.sessions, lambda: world.clock().timestamp())
    living.incr(f"{KEY}/2", 3600)

    assert clear_gate(world.desk).changed == 1
    assert living.get(f"{KEY}/2") == 1
