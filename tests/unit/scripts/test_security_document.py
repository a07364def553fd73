"""docs/security.md: every file and every test that it names is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.messages import ROOT

DOCUMENT: Final = ROOT / "docs" / "security.md"
_NAMED: Final = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)(?:::(\w+))?`")
_ROW: Final = re.compile(r"^\| ([\d., to]+) \| (.+?) \| (.+) \|$", re.MULTILINE)


def missing(text: str) -> Iterator[str]:
    """Give each named file that is not there, and each named test that its file does not hold."""
    for path, test in _NAMED.findall(text):
        file: Path = ROOT / path
        if not file.is_file():
            yield path
        elif test and f"\ndef {test}(" not in file.read_text(encoding="utf-8"):
            yield f"{path}::{test}"


def numbers(line: str) -> Iterator[str]:
    """Give each number of a row; ``3.4.1 to 3.4.5`` are five."""
    for part in line.split(", "):
        first, _, last = part.partition(" to ")
        section, _, number = first.rpartition(".")
        end = last.rpartition(".")[2] or number
        yield from (f"{section}.{one}" for one in range(int(number), int(end) + 1))


def parts() -> tuple[str, str]:
    """Return the tables of what is met, and of what is not."""
    met, _, unmet = DOCUMENT.read_text(encoding="utf-8").partition("### Not met")
    return met, unmet


def test_every_place_and_every_test_that_is_named_is_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert len(_NAMED.findall(text)) > 100
    assert list(missing(text)) == []


def test_what_is_not_there_is_found() -> None:
    named = "`app/settings.py` `app/none.py` `app/settings.py::load_settings` `app/factory.py::no`"

    assert list(missing(named)) == ["app/none.py", "app/factory.py::no"]


def test_every_line_that_is_met_says_where_and_none_is_claimed_twice() -> None:
    met, unmet = parts()
    claimed = [number for line, _, _ in _ROW.findall(met) for number in numbers(line)]
    open_lines = [number for line, _, _ in _ROW.findall(unmet) for number in numbers(line)]

    assert len(claimed) > 100
    assert len(open_lines) > 10
    assert len({*claimed, *open_lines}) == len(claimed) + len(open_lines)
    assert [line for line, _, where in _ROW.findall(met) if not _NAMED.search(where)] == []
