"""Parts to come are made ahead, and what came without one is moved into its own."""

from datetime import datetime, timedelta

import pytest

from app.core.partitions import MONTHS_AHEAD, later, month_of
from app.services.partition_upkeep import make_parts_ahead
from app.services.verification import verify_all
from tests.integration.meetings import engine_of
from tests.integration.partition_scenes import (
    TABLES,
    ask,
    cut,
    die_at_each,
    do,
    is_cut,
    live,
    paid_today,
    parts_of,
    rows_of,
)
from tests.integration.test_backup import empty
from tests.world import World

__all__ = ["empty"]
pytestmark = pytest.mark.postgres


def ahead(world: World, now: datetime | None = None) -> list[str]:
    return make_parts_ahead(engine_of(world), now or world.clock())


# What is to come.


def test_parts_are_made_ahead_and_only_once(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    before = {table: parts_of(world, table) for table in TABLES}
    assert ahead(world) == []

    in_a_year = later(month_of(world.clock()), 12)
    made = ahead(world, in_a_year)

    newest = later(in_a_year, MONTHS_AHEAD)
    assert made[-1] == f"notifications_{newest:%Y_%m}"
    assert sorted([*before["notifications"], *made]) == parts_of(world, "notifications")
    assert parts_of(world, "order_events") == before["order_events"]
    assert ahead(world, in_a_year) == []


def test_ranges_of_orders_are_made_ahead_of_the_newest_order(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world, "order_events")
    do(world, "SELECT setval('orders_id_seq', 299990)")
    page = paid_today(world)
    assert world.order(page).id == 299_991

    assert ahead(world) == ["order_events_from_400001", "order_events_from_500001"]

    assert ask(world, "SELECT count(*) FROM order_events_from_200001") > 0
    assert ask(world, "SELECT count(*) FROM order_events_rest") == 0


def test_nothing_is_made_for_tables_in_one_piece(postgres_world: World) -> None:
    assert ahead(postgres_world) == []
    assert not any(is_cut(postgres_world, table) for table in TABLES)


def test_what_came_while_there_was_no_part_for_it_is_moved_into_its_own(
    postgres_world: World,
) -> None:
    world = postgres_world
    live(world)
    cut(world)
    do(world, "SELECT setval('orders_id_seq', 700000)")
    world.clock.advance(timedelta(days=200).total_seconds())
    pages = live(world)
    before = {table: rows_of(world, table) for table in TABLES}
    for table in TABLES:
        assert ask(world, f"SELECT count(*) FROM {table}_rest") > 0
    assert ask(world, "SELECT count(*) FROM ledger_entries WHERE order_id > 700000") > 0

    made = ahead(world)

    assert f"notifications_{month_of(world.clock()):%Y_%m}" in made
    assert "order_events_from_700001" in made
    assert {table: rows_of(world, table) for table in TABLES} == before
    for table in TABLES:
        assert ask(world, f"SELECT count(*) FROM {table}_rest") == 0
    validated = "SELECT convalidated FROM pg_constraint WHERE conname = :name AND conparentid = 0"
    assert ask(world, validated, name="fk_ledger_entries_event_id_order_events")
    assert list(verify_all(world.desk)) == []
    assert world.status(pages[0]) == "partially_refunded"


def test_whoever_dies_while_making_parts_leaves_all_as_it_was(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    do(world, "SELECT setval('orders_id_seq', 700000)")
    world.clock.advance(timedelta(days=200).total_seconds())
    live(world)
    before = {table: rows_of(world, table) for table in TABLES}

    def check() -> None:
        assert {table: rows_of(world, table) for table in TABLES} == before

    assert die_at_each(world, range(0, 200, 6), lambda: ahead(world), check) > 12
    check()
    assert ahead(world) == []
