"""The figures of a run, with where and on which commit it was made."""

import argparse
import os
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.figures import commit_here, machine
from tests.hosts.records import Asked
from tests.hosts.run import Outcome
from tests.hosts.wires import can_be_slow


def figures_of(outcome: Outcome, options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that is kept of a run, as JSON."""
    injected = outcome.injected
    return {
        "commit": commit_here(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2),
        "seed": options.seed,
        "minutes": options.minutes,
        "hosts": {"web": options.web, "jobs": options.jobs, "workers": options.workers},
        "netem": can_be_slow(),
        "faults": dict(sorted(Counter(one.fault.kind for one in injected).items())),
        "in_transaction": sum(
            one.hit for one in injected if one.fault.kind == "cut_in_transaction"
        ),
        "outages_s": {kind: round(s, 1) for kind, s in sorted(outcome.outages.items())},
        "requests": _by_what(outcome.ledger.asked),
        "refused": dict(sorted(outcome.ledger.refusals().items())),
        "counts": outcome.verdict.counts,
        "deaths": outcome.deaths,
        "settled_s": round(outcome.settled.took_s, 1),
        "breaches": outcome.verdict.breaches,
        "caught": outcome.caught,
    }


def tell(figures: dict[str, Any]) -> None:
    """Print what a person wants to know first."""
    print(f"faults injected: {sum(figures['faults'].values())}", figures["faults"])
    print("requests:", figures["requests"])
    print("refused:", figures["refused"])
    print("counts:", figures["counts"])
    if figures["caught"]:
        print("damage that the judge found:", figures["caught"])
    print("longest time without an answer (s):", figures["outages_s"])
    for breach in figures["breaches"]:
        print("BREACH", breach)


def _by_what(asked: list[Asked]) -> dict[str, int]:
    return dict(sorted(Counter(one.what for one in asked).items()))
