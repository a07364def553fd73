"""A backup taken with pg_dump, restored beside, holds the same books and the same chains."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from sqlalchemy import make_url, text

from app.core.states import GatewayName
from app.factory import create_app
from tests.databases import Databases
from tests.integration.meetings import engine_of
from tests.postgres import Account, programs_here
from tests.world import World

pytestmark = pytest.mark.postgres


def program(name: str) -> Path:
    """Return one of PostgreSQL's own programs, of the version that the tests' server is of."""
    beside = programs_here(Account(os.geteuid(), os.getegid()), Path(os.devnull)) / name
    found = beside if beside.exists() else Path(shutil.which(name) or "")
    if not found.is_file():
        pytest.skip(f"NOT TESTED: there is no {name} beside this machine's PostgreSQL")
    return found


def run(name: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(program(name)), *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def conninfo(url: str) -> str:
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """Provide a database of the same server with nothing in it."""
    with databases.fresh("postgres") as url:
        with psycopg.connect(conninfo(url), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        yield url


def live(world: World) -> None:
    """Let there be payments, a refund and an order that still waits."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()
    world.refund(page, 50_000)
    world.resolve()
    world.checkout(GatewayName.XENDIT)


def command(world: World, url: str, *arguments: str) -> Result:
    app = create_app(replace(world.settings, database_url=url))
    try:
        return app.test_cli_runner().invoke(args=["lunas", *arguments])
    finally:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(conninfo(url)) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {name: _count(connection, name) for (name,) in tables}


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_restored_from_a_backup_agrees_and_can_go_on(
    postgres_world: World, empty: str, tmp_path: Path
) -> None:
    world, file = postgres_world, tmp_path / "lunas.dump"
    live(world)

    run("pg_dump", "--format=custom", f"--file={file}", conninfo(world.settings.database_url))
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={conninfo(empty)}", str(file))

    kept = counts(empty)
    assert kept == counts(world.settings.database_url)
    assert (kept["orders"], kept["refunds"]) == (2, 1)
    told = command(world, empty, "verify", "--all")
    assert (told.exit_code, told.output) == (0, "Everything agrees.\n")
    audited = command(world, empty, "audit", "verify")
    assert audited.exit_code == 0, audited.output
    with psycopg.connect(conninfo(empty)) as connection, pytest.raises(psycopg.Error):
        # The walls came along: what was told cannot be changed.
        connection.execute("UPDATE order_events SET why = 'x'")


def test_a_backup_that_was_tampered_with_does_not_agree(
    postgres_world: World, empty: str, tmp_path: Path
) -> None:
    world, file = postgres_world, tmp_path / "lunas.dump"
    live(world)
    world.damaged = True
    with engine_of(world).begin() as connection:
        connection.execute(text("UPDATE orders SET captured_idr = captured_idr + 1000"))

    run("pg_dump", "--format=custom", f"--file={file}", conninfo(world.settings.database_url))
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={conninfo(empty)}", str(file))

    told = command(world, empty, "verify", "--all")
    assert told.exit_code == 1, told.output
    assert "differ." in told.output
