"""Rows as CSV, a piece at a time; UTF-8 with a byte order mark, which Excel needs to read it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from admin.lists.columns import Cell

_Item = TypeVar("_Item")
# How a cell begins that a spreadsheet would run as a formula (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_PER_PIECE: Final = 500


def safe_text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; an apostrophe in front marks it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def stream_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file: the headings, then the rows, in pieces."""
    yield b"\xef\xbb\xbf"
    for piece in pieces(chain([headings], rows)):
        text = io.StringIO()
        csv.writer(text).writerows([_written(cell) for cell in row] for row in piece)
        yield text.getvalue().encode("utf-8", "replace")


def pieces(rows: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the rows in lists of 500; no more of them are held at a time."""
    remaining = iter(rows)
    while piece := list(islice(remaining, ROWS_PER_PIECE)):
        yield piece


def _written(cell: Cell) -> Cell:
    # A NUL ends the cell in some spreadsheets, and what follows would begin a new one.
    return safe_text(cell.replace("\x00", "")) if isinstance(cell, str) else cell
