"""Figures: what was measured, how often, against which goal; kept as JSON between runs."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "docs" / "performance.json"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: ``at least`` or ``at most`` a value."""

    side: str
    value: float

    def is_met(self, figure: float) -> bool:
        """Tell whether a figure is on the right side."""
        return figure >= self.value if self.side == "at least" else figure <= self.value

    def __str__(self) -> str:
        return f"{self.side} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with all its repeats; ``note`` says what else a reader must know."""

    part: str
    name: str
    unit: str
    values: Sequence[float]
    goal: Goal | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of the repeats."""
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one part, with where, when and on what load they were taken."""

    part: str
    size: str
    commit: str
    at: str
    machine: str
    load: tuple[float, float]
    figures: list[Figure] = field(default_factory=list[Figure])


def begin(part: str, size: str) -> Run:
    """Note the circumstances of a run that begins."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(part, size, commit_here(), now, machine(), (_load(), 0.0))


def keep(run: Run, figures: Sequence[Figure], file: Path = RESULTS) -> None:
    """Keep a run in the file, in the place of the last one of its part."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    done = asdict(run) | {"load": (run.load[0], _load()), "figures": [asdict(f) for f in figures]}
    known[run.part] = done
    file.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def read(file: Path = RESULTS) -> list[Run]:
    """Return the runs that were kept, by part."""
    if not file.exists():
        return []
    return [_run(stored) for stored in json.loads(file.read_text()).values()]


def _run(stored: dict[str, Any]) -> Run:
    figures = [
        Figure(**{**one, "goal": Goal(**one["goal"]) if one["goal"] else None})
        for one in stored["figures"]
    ]
    return Run(**{**stored, "load": tuple(stored["load"]), "figures": figures})


def machine() -> str:
    """Describe this machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def commit_here() -> str:
    """Return the short name of the commit that is measured."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short=9", "HEAD"]
    done = subprocess.run(git, check=False, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
