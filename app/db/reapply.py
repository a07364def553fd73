"""Runs that ask the gateways again about what notifications told, and apply the answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.states import PaymentStatus
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.payments import Attempt
    from app.db.records import Staff


class ReapplyStep(StrEnum):
    """How far one payment of a run is; the first four are the dry run."""

    WAITING = "waiting"
    WOULD_CHANGE = "would_change"
    WOULD_NOT = "would_not"
    NO_ANSWER = "no_answer"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ReapplyRun(Base):
    """One set of notifications as it was when somebody chose it.

    ``messages``: how many notifications; ``without_order``: those about no order of ours, about
    which no gateway can be asked. ``is_cut``: there were more payments than one run takes up.
    ``apply_asked_at``: a person saw the dry run and agreed.
    """

    __tablename__ = "reapply_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    query: Mapped[str] = mapped_column(Text)
    messages: Mapped[int]
    without_order: Mapped[int]
    is_cut: Mapped[bool]
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    apply_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class ReapplyRow(Base):
    """One payment that the notifications of a run are about, and what asking about it showed."""

    __tablename__ = "reapply_rows"
    __table_args__ = (
        UniqueConstraint("run_id", "attempt_id"),
        Index("ix_reapply_rows_run_id_step", "run_id", "step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("reapply_runs.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    step: Mapped[ReapplyStep] = mapped_column(words_of(ReapplyStep))
    before: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "before"))
    after: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "after"))
    why: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    attempt: Mapped[Attempt] = relationship()
