"""What `tests.hosts` becomes once it is apart: runs, tells, keeps the figures."""

import argparse
import shutil
import sys
from pathlib import Path

from tests.hosts.arguments import add_arguments, wish_of
from tests.hosts.figures import figures_of, tell
from tests.hosts.rendering import keep, write_page
from tests.hosts.run import run


def main() -> int:
    """Run once; 0 if nothing was lost, nothing refunded twice, and all orders ended right."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    add_arguments(parser)
    options = parser.parse_args()
    try:
        outcome = run(wish_of(options), options.folder)
        figures = figures_of(outcome, options)
        tell(figures)
        if options.json:
            keep(figures, options.json)
        if options.render:
            write_page()
        if options.keep_logs:
            shutil.copytree(options.folder / "logs", options.keep_logs, dirs_exist_ok=True)
    finally:
        shutil.rmtree(options.folder, ignore_errors=True)
    return 1 if outcome.verdict.breaches or not all(outcome.caught.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
