"""How an order is paid: one answer for pages, lists, files, figures and mails."""

from sqlalchemy import ScalarSelect, func, select

from app.db.models import Attempt, GatewayTransaction, Order


def paying_method(order: Order) -> str | None:
    """Return how the order was paid or else is meant to be, in the gateway's word.

    A late payment may come from an earlier try than the latest. Transactions and attempts must be
    loaded.
    """
    winner = order.payment_gateway_transaction_id
    paid_by = (t.method for t in order.transactions if t.gateway_transaction_id == winner)
    meant = (attempt.method for attempt in reversed(order.attempts))
    return next((method for method in (*paid_by, *meant) if method), None)


def method_column() -> ScalarSelect[str | None]:
    """Return what ``paying_method`` tells, as a column of the order in a query."""
    paid_by = (
        select(GatewayTransaction.method)
        .where(
            GatewayTransaction.order_id == Order.id,
            GatewayTransaction.gateway_transaction_id == Order.payment_gateway_transaction_id,
            GatewayTransaction.method != "",
        )
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )
    meant = (
        select(Attempt.method)
        .where(Attempt.order_id == Order.id, Attempt.method != "")
        .order_by(Attempt.try_number.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )
    return select(func.coalesce(paid_by, meant)).correlate(Order).scalar_subquery()
