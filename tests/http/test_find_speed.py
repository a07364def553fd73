"""With a hundred thousand orders, searches and pages are found by an index and not by reading."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from admin.lists.finding import matches_query
from admin.lists.names import read_names
from admin.lists.paging import Place, Sort, Walk, read_page
from app.db.models import Order, Refund
from app.services.queues import is_stuck
from tests.world import World

pytestmark = pytest.mark.postgres

ORDERS = 100_000
# Rows enough that reading a whole table would cost more than its index, so that the plan shows
# what the database really does; made by the database itself, which takes seconds.
FILL = (
    f"""INSERT INTO orders (public_id, number, payment_status, payment_gateway_transaction_id,
          gateway, last_why, total_idr, captured_idr, refunded_idr, reserved_idr, customer_name,
          customer_email, customer_phone, locale, stock_state, created_at, updated_at, expires_at)
        SELECT 'public-' || n, 'LN-' || lpad(n::text, 10, '0'),
          (ARRAY['paid', 'pending', 'expired'])[n % 3 + 1], 'tx-' || n, 'midtrans', 'order_placed',
          1000 * (n % 500 + 1), 1000 * (n % 500 + 1), 0, 0, 'Rina',
          'rina' || n || '@contoh.example',
          '+62812' || lpad(n::text, 8, '0'), 'id', 'taken', now() - n * interval '1 minute', now(),
          now() FROM generate_series(1, {ORDERS}) n""",
    """INSERT INTO attempts (order_id, try_number, gateway, reference, provider_reference, state,
          token, dead, pay_code_number, created_at, expires_at, checks_done)
        SELECT id, 1, 'midtrans', number || '-1', 'inv-' || id, 'open', 'token-' || id, false,
          '8808' || id, now(), now(), 0 FROM orders""",
    """INSERT INTO gateway_transactions (order_id, attempt_id, gateway, gateway_transaction_id,
          stage, amount_idr, ever_paid, confirmed, as_of)
        SELECT order_id, id, 'midtrans', 'tx-' || order_id, 'paid', 1000, true, true, now()
        FROM attempts WHERE id % 4 = 0""",
    """INSERT INTO refunds (order_id, number, key, gateway, gateway_transaction_id, attempt_id,
          amount_idr, route, state, reason, provider_refund_id, requested_at, looks_done,
          needs_approval)
        SELECT order_id, 1, reference || '-R1', 'midtrans', 'tx-' || order_id, id, 1000, 'refund',
          'succeeded', 'x', 'rfd-' || id, now() - id * interval '1 minute', 0, false FROM attempts
        WHERE id % 4 = 0""",
    """INSERT INTO notifications (gateway, state, verdict, chain, headers, body, body_size,
          reference, gateway_transaction_id, received_at, tries)
        SELECT 'midtrans', 'done', 'shopper_paid', '[]', '{}', ''::bytea, 0, reference,
          'tx-' || order_id, now(), 0 FROM attempts WHERE id % 4 = 0""",
    "ANALYZE orders, attempts, gateway_transactions, refunds, notifications",
)


@pytest.fixture
def full(postgres_world: World) -> Iterator[Session]:
    """Provide a database with 100,000 orders and what belongs to them."""
    # Written by hand: no notification among them was ever heard.
    postgres_world.damaged = True
    with postgres_world.desk.sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = '120s'"))
        for statement in FILL:
            session.execute(text(statement))
    with postgres_world.desk.reads() as session:
        yield session


def plan(session: Session, query: Any) -> str:
    compiled = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    # Straight to the driver: an amount sign of the text is no place for a value.
    connection = session.connection().connection.driver_connection
    assert connection is not None
    return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {compiled}").fetchall())


def test_no_search_and_no_page_reads_a_whole_table(full: Session) -> None:
    searches = {
        pasted: plan(full, matches_query(read_names(pasted)))
        for pasted in (
            "LN-0000050000",
            "LN-0000050000-1",
            "tx-50000",
            "rina50000@contoh.example",
            "0812 0005 0000",
            "8808-50000",
            "https://app.midtrans.com/snap/v2/vtweb/token-50000?x=1",
            "rfd-50000",
        )
    }
    pages = {
        f"{sort.name} {is_descending}": plan(full, page_query(key, sort, is_descending))
        for key, sort in SORTS
        for is_descending in (False, True)
    }

    for name, found in (searches | pages).items():
        assert "Seq Scan" not in found, f"{name}\n{found}"
        assert "Index" in found, name
        assert not re.search(r"^\s*->?\s*Sort ", found, re.MULTILINE), f"{name}\n{found}"


SORTS = (
    (Order.id, Sort("id", "", Order.id, "id")),
    (Order.id, Sort("created", "", Order.created_at, "created_at")),
    (Order.id, Sort("total", "", Order.total_idr, "total_idr")),
    (Order.id, Sort("status", "", Order.payment_status, "payment_status")),
    (Refund.id, Sort("requested", "", Refund.requested_at, "requested_at")),
    (Refund.id, Sort("amount", "", Refund.amount_idr, "amount_idr")),
    (Refund.id, Sort("state", "", Refund.state, "state")),
)
MIDDLE: dict[str, Any] = {"id": 50_000, "total": 250_000, "amount": 1000}


def page_query(key: Any, sort: Sort, is_descending: bool) -> Select[Any]:
    """Return the query of a page in the middle of a list."""
    asked: list[Select[Any]] = []

    def ask(query: Select[Any]) -> list[Any]:
        asked.append(query)
        return []

    words = {"status": "paid", "state": "succeeded"}
    value = MIDDLE.get(sort.name) or words.get(sort.name) or datetime(2026, 11, 1, tzinfo=UTC)
    walk = Walk(sort, is_descending, Place(value, 50_000), 50)
    read_page(ask, select(key), key, walk)
    return asked[0]


def test_the_queues_of_the_menu_are_counted_without_reading_every_order(
    postgres_world: World, full: Session
) -> None:
    full.rollback()
    with postgres_world.desk.sessions.begin() as session:
        # Few orders of a shop are open at a time.
        session.execute(
            text(
                "UPDATE orders SET payment_status = 'expired', attention = NULL WHERE id % 200 > 0"
            )
        )
        session.execute(text("ANALYZE orders"))
    counted = select(func.count()).select_from(Order).where(is_stuck(datetime.now(UTC)))

    found = plan(full, counted)

    assert "Seq Scan on orders" not in found, found
    assert "ix_orders_status_id" in found, found
