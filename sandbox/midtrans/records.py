"""What the Midtrans half remembers: Snap sessions, transactions, refunds."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sandbox.wire import JsonObject


class Status(StrEnum):
    """``transaction_status`` (Midtrans docs, "Transaction status")."""

    PENDING = "pending"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    SETTLEMENT = "settlement"
    DENY = "deny"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"
    CHARGEBACK = "chargeback"
    PARTIAL_CHARGEBACK = "partial_chargeback"


class Fraud(StrEnum):
    """``fraud_status``; absent for methods without fraud detection."""

    ACCEPT = "accept"
    DENY = "deny"
    CHALLENGE = "challenge"


PAID: Final = frozenset(
    {
        Status.CAPTURE,
        Status.SETTLEMENT,
        Status.REFUND,
        Status.PARTIAL_REFUND,
        Status.CHARGEBACK,
        Status.PARTIAL_CHARGEBACK,
    }
)
REFUNDABLE: Final = frozenset({Status.SETTLEMENT, Status.PARTIAL_REFUND})


class SessionState(StrEnum):
    """Where a Snap token is in its life."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(slots=True)
class SnapSession:
    """One Snap token; ``gross_amount`` in rupiah, ``request`` as the shop sent it."""

    token: str
    order_id: str
    gross_amount: int
    created_at: datetime
    page_expires_at: datetime
    request: JsonObject
    state: str = SessionState.OPEN
    canceled_at: datetime | None = None
    override_urls: list[str] = field(default_factory=list[str])
    append_urls: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Transaction:
    """One attempt to pay an order; amounts in rupiah, times aware UTC."""

    transaction_id: str
    order_id: str
    token: str
    method: str
    payment_type: str
    gross_amount: int
    status: str
    fraud_status: str | None
    transaction_at: datetime
    expires_at: datetime
    # When the bank moves a card on by itself: a late answer, later the settlement.
    bank_acts_at: datetime | None = None
    settled_at: datetime | None = None
    card_outcome: str | None = None
    # What the app of an OVO payer will say, see ovo.Answer.
    payer_answer: str | None = None
    is_preauthorised: bool = False
    # Whether a 3-D Secure page was or is to be passed.
    has_3ds: bool = True
    # The VA number or pay code, where the method has one.
    pay_number: str | None = None
    details: JsonObject = field(default_factory=dict[str, object])
    custom_fields: JsonObject = field(default_factory=dict[str, object])
    override_urls: list[str] = field(default_factory=list[str])
    append_urls: list[str] = field(default_factory=list[str])
    # Where the wallet's app or the bank's page sends the payer back to.
    return_url: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether money was taken and the fraud system does not hold it."""
        return self.status in PAID and self.fraud_status != Fraud.CHALLENGE


@dataclass(slots=True)
class CardToken:
    """A card behind a token: good for one charge, or saved for many."""

    token_id: str
    number: str
    created_at: datetime
    is_saved: bool


@dataclass(slots=True)
class KeptAnswer:
    """A successful answer under its Idempotency-Key."""

    key: str
    body: JsonObject
    stored_at: datetime


@dataclass(slots=True)
class Refund:
    """One refund that was accepted; ``amount`` in rupiah."""

    chargeback_id: int
    chargeback_uuid: str
    transaction_id: str
    key: str
    amount: int
    reason: str
    method: str
    created_at: datetime
    confirmed_at: datetime | None = None
