"""The PostgreSQL server of the tests: it comes up from the wheel too, and never outlives us."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import (
    Account,
    NoPostgresError,
    PostgresServer,
    programs_here,
    programs_of_wheel,
    running_postgres,
)

pytestmark = pytest.mark.postgres

_STARTS_A_SERVER_AND_HANGS = """
import time
from tests.postgres import programs_here, running_postgres
with running_postgres(programs_here) as url:
    print(url.render_as_string(hide_password=False), flush=True)
    time.sleep(60)
"""


def query(address: str) -> object:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT current_setting('fsync')").fetchone()
    return row[0] if row else None


def refuses_connections(address: str, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            query(address)
        except psycopg.OperationalError:
            return True
        time.sleep(0.05)
    return False


def test_the_server_inside_the_wheel_works_where_no_other_is_installed() -> None:
    with running_postgres(programs_of_wheel) as url:
        assert query(url.render_as_string(hide_password=False)) == "off"


def test_a_server_that_cannot_be_made_says_why_and_leaves_nothing() -> None:
    folders: list[Path] = []

    def broken(_account: Account, folder: Path) -> Path:
        folders.append(folder)
        programs = folder / "bin"
        programs.mkdir(mode=0o755)
        (programs / "initdb").write_text("#!/bin/sh\necho no space left >&2; exit 1\n")
        (programs / "initdb").chmod(0o755)
        return programs

    with pytest.raises(NoPostgresError, match="no space left"), running_postgres(broken):
        pass

    assert [folder.exists() for folder in folders] == [False]


def test_the_server_ends_when_its_owner_is_killed() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _STARTS_A_SERVER_AND_HANGS], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    address = owner.stdout.readline().strip()
    assert query(address) == "off"

    owner.kill()
    owner.communicate()

    assert refuses_connections(address, within_s=30)


def test_a_server_starts_only_when_it_is_asked_for_and_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    server = PostgresServer()
    try:
        assert server.url is server.url
        assert query(server.url.render_as_string(hide_password=False)) == "off"
    finally:
        server.close()


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_no_server_is_a_skip_for_a_person_and_a_failure_for_ci(
    ci: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    server = PostgresServer()
    monkeypatch.setattr(server, "_found", NoPostgresError("nothing here"))

    # Both are of the test runner's own kind, which no `except Exception` swallows.
    with pytest.raises(BaseException, match="nothing here") as ended:
        _ = server.url

    assert ended.typename == outcome


def test_a_stranger_without_the_password_is_refused() -> None:
    with running_postgres(programs_here) as url:
        stranger = url.set(password="guessed").render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            query(stranger)
