"""Payments about which to ask again, in tests: told in part, and what became of a run."""

from collections.abc import Iterable

from sqlalchemy import func, select

from app.core.states import GatewayName
from app.db.models import (
    LedgerEntry,
    Order,
    OrderEvent,
    ReapplyRow,
    ReapplyStep,
    StatusCheck,
    StoredObservation,
)
from app.services.payment_pages import PaymentPage
from app.services.reapply import Chosen, begin_reapply
from tests.world import World


def told_but_not_paid(shop: World) -> PaymentPage:
    """Provide an order of which we heard that it is in review; it was approved since, untold."""
    page = shop.checkout(GatewayName.MIDTRANS, quantity=1)
    shop.act(page, "challenge")
    shop.deliver_all(page)
    shop.confirm()
    assert shop.status(page) == "in_review"
    shop.act(page, "approve")
    return page


def begin(shop: World, pages: Iterable[PaymentPage]) -> int:
    ids = [shop.attempt(page).id for page in pages]
    chosen = Chosen("", len(ids), 0, ids)
    return begin_reapply(shop.desk, chosen, staff_id=shop.staff_id())


def steps(shop: World, run_id: int) -> list[ReapplyStep]:
    with shop.session() as session:
        query = select(ReapplyRow.step).where(ReapplyRow.run_id == run_id)
        return list(session.scalars(query.order_by(ReapplyRow.id)))


def written(shop: World) -> tuple[object, ...]:
    """Return what a dry run must not change."""
    with shop.session() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (LedgerEntry, OrderEvent, StatusCheck, StoredObservation)
        ]
        orders = session.execute(
            select(Order.id, Order.payment_status, Order.captured_idr, Order.updated_at)
        )
        return *counts, [tuple(row) for row in orders], shop.stock()
