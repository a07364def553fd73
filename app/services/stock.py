"""Goods move here and nowhere else; every movement is written down."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import OutOfStockError
from app.core.states import StockState
from app.core.stock import StockStep
from app.db.locks import lock_products
from app.db.models import Order, OrderItem, Product, StockMovement


def reserve_goods(session: Session, order: Order, now: datetime) -> None:
    """Set the order's goods aside; OutOfStockError (nothing reserved) if any is short."""
    wanted = _quantities(session, order)
    products = lock_products(session, sorted(wanted))
    short = {
        products[product_id].sku: products[product_id].available
        for product_id, quantity in wanted.items()
        if products[product_id].available < quantity
    }
    if short:
        raise OutOfStockError(short)
    for product_id, quantity in wanted.items():
        products[product_id].reserved += quantity
    order.stock_state = StockState.RESERVED
    _write_down(session, order, StockStep.RESERVE, wanted, now)


def move_goods(session: Session, order: Order, step: StockStep, now: datetime) -> bool:
    """Carry out one step; False if the goods for a late payment are gone (state ``short``)."""
    goods = _still_out if step is StockStep.GIVE_BACK else _quantities
    wanted = goods(session, order)
    products = lock_products(session, sorted(wanted))
    if step is StockStep.TAKE_LATE and not _all_available(products, wanted):
        order.stock_state = StockState.SHORT
        return False
    for product_id, quantity in wanted.items():
        _move_one(products[product_id], step, quantity)
    if step is StockStep.TAKE_LATE:
        # What was put back leaves again.
        for item in _items(session, order):
            item.restocked = 0
    order.stock_state = _STATE_AFTER[step]
    _write_down(session, order, step, wanted, now)
    return True


def restock_goods(session: Session, order: Order, pieces: Mapping[int, int], now: datetime) -> None:
    """Put pieces of each line (by ``order_items.id``) back; the last one ends "taken"."""
    items = _items(session, order)
    back: Counter[int] = Counter()
    for item in items:
        item.restocked += pieces.get(item.id, 0)
        back[item.product_id] += pieces.get(item.id, 0)
    wanted = {key: count for key, count in back.items() if count}
    products = lock_products(session, sorted(wanted))
    for product_id, quantity in wanted.items():
        _move_one(products[product_id], StockStep.RESTOCK, quantity)
    if all(item.restocked == item.quantity for item in items):
        order.stock_state = StockState.RELEASED
    _write_down(session, order, StockStep.RESTOCK, wanted, now)


_STATE_AFTER: Mapping[StockStep, StockState] = {
    StockStep.TAKE: StockState.TAKEN,
    StockStep.TAKE_LATE: StockState.TAKEN,
    StockStep.RELEASE: StockState.RELEASED,
    StockStep.GIVE_BACK: StockState.RELEASED,
}


def _move_one(product: Product, step: StockStep, quantity: int) -> None:
    if step in {StockStep.TAKE, StockStep.RELEASE}:
        product.reserved -= quantity
    if step in {StockStep.TAKE, StockStep.TAKE_LATE}:
        product.on_hand -= quantity
    if step in {StockStep.GIVE_BACK, StockStep.RESTOCK}:
        product.on_hand += quantity


def _all_available(products: Mapping[int, Product], wanted: Mapping[int, int]) -> bool:
    return all(products[key].available >= quantity for key, quantity in wanted.items())


def _quantities(session: Session, order: Order) -> dict[int, int]:
    rows = session.execute(
        select(OrderItem.product_id, OrderItem.quantity).where(OrderItem.order_id == order.id)
    )
    return dict(rows.all())


def _items(session: Session, order: Order) -> Sequence[OrderItem]:
    return session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).all()


def _still_out(session: Session, order: Order) -> dict[int, int]:
    """Return the goods that left and were not put back by hand."""
    out = {item.product_id: item.quantity - item.restocked for item in _items(session, order)}
    return {product_id: pieces for product_id, pieces in out.items() if pieces}


def _write_down(
    session: Session, order: Order, step: StockStep, moved: Mapping[int, int], now: datetime
) -> None:
    session.add_all(
        StockMovement(order_id=order.id, product_id=key, step=step, quantity=quantity, at=now)
        for key, quantity in moved.items()
    )
    session.flush()
