"""``python -m tests.corpus FILE``: tell the stories to a new database and pack it."""

import lzma
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import update

from app.db.models import Product
from app.factory import create_app
from tests.contract.gateway_bench import program_with_inbox
from tests.corpus.stories import STORIES
from tests.world import STOCK, World, open_world, settings_for


def build(file: Path) -> None:
    """Write a new corpus to this file."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "corpus.sqlite"
        _migrate(f"sqlite:///{database}")
        with (
            program_with_inbox() as program,
            open_world(f"sqlite:///{database}", program) as world,
        ):
            for story in STORIES:
                _fill_shelves(world)
                story(world)
        _pack(database, file)


def _migrate(database_url: str) -> None:
    app = create_app(settings_for(database_url, "http://127.0.0.1:1"))
    with app.app_context():
        upgrade()
        app.extensions["sqlalchemy"].engine.dispose()


def _fill_shelves(world: World) -> None:
    """Let no story run out of goods."""
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).values(on_hand=Product.reserved + STOCK * 2))


def _pack(database: Path, file: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        # Nobody signs in to a corpus.
        connection.execute("UPDATE staff SET password_hash = ''")
        connection.commit()
        connection.execute("VACUUM")
    file.write_bytes(lzma.compress(database.read_bytes(), preset=9))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
