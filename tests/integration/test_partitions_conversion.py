"""A table that has grown becomes a partitioned one: nothing is lost, no wall grows weaker."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app.core.errors import PartitioningError
from app.core.partitions import MONTHS_AHEAD, cut_by_month
from app.db.partition_layouts import LAYOUTS
from app.services.partitions import abandon, convert, plan_tables
from app.services.verification import verify_all
from tests.integration.deaths import ProcessDiedError
from tests.integration.meetings import engine_of
from tests.integration.partition_scenes import (
    TABLES,
    ask,
    cut,
    die_at_each,
    do,
    dying_at,
    is_cut,
    live,
    parts_of,
    plan_of,
    rows_of,
    told,
)
from tests.integration.test_short_way import STORIES, kept, only_the_door
from tests.world import World

pytestmark = pytest.mark.postgres


def test_every_row_is_where_it_was_and_the_shop_goes_on(postgres_world: World) -> None:
    world = postgres_world
    pages = live(world)
    before = {table: rows_of(world, table) for table in TABLES}
    assert all(before.values())

    steps = [done.what for done in cut(world)]

    assert {table: rows_of(world, table) for table in TABLES} == before
    of_one = ["bound", "prove_bound", "index", "swap"]
    assert steps == [*of_one, "analyze", *of_one, "prove_references", "analyze"]
    assert all(is_cut(world, table) for table in TABLES)
    assert list(verify_all(world.desk)) == []
    world.pay(pages[-1], "DANA")
    world.deliver_all(pages[-1])
    world.confirm()
    world.poll()
    assert world.status(pages[-1]) == "paid"
    live(world)
    assert list(verify_all(world.desk)) == []
    newest = max(int(row[0]) for row in told(world, "SELECT id FROM notifications"))
    assert newest > len(before["notifications"])


def test_a_second_run_finds_nothing_to_do(postgres_world: World) -> None:
    live(postgres_world)
    cut(postgres_world)

    assert cut(postgres_world) == []


def test_the_parts_begin_with_all_that_was_and_reach_into_the_future(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    history, coming = cut_by_month(world.clock())

    cut(world)

    months = [f"notifications_{part.name}" for part in coming]
    assert parts_of(world, "notifications") == sorted(
        [f"notifications_{history.name}", *months, "notifications_rest"]
    )
    assert len(coming) >= MONTHS_AHEAD - 2
    assert parts_of(world, "order_events") == [
        "order_events_below_200001",
        "order_events_from_200001",
        "order_events_from_300001",
        "order_events_rest",
    ]
    for table in TABLES:
        assert ask(world, f"SELECT count(*) FROM {table}_rest") == 0


def test_both_ways_in_write_the_same_in_parts(postgres_world: World) -> None:
    world = postgres_world
    do(world, "UPDATE products SET on_hand = 1000")
    whole = {story.__name__: kept(world, story(world)) for story in STORIES}
    cut(world)

    for story in STORIES:
        with only_the_door():
            assert kept(world, story(world)) == whole[story.__name__], story.__name__
        assert kept(world, story(world)) == whole[story.__name__], story.__name__


def test_whoever_dies_anywhere_is_taken_up_again(postgres_world: World) -> None:
    """Before one statement after the other; of the swap, which is one transaction, some of them."""
    world, engine = postgres_world, engine_of(postgres_world)
    live(world)
    for table in TABLES:
        before = rows_of(world, table)

        def check(table: str = table, before: list[str] = before) -> None:
            assert rows_of(world, table) == before
            # From the beginning each time, so that each of them is the last once.
            if not is_cut(world, table):
                abandon(engine, table)

        points = (*range(8), *range(8, 200, 9))
        assert die_at_each(world, points, lambda t=table: cut(world, t), check) > 30
        assert is_cut(world, table)
        assert rows_of(world, table) == before
    assert list(verify_all(world.desk)) == []
    live(world)


def test_whoever_dies_is_gone_on_with_and_not_begun_anew(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    for _ in range(2):
        with dying_at(engine_of(world), 2) as sent, pytest.raises(ProcessDiedError):
            cut(world, "notifications")
        assert len(sent) == 2

    assert [done.what for done in cut(world, "notifications")] == ["swap", "analyze"]


def test_a_shop_works_on_between_any_two_steps(postgres_world: World) -> None:
    world = postgres_world
    for table in TABLES:
        for done in convert(engine_of(world), table, world.clock()):
            assert done.took_s > 0
            live(world)
    assert list(verify_all(world.desk)) == []


def test_what_was_prepared_can_be_taken_back(postgres_world: World) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    described = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint UNION SELECT indexdef FROM pg_indexes"
    )
    before = sorted(told(world, described))
    for table in TABLES:
        steps = convert(engine, table, world.clock())
        assert [next(steps).what for _ in range(3)] == ["bound", "prove_bound", "index"]
        steps.close()
        assert sorted(told(world, described)) != before

        abandon(engine, table)

        assert sorted(told(world, described)) == before
        assert not is_cut(world, table)


def test_a_bound_that_has_come_near_is_made_anew(postgres_world: World) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    steps = convert(engine, "notifications", world.clock())
    assert next(steps).what == "bound"
    steps.close()

    much_later = world.clock() + timedelta(days=40)
    steps_then = [done.what for done in convert(engine, "notifications", much_later)]

    assert steps_then[:3] == ["forget", "bound", "prove_bound"]
    assert f"notifications_{cut_by_month(much_later)[0].name}" in parts_of(world, "notifications")


def test_an_index_that_was_broken_off_is_built_anew(postgres_world: World) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    steps = convert(engine, "notifications", world.clock())
    assert [next(steps).what for _ in range(3)][-1] == "index"
    steps.close()
    do(
        world,
        "UPDATE pg_index SET indisvalid = false"
        f" WHERE indexrelid = '{LAYOUTS['notifications'].identity}'::regclass",
    )

    assert [done.what for done in cut(world, "notifications")] == ["index", "swap", "analyze"]


def test_it_gives_way_to_whoever_holds_the_table_and_tries_again(postgres_world: World) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    live(world)
    holder = engine.connect()
    holder.exec_driver_sql("SELECT count(*) FROM notifications")
    refused: list[str] = []

    def let_go(context: object) -> None:
        refused.append(str(context.original_exception))  # type: ignore[attr-defined]
        holder.rollback()

    event.listen(engine, "handle_error", let_go)
    try:
        cut(world, "notifications")
    finally:
        event.remove(engine, "handle_error", let_go)
        holder.close()

    assert len(refused) == 1
    assert "lock timeout" in refused[0]
    assert is_cut(world, "notifications")


def test_a_table_that_is_held_for_long_stays_as_it_is(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    steps = convert(engine, "notifications", world.clock())
    for _ in range(3):
        next(steps)
    monkeypatch.setattr("app.db.long_work._TRIES", 2)
    with engine.connect() as holder:
        holder.exec_driver_sql("SELECT count(*) FROM observations")
        with pytest.raises(PartitioningError, match="could not be had"):
            next(steps)

    assert not is_cut(world, "notifications")
    assert cut(world, "notifications")[0].what == "swap"


def test_only_one_at_a_time(postgres_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.db.long_work._TURN_TIMEOUT_MS", 100)
    engine = engine_of(postgres_world)
    steps = convert(engine, "notifications", postgres_world.clock())
    next(steps)

    with pytest.raises(PartitioningError, match="another process"):
        next(convert(engine, "order_events", postgres_world.clock()))

    # Looking is allowed.
    assert len(plan_tables(engine, postgres_world.clock())) == 2
    steps.close()


def test_what_refers_to_the_table_in_a_way_we_do_not_know_stops_the_swap(
    postgres_world: World,
) -> None:
    world = postgres_world
    do(world, "CREATE TABLE strange (n integer CONSTRAINT strange_n REFERENCES notifications)")

    with pytest.raises(PartitioningError, match="strange_n refers to notifications"):
        cut(world, "notifications")

    assert not is_cut(world, "notifications")


def test_sqlite_is_refused_and_stays(shop: World) -> None:
    for table in TABLES:
        with pytest.raises(PartitioningError, match="SQLite has no partitions"):
            cut(shop, table)
    with pytest.raises(PartitioningError, match="SQLite has no partitions"):
        plan_tables(engine_of(shop), shop.clock())


# What statements look at.


def test_the_log_by_age_and_an_order_by_its_number_look_at_one_part(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    (_, coming) = cut_by_month(world.clock())
    month = coming[0]

    by_age = plan_of(
        world,
        f"SELECT * FROM notifications WHERE received_at >= '{month.lower}'"
        f" AND received_at < '{month.upper}' ORDER BY received_at DESC, id DESC LIMIT 50",
    )
    by_order = plan_of(world, "SELECT * FROM order_events WHERE order_id = 7 ORDER BY seq DESC")

    assert set(_scanned(by_age)) == {f"notifications_{month.name}"}
    assert set(_scanned(by_order)) == {"order_events_below_200001"}


def _scanned(plan: str) -> list[str]:
    words = plan.replace("\n", " ").split(" on ")[1:]
    return [name for word in words if (name := word.split(" ")[0]).startswith(TABLES)]
