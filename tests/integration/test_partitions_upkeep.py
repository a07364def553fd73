"""The life of partitioned tables: parts to come, months that leave and come back, backups."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from app.core.errors import PartitioningError
from app.core.partitions import MONTHS_AHEAD, MONTHS_KEPT, later, month_of
from app.core.states import GatewayName
from app.factory import create_app
from app.services.partition_upkeep import attach_month, detach_month, make_parts_ahead
from app.services.partitions import convert
from app.services.payment_pages import PaymentPage
from app.services.verification import verify_all
from tests.databases import Databases
from tests.integration.meetings import engine_of
from tests.integration.partition_scenes import (
    TABLES,
    ask,
    cut,
    die_at_each,
    do,
    is_cut,
    live,
    parts_of,
    rows_of,
    told,
)
from tests.integration.test_backup import conninfo, counts, empty, run
from tests.integration.test_migrations import OLD_ROWS, run_script
from tests.integration.test_schema import (
    _COLUMNS,
    _CONSTRAINTS,
    _INDEXES,
    described,
    opened,
    revisions,
)
from tests.world import World

__all__ = ["empty"]
pytestmark = pytest.mark.postgres


def ahead(world: World, now: datetime | None = None) -> list[str]:
    return make_parts_ahead(engine_of(world), now or world.clock())


def paid_today(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    return page


def age(world: World, months: int) -> datetime:
    """Let the whole log have come so many months ago; return the beginning of its newest month."""
    # Behind the application's back, and before the table is cut: rows do not move afterwards.
    do(world, f"UPDATE notifications SET received_at = received_at - interval '{months} months'")
    return month_of(ask(world, "SELECT max(received_at) FROM notifications"))


def aged_and_cut(world: World) -> str:
    """Return the word for a first part that is old enough to leave, and has successors."""
    live(world)
    month = age(world, 8)
    cut_as_of(world, month)
    ahead(world)
    return f"before-{later(month, 1):%Y-%m}"


def cut_as_of(world: World, month: datetime) -> None:
    """Cut the log as if that had been done in this month: its first part ends with the month."""
    steps = [done.what for done in convert(engine_of(world), "notifications", month)]
    assert steps[-1] == "analyze"


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


# Around them: backups, migrations, the command.


def test_what_is_restored_from_a_backup_is_cut_as_it_was(
    postgres_world: World, empty: str, tmp_path: Path
) -> None:
    world, file = postgres_world, tmp_path / "lunas.dump"
    live(world)
    cut(world)
    live(world)

    run("pg_dump", "--format=custom", f"--file={file}", conninfo(world.settings.database_url))
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={conninfo(empty)}", str(file))

    assert counts(empty) == counts(world.settings.database_url)
    answer = command(empty, world, "verify", "--all")
    assert (answer.exit_code, answer.output) == (0, "Everything agrees.\n")
    assert command(empty, world, "partitions", "ahead").output == "Nothing is missing.\n"
    for statement in (
        "UPDATE order_events SET why = 'x'",
        "TRUNCATE order_events_rest CASCADE",
        "DELETE FROM notifications",
        "UPDATE observations SET notification_id = 1",
    ):
        with psycopg.connect(conninfo(empty)) as connection, pytest.raises(psycopg.Error):
            connection.execute(statement.encode())


def command(url: str, world: World, *arguments: str) -> Result:
    app = create_app(replace(world.settings, database_url=url))
    try:
        return app.test_cli_runner().invoke(args=["lunas", *arguments])
    finally:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def test_the_command_tells_what_it_would_do_and_what_it_did(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    url = world.settings.database_url

    plan = command(url, world, "partitions", "plan")
    in_full = command(url, world, "partitions", "plan", "--sql")
    assert (plan.exit_code, in_full.exit_code) == (0, 0), plan.output
    assert "notifications: in one piece; about " in plan.output
    assert "  4. put the partitioned table in its place (everybody waits for a moment)" in (
        plan.output
    )
    assert "LOCK TABLE notifications, observations IN ACCESS EXCLUSIVE MODE;" in in_full.output
    assert "LOCK TABLE" not in plan.output
    assert not any(is_cut(world, table) for table in TABLES)

    lines = command(url, world, "partitions", "convert").output.splitlines()
    assert lines[-1] == "notifications is partitioned."
    assert "locked" in lines[3]
    assert (is_cut(world, "notifications"), is_cut(world, "order_events")) == (True, False)
    given_up = command(url, world, "partitions", "convert", "order_events", "--abandon")
    assert given_up.output == "order_events: nothing is prepared any more.\n"
    for asked, words in {
        ("convert", "--abandon"): "Error: notifications is partitioned already.\n",
        ("detach", "2020-01"): "Error: there is no part notifications_2020_01.\n",
        ("attach", "2020-01"): "Error: there is no lunas_archive.notifications_2020_01.\n",
    }.items():
        refused = command(url, world, "partitions", *asked)
        assert (refused.exit_code, refused.output) == (1, words)
    assert "notifications: partitioned; about" in command(url, world, "partitions", "plan").output


def test_on_sqlite_every_command_says_that_it_is_not_for_it(shop: World) -> None:
    for asked in (["plan"], ["convert"], ["ahead"], ["detach", "2026-01"], ["attach", "2026-01"]):
        refused = command(shop.settings.database_url, shop, "partitions", *asked)
        assert refused.exit_code == 1
        assert refused.output == ("Error: SQLite has no partitions: this is for PostgreSQL only.\n")


def test_a_cut_database_is_what_the_models_say_but_for_its_keys(databases: Databases) -> None:
    with databases.fresh("postgres") as url:
        engine = create_engine(url)
        queries = (_CONSTRAINTS, _INDEXES, _COLUMNS)
        with engine.connect() as connection:
            whole = [described(connection, query) for query in queries]
        convert_all(url)
        with engine.connect() as connection:
            in_parts = [described(connection, query) for query in queries]
        engine.dispose()

    differ = {
        name: in_parts[nth].get(name)
        for nth, found in enumerate(whole)
        for name, words in found.items()
        if _plain(in_parts[nth].get(name)) != _plain(words)
    }
    assert differ == {
        ("notifications", "pk_notifications"): "CREATE UNIQUE INDEX pk_notifications ON ONLY"
        " public.notifications USING btree (id, received_at)",
        ("order_events", "pk_order_events"): "CREATE UNIQUE INDEX pk_order_events ON ONLY"
        " public.order_events USING btree (id, order_id)",
        ("observations", "fk_observations_notification_id_notifications"): None,
        ("ledger_entries", "fk_ledger_entries_event_id_order_events"): "FOREIGN KEY (event_id,"
        " order_id) REFERENCES order_events(id, order_id)",
    }


def _plain(words: str | None) -> str:
    return (words or "").replace(" ON ONLY ", " ON ")


def convert_all(url: str, tables: tuple[str, ...] = TABLES) -> None:
    with opened(url) as (app, engine):
        for table in tables:
            given = app.test_cli_runner().invoke(args=["lunas", "partitions", "convert", table])
            assert given.exit_code == 0, given.output
        engine.dispose()


def test_every_migration_goes_down_and_up_on_a_cut_database(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    cut(world)
    rows = len(world.notifications())
    with opened(world.settings.database_url) as (app, engine):
        newest_first = revisions(app)
        # What the oldest schema cannot hold is in the way of any database, cut or not.
        downgrade(revision="0006")
        assert is_cut(world, "notifications")
        upgrade()
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        assert version == newest_first[0]

    assert len(world.notifications()) == rows
    assert all(is_cut(world, table) for table in TABLES)
    live(world)
    assert list(verify_all(world.desk)) == []
    with pytest.raises(IntegrityError, match="append-only"):
        do(world, "DELETE FROM order_events")


@pytest.mark.parametrize(
    ("tables", "oldest"),
    # Before 0002 there was no ledger; making it anew refers to timelines in one piece.
    [(TABLES, "0002"), (("notifications",), "0001")],
)
def test_a_cut_database_goes_down_to_its_beginnings_and_up(
    databases: Databases, tables: tuple[str, ...], oldest: str
) -> None:
    with databases.fresh("postgres") as url:
        convert_all(url, tables)
        with opened(url) as (_app, engine):
            downgrade(revision=oldest)
            if oldest == "0001":
                with engine.begin() as connection:
                    run_script(connection, OLD_ROWS)
            upgrade()
            with engine.connect() as connection:
                kinds = text("SELECT relname FROM pg_class WHERE relkind = 'p' ORDER BY relname")
                assert tuple(connection.scalars(kinds)) == tables
                refunds = connection.scalar(text("SELECT count(*) FROM refunds"))
                assert refunds == (2 if oldest == "0001" else 0)
