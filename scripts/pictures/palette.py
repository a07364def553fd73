"""Smaller PNG files: pages of text need a few colours only, so each pixel becomes one byte.

Source: W3C, "Portable Network Graphics (PNG) Specification", section 9 (filters), 11 (chunks).
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">IIBBBBB")
_MOST_COLOURS: Final = 256
_RGB: Final = 2
_INDEXED: Final = 3
_BYTES: Final = 3  # of one pixel: red, green, blue
_LEFT, _ABOVE, _MEAN = 1, 2, 3  # The filters; 0 is none, and 4 is Paeth's.


def shrink_png(png: bytes, colours: int = _MOST_COLOURS) -> bytes:
    """Return the picture with at most so many colours (256 or fewer), the most frequent ones.

    Anything that is no 8-bit RGB picture without interlace comes back as it is.
    """
    chunks = list(_chunks(png))
    header = _HEADER.unpack(chunks[0][1])
    width, height, depth, kind, _, _, interlace = header
    if (depth, kind, interlace) != (8, _RGB, 0):
        return png
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    rows = list(_unfiltered(zlib.decompress(packed), width * _BYTES, height))
    pixels = [[row[at : at + _BYTES] for at in range(0, len(row), _BYTES)] for row in rows]
    indexes = _indexes(Counter(pixel for row in pixels for pixel in row), colours)
    lines = b"".join(b"\0" + bytes(map(indexes.__getitem__, row)) for row in pixels)
    palette = list(indexes)[:colours]
    new_header = _HEADER.pack(width, height, 8, _INDEXED, 0, 0, 0)
    return _SIGNATURE + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", new_header),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _indexes(counts: Counter[bytes], colours: int) -> Mapping[bytes, int]:
    """Return each colour's place in the palette; the palette itself are the first colours."""
    ranked = [colour for colour, _ in counts.most_common()]
    kept = {colour: place for place, colour in enumerate(ranked[:colours])}
    rest = {colour: kept[_nearest(colour, kept)] for colour in ranked[colours:]}
    return kept | rest


def _nearest(colour: bytes, palette: Mapping[bytes, int]) -> bytes:
    red, green, blue = colour
    return min(
        palette, key=lambda one: (one[0] - red) ** 2 + (one[1] - green) ** 2 + (one[2] - blue) ** 2
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _unfiltered(data: bytes, width: int, height: int) -> Iterator[bytes]:
    """Yield the rows as they were before filtering; three bytes for each pixel."""
    above = bytes(width)
    for number in range(height):
        start = number * (width + 1)
        row = _unfilter(data[start], bytearray(data[start + 1 : start + 1 + width]), above)
        yield row
        above = row


def _unfilter(kind: int, row: bytearray, above: bytes) -> bytes:
    for at in range(len(row) if kind else 0):
        left = row[at - _BYTES] if at >= _BYTES else 0
        corner = above[at - _BYTES] if at >= _BYTES else 0
        row[at] = (row[at] + _predicted(kind, left, above[at], corner)) & 0xFF
    return bytes(row)


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == _LEFT:
        return left
    if kind == _ABOVE:
        return above
    if kind == _MEAN:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))
