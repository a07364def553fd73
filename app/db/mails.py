"""Mails to shoppers that are to be sent, were sent, or never will be."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.mails import MailKind, MailState
from app.db.base import Base, UtcDateTime, words_of
from app.db.payments import Leased

if TYPE_CHECKING:
    from app.db.shop import Order


class Mail(Leased, Base):
    """One mail, written down with what it tells of; its words are made when it is sent.

    ``message_id`` is the same at every try, so that mailboxes know a repetition.
    """

    __tablename__ = "mails"
    __table_args__ = (
        # Each mail once, whatever the code above it does.
        UniqueConstraint("order_id", "kind", "event"),
        Index("ix_mails_next_check_at", "next_check_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[MailKind] = mapped_column(words_of(MailKind))
    event: Mapped[str] = mapped_column(String(40))
    state: Mapped[MailState] = mapped_column(words_of(MailState))
    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    # Never the words of the mail server: they may repeat an address.
    error: Mapped[str | None] = mapped_column(String(60))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship()
