"""Run several commands of `flask --app app.factory` in one process: each start costs a second.

Usage: python -m scripts.prepare "settings check" "db upgrade" "demo seed"
"""

import shlex
import sys
from collections.abc import Sequence

from flask.cli import FlaskGroup


def main(commands: Sequence[str], application: str = "app.factory") -> int:
    """Run the commands in order; stop at the first that fails and return its exit code."""
    flask = FlaskGroup(load_dotenv=False)
    for command in commands:
        code = _exit_code(flask, ["--app", application, *shlex.split(command)])
        if code != 0:
            return code
    return 0


def _exit_code(flask: FlaskGroup, arguments: list[str]) -> int:
    try:
        flask.main(args=arguments, prog_name="flask", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
