"""The only place that locks rows.

Order: bulk run, order, attempt, refund, staff by id, products by id, and last the end of the audit
log. Nobody who holds a bulk run locks an order.

A row that a session has loaded keeps its old values even when it is read again under a lock, hence
``populate_existing``. ``key_share`` because rows that refer to an order (a notification on its way
in) share-lock its key: two of them that then asked for the full lock would wait for each other.
On SQLite the transaction itself holds the one write lock (session.py).
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.db.models import AuditHead, BulkRun, Order, OrderItem, Product, Refund, Staff
from app.telemetry.context import bind

# Built once: nearly every transaction begins with it.
_LOCKED_ORDER: Final = (
    select(Order)
    .where(Order.id == bindparam("order_id", type_=Integer))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
# The same without entities, for the way in of notifications (app/db/arrivals.py).
_LOCKED_COLUMNS: Final = (
    select(
        Order.id,
        Order.number,
        Order.payment_status,
        Order.payment_gateway_transaction_id,
        Order.total_idr,
        Order.stock_state,
        Order.paid_at,
        Order.cancel_asked_at,
    )
    .where(Order.id == bindparam("order_id", type_=Integer))
    .with_for_update(key_share=True)
)


def lock_order_columns(connection: Connection, order_id: int) -> Any:
    """Return what decides about an order that waits for money, the order locked."""
    order = connection.execute(_LOCKED_COLUMNS, {"order_id": order_id}).one()
    bind(order=order.number)
    return order


def goods_of(order_id: BindParameter[int]) -> Select[int, int]:
    """Return the query for an order's pieces by product, which locks the products in order."""
    return (
        select(Product.id, OrderItem.quantity)
        .join_from(Product, OrderItem, OrderItem.product_id == Product.id)
        .where(OrderItem.order_id == order_id)
        .order_by(Product.id)
        .with_for_update(key_share=True, of=Product)
    )


def lock_order(session: Session, order_id: int) -> Order:
    """Return the order, locked and fresh; NotFoundError if there is none."""
    order = session.scalars(_LOCKED_ORDER, {"order_id": order_id}).one_or_none()
    if order is None:
        raise NotFoundError(f"order {order_id}")
    # Whoever locks an order works on it: its number goes into the lines of the log from here on.
    bind(order=order.number)
    return order


def lock_refund(session: Session, refund_id: int) -> tuple[Order, Refund]:
    """Return the refund and its order, both locked and fresh; NotFoundError if there is none."""
    order_id = session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    if order_id is None:
        raise NotFoundError(f"refund {refund_id}")
    order = lock_order(session, order_id)
    query = select(Refund).where(Refund.id == refund_id).with_for_update(key_share=True)
    bind(refund=refund_id)
    return order, session.scalars(query.execution_options(populate_existing=True)).one()


def lock_bulk_run(session: Session, run_id: int) -> BulkRun:
    """Return the bulk run, locked and fresh; NotFoundError if there is none."""
    query = select(BulkRun).where(BulkRun.id == run_id).with_for_update(key_share=True)
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise NotFoundError(f"bulk run {run_id}")
    return run


def lock_products(session: Session, product_ids: Sequence[int]) -> dict[int, Product]:
    """Return products by id, locked in one order, so that two checkouts cannot block each other."""
    query = (
        select(Product)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
        .with_for_update(key_share=True)
    )
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {product.id: product for product in rows}


def lock_staff(session: Session, staff_ids: Sequence[int]) -> dict[int, Staff]:
    """Return people by id, locked and fresh; who does not exist is not in the answer."""
    query = (
        select(Staff)
        .where(Staff.id.in_(staff_ids))
        .order_by(Staff.id)
        .with_for_update(key_share=True)
    )
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {staff.id: staff for staff in rows}


def lock_audit_head(session: Session) -> AuditHead:
    """Return the end of the audit log's chain, locked: entries are appended one by one."""
    query = select(AuditHead).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()
