"""Bulk runs and their rows: the frozen list, who agreed to it, and what came of each order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.bulk import BulkKind, BulkState, RowState
from app.core.refund_reasons import RefundReason
from app.core.states import PaymentStatus, RefundRoute
from app.db.base import Base, UtcDateTime, words_of
from app.db.payments import Leased

if TYPE_CHECKING:
    from app.db.payments import Refund
    from app.db.records import Staff
    from app.db.shop import Order


class BulkRun(Leased, Base):
    """One thing done to many orders; count, sum and hash are those of its rows at creation."""

    __tablename__ = "bulk_runs"
    __table_args__ = (
        # Four eyes, held by the database: a direct call cannot get around it.
        CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> requested_by_id", name="four_eyes"
        ),
        CheckConstraint(
            "NOT needs_approval OR approved_by_id IS NOT NULL"
            " OR state IN ('draft', 'awaiting_approval', 'rejected', 'withdrawn')",
            name="approved_before_run",
        ),
        CheckConstraint("sum_idr >= 0 AND eligible_count >= 0", name="totals_not_negative"),
        CheckConstraint("stop_after BETWEEN 1 AND 100", name="stop_after_in_range"),
        Index("ix_bulk_runs_next_check_at", "next_check_at"),
        Index("ix_bulk_runs_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[BulkKind] = mapped_column(words_of(BulkKind))
    state: Mapped[BulkState] = mapped_column(words_of(BulkState))
    query: Mapped[str] = mapped_column(Text)  # the filter that chose the rows; empty: by hand
    row_count: Mapped[int]
    eligible_count: Mapped[int]
    sum_idr: Mapped[int] = mapped_column(BigInteger)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    needs_approval: Mapped[bool]
    reason_code: Mapped[RefundReason | None] = mapped_column(words_of(RefundReason))
    reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    approval_hash: Mapped[str | None] = mapped_column(String(64))
    stop_after: Mapped[int]
    failures_in_row: Mapped[int] = mapped_column(default=0)
    why: Mapped[str | None] = mapped_column(String(40))  # why it waits, or why it ended
    decision_note: Mapped[str | None] = mapped_column(Text)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    requested_by: Mapped[Staff] = relationship(foreign_keys=[requested_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])


class BulkRow(Base):
    """One order of a run; ``form_key`` is minted with the row, and its refund bears it for ever."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        Unique("run_id", "seq"),
        Unique("run_id", "order_id"),
        CheckConstraint("amount_idr >= 0", name="amount_not_negative"),
        Index("ix_bulk_rows_run_id_state_seq", "run_id", "state", "seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("bulk_runs.id"))
    seq: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    form_key: Mapped[str] = mapped_column(String(80), unique=True)
    amount_idr: Mapped[int] = mapped_column(BigInteger)
    route: Mapped[RefundRoute | None] = mapped_column(words_of(RefundRoute))
    state: Mapped[RowState] = mapped_column(words_of(RowState))
    why: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "before"))
    after: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "after"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    run: Mapped[BulkRun] = relationship()
    order: Mapped[Order] = relationship()
    refund: Mapped[Refund | None] = relationship()
