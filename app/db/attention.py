"""The calls for a person: why an order waits, who has taken it up, and when it was settled."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    case,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.attention import URGENCY
from app.core.states import Attention
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.records import Staff
    from app.db.shop import Order


class AttentionCall(Base):
    """One reason for which a person must look at an order; open until ``closed_at``.

    ``why`` is the reason in our words, rendered in the reader's language; ``said`` is what the
    gateway or an older version said of it, as it was.
    """

    __tablename__ = "attention_calls"
    __table_args__ = (
        CheckConstraint(
            "(claimed_by_id IS NULL) = (claimed_at IS NULL)", name="claimed_by_somebody"
        ),
        # An order waits once for each reason.
        Index(
            "uq_attention_calls_open",
            "order_id",
            "code",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # What the queue and its count in the menu read.
        Index(
            "ix_attention_calls_waiting",
            "raised_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    code: Mapped[Attention] = mapped_column(words_of(Attention))
    why: Mapped[str | None] = mapped_column(String(40))
    said: Mapped[str | None] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    order: Mapped[Order] = relationship(back_populates="calls")
    claimed_by: Mapped[Staff | None] = relationship(foreign_keys=[claimed_by_id])

    @property
    def urgency(self) -> int:
        """The place of the call's code among all codes, 0 for the most urgent."""
        return URGENCY.index(self.code)


def urgency_in_order() -> ColumnElement[int]:
    """Return the same place for the database to put calls in order by."""
    places = ((AttentionCall.code == code, place) for place, code in enumerate(URGENCY))
    return case(*places)
