"""``flask lunas openapi``: the API's document, printed or written to ``docs/``."""

from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.api.openapi import document_text
from app.api.reference import render_markdown

_DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
DOCUMENT: Final = _DOCS / "openapi.json"
BOOK: Final = _DOCS / "api.md"


def add_openapi_command(group: AppGroup) -> None:
    """Add the command to the group."""

    @group.command("openapi", with_appcontext=False)
    @click.option("--write", is_flag=True, help="Write docs/openapi.json and docs/api.md instead.")
    def openapi(*, write: bool) -> None:
        """Print the OpenAPI document, as it is served at /api/openapi.json."""
        if not write:
            click.echo(document_text(), nl=False)
            return
        for path, text in ((DOCUMENT, document_text()), (BOOK, render_markdown())):
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {path.relative_to(_DOCS.parent)}")
