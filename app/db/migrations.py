"""Which migrations this program comes with."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory

FOLDER: Final = Path(__file__).resolve().parents[2] / "migrations"


@cache
def newest_migration() -> str:
    """Return the id of the newest migration, as the table ``alembic_version`` names it."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    if head is None:
        raise RuntimeError("this program came without its migrations")
    return head
