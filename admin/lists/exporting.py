"""Sending a list as a file: row by row out of the database, counted, and ended on record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select

from admin.lists.columns import Cell, Out
from admin.lists.csv_file import stream_csv
from admin.lists.xlsx_file import stream_xlsx
from app.db.models import ExportState, FileFormat
from app.services.desk import Desk
from app.services.exports import count_rows, end_export

_FETCHED: Final = 1000
_COUNTED_EVERY: Final = 5000
MEDIA_TYPES: Final = {
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Shipment:
    """What one export sends: the rows of a query, and what becomes of each value."""

    key: str
    file_format: FileFormat
    headings: Sequence[str]
    outs: Sequence[Out]
    query: Select[Any]


class _Counted:
    """The rows of a shipment, read through one cursor; knows how many have been taken."""

    def __init__(self, desk: Desk, shipment: Shipment) -> None:
        self._desk, self._shipment, self.rows = desk, shipment, 0

    def __iter__(self) -> Iterator[list[Cell]]:
        outs = self._shipment.outs
        # One statement, so that the file shows one moment; a thousand rows in memory at a time.
        query = self._shipment.query.execution_options(yield_per=_FETCHED)
        with self._desk.reads() as session:
            for row in session.execute(query):
                self.rows += 1
                if self.rows % _COUNTED_EVERY == 0:
                    count_rows(self._desk.sessions, self._shipment.key, self.rows)
                yield [out.cell(value) for out, value in zip(outs, row, strict=True)]


def stream_shipment(desk: Desk, shipment: Shipment) -> Iterator[bytes]:
    """Yield the file. However it ends, by a click on "cancel" too, its end is written down."""
    rows = _Counted(desk, shipment)
    writer = stream_csv if shipment.file_format is FileFormat.CSV else stream_xlsx
    state = ExportState.BROKEN_OFF
    try:
        yield from writer(shipment.headings, rows)
        state = ExportState.DONE
    finally:
        end_export(desk.sessions, shipment.key, rows.rows, state, desk.clock())
