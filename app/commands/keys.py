"""``flask lunas keys …``: what is left to do when a key of the settings is replaced."""

from typing import Final

import click
from flask.cli import AppGroup

from admin.gate.resealing import seal_all_anew, seal_keys
from app.services.desk import Desk

_LOST: Final = 1


def keys_group(desk: Desk) -> AppGroup:
    """Return the commands about replaced keys."""
    group = AppGroup("keys", help="Keys that are being replaced.")

    @group.command("reseal")
    def reseal() -> None:
        """Put every second factor under SECRET_KEY, so that SECRET_KEY_PREVIOUS may go.

        Exit 1 if a factor opens with neither: its owner needs `lunas staff reset`.
        """
        count = seal_all_anew(desk.sessions, seal_keys())
        click.echo(f"{count.current} were under SECRET_KEY already, {count.stale} are now.")
        if count.broken:
            click.echo(f"{count.broken} open with neither key.")
            raise SystemExit(_LOST)

    return group
