"""(a) Notifications per second, accepted and applied, against pgbench on the same PostgreSQL.

Every notification is the signed one of a payment: it is stored, believed, and the order with its
books, goods and timeline goes on. (c) is the same with few and with many orders in the database.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import psycopg

from app.core.ports import RawNotification
from app.db.session import make_engine
from app.services.notifications import Receipt, receive_notification
from app.wiring import build_desk
from tests.benchmarks.bench import Bench, Server, open_bench, pgbench_here, servers_here, serving
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.filling import FIRST_PRODUCT, PRICE_IDR, fill_open, fill_past, fill_products
from tests.benchmarks.load import Answers, request, send_all
from tests.benchmarks.pgbench import Sample, Yardstick, recorded, script_of
from tests.world import settings_for

_PATH: Final = "/api/payments/notification"
_LINES: Final = 16
_LOADED: Final = 0.7
_FIRST: Final = 500_000_001
_SHARE: Final = Goal("at least", 0.40)
_GROWTH: Final = Goal("at most", 1.2)
assert FIRST_PRODUCT > _FIRST


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent: orders that lie there before, notifications per round, rounds."""

    past: int
    per_round: int
    rounds: int
    pgbench_s: float


@dataclass
class _Orders:
    """Orders that wait for their money, handed out once."""

    bench: Bench
    next_id: int = _FIRST

    def take(self, count: int) -> range:
        first = self.next_id
        self.next_id += count
        fill_open(self.bench, first, self.next_id - 1)
        return range(first, self.next_id)


@dataclass
class _Measured:
    per_s: list[float] = field(default_factory=list[float])
    share: list[float] = field(default_factory=list[float])
    p50_ms: list[float] = field(default_factory=list[float])
    p99_ms: list[float] = field(default_factory=list[float])


def body_of(order_id: int) -> bytes:
    """Return the signed notification of the payment of an order of the bench."""
    account = settings_for("", "").midtrans
    assert account is not None
    reference, amount = f"BENCH-{order_id}-1", f"{PRICE_IDR}.00"
    signed = f"{reference}200{amount}{account.server_key}".encode()
    told = {
        "transaction_time": "2026-01-02 10:00:00",
        "transaction_status": "settlement",
        "transaction_id": f"bench-{order_id}",
        "status_message": "midtrans payment notification",
        "status_code": "200",
        "signature_key": hashlib.sha512(signed).hexdigest(),
        "settlement_time": "2026-01-02 10:00:05",
        "payment_type": "qris",
        "order_id": reference,
        "merchant_id": "G000000000",
        "gross_amount": amount,
        "fraud_status": "accept",
        "currency": "IDR",
        "acquirer": "gopay",
    }
    return json.dumps(told).encode()


def measure(size: Size) -> list[Figure]:
    """Measure every server that is here against pgbench, in turns."""
    with open_bench() as bench:
        orders = _prepare(bench, size.past)
        yardstick = _yardstick(bench, orders)
        found = {server.name: _Measured() for server in servers_here()}
        most: list[float] = []
        for _ in range(size.rounds):
            most.append(_pgbench(yardstick, orders, size))
            for server in servers_here():
                _one_round(bench, server, orders, size, most[-1], found[server.name])
        _check(bench, orders)
    figures = [Figure("a", "pgbench, the same statements", "tx/s", most)]
    for name, measured in found.items():
        figures += _figures(name, measured)
    return figures


def _figures(name: str, measured: _Measured) -> Iterable[Figure]:
    goal = _SHARE if name == "gunicorn" else None
    yield Figure("a", f"{name}: notifications", "1/s", measured.per_s)
    yield Figure("a", f"{name}: share of pgbench", "", measured.share, goal)
    yield Figure("a", f"{name}: p50 at 70 % load", "ms", measured.p50_ms)
    yield Figure("a", f"{name}: p99 at 70 % load", "ms", measured.p99_ms)


