"""What is written in a stack's database: the tests read it, and never write it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from app.core.states import PaymentStatus
from app.db.models import Attempt, Notification, Order, Product


class Books:
    """A reader of the database; each question sees what is committed by then."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def orders_of(self, email: str) -> list[str]:
        """Return the numbers of a shopper's orders, the oldest first."""
        query = select(Order.number).where(Order.customer_email == email).order_by(Order.id)
        with self._reads() as session:
            return list(session.scalars(query))

    def status(self, number: str) -> PaymentStatus:
        """Return where an order stands."""
        with self._reads() as session:
            return session.scalars(select(Order.payment_status).filter_by(number=number)).one()

    def references(self, number: str) -> list[str]:
        """Return the references under which the gateways know an order, the first try first."""
        query = (
            select(Attempt.reference)
            .join(Order, Attempt.order_id == Order.id)
            .where(Order.number == number)
            .order_by(Attempt.try_number)
        )
        with self._reads() as session:
            return list(session.scalars(query))

    def keys(self, number: str) -> list[str]:
        """Return the keys of an order's refunds, the first refund first."""
        with self._reads() as session:
            order = session.scalars(select(Order).filter_by(number=number)).one()
            return [refund.key for refund in order.refunds]

    def stock(self, sku: str) -> tuple[int, int]:
        """Return pieces on hand, and pieces promised to open orders."""
        query = select(Product.on_hand, Product.reserved).where(Product.sku == sku)
        with self._reads() as session:
            on_hand, reserved = session.execute(query).one()
            return on_hand, reserved

    def count_notifications(self, reference: str) -> int:
        """Return how many messages about one try to pay are stored."""
        query = select(func.count(Notification.id)).where(Notification.reference == reference)
        with self._reads() as session:
            return session.scalar(query) or 0

    @contextmanager
    def _reads(self) -> Iterator[Session]:
        with Session(self._engine) as session:
            yield session
