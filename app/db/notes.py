"""What staff write to each other about an order, and who has seen that they were meant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, UtcDateTime

if TYPE_CHECKING:
    from app.db.records import Staff
    from app.db.shop import Order


class OrderNote(Base):
    """One note about one order; append-only, also for the database. ``form_key``: sent once."""

    __tablename__ = "order_notes"
    __table_args__ = (
        CheckConstraint("length(text) BETWEEN 1 AND 2000", name="text_within_limits"),
        Index("ix_order_notes_order_id_id", "order_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship()
    staff: Mapped[Staff] = relationship()
    mentions: Mapped[list[NoteMention]] = relationship(
        back_populates="note", order_by="NoteMention.id"
    )


class NoteMention(Base):
    """One person whom a note means; ``read_at`` is when they said that they have seen it."""

    __tablename__ = "note_mentions"
    __table_args__ = (
        UniqueConstraint("note_id", "staff_id"),
        Index("ix_note_mentions_staff_id_read_at", "staff_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("order_notes.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    note: Mapped[OrderNote] = relationship(back_populates="mentions")
    staff: Mapped[Staff] = relationship()
