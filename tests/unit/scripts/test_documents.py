"""The documents: links lead somewhere, and both handbooks tell the same, and what the code says."""

import re
import struct
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import click
import pytest
from babel.messages.pofile import read_po
from flask import Flask

from admin.wording import badge
from app.core.bulk import BulkState
from app.core.refund_limits import DAILY_LIMIT_IDR
from app.core.rights import ROLES
from app.core.states import Attention, NotificationState, PaymentStatus, RefundState
from app.factory import create_app
from app.settings import load_settings
from jobs.scheduler import TIMES
from scripts.messages import ROOT
from tests.unit.app.test_settings import SANDBOX

DOCS: Final = ROOT / "docs"
READMES: Final = [ROOT / folder / "README.md" for folder in ("frontend", "migrations", "ops")]
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *READMES])
# From where, besides its own folder, a document may name a file.
PLACES: Final = (ROOT, ROOT / "app", ROOT / "admin", ROOT / "frontend" / "src")
HANDBOOKS: Final[Mapping[str, Path]] = {"en": DOCS / "staff.md", "id": DOCS / "staff.id.md"}
PICTURES: Final = DOCS / "screenshots"
MOST_BYTES: Final = 6_000_000
STATES: Final = (PaymentStatus, RefundState, NotificationState, BulkState, Attention)
_LINK: Final = re.compile(r"\]\(<?([^)>\s]+)>?\)")
_PICTURE: Final = re.compile(r"!\[([^\]]+)\]\(screenshots/staff/(\w+)/([\w-]+)\.png\)")
_HEADING: Final = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_CODE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

_FILE: Final = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?!sqlite)[a-z]+\d?)(?:::(\w+))?`")
_MAKE: Final = re.compile(r"(?:^|`)make ([a-z][a-z0-9-]*)", re.MULTILINE)
_FLASK: Final = re.compile(r"flask --app app\.factory ((?:[a-z-]+ ?)+)")


