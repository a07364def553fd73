"""Tries to pay, what the gateways hold, what they told us, and money on its way back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.observations import Evidence, Seen, Source
from app.core.refund_reasons import RefundReason
from app.core.silences import Silence
from app.core.states import (
    AttemptState,
    GatewayName,
    NotificationState,
    PaymentStatus,
    RefundRoute,
    RefundState,
)
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.records import Staff
    from app.db.shop import Order, OrderItem


class Leased:
    """Columns of a row that job processes claim: due time, and who holds it until when."""

    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(60))


class Attempt(Leased, Base):
    """One try to pay an order at one gateway, under a reference of our own."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("order_id", "try_number"),
        Index("ix_attempts_next_check_at", "next_check_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    try_number: Mapped[int]
    gateway: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    reference: Mapped[str] = mapped_column(String(36), unique=True)
    provider_reference: Mapped[str | None] = mapped_column(String(80), index=True)
    state: Mapped[AttemptState] = mapped_column(words_of(AttemptState))
    token: Mapped[str | None] = mapped_column(String(80), index=True)
    page_url: Mapped[str | None] = mapped_column(String(500))
    dead: Mapped[bool] = mapped_column(default=False)
    method: Mapped[str | None] = mapped_column(String(40))
    pay_code_kind: Mapped[str | None] = mapped_column(String(20))
    pay_code_label: Mapped[str | None] = mapped_column(String(60))
    pay_code_number: Mapped[str | None] = mapped_column(String(80), index=True)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks_done: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship(back_populates="attempts")


class GatewayTransaction(Base):
    """One transaction that a gateway holds for one of our references."""

    __tablename__ = "gateway_transactions"
    __table_args__ = (
        UniqueConstraint("attempt_id", "gateway_transaction_id"),
        CheckConstraint("amount_idr >= 0", name="amount_not_negative"),
        CheckConstraint("fee_idr >= 0", name="fee_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    gateway: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    gateway_transaction_id: Mapped[str] = mapped_column(String(80), index=True)
    stage: Mapped[Seen] = mapped_column(words_of(Seen))
    amount_idr: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str | None] = mapped_column(String(40))
    acquirer: Mapped[str | None] = mapped_column(String(40))
    issuer: Mapped[str | None] = mapped_column(String(40))
    off_us: Mapped[bool | None]
    ever_paid: Mapped[bool]
    confirmed: Mapped[bool]
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fee_idr: Mapped[int | None] = mapped_column(BigInteger)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship(back_populates="transactions")
    attempt: Mapped[Attempt] = relationship()


class Notification(Leased, Base):
    """One delivery as received, with its verdict; kept also when refused."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_due_at", "due_at"),
        Index("ix_notifications_dedupe_key", "dedupe_key"),
        Index("ix_notifications_received_at_id", "received_at", "id"),
        Index("ix_notifications_state_id", "state", "id"),
        # When a gateway was last heard, however many forged messages came since.
        Index("ix_notifications_gateway_state_id", "gateway", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[GatewayName | None] = mapped_column(words_of(GatewayName))
    state: Mapped[NotificationState] = mapped_column(words_of(NotificationState))
    verdict: Mapped[str] = mapped_column(String(40), index=True)
    chain: Mapped[list[Any]] = mapped_column(JSON)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_size: Mapped[int]
    remote_address: Mapped[str | None] = mapped_column(String(45))
    dedupe_key: Mapped[str | None] = mapped_column(String(80))
    reference: Mapped[str | None] = mapped_column(String(80), index=True)
    gateway_transaction_id: Mapped[str | None] = mapped_column(String(80), index=True)
    raw_status: Mapped[str | None] = mapped_column(String(60))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order | None] = relationship()


class StoredObservation(Base):
    """One thing a gateway said, from any door, with the decision about it; append-only."""

    __tablename__ = "observations"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"))
    notification_id: Mapped[int | None] = mapped_column(ForeignKey("notifications.id"), index=True)
    status_check_id: Mapped[int | None] = mapped_column(ForeignKey("status_checks.id"), index=True)
    source: Mapped[Source] = mapped_column(words_of(Source))
    gateway: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    reference: Mapped[str] = mapped_column(String(80))
    gateway_transaction_id: Mapped[str | None] = mapped_column(String(80), index=True)
    seen: Mapped[Seen] = mapped_column(words_of(Seen))
    raw_status: Mapped[str] = mapped_column(String(60))
    amount_idr: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[str | None] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The gateway's answer as it came, in JSON, for people; read only where it is shown.
    document: Mapped[str | None] = mapped_column(Text, deferred=True)
    evidence: Mapped[Evidence] = mapped_column(words_of(Evidence))
    why: Mapped[str] = mapped_column(String(40))
    before: Mapped[PaymentStatus] = mapped_column(words_of(PaymentStatus, "before"))
    after: Mapped[PaymentStatus] = mapped_column(words_of(PaymentStatus, "after"))
    attention: Mapped[str | None] = mapped_column(String(32))
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StatusCheck(Base):
    """One question to a gateway about an order, by a person or a job, and what came of it."""

    __tablename__ = "status_checks"
    __table_args__ = (Index("ix_status_checks_asked_at_id", "asked_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    source: Mapped[Source] = mapped_column(words_of(Source))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    before: Mapped[PaymentStatus] = mapped_column(words_of(PaymentStatus, "before"))
    after: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "after"))
    why: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(Text)
    # What kind of failure the error was; checks from before this was kept have none.
    silence: Mapped[Silence | None] = mapped_column(words_of(Silence))
    chain: Mapped[list[Any]] = mapped_column(JSON)

    order: Mapped[Order] = relationship()
    staff: Mapped[Staff | None] = relationship()


class Refund(Leased, Base):
    """One refund of one payment; its key is minted once, before anything is sent."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_idr > 0", name="amount_positive"),
        # Four eyes, held by the database: a direct call cannot get around it.
        CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> requested_by_id", name="four_eyes"
        ),
        CheckConstraint(
            "NOT needs_approval OR approved_by_id IS NOT NULL"
            " OR state IN ('awaiting_approval', 'rejected', 'withdrawn')",
            name="approved_before_sent",
        ),
        CheckConstraint(
            "NOT needs_approval OR transferred_by_id IS NULL"
            " OR transferred_by_id <> requested_by_id",
            name="four_eyes_on_transfer",
        ),
        CheckConstraint(
            "state <> 'transferred'"
            " OR (transferred_by_id IS NOT NULL AND transfer_proof IS NOT NULL)",
            name="transfer_is_proved",
        ),
        CheckConstraint(
            "(route = 'manual') = (transfer_account IS NOT NULL)", name="account_where_by_hand"
        ),
        CheckConstraint(
            "route = 'manual' OR state NOT IN ('to_transfer', 'transferred')",
            name="transfer_only_by_hand",
        ),
        UniqueConstraint("order_id", "number"),
        Index("ix_refunds_next_check_at", "next_check_at"),
        # What a person has asked for today, for their daily limit.
        Index("ix_refunds_requested_by_id_requested_at", "requested_by_id", "requested_at"),
        Index("ix_refunds_requested_at_id", "requested_at", "id"),
        Index("ix_refunds_amount_idr_id", "amount_idr", "id"),
        Index("ix_refunds_state_id", "state", "id"),
        # What went back in a period.
        Index("ix_refunds_finished_at_amount_idr", "finished_at", "amount_idr"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]  # 1, 2, ... within the order; what staff say on the phone
    key: Mapped[str] = mapped_column(String(80), unique=True)
    form_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    gateway: Mapped[GatewayName] = mapped_column(words_of(GatewayName))
    gateway_transaction_id: Mapped[str | None] = mapped_column(String(80), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    amount_idr: Mapped[int] = mapped_column(BigInteger)
    route: Mapped[RefundRoute] = mapped_column(words_of(RefundRoute))
    state: Mapped[RefundState] = mapped_column(words_of(RefundState))
    # Why, from the catalogue; None for those made elsewhere or before there was a catalogue.
    reason_code: Mapped[RefundReason | None] = mapped_column(words_of(RefundReason))
    reason: Mapped[str] = mapped_column(Text)
    # What the rules said when it was asked for, so that an approver sees what has changed.
    asked_verdict: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    approval_hash: Mapped[str | None] = mapped_column(String(64))
    provider_refund_id: Mapped[str | None] = mapped_column(String(80), index=True)
    provider_code: Mapped[str | None] = mapped_column(String(60))
    provider_message: Mapped[str | None] = mapped_column(Text)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    transfer_bank: Mapped[str | None] = mapped_column(String(60))
    transfer_account: Mapped[str | None] = mapped_column(String(20))
    transfer_holder: Mapped[str | None] = mapped_column(String(120))
    transfer_proof: Mapped[str | None] = mapped_column(Text)
    # The refund that this one goes on from, after the gateway refused or could not be reached.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    transferred_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bank_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looks_done: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship(back_populates="refunds")
    items: Mapped[list[RefundItem]] = relationship(
        back_populates="refund", order_by="RefundItem.id"
    )
    attempt: Mapped[Attempt] = relationship()
    requested_by: Mapped[Staff | None] = relationship(foreign_keys=[requested_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    transferred_by: Mapped[Staff | None] = relationship(foreign_keys=[transferred_by_id])
    replaces: Mapped[Refund | None] = relationship(
        foreign_keys=[replaces_id], remote_side="Refund.id"
    )


class RefundItem(Base):
    """The pieces of one line of the order that a refund pays back; their price is the line's."""

    __tablename__ = "refund_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("restocked >= 0 AND restocked <= quantity", name="restocked_within_refund"),
        UniqueConstraint("refund_id", "order_item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"))
    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_items.id"), index=True)
    quantity: Mapped[int]
    restocked: Mapped[int] = mapped_column(default=0)

    refund: Mapped[Refund] = relationship(back_populates="items")
    order_item: Mapped[OrderItem] = relationship()
