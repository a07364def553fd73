"""``python -m tests.benchmarks.partitions``: what partitions cost and bring, at 5 million rows.

The same notifications and events lie in one piece, in one piece that was converted, and in two
years of parts. The tables of docs/partitions.md are what it prints.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from app.core.ports import RawNotification
from app.db.claims import claim_due
from app.db.models import Base, Notification
from app.db.session import Timeouts, make_engine
from app.factory import create_app
from app.services.notifications import receive_notification
from app.services.partition_upkeep import make_parts_ahead
from app.services.partitions import convert
from app.wiring import build_desk
from tests.benchmarks.bench import Bench, open_bench
from tests.benchmarks.filling import fill_open, fill_products
from tests.benchmarks.intake import body_of
from tests.http.back_office import Browser
from tests.world import add_people

_TABLES: Final = ("notifications", "order_events")
_EACH: Final = 5  # rows of both tables for each order
# Foreign keys are true here; checking each of ten million would only take time.
_UNCHECKED: Final = ("SET synchronous_commit = off", "SET session_replication_role = replica")
_PAST: Final = timedelta(days=730)
_BEHIND: Final = "now() - ({last} + 1 - n) * interval '1 second' * {step_s}"
_ORDERS: Final = """INSERT INTO orders (id, public_id, number, payment_status,
  payment_gateway_transaction_id, gateway, last_why, total_idr, captured_idr, refunded_idr,
  reserved_idr, customer_name, customer_email, customer_phone, locale, stock_state, created_at,
  updated_at, expires_at, paid_at)
  SELECT n, 'public-' || n, 'LN-' || lpad(n::text, 10, '0'), 'paid', 'tx-' || n, 'midtrans',
    'shopper_paid', 100000, 100000, 0, 0, 'Rina Wijaya', 'rina' || n || '@contoh.example',
    '+62812' || lpad(n::text, 8, '0'), 'id', 'taken', {at}, {at}, {at}, {at}
  FROM generate_series(1, {last}) n"""
_ATTEMPTS: Final = """INSERT INTO attempts (id, order_id, try_number, gateway, reference, state,
  token, dead, created_at, expires_at, checks_done)
  SELECT n, n, 1, 'midtrans', 'BENCH-' || n || '-1', 'open', 'token-' || n, false, {at}, {at}, 0
  FROM generate_series(1, {last}) n"""
# Five messages of each payment, all but the first doubles.
_NOTIFICATIONS: Final = """INSERT INTO notifications (gateway, state, verdict, chain, headers,
  body, body_size, dedupe_key, reference, gateway_transaction_id, order_id, attempt_id,
  received_at, processed_at, tries)
  SELECT 'midtrans', 'done', CASE n % 5 WHEN 1 THEN 'shopper_paid' ELSE 'duplicate' END, '[]',
    '{{}}', convert_to(repeat(md5(n::text), 18), 'UTF8'), 576, md5('old' || (n + 4) / 5),
    'BENCH-' || (n + 4) / 5 || '-1', 'tx-' || (n + 4) / 5, (n + 4) / 5, (n + 4) / 5, {at}, {at}, 0
  FROM generate_series(1, {last}) n"""
_EVENTS: Final = """INSERT INTO order_events (order_id, seq, at, actor, why, details,
  previous_hash, hash) SELECT (n + 4) / 5, (n + 4) % 5 + 1, {at}, 'shopper', 'order_placed', '{{}}',
    md5(n::text) || md5(n::text), md5((n + 1)::text) || md5((n + 1)::text)
  FROM generate_series(1, {last}) n"""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows in each table, repeats of a page or statement, notifications taken in."""

    rows: int
    rounds: int
    messages: int


def fill_orders(bench: Bench, rows: int) -> None:
    """Make the orders, over two years, that so many rows are about."""
    fill_products(bench)
    orders, every_s = rows // _EACH, _PAST.total_seconds()
    made = [_filled(_ORDERS, orders, every_s), _filled(_ATTEMPTS, orders, every_s)]
    bench.run(*_UNCHECKED, *made, f"SELECT setval('orders_id_seq', {orders})")


