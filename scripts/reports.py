"""Read the reports (JUnit XML) that the test runners leave under var/reports."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tests ended in which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def count(reports: Iterable[Path]) -> Counts:
    """Add up all tests of the reports; a test that broke in set-up or tear-down is failed."""
    return sum((_count_one(report) for report in reports), Counts())


def skipped_below(report: Path, package: str) -> list[str]:
    """Name the tests of a Python package (like `tests.contract`) that the report has as skipped."""
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in _cases(report)
        if (case.get("classname") or "").startswith(package) and case.find("skipped") is not None
    ]


def _count_one(report: Path) -> Counts:
    cases = _cases(report)
    skipped = sum(case.find("skipped") is not None for case in cases)
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    return Counts(passed=len(cases) - skipped - failed, failed=failed, skipped=skipped)


def _cases(report: Path) -> list[ET.Element]:
    return list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by our own run
