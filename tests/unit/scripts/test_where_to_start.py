"""Every folder says what it is for, who may import it, and where to start reading."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from scripts.messages import ROOT

_TOP: Final = ("app", "admin", "webhooks", "jobs", "sandbox", "scripts", "tests")
_WITH_README: Final = ("frontend", "migrations", "ops", "docs", "tests/corpus")
PACKAGES: Final = sorted(
    str(found.parent.relative_to(ROOT))
    for top in _TOP
    for found in (ROOT / top).rglob("__init__.py")
    if top != "tests" or found.parent == ROOT / "tests"
)
_NAMED: Final = re.compile(r"``([\w/]+)(?:\.py)?``")


def opening(folder: str) -> str:
    """Return the docstring with which a package opens; empty if there is none."""
    file = ROOT / folder / "__init__.py"
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def is_there(folder: Path, name: str) -> bool:
    """Tell whether a module is named as seen from its folder, or from the top."""
    return any(
        (place / f"{name}.py").exists() or (place / name).is_dir() for place in (folder, ROOT)
    )


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_package_says_who_imports_it_and_where_to_start(folder: str) -> None:
    purpose, _, rest = opening(folder).partition("\n\nImported by: ")
    importers, _, start = rest.partition("\nStart with: ")

    assert purpose
    assert importers
    named = _NAMED.findall(start)
    assert named
    assert [name for name in named if not is_there(ROOT / folder, name)] == []


@pytest.mark.parametrize("folder", _WITH_README)
def test_what_is_no_package_opens_with_a_readme(folder: str) -> None:
    assert (ROOT / folder / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_every_folder_at_the_top_is_spoken_of() -> None:
    known = {*_TOP, *(name for name in _WITH_README if "/" not in name)}
    kept = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    full = [path for path in ROOT.iterdir() if path.is_dir() and any(path.iterdir())]
    folders = {path.name for path in full if path.name[0] != "."}

    assert folders - kept == known


def test_every_folder_of_tests_says_what_it_tests() -> None:
    folders = [found.parent for found in (ROOT / "tests").glob("*/__init__.py")]

    assert len(folders) > 6
    assert [folder.name for folder in folders if not opening(str(folder.relative_to(ROOT)))] == []
