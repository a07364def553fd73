"""(b) Checkouts per second: the shop's own API with the sandbox at the other end, without delay.

Both programs share the machine with the load generator, and the sandbox is a Python program too:
the figure is what shop and gateway do together.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.bench import open_bench, servers_here, serving
from tests.benchmarks.figures import Figure
from tests.benchmarks.filling import PRODUCTS, fill_products
from tests.benchmarks.load import request, send_all
from tests.contract.gateway_bench import program_with_inbox

_PATH: Final = "/api/payments/create-transaction"
_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Size:
    """Checkouts per round, and rounds."""

    per_round: int
    rounds: int


def measure(size: Size) -> list[Figure]:
    """Measure checkouts at Midtrans with the first server of this machine."""
    server = servers_here()[0]
    per_s: list[float] = []
    p99_ms: list[float] = []
    with open_bench() as bench, program_with_inbox() as program:
        fill_products(bench)
        with serving(bench, server, program.url) as url:
            for number in range(size.rounds + 1):
                requests = [_checkout(i) for i in range(size.per_round)]
                answers = send_all(url, requests, lines=_LINES)
                assert not answers.refused, f"{answers.refused} checkouts were refused"
                if number:  # The first round is a rehearsal.
                    per_s.append(answers.per_s)
                    p99_ms.append(answers.quantile_ms(0.99))
        made = bench.ask("SELECT count(*) FROM attempts WHERE state = 'open'")
        assert made == size.per_round * (size.rounds + 1), made
    return [
        Figure("b", f"{server.name}: checkouts", "1/s", per_s),
        Figure("b", f"{server.name}: p99, {_LINES} at a time", "ms", p99_ms),
    ]


def _checkout(number: int) -> bytes:
    body = {
        "gateway": "midtrans",
        "items": [{"sku": f"SKU-{number % PRODUCTS}", "quantity": 1}],
        "customer": {
            "name": "Rina Wijaya",
            "email": f"rina{number}@contoh.example",
            "phone": "+6281234567890",
        },
    }
    key = f"Idempotency-Key: {secrets.token_hex(16)}"
    return request(_PATH, json.dumps(body).encode(), [key])
