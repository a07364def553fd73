"""Bring this checkout to where it can run: `make setup`. Standard library only.

Each step has inputs, and a stamp under var/.stamps that holds their digest, so that a second
call does nothing but read a few files. `uv` is used when it is on PATH; plain venv and pip do the
same work without it. Versions come from files with hashes, and nothing else is installed.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.messages import ROOT, CannotGoOnError, require_writable, stop_with

VENV: Final = ROOT / ".venv"
PYTHON: Final = VENV / "bin" / "python"
STAMPS: Final = ROOT / "var" / ".stamps"
FRONTEND: Final = ROOT / "frontend"
TRANSLATIONS: Final = ROOT / "admin" / "translations"
NODE_MAJOR: Final = 20
"""The oldest Node.js that the front end's build tool runs on."""

_BUILD: Final = ("run", "build", "--", "--logLevel", "warn")

_INSTALL_NODE: Final = (
    f"install Node.js {NODE_MAJOR} or newer with npm (from nodejs.org, or your system's packages) "
    "and run make again."
)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the set-up: done again when an input changed or the product is gone."""

    name: str
    inputs: tuple[Path, ...]
    product: Path
    build: Callable[[], None]
    needs_node: bool = False


def digest(paths: Iterable[Path]) -> str:
    """Return one digest over names and contents of files, and of all files below folders."""
    total = hashlib.sha256()
    for file in sorted(_files(paths)):
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def is_done(step: Step, stamps: Path = STAMPS) -> bool:
    """Say whether the step's product is there and was made from these very inputs."""
    stamp = stamps / step.name
    made = step.product.exists() and stamp.exists()
    return made and stamp.read_text() == digest(step.inputs)


def run_step(step: Step, stamps: Path = STAMPS) -> bool:
    """Build the step's product unless it is up to date; True if it had to be built."""
    if is_done(step, stamps):
        return False
    stamp = stamps / step.name
    # Taken before the work: a file that is saved meanwhile must count as changed.
    inputs = digest(step.inputs)
    # A step that breaks off must run again, whatever its old stamp says.
    stamp.unlink(missing_ok=True)
    print(f"setup: {step.name}", flush=True)
    step.build()
    stamps.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs)
    return True


def steps(*, with_tests: bool) -> list[Step]:
    """Return the set-up in order; with_tests adds what `make test` needs on top."""
    python = [_requirements("requirements.txt")]
    if with_tests:
        python.append(_requirements("requirements-dev.txt"))
    translations = [_translation(file) for file in sorted(TRANSLATIONS.rglob("*.po"))]
    return [*python, *translations, *_frontend_steps()]


def set_up(wanted: list[Step]) -> None:
    """Do what is not done yet; CannotGoOnError before the long steps if a tool is missing."""
    if any(step.needs_node and not is_done(step) for step in wanted):
        check_node()
    ensure_venv()
    for step in wanted:
        run_step(step)


def ensure_venv() -> None:
    """Create the virtual environment, or replace one whose Python is gone or too old."""
    if _works(PYTHON):
        return
    print("setup: virtual environment", flush=True)
    for stamp in STAMPS.glob("requirements*"):
        stamp.unlink()
    if uv := shutil.which("uv"):
        _run([uv, "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, str(VENV)])
    else:
        _venv_without_uv()


def check_node() -> None:
    """Refuse a missing or too old Node.js; CannotGoOnError says what to install."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise CannotGoOnError(f"The shop's front end is built with Node.js: {_INSTALL_NODE}")
    version = _output(["node", "--version"])
    if int(version.removeprefix("v").split(".")[0]) < NODE_MAJOR:
        raise CannotGoOnError(f"Node.js {version} is too old for the front end: {_INSTALL_NODE}")


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file())
        elif path.exists():
            yield path


def _requirements(name: str) -> Step:
    file = ROOT / name
    return Step(name, (file,), PYTHON, lambda: _install(file))


def _install(file: Path) -> None:
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*command, "--require-hashes", "-r", str(file)])


def _translation(source: Path) -> Step:
    name = "-".join(["translation", *source.relative_to(TRANSLATIONS).with_suffix("").parts])
    product = source.with_suffix(".mo")
    pybabel = [str(VENV / "bin" / "pybabel"), "--quiet", "compile"]
    files = ["--input-file", str(source), "--output-file", str(product)]
    return Step(name, (source,), product, lambda: _run([*pybabel, *files]))


def _frontend_steps() -> list[Step]:
    lock = FRONTEND / "package-lock.json"
    modules = FRONTEND / "node_modules" / ".package-lock.json"
    built = FRONTEND / "dist" / "index.html"
    return [
        Step(
            "npm packages",
            (lock, FRONTEND / ".npmrc"),
            modules,
            lambda: _npm("ci"),
            needs_node=True,
        ),
        Step(
            "front end", (*_frontend_sources(), lock), built, lambda: _npm(*_BUILD), needs_node=True
        ),
    ]


def _frontend_sources() -> list[Path]:
    outputs = {"node_modules", "dist", "coverage"}
    return [path for path in FRONTEND.iterdir() if path.name not in outputs]


def _npm(*arguments: str) -> None:
    _run(["npm", "--silent", *arguments], cwd=FRONTEND)


def _venv_without_uv() -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotGoOnError(
            f"{sys.executable} cannot make a virtual environment: install its venv package "
            "(Debian: apt install python3-venv) or uv, and run make again."
        )


def _works(python: Path) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([str(python), "-c", check], check=False).returncode == 0
    except OSError:
        return False


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _run(command: list[str], cwd: Path = ROOT) -> None:
    # pip and npm say much better than we could what went wrong; we add only which step it was.
    if subprocess.run(command, cwd=cwd, check=False, env=_quiet_environment()).returncode != 0:
        raise CannotGoOnError(
            f"Setting up stopped, because this failed (its reason is above): {' '.join(command)}"
        )


def _quiet_environment() -> dict[str, str]:
    return os.environ | {"NO_UPDATE_NOTIFIER": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def main(arguments: list[str]) -> int:
    """Set up for running, or with --dev for testing too; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make setup", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    chosen = parser.parse_args(arguments)
    try:
        require_writable((ROOT, ROOT / "var", VENV, FRONTEND, FRONTEND / "node_modules"))
        set_up(steps(with_tests=chosen.dev))
    except CannotGoOnError as error:
        return stop_with(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
