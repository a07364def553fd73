"""Timelines, keys, runs, people and what people did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.states import PaymentStatus
from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.shop import Order


class Actor(StrEnum):
    """Who made an event happen."""

    SHOPPER = "shopper"
    GATEWAY = "gateway"
    JOB = "job"
    STAFF = "staff"


class OrderEvent(Base):
    """One line of an order's timeline; append-only, each row carries the hash of the one before."""

    __tablename__ = "order_events"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[Actor] = mapped_column(words_of(Actor))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(String(40))
    before: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "before"))
    after: Mapped[PaymentStatus | None] = mapped_column(words_of(PaymentStatus, "after"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    order: Mapped[Order] = relationship(back_populates="events")
    staff: Mapped[Staff | None] = relationship()


class IdempotencyKey(Base):
    """One intent of a client: the body it came with, and the order that came of it."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(128))
    fingerprint: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JobRun(Base):
    """One run of a job that had work to do or failed."""

    __tablename__ = "job_runs"
    __table_args__ = (Index("ix_job_runs_started_at_id", "started_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40), index=True)
    instance: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed: Mapped[int]
    changed: Mapped[int]
    failed: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)


class JobHeartbeat(Base):
    """When each job of each process last ran, also when it found nothing to do.

    ``every_s`` is how often it is meant to run, so that a silent job can be told from a rare one.
    """

    __tablename__ = "job_heartbeats"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    instance: Mapped[str] = mapped_column(String(60), primary_key=True)
    last_run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    every_s: Mapped[int]


class Role(Base):
    """A named set of rights."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    rights: Mapped[list[str]] = mapped_column(JSON)


class Staff(Base):
    """A person who works in the back office."""

    __tablename__ = "staff"
    __table_args__ = (Index("ix_staff_link_hash", "link_hash", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    locale: Mapped[str] = mapped_column(String(5), default="id")
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The one-time link by which the person chooses a password; only its hash is kept.
    link_hash: Mapped[str | None] = mapped_column(String(64))
    link_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The app that shows codes: its secret, sealed, and the last code's number, which never repeats.
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # None: what the role allows.
    daily_refund_limit_idr: Mapped[int | None] = mapped_column(BigInteger)

    role: Mapped[Role] = relationship()


class AuditEntry(Base):
    """One action of a person, done or refused; append-only, each row holds the hash of the last.

    ``seq`` counts without gaps; rows from before the chain have one too.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_seq", "seq", unique=True),
        Index("ix_audit_log_at_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    who: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(80))
    done: Mapped[bool]
    why: Mapped[str] = mapped_column(String(200))
    remote_address: Mapped[str | None] = mapped_column(String(45))
    # Nullable, because a column that is added to a full table begins empty; the check of the
    # chain names rows that have none.
    seq: Mapped[int | None]
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the audit log's chain; whoever appends locks this one row first."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