def prose(path: Path) -> str:
    """Return a document without its blocks of code."""
    return _CODE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the names under which the headings of a document can be linked, as GitHub does."""
    headings = (words.lower() for _, words in _HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", words).replace(" ", "-") for words in headings}


def broken_links(path: Path) -> Iterable[str]:
    for link in _LINK.findall(prose(path)):
        if re.match(r"https?://|mailto:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place) if place else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    assert list(broken_links(path)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](page.md#one-two) [b](#three) [c](gone.md) ![d](no.png)\n")

    assert list(broken_links(page)) == ["#three", "gone.md", "no.png"]


def missing_files(text: str, folder: Path) -> Iterable[str]:
    """Give each file that is named and not there, and each test that its file does not hold."""
    for name, test in _FILE.findall(text):
        files = [place / name for place in (*PLACES, folder) if (place / name).is_file()]
        if not files:
            yield name
        elif test and f"\ndef {test}(" not in files[0].read_text(encoding="utf-8"):
            yield f"{name}::{test}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    assert list(missing_files(path.read_text(encoding="utf-8"), path.parent)) == []


def test_a_file_that_is_not_there_is_found() -> None:
    named = "`core/facts.py` `no/facts.py` `tests/world.py::nothing` `states.md` `adr/none.md`"

    assert list(missing_files(named, DOCS)) == [
        "no/facts.py",
        "tests/world.py::nothing",
        "adr/none.md",
    ]


def strange_commands(text: str, app: Flask) -> Iterable[str]:
    """Give each target of make and each command of ours that is named and does not exist."""
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    yield from (f"make {name}" for name in _MAKE.findall(text) if name not in targets)
    for line in _FLASK.findall(text):
        command: click.Command | None = app.cli
        for word in line.split():
            if not isinstance(command, click.Group):
                break
            command = command.commands.get(word)
        if command is None or isinstance(command, click.Group):
            yield f"flask {line}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    database = tmp_path_factory.mktemp("documents") / "lunas.sqlite3"
    return create_app(load_settings({**SANDBOX, "DATABASE_URL": f"sqlite:///{database}"}))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(path: Path, app: Flask) -> None:
    assert list(strange_commands(path.read_text(encoding="utf-8"), app)) == []


def test_a_command_that_does_not_exist_is_found(app: Flask) -> None:
    text = "`make run` `make tea`\nmake coffee\n`flask --app app.factory lunas verify --all`"
    wrong = "\n.venv/bin/flask --app app.factory lunas brew tea\nflask --app app.factory lunas\n"

    assert list(strange_commands(text + wrong, app)) == [
        "make tea",
        "make coffee",
        "flask lunas brew tea",
        "flask lunas",
    ]


def outline(path: Path) -> list[tuple[str, int]]:
    """Return the headings by depth and the rows of tables by columns, in their order."""
    lines = [line for line in prose(path).splitlines() if line[:1] in {"#", "|"}]
    return [
        ("row", line.count("|")) if line[0] == "|" else ("heading", line.index(" "))
        for line in lines
    ]


def test_both_handbooks_have_the_same_headings_and_tables() -> None:
    assert outline(HANDBOOKS["en"]) == outline(HANDBOOKS["id"])


def pictures(language: str) -> list[str]:
    found = _PICTURE.findall(HANDBOOKS[language].read_text(encoding="utf-8"))
    assert {folder for _, folder, _ in found} == {language}
    return [name for _, _, name in found]


def test_both_handbooks_show_the_same_pictures_in_the_same_order() -> None:
    assert pictures("en") == pictures("id")


@pytest.mark.parametrize("language", HANDBOOKS)
def test_every_picture_of_the_back_office_is_shown_once(language: str) -> None:
    kept = {file.stem for file in (PICTURES / "staff" / language).glob("*.png")}

    assert sorted(pictures(language)) == sorted(kept)


def test_the_pictures_are_small_and_of_one_width() -> None:
    files = list(PICTURES.rglob("*.png"))

    assert {struct.unpack(">I", file.read_bytes()[16:20])[0] for file in files} == {1280}
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


def words_of(state: StrEnum, language: str) -> str:
    """Return what the desk calls a state in this language."""
    # Outside a request nothing is translated.
    english = str(badge(state).word)
    if language == "en":
        return english
    with (ROOT / "admin/translations/id/LC_MESSAGES/messages.po").open("rb") as file:
        message = read_po(file).get(english)
    return str(message.string) if message else ""


@pytest.mark.parametrize("language", HANDBOOKS)
@pytest.mark.parametrize("states", STATES, ids=lambda states: states.__name__)
def test_every_state_stands_in_the_handbook_by_the_desks_own_word(
    states: type[StrEnum], language: str
) -> None:
    text = HANDBOOKS[language].read_text(encoding="utf-8").replace("**", "")

    rows = [f"| {words_of(state, language)} | `{state.value}` |" for state in states]
    assert [row for row in rows if row not in text] == []


@pytest.mark.parametrize("language", HANDBOOKS)
def test_every_role_and_its_daily_limit_stand_in_the_handbook(language: str) -> None:
    lines = HANDBOOKS[language].read_text(encoding="utf-8").splitlines()
    rows = {role: [line for line in lines if line.startswith(f"| `{role}` |")] for role in ROLES}

    assert {role: len(found) for role, found in rows.items()} == dict.fromkeys(ROLES, 1)
    for role, limit in DAILY_LIMIT_IDR.items():
        assert f"Rp {limit:,}".replace(",", ".") in rows[role][0]


def test_the_architecture_lists_every_job_with_its_time() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    units = {"s": timedelta(seconds=1), "min": timedelta(minutes=1)}

    told = {
        job: int(number) * units[unit]
        for job, number, unit in re.findall(r"^\| `(\w+)` \| (\d+) (s|min) \|", text, re.MULTILINE)
    }

    assert told == {timed.name: timed.every for timed in TIMES}


def test_make_helps_with_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)

    explained = re.findall(r"^([a-z0-9-]+):.*## \S", text, re.MULTILINE)
    assert sorted(explained) == sorted(phony.split())
