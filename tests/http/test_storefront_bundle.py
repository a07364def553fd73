"""What a shopper's telephone must fetch before the shop stands; `make setup` builds it."""

import gzip
import json
import re
from pathlib import Path
from typing import Final

from scripts.messages import ROOT

DIST: Final = ROOT / "frontend" / "dist"
FIRST_SCRIPTS_LIMIT_BYTES: Final = 110_000
FIRST_STYLES_LIMIT_BYTES: Final = 12_000
PICTURE_LIMIT_BYTES: Final = 8_000


def weight(paths: list[str]) -> int:
    """Return the bytes of these files as they travel: packed one by one."""
    assert paths
    return sum(len(gzip.compress((DIST / path.lstrip("/")).read_bytes(), 9)) for path in paths)


def named(pattern: str) -> list[str]:
    return re.findall(pattern, (DIST / "index.html").read_text())


def imported(path: str) -> set[str]:
    """Return what a script imports at once, and what that imports; not what it may want later."""
    text = (DIST / path.lstrip("/")).read_text()
    direct = re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', text)
    return {f"/assets/{name}" for name in direct}


def first_scripts() -> set[str]:
    """Return every script that the first page cannot do without."""
    found: set[str] = set()
    waiting = set(named(r'<script[^>]* src="([^"]+)"')) | set(
        named(r'modulepreload[^>]*href="([^"]+)"')
    )
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= imported(path) - found
    return found


def test_the_scripts_of_the_first_page_stay_within_their_limit() -> None:
    assert weight(sorted(first_scripts())) <= FIRST_SCRIPTS_LIMIT_BYTES


def test_the_style_sheet_and_each_picture_stay_within_theirs() -> None:
    assert weight(named(r'stylesheet[^>]*href="([^"]+)"')) <= FIRST_STYLES_LIMIT_BYTES
    pictures = list((DIST / "products").glob("*.svg"))
    assert pictures
    assert max(path.stat().st_size for path in pictures) <= PICTURE_LIMIT_BYTES


def test_what_is_packed_beside_a_file_is_that_file() -> None:
    packed = list(DIST.rglob("*.gz"))
    assert {"sw.js.gz", "favicon.svg.gz"} <= {path.name for path in packed}
    for path in packed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


def test_the_offline_worker_knows_every_file_of_the_shop_and_nothing_else() -> None:
    written = re.search(r"const FILES = (\[.*?\]);", (DIST / "sw.js").read_text())
    assert written
    assert set(json.loads(written[1])) == {
        "/" + str(path.relative_to(DIST))
        for path in DIST.rglob("*")
        if path.is_file() and path.suffix != ".gz" and not is_page(path)
    }


def is_page(path: Path) -> bool:
    return path.name in {"index.html", "sw.js"}
