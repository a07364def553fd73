"""One-page PDF documents of plain text, written here so that nothing else is needed."""

from collections.abc import Sequence
from typing import Final

_PAGE: Final = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 5 0 R >>"
)
_FONTS: Final = (
    "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
    "/Encoding /WinAnsiEncoding >> >> >>"
)


def text_pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF (A4) with one line of text under the other."""
    content = _content(lines)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE.encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        _FONTS.encode(),
    ]
    return _assembled(objects)


def _content(lines: Sequence[str]) -> bytes:
    shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    return f"BT /F1 13 Tf 22 TL 60 770 Td {shown} ET".encode("cp1252", "replace")


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[bytes]) -> bytes:
    document, places = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return document + trailer % (size, start)
