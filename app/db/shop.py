"""Products, orders and what an order holds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.states import Attention, GatewayName, PaymentStatus, StockState
from app.core.stock import StockStep
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.attention import AttentionCall
    from app.db.payments import Attempt, GatewayTransaction, Refund
    from app.db.records import OrderEvent


class Product(Base):
    """One thing on sale. ``reserved`` of the ``on_hand`` pieces are promised to open orders."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price_idr > 0", name="price_positive"),
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_within_stock"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)
    name_id: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    description_id: Mapped[str] = mapped_column(Text)
    description_en: Mapped[str] = mapped_column(Text)
    price_idr: Mapped[int] = mapped_column(BigInteger)
    on_hand: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0)
    image: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def available(self) -> int:
        """Pieces that can still be sold."""
        return self.on_hand - self.reserved


class Order(Base):
    """One purchase. Its sums and state follow from transactions and refunds, and are a cache."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("total_idr > 0", name="total_positive"),
        CheckConstraint("captured_idr >= 0", name="captured_not_negative"),
        CheckConstraint("refunded_idr >= 0", name="refunded_not_negative"),
        CheckConstraint("reserved_idr >= 0", name="reserved_not_negative"),
        # The wall against paying back more than was taken, whatever the code above it does.
        CheckConstraint(
            "refunded_idr + reserved_idr <= captured_idr", name="refunds_within_capture"
        ),
        Index("ix_orders_status_id", "payment_status", "id"),
        Index("ix_orders_updated_at", "updated_at"),
        # The orders in which staff read the list; (value, id) so that pages can be continued.
        Index("ix_orders_created_at_id", "created_at", "id"),
        Index("ix_orders_total_idr_id", "total_idr", "id"),
        # What came in in a period.
        Index("ix_orders_paid_at_captured_idr", "paid_at", "captured_idr"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    payment_status: Mapped[PaymentStatus] = mapped_column(words_of(PaymentStatus))
    payment_gateway_transaction_id: Mapped[str | None] = mapped_column(String(80), index=True)
    gateway: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    last_why: Mapped[str] = mapped_column(String(40))
    total_idr: Mapped[int] = mapped_column(BigInteger)
    captured_idr: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_idr: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved_idr: Mapped[int] = mapped_column(BigInteger, default=0)
    customer_name: Mapped[str] = mapped_column(String(120))
    customer_email: Mapped[str] = mapped_column(String(254), index=True)
    customer_phone: Mapped[str] = mapped_column(String(20), index=True)
    locale: Mapped[str] = mapped_column(String(5))
    stock_state: Mapped[StockState] = mapped_column(words_of(StockState))
    # The most urgent of the open calls, for lists; all of them are in ``attention_calls``.
    attention: Mapped[Attention | None] = mapped_column(words_of(Attention), index=True)
    attention_text: Mapped[str | None] = mapped_column(Text)
    attention_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A person wants the order ended unpaid; why and who is on the timeline.
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    items: Mapped[list[OrderItem]] = relationship(back_populates="order", order_by="OrderItem.id")
    attempts: Mapped[list[Attempt]] = relationship(
        back_populates="order", order_by="Attempt.try_number"
    )
    transactions: Mapped[list[GatewayTransaction]] = relationship(
        back_populates="order", order_by="GatewayTransaction.id"
    )
    refunds: Mapped[list[Refund]] = relationship(back_populates="order", order_by="Refund.id")
    calls: Mapped[list[AttentionCall]] = relationship(
        back_populates="order",
        primaryjoin="and_(AttentionCall.order_id == Order.id, AttentionCall.closed_at.is_(None))",
        order_by="AttentionCall.id",
    )
    events: Mapped[list[OrderEvent]] = relationship(
        back_populates="order", order_by="OrderEvent.seq"
    )


class OrderItem(Base):
    """One line of an order, with the name and price of the moment of purchase."""

    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_price_idr > 0", name="unit_price_positive"),
        # The wall against putting the same piece back in stock twice.
        CheckConstraint("restocked >= 0 AND restocked <= quantity", name="restocked_within_line"),
        UniqueConstraint("order_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    sku: Mapped[str] = mapped_column(String(40))
    name_id: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    image: Mapped[str] = mapped_column(String(200))
    unit_price_idr: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    # Pieces that a person put back in stock after a refund.
    restocked: Mapped[int] = mapped_column(default=0, server_default="0")

    order: Mapped[Order] = relationship(back_populates="items")

    @property
    def line_total_idr(self) -> int:
        """Price of the whole line, in rupiah."""
        return self.unit_price_idr * self.quantity


class StockMovement(Base):
    """One movement of goods for one order; append-only."""

    __tablename__ = "stock_movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    step: Mapped[StockStep] = mapped_column(words_of(StockStep))
    quantity: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
