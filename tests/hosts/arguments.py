"""The command line of `python -m tests.hosts`, read on both sides of the wall."""

import argparse
from pathlib import Path

from tests.hosts.machines import Plan
from tests.hosts.run import Wish

_FAULTS_A_MINUTE = 11


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a person may choose."""
    add = parser.add_argument
    add("--seed", type=int, default=1)
    add("--minutes", type=float, default=10, help="of load; the rest comes on top (%(default)s)")
    add("--faults", type=int, help=f"how many (default: {_FAULTS_A_MINUTE} a minute)")
    add("--json", type=lambda text: Path(text).absolute(), help="write the figures to this file")
    add("--render", action="store_true", help="then make docs/reliability.md anew")
    add("--keep-logs", type=lambda text: Path(text).absolute(), help="copy all logs to a folder")
    add("--web", type=int, default=3, help="web hosts (%(default)s)")
    add("--jobs", type=int, default=3, help="job hosts (%(default)s)")
    add("--workers", type=int, default=2, help="processes on each web host (%(default)s)")
    add("--shoppers", type=int, default=4, help="at the same time (%(default)s)")
    add("--pause", type=float, default=2, help="seconds between two orders (%(default)s)")
    add("--short", action="store_true", help="no fault that takes a minute, and no such wait")
    add("--trial", action="store_true", help="then do damage, and see that the judge finds it")


def wish_of(options: argparse.Namespace) -> Wish:
    """Return what was chosen."""
    faults = options.faults or round(options.minutes * _FAULTS_A_MINUTE)
    return Wish(
        seed=options.seed,
        minutes=options.minutes,
        faults=faults,
        is_short=options.short,
        plan=Plan(options.web, options.jobs, options.workers),
        shoppers=options.shoppers,
        pause_s=options.pause,
        with_trial=options.trial,
    )
