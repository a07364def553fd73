"""What the shop has written down, read by plain SQL: the judge uses none of the shop's own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine

Row: TypeAlias = Any

_ORDERS = """
SELECT id, number, payment_status, total_idr, captured_idr, refunded_idr, reserved_idr,
       attention, stock_state, payment_gateway_transaction_id
FROM orders ORDER BY id
"""
_ATTEMPTS = """
SELECT id, order_id, reference, gateway, state, next_check_at, expires_at
FROM attempts ORDER BY id
"""
_REFUNDS = """
SELECT id, order_id, key, amount_idr, route, state, requested_by_id, approved_by_id,
       gateway_transaction_id, next_check_at
FROM refunds ORDER BY id
"""
_HEARD_PAID = "SELECT gateway_transaction_id FROM gateway_transactions WHERE ever_paid"
_HEARD_OF = """
SELECT gateway_transaction_id FROM notifications WHERE state <> 'refused'
UNION SELECT gateway_transaction_id FROM gateway_transactions
"""
_EVENTS = """
SELECT id, order_id, seq, actor, staff_id, why, before, after, previous_hash, hash
FROM order_events ORDER BY order_id, seq
"""
_PRODUCTS = "SELECT id, sku, on_hand, reserved FROM products ORDER BY id"
_ITEMS = "SELECT order_id, product_id, quantity FROM order_items"
_MOVES = "SELECT order_id, product_id, step, quantity FROM stock_movements ORDER BY id"
_LOST_CLAIMS = """
SELECT count(*) FROM notifications WHERE state = 'awaiting_confirmation' AND due_at IS NULL
"""
_DUE = """
SELECT 'confirm_claims' AS job, min(due_at) AS at FROM notifications
UNION ALL SELECT 'poll_attempts', min(next_check_at) FROM attempts
UNION ALL SELECT 'resolve_refunds', min(next_check_at) FROM refunds
"""
_STATES = "SELECT verdict, count(*) AS number FROM notifications GROUP BY verdict"


@dataclass(frozen=True, slots=True)
class Records:
    """Everything of the shop's database that a rule is about."""

    orders: Sequence[Row]
    attempts: Sequence[Row]
    refunds: Sequence[Row]
    events: Sequence[Row]
    products: Sequence[Row]
    items: Sequence[Row]
    moves: Sequence[Row]
    lost_claims: int
    heard_paid: frozenset[str]
    heard_of: frozenset[str]

    def references(self, order_id: int) -> list[str]:
        return [a.reference for a in self.attempts if a.order_id == order_id]

    def refunds_of(self, order_id: int) -> list[Row]:
        return [r for r in self.refunds if r.order_id == order_id]

    def reasons(self, order_id: int) -> list[str]:
        return [e.why for e in self.events if e.order_id == order_id]


def read_records(engine: Engine) -> Records:
    """Read the shop's database as it is now."""
    with engine.connect() as connection:
        return Records(
            orders=_all(connection, _ORDERS),
            attempts=_all(connection, _ATTEMPTS),
            refunds=_all(connection, _REFUNDS),
            events=_all(connection, _EVENTS),
            products=_all(connection, _PRODUCTS),
            items=_all(connection, _ITEMS),
            moves=_all(connection, _MOVES),
            lost_claims=_all(connection, _LOST_CLAIMS)[0][0],
            heard_paid=frozenset(row[0] for row in _all(connection, _HEARD_PAID)),
            heard_of=frozenset(row[0] for row in _all(connection, _HEARD_OF)),
        )


def read_verdicts(engine: Engine) -> dict[str, int]:
    """Count the stored notifications by verdict."""
    with engine.connect() as connection:
        return {row.verdict: row.number for row in _all(connection, _STATES)}


def _all(connection: Connection, query: str) -> Sequence[Row]:
    return connection.exec_driver_sql(query).all()


def due_times(engine: Engine) -> dict[str, datetime]:
    """Return when each job with rows to claim is due next (aware UTC)."""
    with engine.connect() as connection:
        rows = _all(connection, _DUE)
    return {row.job: _aware(row.at) for row in rows if row.at is not None}


def _aware(at: datetime | str) -> datetime:
    """Return a time as plain SQL gives it: SQLite keeps it as text, and in UTC."""
    if isinstance(at, str):
        return datetime.fromisoformat(at).replace(tzinfo=UTC)
    return at.astimezone(UTC)
