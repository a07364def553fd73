"""A cable that is pulled under an open transaction: who notices, on which side?

Run apart by `test_severed`; prints one JSON object, what ended by itself and what did not.
"""

import argparse
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app.db.session import Timeouts, make_engine
from tests.hosts import wires
from tests.hosts.faults import is_answered
from tests.hosts.keeper import Keeper
from tests.hosts.machines import DATABASE, LOAD, Lab, Plan
from tests.hosts.wires import DATA

PATIENCE_S: Final = 60.0
# Nothing but the questions to a silent connection may end what is tried here.
_PATIENT: Final = Timeouts(lock_s=600, statement_s=600, idle_s=600, lost_s=3)
_LOCK: Final = 4711
_AT_THE_SERVER: Final = f"""
import psycopg, sys
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("SELECT pg_advisory_xact_lock({_LOCK})")
"""


def main() -> None:
    """Start PostgreSQL on a host of its own, and pull its cable twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args().folder
    (folder / "logs").mkdir()
    lab, keeper = Lab(folder, Plan(web=0, jobs=0)), Keeper(folder / "logs")
    try:
        wires.plug_in([DATABASE, LOAD])
        keeper.run(lab.postgres(), 0)
        keeper.begin()
        assert is_answered(lab.conninfo_of("postgres"), PATIENCE_S)
        print(json.dumps(_pull_twice(lab)))
    finally:
        keeper.end()
        shutil.rmtree(folder, ignore_errors=True)


def _pull_twice(lab: Lab) -> dict[str, bool]:
    engine = make_engine(lab.url_of("postgres"), timeouts=_PATIENT)
    with engine.connect() as holder:
        holder.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        wires.cut(LOAD, DATA)
        let_go = _takes_the_lock(lab)
        asked_then = _ends_with_an_error(lambda: _ask(holder))
        wires.heal(LOAD, DATA)
    engine.dispose()
    return {
        "the server lets the lock go": let_go,
        "a statement that is sent into the gap ends": asked_then,
        "a statement that waits for its answer ends": _waits_for_an_answer(lab, engine),
    }


def _waits_for_an_answer(lab: Lab, engine: Engine) -> bool:
    with engine.connect() as waiting:
        number = waiting.execute(text("SELECT pg_backend_pid()")).scalar_one()

        def cut_once_it_sleeps() -> None:
            with psycopg.connect(lab.conninfo_of("postgres"), autocommit=True) as watcher:
                while not watcher.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'",
                    [number],
                ).fetchone():
                    pass
            wires.cut(LOAD, DATA)

        cutting = threading.Thread(target=cut_once_it_sleeps)
        cutting.start()
        ended = _ends_with_an_error(lambda: _sleep(waiting))
        cutting.join()
        return ended


def _ask(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def _sleep(connection: Connection) -> None:
    connection.execute(text("SELECT pg_sleep(600)"))


def _ends_with_an_error(act: Callable[[], None]) -> bool:
    """Tell whether an act ends with an error within our patience, and does not hang."""
    failed = threading.Event()

    def tried() -> None:
        try:
            act()
        except OperationalError:
            failed.set()

    trying = threading.Thread(target=tried, daemon=True)
    trying.start()
    return failed.wait(PATIENCE_S)


def _takes_the_lock(lab: Lab) -> bool:
    """Tell whether somebody else, on the server's own host, gets the lock within our patience."""
    near = lab.conninfo_of("postgres").replace(DATABASE.address(DATA), "127.0.0.1")
    command = DATABASE.command(sys.executable, "-c", _AT_THE_SERVER, near)
    try:
        done: Any = subprocess.run(command, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
