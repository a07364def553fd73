"""Rows as XLSX, a piece at a time, through the standard library's zip.

The first byte leaves with the first rows and nothing lies in a temporary file, which the usual
libraries do not offer (docs/adr/0012). Text is always text here: a cell of the type ``inlineStr``
is never run as a formula, whatever it begins with.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final
from xml.sax.saxutils import escape  # It writes, nothing is parsed. # nosec B406

from admin.lists.columns import Cell
from admin.lists.csv_file import pieces

Row = Sequence[Cell]
# Limits of the format (Microsoft, "Excel specifications and limits").
MOST_SHEET_ROWS: Final = 1_048_576
_LONGEST_TEXT: Final = 32_767
# A spreadsheet keeps 15 digits of a number; longer ones go as text.
_LARGEST_EXACT: Final = 10**15
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# "_x0041_" would be read as "A" (ECMA-376 part 1, section 22.9.2.19, ST_Xstring).
_LIKE_AN_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_COLUMN_WIDTH: Final = 20
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Styles by number: 0 text, 1 a number in thousands, 2 a heading.
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/>'
    '<xf xfId="0" numFmtId="3" applyNumberFormat="1"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def stream_xlsx(
    headings: Sequence[str], rows: Iterable[Row], *, most_rows: int = MOST_SHEET_ROWS
) -> Iterator[bytes]:
    """Yield an XLSX file in pieces; rows beyond what a sheet holds go on in the next sheet."""
    sink, number = _Sink(), 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for number, of_sheet in enumerate(_sheets(rows, most_rows - 1), start=1):
            with package.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                sheet.write(_opening(headings).encode())
                for piece in pieces(of_sheet):
                    sheet.write("".join(map(_row, piece)).encode())
                    yield sink.take()
                sheet.write(b"</sheetData></worksheet>")
        for name, content in _frame(number):
            package.writestr(name, content)
    yield sink.take()


class _Sink(io.RawIOBase):
    """Where the zip is written to; what has gathered is taken away and sent."""

    def __init__(self) -> None:
        super().__init__()
        self._gathered = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._gathered += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._gathered)
        self._gathered.clear()
        return taken


def _sheets(rows: Iterable[Row], size: int) -> Iterator[Iterator[Row]]:
    """Yield the rows of each sheet; the first sheet is there even without rows."""
    remaining = iter(rows)
    first = list(islice(remaining, 1))
    while True:
        yield chain(first, islice(remaining, size - len(first)))
        first = list(islice(remaining, 1))
        if not first:
            return


def _opening(headings: Sequence[str]) -> str:
    columns = max(1, len(headings))
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols><col min="1" max="{columns}" width="{_COLUMN_WIDTH}" '
        'customWidth="1"/></cols><sheetData><row>'
        + "".join(_text(heading, style=2) for heading in headings)
        + "</row>"
    )


def _row(row: Row) -> str:
    return f"<row>{''.join(map(_cell, row))}</row>"


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, int) and abs(cell) < _LARGEST_EXACT:
        return f'<c s="1"><v>{cell}</v></c>'
    return _text(str(cell))


def _text(text: str, style: int = 0) -> str:
    clean = _LIKE_AN_ESCAPE.sub("_x005F_", _NOT_XML.sub("", text[:_LONGEST_TEXT]))
    # XML turns a bare carriage return into a line feed.
    kept = escape(clean).replace("\r", "_x000D_")
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{kept}</t></is></c>'


def _frame(sheets: int) -> Iterator[tuple[str, str]]:
    """Yield the parts that make the sheets a workbook."""
    numbers = range(1, sheets + 1)
    xml_type = "application/vnd.openxmlformats-package.relationships+xml"
    yield "xl/styles.xml", _STYLES
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="Lunas {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(_relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
        + _relation(sheets + 1, "styles", "styles.xml")
        + "</Relationships>",
    )
    yield (
        "_rels/.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        + _relation(1, "officeDocument", "xl/workbook.xml")
        + "</Relationships>",
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Default Extension="rels" ContentType="{xml_type}"/>'
        + _content_type("workbook.xml", "sheet.main")
        + _content_type("styles.xml", "styles")
        + "".join(_content_type(f"worksheets/sheet{n}.xml", "worksheet") for n in numbers)
        + "</Types>",
    )


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _content_type(part: str, kind: str) -> str:
    return f'<Override PartName="/xl/{part}" ContentType="{_TYPES}.{kind}+xml"/>'
