"""``flask lunas audit …``: tells whether the audit log is still what was written."""

import re
from typing import Final

import click
from flask.cli import AppGroup

from app.services.audit import verify_audit
from app.services.desk import Desk

_DAMAGED: Final = 1
_ANCHOR: Final = re.compile(r"(\d{1,10}):([0-9a-f]{64})\Z", re.ASCII)


def audit_group(desk: Desk) -> AppGroup:
    """Return the commands about the audit log."""
    group = AppGroup("audit", help="What people did, and what they were refused.")

    @group.command("verify")
    @click.option("--anchor", help="NUMBER:HASH of an entry, as an earlier run printed it.")
    def verify(anchor: str | None) -> None:
        """Recompute the chain of the whole log; exit 1 and name the row if it was damaged.

        Note the printed anchor down somewhere else: with --anchor it also finds a log that was
        rewritten from end to end.
        """
        report = verify_audit(desk.reads, _read(anchor))
        if report.damage:
            where = "" if report.row_id is None else f"row {report.row_id}: "
            click.echo(f"DAMAGED  {where}{report.damage}")
            raise SystemExit(_DAMAGED)
        click.echo(f"ok  {report.entries} entries; anchor {report.entries}:{report.head}")

    return group


def _read(anchor: str | None) -> tuple[int, str] | None:
    if anchor is None:
        return None
    found = _ANCHOR.match(anchor)
    if found is None:
        raise click.BadParameter("write it as an earlier run printed it: NUMBER:HASH")
    return int(found[1]), found[2]
