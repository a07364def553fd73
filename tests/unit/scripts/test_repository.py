"""What the repository's own files may not contain: where this machine gets its packages from."""

import re
import subprocess
import sys

import pytest

from scripts.messages import ROOT

_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
_PINNED = re.compile(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==(\S+)", re.IGNORECASE | re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(_PINNED.findall((ROOT / name).read_text()))


@pytest.mark.parametrize("name", _REQUIREMENTS)
def test_requirement_files_name_no_host_and_no_place(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    options = r"^\s*(-i|-f|--\w*index\S*|--find-links|--trusted-host)"
    assert not re.search(options, text, re.MULTILINE)


@pytest.mark.parametrize("name", _REQUIREMENTS)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    logical_lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    requirements = [line for line in logical_lines if line and not line.lstrip().startswith("#")]

    assert len(requirements) > 30
    assert [line for line in requirements if "--hash=sha256:" not in line] == []


def test_tests_run_with_the_versions_that_run_in_production() -> None:
    development = pins("requirements-dev.txt")

    assert {name: development.get(name) for name in pins("requirements.txt")} == pins(
        "requirements.txt"
    )


def test_the_front_ends_lock_file_names_no_registry() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text()

    assert '"resolved"' not in text
    assert "registry." not in text
    assert '"integrity"' in text


def test_npm_keeps_the_lock_file_that_way() -> None:
    settings = (ROOT / "frontend" / ".npmrc").read_text().splitlines()

    assert "omit-lockfile-registry-resolved=true" in settings
    assert [line for line in settings if line.startswith("registry")] == []


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml"])
def test_lock_files_that_name_registries_are_ignored(name: str) -> None:
    assert name in (ROOT / ".gitignore").read_text().splitlines()


def test_set_up_starts_with_nothing_but_the_standard_library() -> None:
    # -S leaves out every installed package, as on a machine before the first set-up.
    without_packages = [sys.executable, "-S", "-m", "scripts.setup", "--help"]
    done = subprocess.run(without_packages, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "--dev" in done.stdout
