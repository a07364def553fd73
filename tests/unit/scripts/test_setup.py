"""Set-up: each step once, again when an input changed, and one sentence when it cannot go on."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import setup
from scripts.messages import ROOT, CannotGoOnError, require_writable
from scripts.setup import Step, check_node, digest, run_step


class Build:
    """Writes the product and counts how often."""

    def __init__(self, product: Path) -> None:
        self.product = product
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1
        self.product.write_text("built")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.ts").write_text("1")
    return tmp_path


@pytest.fixture
def build(folder: Path) -> Build:
    return Build(folder / "product")


@pytest.fixture
def run(folder: Path, build: Build) -> Callable[[], bool]:
    step = Step("front end", (folder / "src",), build.product, build)
    return lambda: run_step(step, folder / "stamps")


def test_a_step_is_done_once_while_nothing_changes(run: Callable[[], bool], build: Build) -> None:
    assert [run(), run(), run()] == [True, False, False]
    assert build.calls == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "src" / "a.ts").write_text("2"),
        lambda folder: (folder / "src" / "b.ts").write_text(""),
        lambda folder: (folder / "src" / "a.ts").rename(folder / "src" / "c.ts"),
        lambda folder: (folder / "product").unlink(),
    ],
    ids=["changed", "added", "renamed", "product gone"],
)
def test_a_step_is_done_again_after(
    change: Callable[[Path], object], run: Callable[[], bool], folder: Path
) -> None:
    run()
    change(folder)

    assert [run(), run()] == [True, False]


def test_a_file_that_is_saved_while_the_step_runs_counts_as_changed(
    folder: Path, build: Build
) -> None:
    def build_while_somebody_saves() -> None:
        build()
        (folder / "src" / "a.ts").write_text(str(build.calls))

    step = Step("front end", (folder / "src",), build.product, build_while_somebody_saves)
    (folder / "src" / "a.ts").write_text("before")

    assert [run_step(step, folder / "stamps") for _ in range(2)] == [True, True]


def test_a_step_that_breaks_off_is_done_again_even_if_its_inputs_return(
    run: Callable[[], bool], folder: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    (folder / "src" / "a.ts").write_text("broken")
    with monkeypatch.context() as patched:
        patched.setattr(Build, "__call__", _fail)
        with pytest.raises(CannotGoOnError):
            run()
    (folder / "src" / "a.ts").write_text("1")

    assert run()
    assert build.calls == 2


def _fail(_self: Build) -> None:
    raise CannotGoOnError("npm failed")


def test_a_missing_input_is_part_of_the_digest_only_once_it_exists(folder: Path) -> None:
    inputs = (folder / "src", folder / ".npmrc")
    before = digest(inputs)
    (folder / ".npmrc").write_text("fund=false")

    assert digest(inputs) != before


@pytest.fixture
def path_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**tools: str) -> None:
        programs = tmp_path / "bin"
        programs.mkdir()
        for name, output in tools.items():
            (programs / name).write_text(f"#!/bin/sh\necho {output}\n")
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(programs))

    return use


@pytest.mark.parametrize("tools", [{}, {"node": "v22.1.0"}, {"npm": "11"}])
def test_missing_node_or_npm_is_one_sentence(
    tools: dict[str, str], path_with: Callable[..., None]
) -> None:
    path_with(**tools)

    with pytest.raises(CannotGoOnError, match=r"^The shop's .* install Node\.js 20 or newer"):
        check_node()


def test_too_old_node_is_one_sentence(path_with: Callable[..., None]) -> None:
    path_with(node="v18.19.0", npm="10")

    with pytest.raises(CannotGoOnError, match=r"^Node\.js v18\.19\.0 is too old"):
        check_node()


def test_new_enough_node_is_accepted(path_with: Callable[..., None]) -> None:
    path_with(node="v20.20.2", npm="11")

    check_node()


def test_without_any_python_the_shell_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    # The shell finds its own tools here, and no Python.
    (tmp_path / "bin").mkdir()
    dirname = shutil.which("dirname")
    assert dirname
    (tmp_path / "bin" / "dirname").symlink_to(dirname)
    (tmp_path / "bin" / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "python3").chmod(0o755)

    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "scripts" / "setup.sh")],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("Lunas needs Python 3.11 or newer and found none: install it")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_checkout_of_somebody_else_is_refused_with_its_owner() -> None:
    with pytest.raises(CannotGoOnError, match=r"^/usr belongs to root and you may not write"):
        require_writable((Path("/usr"),))


def test_places_that_do_not_exist_yet_are_no_obstacle(tmp_path: Path) -> None:
    require_writable((tmp_path, tmp_path / "var"))
