"""SQLite serves one web and one job process; a second one is refused at start."""

import fcntl
from pathlib import Path
from typing import TextIO

from sqlalchemy.engine import make_url

from app.db.session import is_sqlite


class RoleTakenError(Exception):
    """Another process already does this work on this SQLite file."""


def hold_role(database_url: str, role: str) -> TextIO | None:
    """Hold a role (``web`` or ``jobs``) for as long as the returned file stays open.

    None on PostgreSQL, where any number may work; RoleTakenError if another process holds it.
    """
    database = make_url(database_url).database
    if not is_sqlite(database_url) or not database or database == ":memory:":
        return None
    held = Path(f"{database}.{role}.lock").open("w")  # noqa: SIM115 - held open on purpose.
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise RoleTakenError(
            f"Another {role} process already uses this SQLite database; stop it, "
            "or use PostgreSQL, which serves any number."
        ) from None
    return held
