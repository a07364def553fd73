"""Around tables in parts: backups, migrations, the command that makes them."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from app.services.verification import verify_all
from tests.benchmarks.bench import Bench
from tests.benchmarks.partitions import Size, measure_in_one_piece, measure_years
from tests.databases import Databases
from tests.integration.partition_scenes import (
    TABLES,
    cut,
    do,
    is_cut,
    live,
)
from tests.integration.test_backup import command, conninfo, counts, empty, run
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
    answer = command(world, empty, "verify", "--all")
    assert (answer.exit_code, answer.output) == (0, "Everything agrees.\n")
    assert command(world, empty, "partitions", "ahead").output == "Nothing is missing.\n"
    for statement in (
        "UPDATE order_events SET why = 'x'",
        "TRUNCATE order_events_rest CASCADE",
        "DELETE FROM notifications",
        "UPDATE observations SET notification_id = 1",
    ):
        with psycopg.connect(conninfo(empty)) as connection, pytest.raises(psycopg.Error):
            connection.execute(statement.encode())


def test_the_command_tells_what_it_would_do_and_what_it_did(postgres_world: World) -> None:
    world = postgres_world
    live(world)
    url = world.settings.database_url

    plan = command(world, url, "partitions", "plan")
    in_full = command(world, url, "partitions", "plan", "--sql")
    assert (plan.exit_code, in_full.exit_code) == (0, 0), plan.output
    assert "notifications: in one piece; about " in plan.output
    assert "  4. put the partitioned table in its place (everybody waits for a moment)" in (
        plan.output
    )
    assert "LOCK TABLE notifications, observations IN ACCESS EXCLUSIVE MODE;" in in_full.output
    assert "LOCK TABLE" not in plan.output
    assert not any(is_cut(world, table) for table in TABLES)

    lines = command(world, url, "partitions", "convert").output.splitlines()
    assert lines[-1] == "notifications is partitioned."
    assert "locked" in lines[3]
    assert (is_cut(world, "notifications"), is_cut(world, "order_events")) == (True, False)
    given_up = command(world, url, "partitions", "convert", "order_events", "--abandon")
    assert given_up.output == "order_events: nothing is prepared any more.\n"
    for asked, words in {
        ("convert", "--abandon"): "Error: notifications is partitioned already.\n",
        ("detach", "2020-01"): "Error: there is no part notifications_2020_01.\n",
        ("attach", "2020-01"): "Error: there is no lunas_archive.notifications_2020_01.\n",
    }.items():
        refused = command(world, url, "partitions", *asked)
        assert (refused.exit_code, refused.output) == (1, words)
    assert "notifications: partitioned; about" in command(world, url, "partitions", "plan").output


def test_on_sqlite_every_command_says_that_it_is_not_for_it(shop: World) -> None:
    for asked in (["plan"], ["convert"], ["ahead"], ["detach", "2026-01"], ["attach", "2026-01"]):
        refused = command(shop, shop.settings.database_url, "partitions", *asked)
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


@pytest.mark.parametrize(
    ("measured", "titles"),
    [
        (measure_in_one_piece, ["in one piece", "just converted"]),
        (measure_years, ["two years of parts"]),
    ],
    ids=["whole", "years"],
)
def test_the_measuring_runs_to_its_end(
    databases: Databases,
    capsys: pytest.CaptureFixture[str],
    measured: Callable[[Bench, Size], None],
    titles: list[str],
) -> None:
    with databases.fresh("postgres") as url:
        measured(Bench(url), Size(rows=1000, rounds=1, messages=3))

    told = capsys.readouterr().out
    for title in titles:
        assert f"| {title} | ms, median |" in told
    assert told.count("| intake: a payment |") == len(titles)