def fill_told(bench: Bench, rows: int) -> None:
    """Lay rows of two years into both tables; indexes are built at the end."""
    indexes = list(Base.metadata.tables["notifications"].indexes)
    engine = make_engine(bench.url, timeouts=Timeouts(statement_s=3600))
    for index in indexes:
        index.drop(engine)
    made = [_filled(one, rows, _PAST.total_seconds()) for one in (_NOTIFICATIONS, _EVENTS)]
    bench.run(*_UNCHECKED, *made)
    for index in indexes:
        index.create(engine)
    engine.dispose()
    bench.run("VACUUM ANALYZE")


def _filled(statement: str, last: int, over_s: float) -> str:
    return statement.format(at=_BEHIND.format(last=last, step_s=over_s / last), last=last)


def cut_all(bench: Bench, now: datetime) -> Iterator[str]:
    """Convert both tables; yield a line for each step."""
    engine = make_engine(bench.url)
    for table in _TABLES:
        for done in convert(engine, table, now):
            held = f"{1000 * done.locked_s:.0f} ms" if done.locked_s else "-"
            yield f"| `{table}` | {done.what} | {done.took_s:.2f} s | {held} |"
    engine.dispose()


def measure(title: str, bench: Bench, size: Size, first: int) -> None:
    """Print milliseconds (medians) of whatever looks at these tables; orders from ``first`` on."""
    print(f"\n| {title} | ms, median |\n|---|---:|")
    fill_open(bench, first, first + size.messages - 1)
    _print(_statements(bench, size))
    _print(_intake(bench, range(first, first + size.messages)))
    _print(_pages(bench, size))


def _intake(bench: Bench, orders: Sequence[int]) -> dict[str, float]:
    engine = make_engine(bench.url)
    desk = build_desk(bench.settings("http://127.0.0.1:1"), engine)

    def hear(order_id: int) -> None:
        message = RawNotification({}, body_of(order_id), datetime.now(UTC))
        receive_notification(desk, message)

    def look() -> None:
        claim_due(desk.sessions, Notification, owner="bench", now=datetime.now(UTC), limit=50)

    rehearsed, *rest = [_took_ms(lambda n=n: hear(n)) for n in orders]
    found = {
        "intake: a payment": statistics.median(rest),
        "intake: a double": statistics.median(_took_ms(lambda n=n: hear(n)) for n in orders),
        "jobs: claim what is due": statistics.median(_took_ms(look) for _ in orders),
    }
    engine.dispose()
    assert rehearsed > 0
    return found


def _took_ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def _pages(bench: Bench, size: Size) -> dict[str, float]:
    # A page that takes long on a busy machine is to be measured, not to be ended.
    settings = replace(bench.settings("http://127.0.0.1:1"), timeouts=Timeouts(statement_s=300))
    app = create_app(settings)
    sessions = app.extensions["lunas_desk"].sessions
    with sessions.begin() as session:
        if not bench.ask("SELECT count(*) FROM staff"):
            add_people(session, datetime.now(UTC))
    day = (datetime.now(UTC) - _PAST / 2).date()
    orders = size.rows // _EACH
    addresses = {
        "log: first page": "/admin/notifications/",
        "log: a day a year ago": f"/admin/notifications/?from={day}&to={day}",
        "log: one notification": f"/admin/notifications/{orders}",
        "an order's page": f"/admin/orders/LN-{orders // 2:010}",
        "search by a payment's id": f"/admin/notifications/?search=tx-{orders // 2}",
    }
    client = Browser(app, "admin").client
    found = {name: _page_ms(client, address, size) for name, address in addresses.items()}
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
    return found


def _page_ms(client: Any, address: str, size: Size) -> float:
    def look() -> None:
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.status_code)

    look()
    return statistics.median(_took_ms(look) for _ in range(size.rounds))


_STATEMENTS: Final[Mapping[str, str]] = {
    "SQL: first page of the log": "SELECT * FROM notifications"
    " ORDER BY received_at DESC, id DESC LIMIT 51",
    "SQL: the same message earlier": "SELECT id FROM notifications"
    " WHERE dedupe_key = md5('old' || %s) AND gateway = 'midtrans' AND state <> 'refused'"
    " AND order_id IS NOT NULL AND verdict <> 'claim_not_confirmed' ORDER BY id LIMIT 1",
    "SQL: notifications of an order": "SELECT * FROM notifications WHERE order_id = %s"
    " ORDER BY id DESC LIMIT 50",
    "SQL: a notification by id": "SELECT * FROM notifications WHERE id = %s",
    "SQL: an order's last event": "SELECT * FROM order_events WHERE order_id = %s"
    " ORDER BY seq DESC LIMIT 1",
}


