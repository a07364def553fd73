"""Run one command with the settings that `make run` would use, for example a migration.

Usage: python -m scripts.with_settings flask --app app.factory db upgrade
"""

import os
import subprocess
import sys
from pathlib import Path

from scripts.demo_settings import VAR, Places, compose, own_settings
from scripts.messages import ROOT, CannotGoOnError, stop_with


def main(command: list[str]) -> int:
    """Run the command in the checkout; return its exit code, or 2 if it could not start."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        settings = compose(own_settings(ROOT / ".env"), Places(VAR, 8000, 8001))
    except CannotGoOnError as error:
        return stop_with(error)
    tools = str(Path(sys.executable).parent)
    environment = {**settings.environment, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
