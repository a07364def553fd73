"""The audit of packages: what could not be asked is never counted as clean."""

import json

import pytest

from scripts.audit import Answer, Finding, main, read_npm, read_pip

SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
BROKEN = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1"}]}


@pytest.mark.parametrize("report", ["", "not JSON", "[]", "null", '{"error": "ENOTFOUND"}'])
def test_no_answer_is_not_a_clean_one(report: str) -> None:
    assert read_pip(report)[0] is Answer.NOT_ASKED
    assert read_npm(report)[0] is Answer.NOT_ASKED


def test_holes_are_named() -> None:
    both = json.dumps({"dependencies": [SOUND, BROKEN]})
    npm = json.dumps({"vulnerabilities": {"left-pad": {"severity": "high"}}})

    assert read_pip(both) == (Answer.HOLES, "old 1.0")
    assert read_npm(npm) == (Answer.HOLES, "left-pad (high)")
    assert read_pip(json.dumps({"dependencies": [SOUND]})) == (Answer.CLEAN, "")
    assert read_npm('{"vulnerabilities": {}}') == (Answer.CLEAN, "")


def test_packages_that_were_passed_over_are_not_clean() -> None:
    skipped = {"name": "lonely", "skip_reason": "Dependency not found and could not be audited"}

    some = json.dumps({"dependencies": [SOUND, skipped]})
    assert read_pip(some) == (Answer.NOT_ASKED, "1 of 2 packages, such as lonely")
    # Whatever else was not asked about, a hole is a hole.
    holes = json.dumps({"dependencies": [SOUND, skipped, BROKEN]})
    assert read_pip(holes) == (Answer.HOLES, "old 1.0")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((Answer.CLEAN, Answer.CLEAN), 0),
        ((Answer.CLEAN, Answer.NOT_ASKED), 3),
        ((Answer.NOT_ASKED, Answer.HOLES, Answer.CLEAN), 1),
    ],
)
def test_the_worst_answer_is_the_exit_code(
    answers: tuple[Answer, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([Finding("a", answer, "why") for answer in answers]) == code
    assert [line[:14].strip() for line in capsys.readouterr().out.splitlines()] == list(answers)
