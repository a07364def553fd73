"""The pictures' files: fewer bytes, the same picture."""

import struct
import zlib
from collections.abc import Sequence

import pytest

from scripts.pictures.palette import shrink_png

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, GREEN, BLUE = b"\xff\0\0", b"\0\xff\0", b"\0\0\xff"
Rows = Sequence[Sequence[bytes]]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(lines: bytes, width: int, height: int, *, colours: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    data = zlib.compress(lines)
    # Two pieces, as encoders may write them.
    pieces = chunk(b"IDAT", data[:5]) + chunk(b"IDAT", data[5:])
    return SIGNATURE + chunk(b"IHDR", header) + pieces + chunk(b"IEND", b"")


def plain(rows: Rows) -> bytes:
    return png(b"".join(b"\0" + b"".join(row) for row in rows), len(rows[0]), len(rows))


def read(indexed: bytes) -> list[list[bytes]]:
    """Read a picture with a palette, as `shrink_png` writes it."""
    at, found = len(SIGNATURE), {}
    while at < len(indexed):
        (length,) = struct.unpack_from(">I", indexed, at)
        kind, body = indexed[at + 4 : at + 8], indexed[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", indexed, at + 8 + length)[0] == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + length
    width, height, depth, colours = struct.unpack_from(">IIBB", found[b"IHDR"])
    assert (depth, colours) == (8, 3)
    lines, palette = zlib.decompress(found[b"IDAT"]), found[b"PLTE"]
    rows = [lines[row * (width + 1) : (row + 1) * (width + 1)] for row in range(height)]
    assert {row[0] for row in rows} == {0}
    return [[palette[3 * index : 3 * index + 3] for index in row[1:]] for row in rows]


def test_a_picture_of_few_colours_stays_the_same() -> None:
    rows = [[RED, RED, GREEN], [BLUE, GREEN, GREEN]]

    assert read(shrink_png(plain(rows))) == rows


def predicted(number: int, left: int, above: int, corner: int) -> int:
    """Return what each filter expects of a byte, as the specification words it."""
    guess = left + above - corner
    far = {"left": abs(guess - left), "above": abs(guess - above), "corner": abs(guess - corner)}
    near = min(far.values())
    paeth = left if far["left"] == near else above if far["above"] == near else corner
    return (0, left, above, (left + above) // 2, paeth)[number]


def filtered(number: int, rows: Rows) -> bytes:
    lines, above = b"", bytes(3 * len(rows[0]) + 3)
    for row in rows:
        # Left of the first pixel everything is zero.
        now = bytes(3) + b"".join(row)
        lines += bytes([number]) + bytes(
            (now[at] - predicted(number, now[at - 3], above[at], above[at - 3])) & 255
            for at in range(3, len(now))
        )
        above = now
    return lines


@pytest.mark.parametrize("number", range(5))
def test_each_filter_is_undone(number: int) -> None:
    rows = [
        [RED, b"\x0a\xc8\x1e", b"\x14\x28\x3c"],
        [b"\xfa\x2d\x41", b"\x19\x2d\xdc", GREEN],
        [b"\x01\x02\x03", BLUE, b"\x80\x7f\x81"],
    ]
    picture = png(filtered(number, rows), 3, 3)

    assert read(shrink_png(picture)) == rows


def test_rare_colours_become_the_nearest_of_the_frequent_ones() -> None:
    almost_red = b"\xfe\x01\0"
    rows = [[RED, RED, GREEN, GREEN, almost_red]]

    assert read(shrink_png(plain(rows), colours=2)) == [[RED, RED, GREEN, GREEN, RED]]


def test_a_picture_of_another_kind_is_left_alone() -> None:
    grey = png(b"\0\x10\x20", 2, 1, colours=0)

    assert shrink_png(grey) == grey
