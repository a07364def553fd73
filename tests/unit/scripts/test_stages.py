"""The stages of `make test`: all run, failures are named, the last line adds up the tests."""

import sys
from pathlib import Path

import pytest

from scripts import stages
from scripts.stages import EVERYTHING, STAGES, Stage, main, run_stages


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_failing_command_stops_neither_its_stage_nor_the_next(tmp_path: Path) -> None:
    mark = f"open({str(tmp_path / 'mark')!r}, 'a').write('x')"
    broken = Stage("lint", (python("raise SystemExit(1)"), python(mark)))
    sound = Stage("unit tests", (python(mark),))

    assert run_stages([broken, sound]) == ["lint"]
    assert (tmp_path / "mark").read_text() == "xx"


def test_the_last_line_adds_up_all_tests_and_a_failure_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = tmp_path / "reports"
    monkeypatch.setattr(stages, "REPORTS", reports)
    case = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'
    write = f"open({str(reports / 'unit.xml')!r}, 'w').write({case!r}); raise SystemExit(1)"
    monkeypatch.setattr(stages, "STAGES", {"unit": Stage("unit tests", (python(write),))})

    assert main(["unit"]) == 1
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "Failed: unit tests.",
        "",
        "1 passed, 1 failed, 0 skipped",
    ]


def test_reports_of_an_earlier_run_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(stages, "STAGES", {"lint": Stage("lint", (python("pass"),))})
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "old.xml").write_text('<testsuite><testcase name="a"/></testsuite>')

    assert main(["lint"]) == 0
    assert "1 passed" not in capsys.readouterr().out


def test_everything_covers_each_test_folder() -> None:
    commands = [" ".join(part) for name in EVERYTHING for part in STAGES[name].commands]

    apart = "--ignore=tests/e2e --ignore=tests/simulation tests"
    assert any(command.endswith(apart) for command in commands)
    assert any(command.endswith(" tests/simulation") for command in commands)
    assert any(command.endswith(" tests/e2e") for command in commands)