def measure_growth(sizes: Sequence[int], size: Size) -> list[Figure]:
    """Measure the same with each number of past orders; the ratio is of the medians."""
    server = servers_here()[0]
    per_s: dict[int, list[float]] = {}
    for past in sizes:
        with open_bench() as bench:
            orders = _prepare(bench, past)
            with serving(bench, server) as url:
                _send(url, orders.take(size.per_round))
                rounds = range(size.rounds)
                per_s[past] = [_send(url, orders.take(size.per_round)).per_s for _ in rounds]
            _check(bench, orders)
    found = [
        Figure("c", f"notifications with {past:,} orders", "1/s", speeds)
        for past, speeds in per_s.items()
    ]
    ratio = found[0].median / found[-1].median
    return [*found, Figure("c", "times slower", "x", [ratio], _GROWTH, "ratio of the medians")]


def _prepare(bench: Bench, past: int) -> _Orders:
    fill_products(bench)
    fill_past(bench, 1, past)
    return _Orders(bench)


def _one_round(
    bench: Bench, server: Server, orders: _Orders, size: Size, most: float, found: _Measured
) -> None:
    with serving(bench, server) as url:
        _send(url, orders.take(size.per_round // 4))
        per_s = _send(url, orders.take(size.per_round)).per_s
        loaded = _send(url, orders.take(size.per_round), per_s=_LOADED * per_s)
    found.per_s.append(per_s)
    found.share.append(per_s / most)
    found.p50_ms.append(loaded.quantile_ms(0.50))
    found.p99_ms.append(loaded.quantile_ms(0.99))


def _send(url: str, orders: Sequence[int], *, per_s: float | None = None) -> Answers:
    requests = [request(_PATH, body_of(order_id)) for order_id in orders]
    answers = send_all(url, requests, lines=_LINES, per_s=per_s)
    assert not answers.refused, f"{answers.refused} of {len(requests)} were not accepted"
    return answers


def _pgbench(yardstick: Yardstick, orders: _Orders, size: Size) -> float:
    # More than it can do in this time, so that no client runs into another's orders.
    mine = orders.take(int(size.pgbench_s * 4000) + _LINES)
    return yardstick.run(mine[0] - 1, orders=len(mine), clients=_LINES, seconds=size.pgbench_s)


def _yardstick(bench: Bench, orders: _Orders) -> Yardstick:
    program = pgbench_here()
    if program is None:
        raise RuntimeError("pgbench is not on this machine")
    engine = make_engine(bench.url)
    desk = build_desk(bench.settings("http://127.0.0.1:1"), engine)

    def hear(order_id: int) -> Receipt:
        return receive_notification(desk, RawNotification({}, body_of(order_id), datetime.now(UTC)))

    rehearsed, order_id = orders.take(2)
    # What the driver asks only once is no part of the work.
    hear(rehearsed)
    with recorded(engine) as statements:
        receipt = hear(order_id)
    engine.dispose()
    key = _text(bench, f"SELECT dedupe_key FROM notifications WHERE id = {receipt.notification_id}")
    mail = _text(bench, f"SELECT message_id FROM mails WHERE order_id = {order_id}")
    return Yardstick(bench, program, script_of(statements, Sample(order_id, key, mail)))


def _text(bench: Bench, statement: str) -> str:
    with psycopg.connect(bench.conninfo) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return str(row[0])


def _check(bench: Bench, orders: _Orders) -> None:
    """Fail unless every notification that was accepted was applied too."""
    told = bench.ask(f"SELECT count(*) FROM notifications WHERE order_id >= {_FIRST}")
    paid = bench.ask(
        f"SELECT count(*) FROM orders WHERE id >= {_FIRST} AND payment_status = 'paid'"
        " AND captured_idr = total_idr AND stock_state = 'taken'"
    )
    assert told == paid > 0, (told, paid, orders.next_id)
