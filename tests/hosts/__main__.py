"""``python -m tests.hosts --seed N --minutes M --json FILE``: break things on several hosts.

docs/reliability.md is made of docs/reliability.json by ``--render``.
"""

import argparse
import sys

from tests.hosts.arguments import add_arguments
from tests.hosts.isolation import go_apart, why_not


def main() -> int:
    """Go where nobody is disturbed, and run there; 2 if this machine has no such place."""
    parser = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    add_arguments(parser)
    parser.parse_args()
    if reason := why_not():
        print(f"no test hosts here: {reason}", file=sys.stderr)
        return 2
    go_apart("tests.hosts.inside", sys.argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
