"""Counting what the test runners did, and noticing conformance tests that were skipped."""

from pathlib import Path

import pytest

from scripts import check_samples
from scripts.reports import Counts, count, skipped_below

_CASE = '<testcase classname="{}" name="{}">{}</testcase>'


def report(folder: Path, *cases: tuple[str, str, str]) -> Path:
    file = folder / f"{len(list(folder.iterdir()))}.xml"
    inner = "".join(_CASE.format(*case) for case in cases)
    file.write_text(f"<testsuites><testsuite>{inner}</testsuite></testsuites>")
    return file


def test_the_tests_of_all_reports_are_added_up(tmp_path: Path) -> None:
    first = report(
        tmp_path, ("tests.unit", "a", ""), ("tests.unit", "b", "<failure/>"), ("t", "c", "<error/>")
    )
    second = report(tmp_path, ("shop", "d", "<skipped/>"), ("shop", "e", ""))

    total = count([first, second])

    assert total == Counts(passed=2, failed=2, skipped=1)
    assert str(total) == "2 passed, 2 failed, 1 skipped"


def test_skipped_tests_of_one_package_are_named(tmp_path: Path) -> None:
    file = report(
        tmp_path,
        ("tests.contract.sandbox.test_samples", "one", "<skipped/>"),
        ("tests.contract.sandbox.test_samples", "two", ""),
        ("tests.integration.test_races", "three", "<skipped/>"),
    )

    assert skipped_below(file, "tests.contract.sandbox") == [
        "tests.contract.sandbox.test_samples::one"
    ]


@pytest.mark.parametrize(
    ("samples_exist", "outcome", "code"),
    [(True, "<skipped/>", 1), (True, "", 0), (False, "<skipped/>", 0)],
    ids=["skipped with samples", "ran", "skipped without samples"],
)
def test_conformance_tests_may_be_skipped_only_where_there_are_no_samples(
    tmp_path: Path, *, samples_exist: bool, outcome: str, code: int
) -> None:
    file = report(tmp_path, ("tests.contract.sandbox.test_samples", "one", outcome))
    samples = tmp_path / "samples"
    if samples_exist:
        samples.mkdir()

    assert check_samples.main([str(samples), str(file)]) == code
