"""``flask lunas openapi``: the API's document, printed or written to ``docs/``."""

from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.api.openapi import document_text

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def add_openapi_command(group: AppGroup) -> None:
    """Add the command to the group."""

    @group.command("openapi", with_appcontext=False)
    @click.option("--write", is_flag=True, help="Write docs/openapi.json instead of printing it.")
    def openapi(*, write: bool) -> None:
        """Print the OpenAPI document, as it is served at /api/openapi.json."""
        if not write:
            click.echo(document_text(), nl=False)
            return
        DOCUMENT.write_text(document_text(), encoding="utf-8")
        click.echo(f"wrote {DOCUMENT.relative_to(DOCUMENT.parents[1])}")
