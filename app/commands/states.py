"""``flask lunas states``: the book of states, printed or written to ``docs/states.md``."""

from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.commands.state_book import render_book

BOOK: Final = Path(__file__).resolve().parents[2] / "docs" / "states.md"


def add_states_command(group: AppGroup) -> None:
    """Add the command to the group."""

    @group.command("states", with_appcontext=False)
    @click.option("--write", is_flag=True, help="Write docs/states.md instead of printing it.")
    def states(*, write: bool) -> None:
        """Print how orders and refunds move, from the tables that the program itself uses."""
        if not write:
            click.echo(render_book(), nl=False)
            return
        BOOK.write_text(render_book(), encoding="utf-8")
        click.echo(f"wrote {BOOK.relative_to(BOOK.parents[1])}")
