"""Runs every ``curl`` of the documentation, in order, against a fresh program per page."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.sandbox.bench import ROOT, documented_program

PAGES = sorted((ROOT / "docs").glob("sandbox*.md"))
_DOCUMENTED = "http://127.0.0.1:8001"
_STAND_INS = {
    "INVOICE_ID": r'"id":"([0-9a-f]{24})"',
    "REFUND_ID": r'"id":"(rfd-[0-9a-f-]+)"',
    "VA_NUMBER": r'"bank_account_number":"(\d+)"',
    "TOKEN_ID": r'"token_id":"([^"]+)"',
    "TRANSACTION_ID": r'"transaction_id":"([^"]+)"',
    "SNAP_TOKEN": r'"token":"([^"]+)"',
}


@dataclass(frozen=True)
class Example:
    """One command, and what the page says of its answer; status None where it says nothing."""

    command: str
    status: int | None
    contains: list[str]


def examples(page: str) -> Iterator[Example]:
    for block in re.findall(r"```sh\n(curl .*?)```", page, re.DOTALL):
        for text in re.split(r"\n(?=curl )", block.replace("\\\n", " ").strip()):
            command, _, said = text.partition("\n# → ")
            status, *contains = said.split() or [""]
            yield Example(command, int(status) if status else None, contains)


def variables(page: str) -> list[str]:
    """Return the assignments that the page asks its readers to make."""
    return re.findall(r"^[A-Z]+=\S+$", page, re.MULTILINE)


def run(setup: str, command: str) -> tuple[int, str]:
    silent = f"{setup}\n{command} -w '\\n%{{http_code}}'"
    ended = subprocess.run(
        ["bash", "-c", silent], capture_output=True, text=True, timeout=30, check=True
    )
    body, _, status = ended.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_curl_of_the_page_does_what_it_says(page: Path) -> None:
    text = page.read_text()
    setup = "\n".join(variables(text))
    known: dict[str, str] = {}
    wrong: list[str] = []
    with documented_program() as url:
        for example in examples(text):
            command = example.command
            for name, value in known.items():
                command = command.replace(name, value)
            status, body = run(setup.replace(_DOCUMENTED, url), command)
            if status >= 500 or example.status not in {None, status}:
                wrong.append(f"{example.command}\n  says {example.status}, got {status}: {body}")
            wrong += [
                f"{command}\n  no {one} in {body}" for one in example.contains if one not in body
            ]
            for name, pattern in _STAND_INS.items():
                if found := re.search(pattern, body):
                    known[name] = found.group(1)

    assert wrong == [], "\n".join(wrong)


def test_the_pages_have_examples_to_run() -> None:
    counts = {page.name: len(list(examples(page.read_text()))) for page in PAGES}

    assert counts["sandbox.md"] > 40
    assert all(example.status for example in examples(PAGES[0].read_text()))
