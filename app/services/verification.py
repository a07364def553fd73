"""Recomputing everything from the facts, in batches, and keeping what does not agree.

A batch is read without locks, in a handful of queries. Where it seems not to agree, the order is
read again under its lock before anything is written down: a change in between is no finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from app.core.errors import NotFoundError
from app.core.findings import Difference, FindingCode
from app.core.states import StockState
from app.db.locks import lock_order
from app.db.models import Finding, Order, OrderItem, Product
from app.services.desk import Desk
from app.services.findings import bring_in_line, record_findings
from app.services.order_checks import check_order
from app.services.order_records import load_records
from app.services.order_walk import next_orders
from app.services.reconciliation import RunReport

BATCH: Final = 200
JOB: Final = "verify_orders"
# The job runs every ten minutes; twice that, so that a late run leaves nothing out.
_RECENTLY: Final = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Reported:
    """One difference that stands now. ``order``: its number; None where it is about goods."""

    order: str | None
    difference: Difference


def verify_order(desk: Desk, number: str) -> list[Reported]:
    """Verify one order by its number; NotFoundError if there is none."""
    with desk.reads() as session:
        order_id = session.scalar(select(Order.id).where(Order.number == number))
    if order_id is None:
        raise NotFoundError(f"order {number}")
    return verify_batch(desk, [order_id])


def verify_all(desk: Desk) -> Iterator[Reported]:
    """Verify every order and every product, batch by batch."""
    after = 0
    while ids := _some_orders(desk, after):
        yield from verify_batch(desk, ids)
        after = ids[-1]
    yield from verify_products(desk)


def verify_recent(desk: Desk, since: datetime) -> Iterator[Reported]:
    """Verify what has changed since then and what has open findings, and every product."""
    ids = _changed_orders(desk, since, limit=None)
    for start in range(0, len(ids), BATCH):
        yield from verify_batch(desk, ids[start : start + BATCH])
    yield from verify_products(desk)


def verify_some(desk: Desk, batch: int = BATCH) -> RunReport:
    """Verify what changed lately, then go on with the walk over all orders: one run of the job."""
    recent = _changed_orders(desk, desk.clock() - _RECENTLY, limit=batch)
    walk = next_orders(desk, JOB, (), batch)
    looked_at = list(dict.fromkeys([*recent, *walk]))
    found = verify_batch(desk, looked_at)
    if len(walk) < batch:  # Once a round: it adds up all goods on reservation.
        found += verify_products(desk)
    return RunReport(claimed=len(looked_at), changed=len(found))


def verify_batch(desk: Desk, order_ids: Sequence[int]) -> list[Reported]:
    """Verify these orders; return the differences that stand, and keep them as findings."""
    now = desk.clock()
    with desk.reads() as session:
        records = load_records(session, order_ids)
        seem_wrong = {one.order.id for one in records if check_order(one, now)}
        known_wrong = session.scalars(
            select(Finding.order_id).where(
                Finding.order_id.in_(order_ids), Finding.resolved_at.is_(None)
            )
        )
        doubtful = sorted(seem_wrong | {order_id for order_id in known_wrong if order_id})
    return [one for order_id in doubtful for one in _look_again(desk, order_id)]


def _look_again(desk: Desk, order_id: int) -> list[Reported]:
    now = desk.clock()
    with desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        differences = check_order(load_records(session, [order_id])[0], now)
        record_findings(session, order, differences, now)
        return [Reported(order.number, one) for one in differences]


def _some_orders(desk: Desk, after: int) -> list[int]:
    with desk.reads() as session:
        query = select(Order.id).where(Order.id > after).order_by(Order.id).limit(BATCH)
        return list(session.scalars(query))


def _changed_orders(desk: Desk, since: datetime, *, limit: int | None) -> list[int]:
    """Return the orders changed since then, the latest first, after those with open findings."""
    wrong = select(Finding.order_id).where(
        Finding.order_id.is_not(None), Finding.resolved_at.is_(None)
    )
    changed = select(Order.id).where(Order.updated_at >= since)
    changed = changed.order_by(Order.updated_at.desc(), Order.id)
    with desk.reads() as session:
        ids = [
            *session.scalars(wrong.order_by(Finding.id).limit(limit)),
            *session.scalars(changed.limit(limit)),
        ]
    return list(dict.fromkeys(order_id for order_id in ids if order_id is not None))


def verify_products(desk: Desk) -> list[Reported]:
    """Compare what each product has on reservation with the orders that reserve it."""
    held = (
        select(OrderItem.product_id, func.sum(OrderItem.quantity).label("pieces"))
        .join(Order, Order.id == OrderItem.order_id)
        .where(Order.stock_state == StockState.RESERVED)
        .group_by(OrderItem.product_id)
        .subquery()
    )
    pieces = func.coalesce(held.c.pieces, 0)
    # In one statement, so that both sides are of one moment.
    query = (
        select(Product.sku, Product.reserved, pieces)
        .outerjoin(held, held.c.product_id == Product.id)
        .where(Product.reserved != pieces)
        .order_by(Product.sku)
    )
    now, code = desk.clock(), FindingCode.RESERVED_STOCK_DIFFERS
    with desk.sessions.begin() as session:
        differences = [
            Difference(code, sku, str(wanted), str(found))
            for sku, found, wanted in session.execute(query)
        ]
        known = session.scalars(
            select(Finding).where(Finding.code == code, Finding.resolved_at.is_(None))
        )
        session.add_all(bring_in_line(session, known, differences, now))
    return [Reported(None, one) for one in differences]
