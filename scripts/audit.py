"""Asks the public lists of known holes about everything that we install: `make audit`.

It needs the network, so it is no part of `make test`. What could not be asked is said to be so and
never counted as clean.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from scripts.messages import ROOT

_BIN: Final = Path(sys.executable).parent
_PATIENCE_S: Final = 180
_MOST_NAMES: Final = 3


class Answer(StrEnum):
    """What came of asking."""

    CLEAN = "nothing known"
    HOLES = "HOLES KNOWN"
    NOT_ASKED = "NOT ASKED"


EXIT_CODES: Final[Mapping[Answer, int]] = {Answer.CLEAN: 0, Answer.HOLES: 1, Answer.NOT_ASKED: 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one set of packages, with the words that explain it."""

    packages: str
    answer: Answer
    words: str


def read_pip(report: str) -> tuple[Answer, str]:
    """Read what pip-audit wrote as JSON; NOT_ASKED if it is none."""
    raw = _object(report)
    if "dependencies" not in raw:
        return Answer.NOT_ASKED, "pip-audit gave no answer; is the network there?"
    packages = raw["dependencies"]
    found = [f"{one['name']} {one.get('version', '')}" for one in packages if one.get("vulns")]
    # A mirror without the lists makes it pass over packages, and end as if all were well.
    passed_over = [one["name"] for one in packages if "skip_reason" in one]
    if passed_over and not found:
        some = ", ".join(sorted(passed_over)[:_MOST_NAMES])
        return Answer.NOT_ASKED, f"{len(passed_over)} of {len(packages)} packages, such as {some}"
    return _judge(found)


def read_npm(report: str) -> tuple[Answer, str]:
    """Read what npm audit wrote as JSON; NOT_ASKED if it is an error."""
    raw = _object(report)
    if "vulnerabilities" not in raw:
        return Answer.NOT_ASKED, "npm audit gave no answer; is the network there?"
    return _judge([f"{name} ({one['severity']})" for name, one in raw["vulnerabilities"].items()])


def _judge(found: list[str]) -> tuple[Answer, str]:
    return (Answer.HOLES, ", ".join(sorted(found))) if found else (Answer.CLEAN, "")


def _object(report: str) -> dict[str, Any]:
    try:
        raw = json.loads(report)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def ask_all() -> list[Finding]:
    """Ask about the Python packages that run, those that test, and the storefront's."""
    python = [_ask_pip(name) for name in ("requirements.txt", "requirements-dev.txt")]
    return [*python, _ask_npm()]


def _ask_pip(name: str) -> Finding:
    tool = _BIN / "pip-audit"
    command = str(tool) if tool.exists() else shutil.which("pip-audit")
    if command is None:
        words = "pip-audit is not installed: pip install pip-audit, somewhere on PATH."
        return Finding(name, Answer.NOT_ASKED, words)
    # With hashes and without pip nothing is installed or built in order to be judged.
    arguments = ("--requirement", name, "--require-hashes", "--disable-pip", "--format", "json")
    return _ask(name, (command, *arguments), ROOT, read_pip)


def _ask_npm() -> Finding:
    command = ("npm", "audit", "--json")
    return _ask("frontend", command, ROOT / "frontend", read_npm)


def _ask(
    packages: str, command: tuple[str, ...], cwd: Path, read: Callable[[str], tuple[Answer, str]]
) -> Finding:
    try:
        done = subprocess.run(
            command, cwd=cwd, check=False, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(packages, Answer.NOT_ASKED, f"{command[0]}: {type(error).__name__}")
    return Finding(packages, *read(done.stdout))


def main(findings: list[Finding]) -> int:
    """Print the findings; 1 if holes are known, else 3 if something could not be asked, else 0."""
    for one in findings:
        print(f"{one.answer.value:14} {one.packages:22} {one.words}".rstrip())
    answers = {one.answer for one in findings}
    worst = next(a for a in (Answer.HOLES, Answer.NOT_ASKED, Answer.CLEAN) if a in answers)
    return EXIT_CODES[worst]


if __name__ == "__main__":
    sys.exit(main(ask_all()))
