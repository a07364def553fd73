"""Fail if conformance tests were skipped although the samples that they need are there.

Usage: python -m scripts.check_samples FOLDER_OF_SAMPLES REPORT
"""

import sys
from pathlib import Path

from scripts.reports import skipped_below

CONFORMANCE = "tests.contract"


def main(arguments: list[str]) -> int:
    """Return 0 if the tests ran or cannot run here, 1 after naming those that were skipped."""
    samples, report = (Path(argument) for argument in arguments)
    if not samples.is_dir():
        print(f"conformance: no samples at {samples}, nothing to check")
        return 0
    skipped = skipped_below(report, CONFORMANCE)
    for name in skipped:
        print(f"conformance: skipped although the samples are there: {name}", file=sys.stderr)
    return 1 if skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
