"""Many stories, one after the other, in pieces that can be put together again."""

from __future__ import annotations

import gc
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulation.databank import Databank
from tests.simulation.story import Outcome, tell

CHUNK = 100


@dataclass
class Report:
    """What a run of stories came to; ``orders`` counts the lives of single orders."""

    first_seed: int
    stories: int = 0
    orders: int = 0
    steps: int = 0
    seconds: float = 0.0
    violations: list[dict[str, Any]] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.stories += 1
        self.orders += outcome.orders
        self.steps += outcome.steps
        self.tally.update(outcome.tally)
        if outcome.violation is not None:
            self.violations.append({"seed": outcome.seed, "rule": outcome.violation.rule})

    def merge(self, other: Report) -> None:
        self.stories += other.stories
        self.orders += other.orders
        self.steps += other.steps
        self.seconds += other.seconds
        self.violations += other.violations
        self.tally.update(other.tally)


def run(seeds: Iterable[int], length: int, bank: Databank) -> Report:
    """Tell the stories of these seeds."""
    numbers = list(seeds)
    report = Report(numbers[0])
    began = time.process_time()
    for seed in numbers:
        report.add(tell(seed, length, bank))
    report.seconds = time.process_time() - began
    return report


def run_into(
    file: Path, first_seed: int, stories: int, length: int, bank: Databank
) -> Iterator[Report]:
    """Tell stories in chunks, one JSON line each; chunks that the file holds are not told again."""
    # What is imported stays: looking for rubbish in it takes a seventh of a story's time.
    gc.collect()
    gc.freeze()
    done = {report.first_seed for report in read_reports([file])} if file.exists() else set[int]()
    for begin in range(first_seed, first_seed + stories, CHUNK):
        if begin in done:
            continue
        report = run(range(begin, min(begin + CHUNK, first_seed + stories)), length, bank)
        with file.open("a") as lines:
            lines.write(json.dumps(vars(report)) + "\n")
        yield report


def read_reports(files: Iterable[Path]) -> list[Report]:
    """Read the chunks back."""
    lines = [line for file in files for line in file.read_text().splitlines()]
    chunks = [json.loads(line) for line in lines]
    return [Report(**{**chunk, "tally": Counter(chunk["tally"])}) for chunk in chunks]


def total(reports: Iterable[Report]) -> Report:
    """Add reports up."""
    summed = Report(0)
    for report in reports:
        summed.merge(report)
    return summed


def as_markdown(report: Report) -> str:
    """Return the figures of a run as they stand in the documentation."""
    head = (
        f"{report.stories:,} stories with {report.orders:,} orders in {report.steps:,} steps, "
        f"{report.seconds / 3600:.1f} processor hours: {len(report.violations)} violations.\n"
    )
    groups: dict[str, list[tuple[str, int]]] = {}
    for name, number in sorted(report.tally.items(), key=lambda item: -item[1]):
        group, _, what = name.partition(": ")
        groups.setdefault(group, []).append((what or "all", number))
    rows = [
        f"| {group} | {', '.join(f'{what} {number:,}' for what, number in listed)} |"
        for group, listed in sorted(groups.items())
    ]
    return "\n".join([head, "| what | how many |", "|---|---|", *rows])
