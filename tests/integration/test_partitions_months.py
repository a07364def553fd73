"""Months of notifications leave and come back; doubles of long ago are known, or do no harm."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.errors import PartitioningError
from app.core.partitions import MONTHS_KEPT, later, month_of
from app.factory import create_app
from app.services.partition_upkeep import attach_month, detach_month
from app.services.verification import verify_all
from tests.integration.meetings import engine_of
from tests.integration.partition_scenes import (
    age,
    aged_and_cut,
    cut,
    cut_as_of,
    die_at_each,
    do,
    live,
    paid_today,
    rows_of,
    told,
)
from tests.integration.test_backup import conninfo, empty, run
from tests.world import World

__all__ = ["empty"]
pytestmark = pytest.mark.postgres


# Doubles of long ago.


def test_a_message_that_comes_again_months_later_is_known(postgres_world: World) -> None:
    world = postgres_world
    cut(world)
    page = paid_today(world)
    world.confirm()
    deliveries = world.sent(page)
    first = world.notifications()
    world.clock.advance(timedelta(days=95).total_seconds())

    for delivery in deliveries:
        world.receive(replace(delivery, received_at=world.clock()))

    again = world.notifications()[len(first) :]
    assert [row.verdict for row in again] == ["duplicate"] * len(deliveries)
    lies_in = told(world, "SELECT DISTINCT tableoid::regclass::text FROM notifications")
    assert len(lies_in) == 2
    assert world.order(page).captured_idr == 200_000


def test_a_message_that_comes_again_when_its_month_has_left_does_no_harm(
    postgres_world: World,
) -> None:
    world = postgres_world
    page = paid_today(world)
    world.confirm()
    deliveries = world.sent(page)
    month = age(world, 8)
    cut_as_of(world, month)
    before = world.order(page)
    detach_month(engine_of(world), f"before-{later(month, 1):%Y-%m}", world.clock())
    assert world.notifications() == []
    # Their chains name notifications that are in the archive now.
    world.damaged = True

    for delivery in deliveries:
        world.receive(replace(delivery, received_at=world.clock()))
    world.confirm()

    after = world.order(page)
    assert {row.state.value for row in world.notifications()} == {"done"}
    assert (after.payment_status, after.captured_idr) == (before.payment_status, 200_000)
    assert world.stock()[0] == 8
    assert list(verify_all(world.desk)) == []


# What leaves, and comes back.


def test_a_month_leaves_can_be_read_and_comes_back(postgres_world: World) -> None:
    world = postgres_world
    word = aged_and_cut(world)
    part = f"notifications_{word.replace('-', '_')}"
    before, paid = rows_of(world, "notifications"), paid_today(world)
    since = len(world.notifications()) - len(before)

    name = detach_month(engine_of(world), word, world.clock())

    assert name == f"lunas_archive.{part}"
    assert len(world.notifications()) == since > 0
    assert rows_of(world, name) == before
    # The money is told by what stays.
    assert list(verify_all(world.desk)) == []
    for statement in (
        f"UPDATE {name} SET tries = 9",
        f"DELETE FROM {name}",
        f"TRUNCATE {name}",
        f"INSERT INTO {name} SELECT * FROM notifications",
    ):
        with pytest.raises(IntegrityError, match="whole months"):
            do(world, statement)

    assert attach_month(engine_of(world), word) == part
    assert rows_of(world, "notifications")[: len(before)] == before
    with pytest.raises(IntegrityError, match="whole months"):
        do(world, f"DELETE FROM {part}")
    assert world.status(paid) == "paid"
    # And once more: nothing of the first time is in the way.
    assert detach_month(engine_of(world), word, world.clock()) == name


def test_a_month_can_leave_as_a_file_and_come_back_from_it(
    postgres_world: World, tmp_path: Path
) -> None:
    world, file = postgres_world, tmp_path / "month.dump"
    word = aged_and_cut(world)
    before = rows_of(world, "notifications")
    name = detach_month(engine_of(world), word, world.clock())
    database = conninfo(world.settings.database_url)

    run("pg_dump", "--format=custom", f"--table={name}", f"--file={file}", database)
    do(world, f"DROP TABLE {name}")
    assert list(verify_all(world.desk)) == []
    live(world)
    run("pg_restore", "--exit-on-error", f"--dbname={database}", str(file))

    assert rows_of(world, name) == before
    attach_month(engine_of(world), word)
    assert rows_of(world, "notifications")[: len(before)] == before


def test_what_is_young_or_waits_or_is_not_there_stays(postgres_world: World) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    with pytest.raises(PartitioningError, match="not partitioned"):
        detach_month(engine, "2026-01", world.clock())
    word = aged_and_cut(world)
    before = rows_of(world, "notifications")
    refusals = {
        "2026-13": "no month",
        "last": "no month",
        "1999-01": "no part",
        f"{later(month_of(world.clock()), -MONTHS_KEPT):%Y-%m}": "months stay",
        f"{month_of(world.clock()):%Y-%m}": "months stay",
    }

    for given, words in refusals.items():
        with pytest.raises(PartitioningError, match=words):
            detach_month(engine, given, world.clock())
    do(world, "UPDATE notifications SET due_at = now() WHERE id = 1")
    with pytest.raises(PartitioningError, match="1 of its notifications still wait"):
        detach_month(engine, word, world.clock())
    with pytest.raises(PartitioningError, match="there is no lunas_archive"):
        attach_month(engine, word)
    do(world, "UPDATE notifications SET due_at = NULL WHERE id = 1")

    assert rows_of(world, "notifications") == before


def test_a_month_whose_mover_dies_is_where_it_was(
    postgres_world: World,
) -> None:
    world, engine = postgres_world, engine_of(postgres_world)
    word = aged_and_cut(world)
    before = rows_of(world, "notifications")

    def check() -> None:
        assert rows_of(world, "notifications") == before

    leaves = range(20)
    assert die_at_each(world, leaves, lambda: detach_month(engine, word, world.clock()), check) > 5
    name = f"lunas_archive.notifications_{word.replace('-', '_')}"
    assert rows_of(world, name) == before

    def check_archive() -> None:
        assert rows_of(world, name) == before
        assert rows_of(world, "notifications") == []

    assert die_at_each(world, range(30), lambda: attach_month(engine, word), check_archive) > 12
    assert rows_of(world, "notifications") == before


def test_a_month_that_is_in_its_place_is_not_put_there_again(postgres_world: World) -> None:
    world = postgres_world
    word = aged_and_cut(world)
    part = f"notifications_{word.replace('-', '_')}"
    before = rows_of(world, "notifications")
    do(
        world,
        "CREATE SCHEMA lunas_archive",
        f"CREATE TABLE lunas_archive.{part} (LIKE notifications)",
    )

    with pytest.raises(PartitioningError, match="in its place already"):
        attach_month(engine_of(world), word)

    assert rows_of(world, "notifications") == before


def test_an_order_shows_what_it_heard_though_the_message_has_left(postgres_world: World) -> None:
    from tests.http.back_office import Browser

    world = postgres_world
    page = paid_today(world)
    world.confirm()
    month = age(world, 8)
    cut_as_of(world, month)
    app = create_app(world.settings)
    staff = Browser(app, "admin")
    number = world.order(page).number
    (notification, *_) = world.notifications()
    assert staff.get(f"/admin/notifications/{notification.id}").status_code == 200

    detach_month(engine_of(world), f"before-{later(month, 1):%Y-%m}", world.clock())

    assert "Paid" in staff.page(f"/admin/orders/{number}").text
    assert staff.get(f"/admin/notifications/{notification.id}").status_code == 404
    world.damaged = True
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
