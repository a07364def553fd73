"""Requests per second of the sandbox with little and with much in its memory.

``python -m tests.benchmarks.sandbox_speed`` prints, for 1,000 and for 100,000 stored payments,
the speed of create + pay + status of both gateways over HTTP (minimum, median, maximum of the
rounds), the ratio of the best rounds, and how long the program takes to start. The rounds of
both sizes take turns, so that a busy machine slows both alike.
"""

import argparse
import base64
import http.client
import json
import re
import sqlite3
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.contract.sandbox.bench import SERVER_KEY, XENDIT_KEY, Sandbox, running

_CLIENTS: Final = 4
_SEEDS: Final = 100
_GOAL_PER_S: Final = 200
_GOAL_RATIO: Final = 1.5
# Copied for every payment; deliveries are not, because the program keeps few of them.
_NOT_COPIED: Final = ("delivery", "clock", "starts")
_ID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b|\bSEED-\d+"
)


@dataclass
class Speed:
    """What one size of memory achieves: requests per second by round, start-up seconds."""

    stored: int
    start_s: float
    per_s: list[float] = field(default_factory=list[float])

    def line(self) -> str:
        """Return the figures as one line."""
        low, middle, high = min(self.per_s), statistics.median(self.per_s), max(self.per_s)
        return (
            f"{self.stored:>7,} stored: min {low:.0f}, median {middle:.0f}, max {high:.0f} "
            f"requests/s; start-up {self.start_s:.1f} s"
        )


def measure(sizes: Sequence[int], *, rounds: int, round_s: float) -> list[Speed]:
    """Measure each size; takes ``len(sizes) * rounds * round_s`` seconds and the filling."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"{size}.db") for size in sizes]
        for size, file in zip(sizes, files, strict=True):
            fill(file, size)
        return _in_turn(sizes, files, rounds, round_s)


def fill(file: str, stored: int) -> None:
    """Make a state file with at least ``stored`` paid orders and invoices."""
    with running("--state", file) as (sandbox, _):
        for number in range(_SEEDS // 2):
            sandbox.paid_order(f"SEED-{2 * number}", "bca_va")
            sandbox.paid_invoice(f"SEED-{2 * number + 1}", "BCA")
    with sqlite3.connect(file) as connection:
        marks = ",".join("?" * len(_NOT_COPIED))
        query = f"SELECT kind, id, body FROM rows WHERE kind NOT IN ({marks}) ORDER BY seq"
        originals = connection.execute(query, _NOT_COPIED).fetchall()
        for copy in range(stored // _SEEDS - 1):
            rows = [
                (kind, _renamed(key, copy), _renamed(body, copy)) for kind, key, body in originals
            ]
            connection.executemany("INSERT INTO rows (kind, id, body) VALUES (?, ?, ?)", rows)
    connection.close()


def _renamed(text: str, copy: int) -> str:
    """Give every id in the text the name it has in this copy."""

    def other(found: "re.Match[str]") -> str:
        old = found.group()
        if old.startswith("SEED"):
            return f"{old}-{copy}"
        new = uuid.uuid5(uuid.NAMESPACE_OID, f"{old}/{copy}")
        return new.hex[:24] if len(old) == 24 else str(new)

    return _ID.sub(other, text)


def _in_turn(
    sizes: Sequence[int], files: Sequence[str], rounds: int, round_s: float
) -> list[Speed]:
    with ExitStack() as stack:
        programs: list[tuple[Sandbox, Speed]] = []
        for size, file in zip(sizes, files, strict=True):
            begun = time.monotonic()
            sandbox, _ = stack.enter_context(running("--state", file))
            programs.append((sandbox, Speed(size, time.monotonic() - begun)))
            stored = sandbox.control("GET", "state?limit=1")["totals"]
            assert stored["transactions"] + stored["invoices"] >= size
        for number in range(rounds):
            for sandbox, speed in programs:
                speed.per_s.append(_one_round(sandbox.url, f"R{number}", round_s))
        return [speed for _, speed in programs]


def _one_round(url: str, name: str, round_s: float) -> float:
    """Let the clients pay one order after another; return requests per second."""
    done: list[int] = []
    begun = time.monotonic()
    end = begun + round_s
    clients = [
        threading.Thread(target=lambda who=who: done.append(_client(url, f"{name}-{who}", end)))
        for who in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(done) / (time.monotonic() - begun)


def _client(url: str, name: str, end: float) -> int:
    """Create, pay and read orders of both gateways in turn; return the number of requests."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0))

    def call(method: str, path: str, key: str, body: object = None) -> None:
        token = base64.b64encode(f"{key}:".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status in {200, 201}, content

    try:
        for number in count():
            if time.monotonic() >= end:
                return number * 3
            (_midtrans if number % 2 else _xendit)(call, f"{name}-{number}")
    finally:
        connection.close()
    raise AssertionError


def _midtrans(call: Callable[..., None], order: str) -> None:
    details = {"order_id": order, "gross_amount": 150_000}
    call("POST", "/midtrans/snap/v1/transactions", SERVER_KEY, {"transaction_details": details})
    call("POST", f"/_sandbox/midtrans/{order}/pay", "", {"payment_type": "bca_va"})
    call("GET", f"/midtrans/v2/{order}/status", SERVER_KEY)


def _xendit(call: Callable[..., None], order: str) -> None:
    call("POST", "/xendit/v2/invoices", XENDIT_KEY, {"external_id": order, "amount": 150_000})
    call("POST", f"/_sandbox/xendit/{order}/pay", "", {"channel": "BCA"})
    call("GET", f"/xendit/v2/invoices?external_id={order}", XENDIT_KEY)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=(1_000, 100_000))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round")
    options = parser.parse_args()
    small, large = measure(options.sizes, rounds=options.rounds, round_s=options.seconds)
    ratio = max(small.per_s) / max(large.per_s)
    print(small.line(), large.line(), sep="\n")
    print(
        f"ratio of the best rounds {ratio:.2f} (goal: at most {_GOAL_RATIO}), "
        f"best with much stored {max(large.per_s):.0f}/s (goal: at least {_GOAL_PER_S})"
    )


if __name__ == "__main__":
    main()
