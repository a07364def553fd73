"""The books, what verification found wrong, and how far the jobs over all orders have come."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.findings import FindingCode
from app.core.ledger import LEGS, Account, PostingKind
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.records import Staff
    from app.db.shop import Order

# The chart of accounts in one condition, so that no row can name accounts that do not belong
# together.
_LEGS: Final = " OR ".join(
    f"(kind = '{kind.value}' AND debit = '{debit.value}' AND credit = '{credit.value}')"
    for kind, (debit, credit) in LEGS.items()
)


class LedgerEntry(Base):
    """One posting: an amount taken from ``credit`` and added to ``debit``; append-only.

    Both sides stand in one row, so that a posting which does not sum to zero cannot be written.
    ``nth`` counts the postings of one kind for one subject: two writers that want to post the same
    fact want the same row. The cause is the observation or the event that made the fact known;
    postings from before there was a ledger have neither.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        UniqueConstraint("order_id", "subject", "kind", "nth", name="uq_ledger_entries_once"),
        CheckConstraint("amount_idr > 0", name="amount_positive"),
        CheckConstraint(_LEGS, name="legs"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    kind: Mapped[PostingKind] = mapped_column(words_of(PostingKind))
    subject: Mapped[str] = mapped_column(String(140))
    nth: Mapped[int]
    debit: Mapped[Account] = mapped_column(words_of(Account, "debit"))
    credit: Mapped[Account] = mapped_column(words_of(Account, "credit"))
    amount_idr: Mapped[int] = mapped_column(BigInteger)
    observation_id: Mapped[int | None] = mapped_column(ForeignKey("observations.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("order_events.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Finding(Base):
    """One difference that verification found, from when to when, and who released the order.

    ``resolved_at``: verification no longer finds it. A difference that changes is another finding.
    ``freezes``: the order gives no refunds until a person releases it, whatever happens meanwhile.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(
            "ix_findings_open",
            "code",
            "subject",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
        CheckConstraint(
            "(released_at IS NULL AND released_by_id IS NULL AND release_reason IS NULL) OR "
            "(released_at IS NOT NULL AND released_by_id IS NOT NULL AND release_reason <> '')",
            name="released_by_a_person_with_a_reason",
        ),
        CheckConstraint("NOT freezes OR order_id IS NOT NULL", name="freezes_an_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[FindingCode] = mapped_column(words_of(FindingCode))
    subject: Mapped[str] = mapped_column(String(140))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    freezes: Mapped[bool]
    expected: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    release_reason: Mapped[str | None] = mapped_column(Text)

    order: Mapped[Order | None] = relationship()
    released_by: Mapped[Staff | None] = relationship()


class JobPosition(Base):
    """The last order at which a job that walks over all orders has looked."""

    __tablename__ = "job_positions"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    order_id: Mapped[int]
