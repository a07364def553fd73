"""The stages of `make test`, each also a target of its own: `python -m scripts.stages lint`.

A stage that fails does not stop the next one, so that one run shows all that is wrong; the end
names what failed, and the closing line adds up the tests of all runners.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.messages import ROOT
from scripts.reports import count

REPORTS: Final = ROOT / "var" / "reports"
FRONTEND: Final = ROOT / "frontend"
_BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Stage:
    """One named check and the commands it consists of; it fails if any of them fails."""

    title: str
    commands: tuple[tuple[str, ...], ...]
    cwd: Path = ROOT


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(_BIN / name), *arguments)


def _pytest(report: str, *arguments: str) -> tuple[str, ...]:
    return _tool("pytest", f"--junitxml={REPORTS / report}.xml", *arguments)


# What serves requests or moves money. Scripts and tests start programs of their own choice, and
# the SQL of migrations is put together from constants only.
_GUARDED: Final = ("app", "admin", "webhooks", "jobs", "sandbox")
# One file stays on one worker: its databases and servers are then made once.
_PARALLEL: Final = ("-n", "2", "--dist", "loadfile")

STAGES: Final[Mapping[str, Stage]] = {
    "lint": Stage(
        "Python: style, types, import contracts, known dangers",
        (
            _tool("ruff", "check", "--no-cache", "."),
            _tool("ruff", "format", "--no-cache", "--check", "."),
            _tool("pyright"),
            _tool("lint-imports", "--no-cache"),
            _tool("bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", *_GUARDED),
        ),
    ),
    "frontend-lint": Stage(
        "front end: style and types",
        (("npm", "run", "--silent", "lint"), ("npm", "run", "--silent", "typecheck")),
        FRONTEND,
    ),
    "frontend-test": Stage(
        "front end: tests",
        (
            (
                *("npm", "run", "--silent", "test", "--", "--reporter=default"),
                *("--reporter=junit", f"--outputFile.junit={REPORTS / 'frontend.xml'}"),
            ),
        ),
        FRONTEND,
    ),
    "python": Stage(
        "unit, contract, integration (SQLite and PostgreSQL) and HTTP tests",
        (
            _pytest(
                *("python", *_PARALLEL, "--ignore=tests/e2e", "--ignore=tests/simulation", "tests"),
            ),
        ),
    ),
    "simulation": Stage(
        "simulation: a thousand orders, a crash at every boundary, bugs put in on purpose",
        # The stories are in one file, and each part of it can run anywhere.
        (_pytest("simulation", "-n", "2", "tests/simulation"),),
    ),
    "e2e": Stage(
        "browser tests",
        (_tool("python", "-m", "scripts.ensure_browser"), _pytest("e2e", *_PARALLEL, "tests/e2e")),
    ),
    "unit": Stage("unit tests", (_pytest("unit", "tests/unit"),)),
    "race": Stage("race tests", (_pytest("race", "-m", "race", "tests"),)),
    "contract": Stage("contract tests", (_pytest("contract", "tests/contract"),)),
    "integration": Stage("integration tests", (_pytest("integration", "tests/integration"),)),
    "http": Stage("HTTP tests", (_pytest("http", "tests/http"),)),
}

EVERYTHING: Final = ("lint", "frontend-lint", "frontend-test", "python", "simulation", "e2e")
"""What `make test` runs, quick answers first."""


def run_stages(stages: Sequence[Stage]) -> list[str]:
    """Run the stages one after the other; return the titles of those that failed."""
    failed: list[str] = []
    for number, stage in enumerate(stages, start=1):
        print(f"\n== {number}/{len(stages)} {stage.title}", flush=True)
        began = time.monotonic()
        # All commands run, also after one that failed: one run shows everything that is wrong.
        failures = sum(not _run(command, stage.cwd) for command in stage.commands)
        verdict = "FAILED" if failures else "passed"
        print(f"== {verdict} after {time.monotonic() - began:.0f} s", flush=True)
        if failures:
            failed.append(stage.title)
    return failed


def main(names: Sequence[str]) -> int:
    """Run the named stages, or all; 0 if every one passed."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    failed = run_stages([STAGES[name] for name in names or EVERYTHING])
    if failed:
        print(f"\nFailed: {'; '.join(failed)}.")
    reports = sorted(REPORTS.glob("*.xml"))
    if reports:
        print(f"\n{count(reports)}")
    return 1 if failed else 0


def _run(command: tuple[str, ...], cwd: Path) -> bool:
    # pyright tells of newer versions of itself at every run; ours comes from requirements-dev.txt.
    quiet = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "NO_UPDATE_NOTIFIER": "1"}
    return subprocess.run(command, cwd=cwd, check=False, env=os.environ | quiet).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
