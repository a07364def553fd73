"""Finding a Chromium for the browser tests, and what its absence means."""

from pathlib import Path

import pytest

from scripts.ensure_browser import find_chromium, is_required, main


def executable(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_a_named_browser_wins_over_the_one_on_path(tmp_path: Path) -> None:
    named = executable(tmp_path / "mine" / "chrome")
    executable(tmp_path / "bin" / "chromium")

    environment = {"LUNAS_CHROMIUM": str(named), "PATH": str(tmp_path / "bin")}

    assert find_chromium(environment) == named


def test_a_named_browser_that_does_not_exist_is_passed_over(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "google-chrome")

    environment = {"LUNAS_CHROMIUM": str(tmp_path / "gone"), "PATH": str(tmp_path / "bin")}

    assert find_chromium(environment) == on_path


def test_chromium_is_taken_before_chrome(tmp_path: Path) -> None:
    executable(tmp_path / "google-chrome")
    chromium = executable(tmp_path / "chromium")

    assert find_chromium({"PATH": str(tmp_path)}) == chromium


@pytest.mark.parametrize(("ci", "code"), [("true", 2), ("", 0)])
def test_no_browser_is_a_failure_only_where_nobody_reads_a_skip(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)

    assert main(find=lambda: None) == code
    message = capsys.readouterr().err
    assert message.startswith("The browser tests need Chromium and none was found: install it")
    assert message.endswith(("LUNAS_CHROMIUM.\n", "They are skipped.\n"))


def test_a_browser_that_was_found_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = executable(tmp_path / "chromium")

    assert main(find=lambda: found) == 0
    assert capsys.readouterr().out == f"browser: {found}\n"


def test_only_ci_requires_a_browser() -> None:
    assert is_required({"CI": "true"})
    assert not is_required({"CI": "false"})
    assert not is_required({})
