"""Signing in: sessions, second factors, and the count of tries at the gate."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.records import Staff


class SessionStage(StrEnum):
    """How far a person has come at the gate: only ``full`` opens a page."""

    HALF = "half"
    FULL = "full"


class StaffSession(Base):
    """One browser in which a person is, or is about to be, signed in.

    The browser holds a random token; here is only its hash, so that a copy of the database opens
    nothing. ``verified_at`` is when the person last proved to be there, by a second factor or,
    for demo staff, by the password.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (
        Index("ix_staff_sessions_staff_id", "staff_id"),
        Index("ix_staff_sessions_expires_at", "expires_at"),
        # SQLite would give the number of an ended session to the next one, and a page that was
        # still open would end that.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    stage: Mapped[SessionStage] = mapped_column(words_of(SessionStage))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(200))
    # The sealed secret of an app that is being set up in this session.
    pending_totp: Mapped[str | None] = mapped_column(Text)

    staff: Mapped[Staff] = relationship()


class Throttle(Base):
    """How often something was tried lately: ``bucket`` names the kind and the account or address.

    From ``until`` on the count begins anew.
    """

    __tablename__ = "throttles"
    __table_args__ = (Index("ix_throttles_until", "until"),)

    bucket: Mapped[str] = mapped_column(String(120), primary_key=True)
    tries: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """One code that opens the second door once; only its hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("staff_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Passkey(Base):
    """One passkey of a person: a public key, and how often its device says it was used."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_staff_id", "staff_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    # At most 1,023 bytes by the standard (WebAuthn, "Credential ID"), in base64url.
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class PasskeyChallenge(Base):
    """A question put to a passkey; it can be answered once, and only for what it was asked."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index("ix_passkey_challenges_expires_at", "expires_at"),)

    challenge: Mapped[str] = mapped_column(String(100), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
