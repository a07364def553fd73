"""(d) Pages of the back office against stock Flask-Admin, and (f) an export, over the same orders.

Times are the application's own: from the request to its whole answer, without a network.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from admin.lists.paging import write_place
from admin.views.orders import OrdersView
from app.db.models import Order
from app.db.session import make_engine
from app.factory import create_app
from tests.benchmarks.bench import Bench, open_bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.filling import fill_past, fill_products
from tests.benchmarks.stock_desk import PAGE_SIZE, make_stock_app
from tests.http.back_office import Browser
from tests.world import add_people

_MOST_MS: Final = Goal("at most", 60)
_TIMES: Final = Goal("at least", 10)
_LEAST_TIMES: Final = frozenset({"deep page", "search by id"})
_MOST_MB: Final = Goal("at most", 60)


@dataclass(frozen=True, slots=True)
class Size:
    """Orders in the database, and repeats."""

    orders: int
    rounds: int


@contextmanager
def _full_office(size: Size) -> Iterator[tuple[Bench, Flask]]:
    with open_bench() as bench:
        fill_products(bench)
        fill_past(bench, 1, size.orders)
        app = create_app(bench.settings("http://127.0.0.1:1"))
        with app.extensions["lunas_desk"].sessions.begin() as session:
            add_people(session, datetime.now(UTC))
        yield bench, app
        _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def measure(size: Size) -> list[Figure]:
    """Measure every page of both, in turns."""
    with _full_office(size) as (bench, app):
        stock_app = make_stock_app(bench)
        ours, stock = Browser(app, "admin").client, stock_app.test_client()
        pages = _our_pages(bench, size)
        theirs = _stock_pages(size)
        figures: list[Figure] = []
        for name, address in pages.items():
            mine_ms, stock_ms = _in_turns(size, (ours, address), (stock, theirs[name]))
            figures += _compared(name, mine_ms, stock_ms)
        _close(stock_app)
    return figures


def _compared(name: str, mine_ms: list[float], stock_ms: list[float]) -> Iterator[Figure]:
    yield Figure("d", f"{name}: ours", "ms", mine_ms, _MOST_MS)
    yield Figure("d", f"{name}: stock Flask-Admin", "ms", stock_ms)
    times = [theirs / mine for mine, theirs in zip(mine_ms, stock_ms, strict=True)]
    yield Figure("d", f"{name}: times faster", "x", times, _TIMES if name in _LEAST_TIMES else None)


def _our_pages(bench: Bench, size: Size) -> Mapping[str, str]:
    engine = make_engine(bench.url)
    with Session(engine) as session:
        middle = write_place(OrdersView.sorts[0], session.get_one(Order, size.orders // 2))
    engine.dispose()
    return {
        "first page": "/admin/orders/",
        "deep page": f"/admin/orders/?after={middle}",
        "filter and sort": "/admin/orders/?status=paid&sort=total",
        "search by id": f"/admin/orders/?search={_some_payment(size)}",
    }


def _stock_pages(size: Size) -> Mapping[str, str]:
    return {
        "first page": "/admin/order/",
        "deep page": f"/admin/order/?page={size.orders // 2 // PAGE_SIZE}",
        "filter and sort": "/admin/order/?flt0_status_equals=paid&sort=5&desc=1",
        "search by id": f"/admin/order/?search={_some_payment(size)}",
    }


def _some_payment(size: Size) -> str:
    """Return the gateway's id of a payment in the middle: every fourth order is unpaid."""
    return f"tx-{size.orders // 2 // 4 * 4}"


def _in_turns(size: Size, *pages: tuple[FlaskClient, str]) -> list[list[float]]:
    took: list[list[float]] = [[] for _ in pages]
    for number in range(size.rounds + 1):
        for found, (client, address) in zip(took, pages, strict=True):
            begun = time.perf_counter()
            answer = client.get(address, follow_redirects=True)
            body = answer.get_data(as_text=True)
            spent = time.perf_counter() - begun
            assert answer.status_code == 200, (address, answer.status_code)
            assert "Rina Wijaya" in body, address
            if number:  # The first of each is a rehearsal.
                found.append(1000 * spent)
    return took


def measure_export(size: Size) -> list[Figure]:
    """Measure a CSV of every order, read as it comes and kept nowhere."""
    with _full_office(size) as (_bench, app):
        staff = Browser(app, "finance")
        _take_out(staff, "/admin/orders/?status=expired")
        found = [_take_out(staff, "/admin/orders/") for _ in range(size.rounds)]
    assert all(rows == size.orders + 1 for rows, _, _ in found), found
    return [
        Figure("f", "rows", "1/s", [rows / spent for rows, spent, _ in found]),
        Figure("f", "peak memory above idle", "MB", [peak for _, _, peak in found], _MOST_MB),
    ]


def _take_out(staff: Browser, address: str) -> tuple[int, float, float]:
    form = staff.page(address).form("/export")
    fields: dict[str, Any] = {"column": ["number", "status", "created_at", "total"]}
    _forget_peak()
    idle = _memory_mb("VmRSS")
    begun = time.perf_counter()
    answer = staff.client.post(form.action, data=form.fields | fields | {"format": "csv"})
    rows = sum(chunk.count(b"\n") for chunk in answer.iter_encoded())
    spent = time.perf_counter() - begun
    answer.close()
    return rows, spent, _memory_mb("VmHWM") - idle


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _memory_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"this system does not tell {name}")
