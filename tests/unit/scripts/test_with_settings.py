"""Single commands with the settings of `make run`."""

import os
import subprocess
import sys

from scripts.messages import ROOT


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.with_settings", *command],
        cwd=ROOT,
        env=os.environ | {"SECRET_KEY": "of-a-test"} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_sees_own_settings_and_the_defaults_beside_them() -> None:
    code = "import os; print(os.environ['DATABASE_URL'], os.environ['PYTHONUNBUFFERED'])"

    done = run("python", "-c", code, DATABASE_URL="sqlite:////tmp/own.sqlite3")

    assert done.stdout == "sqlite:////tmp/own.sqlite3 1\n"


def test_the_environments_own_tools_come_first() -> None:
    done = run("python", "-c", "import sys; print(sys.executable)")

    assert done.stdout.strip() == sys.executable


def test_the_exit_code_is_the_commands() -> None:
    assert run("python", "-c", "raise SystemExit(7)").returncode == 7


def test_without_a_command_it_says_how_to_use_it() -> None:
    done = run()

    assert done.returncode == 2
    assert "Usage: python -m scripts.with_settings" in done.stderr
