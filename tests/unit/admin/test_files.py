"""Exported files: whole, streamed, and never run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from admin.lists.columns import Cell, chosen_columns, write_cell
from admin.lists.csv_file import safe_text, stream_csv
from admin.lists.xlsx_file import stream_xlsx
from app.core.states import PaymentStatus

HEADINGS = ["Order", "Total"]


def read_csv(file: bytes) -> list[list[str]]:
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def sheets(file: bytes) -> list[list[tuple[Any, ...]]]:
    return [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(file))]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+62812", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")'],
)
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    [_, [cell]] = read_csv(b"".join(stream_csv(["Text"], [[text]])))
    book = load_workbook(io.BytesIO(b"".join(stream_xlsx(["Text"], [[text]]))))

    assert safe_text(text) == cell == f"'{text}"
    # In a workbook a text has a type of its own; it needs no mark and keeps its first character.
    assert book.worksheets[0]["A2"].data_type == "s"


@pytest.mark.parametrize("text", ["", "Rina", "1 = 2", "'quoted", "a+b", "10%"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


def test_amounts_are_numbers_also_below_zero_and_text_is_text() -> None:
    rows: list[list[Cell]] = [["LN-1", 150_000], ["0812", -5], ["", None], ["9" * 20, 10**15]]

    [found] = sheets(b"".join(stream_xlsx(HEADINGS, rows)))

    assert found == [
        ("Order", "Total"),
        ("LN-1", 150_000),
        ("0812", -5),
        (None, None),
        ("9" * 20, str(10**15)),  # A spreadsheet would round it.
    ]
    assert read_csv(b"".join(stream_csv(HEADINGS, rows)))[2] == ["0812", "-5"]


def test_a_list_without_rows_is_a_file_with_headings() -> None:
    assert sheets(b"".join(stream_xlsx(HEADINGS, []))) == [[("Order", "Total")]]
    assert read_csv(b"".join(stream_csv(HEADINGS, []))) == [HEADINGS]


@pytest.mark.parametrize(("rows", "expected"), [(4, [4]), (5, [4, 1]), (8, [4, 4]), (9, [4, 4, 1])])
def test_rows_beyond_a_sheet_go_on_in_the_next_one(rows: int, expected: list[int]) -> None:
    numbered = [[f"LN-{i}", i] for i in range(rows)]

    found = sheets(b"".join(stream_xlsx(HEADINGS, numbered, most_rows=5)))

    assert [len(sheet) - 1 for sheet in found] == expected
    assert [row for sheet in found for row in sheet[1:]] == [tuple(row) for row in numbered]


CELLS = st.text(max_size=20) | st.integers(-(10**14), 10**14)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_any_rows_make_a_file_that_other_programs_read(rows: list[tuple[Cell, Cell]]) -> None:
    [found] = sheets(b"".join(stream_xlsx(HEADINGS, rows)))
    lines = read_csv(b"".join(stream_csv(HEADINGS, rows)))

    assert len(found) == len(lines) == len(rows) + 1
    for row, read in zip(rows, found[1:], strict=True):
        pairs = zip(row, read, strict=True)
        assert all(cell == there for cell, there in pairs if isinstance(cell, int))


@pytest.mark.parametrize("stream", [stream_csv, stream_xlsx])
def test_the_file_leaves_while_its_rows_are_still_being_read(stream: Any) -> None:
    read: list[int] = []

    def rows() -> Iterator[Sequence[Cell]]:
        for number in range(5_000):
            read.append(number)
            yield [f"LN-{number}", number]

    pieces: Iterable[bytes] = stream(HEADINGS, rows())
    started = next(piece for piece in pieces if len(piece) > 3)

    assert started
    assert len(read) <= 1_000


def test_values_are_written_for_programs_and_people() -> None:
    assert write_cell(datetime(2026, 11, 23, 17, 30, tzinfo=UTC)) == "2026-11-24T00:30:00+07:00"
    assert write_cell(PaymentStatus.PARTIALLY_REFUNDED) == "partially_refunded"
    assert [write_cell(done) for done in (True, False)] == ["yes", "no"]
    assert (write_cell(None), write_cell(150_000)) == (None, 150_000)


def test_chosen_columns_keep_their_order_and_drop_what_is_gone() -> None:
    everything, default = ["a", "b", "c", "d"], ["a", "b"]

    assert chosen_columns(["c", "a", "gone", "c"], everything, default) == ["c", "a"]
    assert chosen_columns(["gone"], everything, default) == default
    assert chosen_columns(None, everything, default) == default
