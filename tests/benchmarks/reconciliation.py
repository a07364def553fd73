"""(e) The jobs ask about every open order at a slow gateway, against the time that this must take.

The ideal is set by what is allowed: calls a second, and calls at once. The real jobs process runs,
with its own schedule, threads and limits.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

from app.core.states import GatewayName
from jobs.__main__ import PER_SECOND, THREADS
from scripts.messages import ROOT
from tests.benchmarks.bench import Bench, environment_of, open_bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.filling import fill_open, fill_products
from tests.benchmarks.slow_gateway import ANSWERS_IN_S, slow_gateway

_GOAL: Final = Goal("at most", 1.15)
_FIRST: Final = 1
_LONGEST: Final = 20  # times the ideal: then something hangs.


@dataclass(frozen=True, slots=True)
class Size:
    """Open orders per round, and rounds."""

    orders: int
    rounds: int


def ideal_s(orders: int) -> float:
    """Return the least time in which the jobs may ask about so many, in seconds."""
    allowed = min(PER_SECOND[GatewayName.MIDTRANS], THREADS / ANSWERS_IN_S)
    return orders / allowed


def measure(size: Size) -> list[Figure]:
    """Measure with one process of the jobs."""
    took = [_one_round(size.orders) for _ in range(size.rounds)]
    ideal = ideal_s(size.orders)
    return [
        Figure("e", f"{size.orders:,} open orders", "s", took, note=f"ideal {ideal:.1f} s"),
        Figure("e", "times the ideal", "x", [spent / ideal for spent in took], _GOAL),
    ]


def _one_round(orders: int) -> float:
    with open_bench() as bench, slow_gateway() as gateway:
        fill_products(bench)
        fill_open(bench, _FIRST, orders, due="now()")
        environment = dict(os.environ) | environment_of(bench, gateway, gateway)
        jobs = subprocess.Popen(
            [sys.executable, "-m", "jobs"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(bench, 1, orders)
            begun = time.monotonic()
            _wait(bench, orders, orders)
            return time.monotonic() - begun
        finally:
            jobs.terminate()
            jobs.wait(60)


def _wait(bench: Bench, wanted: int, orders: int) -> None:
    """Wait until so many orders have been asked about."""
    deadline = time.monotonic() + 60 + _LONGEST * ideal_s(orders)
    while bench.ask("SELECT count(DISTINCT order_id) FROM status_checks") < wanted:
        if time.monotonic() > deadline:
            raise RuntimeError("the jobs do not come to an end")
        time.sleep(0.1)
