"""Several commands of flask in one process."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.messages import ROOT

_APPLICATION = """
import sys
from flask import Flask

def create_app():
    app = Flask("small")

    @app.cli.command("work")
    def work():
        print("worked")

    @app.cli.command("refuse")
    def refuse():
        print("SECRET_KEY is missing.", file=sys.stderr)
        raise SystemExit(2)

    return app
"""


def prepare(folder: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    (folder / "small.py").write_text(_APPLICATION)
    code = "import sys; from scripts.prepare import main; sys.exit(main(sys.argv[1:], 'small'))"
    return subprocess.run(
        [sys.executable, "-c", code, *commands],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_commands_run_in_order(tmp_path: Path) -> None:
    done = prepare(tmp_path, "work", "work")

    assert (done.returncode, done.stdout) == (0, "worked\nworked\n")


def test_the_first_failure_ends_it_with_its_own_words_and_code(tmp_path: Path) -> None:
    done = prepare(tmp_path, "refuse", "work")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "SECRET_KEY is missing.\n"


def test_a_command_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    assert prepare(tmp_path, "sing").returncode == 2