def _statements(bench: Bench, size: Size) -> dict[str, float]:
    with psycopg.connect(bench.conninfo, autocommit=True) as connection:
        return {name: _sql_ms(connection, sql, size) for name, sql in _STATEMENTS.items()}


def _sql_ms(connection: psycopg.Connection[Any], statement: str, size: Size) -> float:
    takes = "%s" in statement

    def look(n: int) -> None:
        values = (n * 7919 % (size.rows // _EACH) + 1,) if takes else None
        assert connection.execute(statement.encode(), values).fetchall()

    for n in range(10):  # From the sixth time on it is prepared.
        look(n)
    return statistics.median(
        _took_ms(lambda n=n: look(n)) for n in range(10, 10 + 10 * size.rounds)
    )


def measure_by_time(bench: Bench, size: Size) -> float:
    """Return what an order's last event costs if events were cut by their time: rejected."""
    first = datetime.now(UTC) - _PAST - timedelta(days=31)
    months = [first + timedelta(days=30 * n) for n in range(27)]
    bench.run(
        "CREATE TABLE events_by_time (LIKE order_events) PARTITION BY RANGE (at)",
        "CREATE UNIQUE INDEX ON events_by_time (order_id, seq, at)",
        *(
            f"CREATE TABLE events_by_time_{n} PARTITION OF events_by_time"
            f" FOR VALUES FROM ('{begin}') TO ('{begin + timedelta(days=30)}')"
            for n, begin in enumerate(months)
        ),
        # One order in five is enough to see what looking at every part costs.
        "INSERT INTO events_by_time SELECT * FROM order_events WHERE order_id % 5 = 0",
        "VACUUM ANALYZE events_by_time",
    )
    statement = _STATEMENTS["SQL: an order's last event"].replace("order_events", "events_by_time")
    statement = statement.replace("= %s", "= %s / 5 * 5 + 5")
    with psycopg.connect(bench.conninfo, autocommit=True) as connection:
        return _sql_ms(connection, statement, size)


def fill_years_of_parts(bench: Bench, rows: int) -> None:
    """Fill tables that were cut when the shop was new, two years ago, with every part since."""
    now = datetime.now(UTC)
    assert list(cut_all(bench, now - _PAST - timedelta(days=31)))
    fill_orders(bench, rows)
    engine = make_engine(bench.url)
    make_parts_ahead(engine, now)
    engine.dispose()
    fill_told(bench, rows)


def measure_in_one_piece(bench: Bench, size: Size) -> None:
    """Measure tables in one piece, convert them, and measure again."""
    first = size.rows // _EACH + 1
    fill_orders(bench, size.rows)
    fill_told(bench, size.rows)
    measure("in one piece", bench, size, first)
    print("\n| table | step | took | locked |\n|---|---|---:|---:|")
    for line in cut_all(bench, datetime.now(UTC)):
        print(line)
    measure("just converted", bench, size, first + size.messages)


def measure_years(bench: Bench, size: Size) -> None:
    """Measure tables in two years of parts."""
    fill_years_of_parts(bench, size.rows)
    measure("two years of parts", bench, size, size.rows // _EACH + 1)
    by_time = measure_by_time(bench, size)
    _print({"SQL: an order's last event, were events cut by time": by_time})


def _print(found: Mapping[str, float]) -> None:
    for name, took in found.items():
        print(f"| {name} | {took:.2f} |")


_LAYOUTS: Final[Mapping[str, Callable[[Bench, Size], None]]] = {
    "whole": measure_in_one_piece,
    "years": measure_years,
}


def main() -> None:
    """Read how much is wanted, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layouts", nargs="*", help="whole, years; none: both")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--messages", type=int, default=1000)
    given = parser.parse_args()
    size = Size(given.rows, given.rounds, given.messages)
    for layout in given.layouts or _LAYOUTS:
        with open_bench() as bench:
            _LAYOUTS[layout](bench, size)


if __name__ == "__main__":
    main()
