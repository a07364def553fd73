"""The audit log as a file: streamed, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from flask import Response
from sqlalchemy import select

from app.core.refunds import WIB
from app.db.models import AuditEntry
from app.db.session import Sessions

_BATCH: Final = 500
_COLUMNS: Final = (
    "entry",
    "time_wib",
    "who",
    "action",
    "target",
    "result",
    "reason",
    "address",
    "hash",
)
# A spreadsheet takes a cell that begins so for a formula and runs it (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_answer(reads: Sessions) -> Response:
    """Return the whole log as a download, a bounded part of it in memory at any time."""
    headers = {"Content-Disposition": "attachment; filename=lunas-audit-log.csv"}
    return Response(_lines(reads), mimetype="text/csv", headers=headers)


def harmless(text: str) -> str:
    """Return a cell's text so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(reads: Sessions) -> Iterator[str]:
    # Excel takes a file without this mark for another encoding.
    yield "\ufeff" + _line(_COLUMNS)
    last = 0
    while rows := _after(reads, last):
        yield "".join(_line(_cells(entry)) for entry in rows)
        last = rows[-1].id


def _after(reads: Sessions, last: int) -> list[AuditEntry]:
    # A session for each part: a slow download holds no transaction open.
    query = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(_BATCH)
    with reads() as session:
        return list(session.scalars(query))


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    return (
        str(entry.seq or ""),
        entry.at.astimezone(WIB).isoformat(timespec="seconds"),
        harmless(entry.who),
        harmless(entry.action),
        harmless(entry.target),
        "done" if entry.done else "refused",
        harmless(entry.why),
        entry.remote_address or "",
        entry.hash or "",
    )


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
