"""What a gateway said about one payment, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.core.money import CURRENCY, Rupiah
from app.core.states import GatewayName, RefundState


class Seen(StrEnum):
    """What was said about a gateway transaction."""

    NOTHING = "nothing"  # the gateway has no transaction for the reference (yet)
    PENDING = "pending"
    AUTHORIZED = "authorized"
    IN_REVIEW = "in_review"
    FAILED = "failed"
    EXPIRED = "expired"
    CAPTURED = "captured"  # a card was charged; settles later
    CANCELLED = "cancelled"
    PAID = "paid"
    DENIED = "denied"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    PARTIALLY_CHARGED_BACK = "partially_charged_back"
    CHARGED_BACK = "charged_back"
    UNRECOGNISED = "unrecognised"


# What each gateway can say at all. Anything else is a word we do not know, whatever reads it.
SAYS: Final[Mapping[GatewayName, frozenset[Seen]]] = {
    GatewayName.MIDTRANS: frozenset(Seen) - {Seen.UNRECOGNISED},
    # An invoice knows nothing of fraud checks, cancellations and chargebacks; a refund is told by
    # Xendit's list of refunds (Xendit docs, "Payment Link (Legacy)", "Refund payment").
    GatewayName.XENDIT: frozenset(
        {
            Seen.NOTHING,
            Seen.PENDING,
            Seen.PAID,
            Seen.EXPIRED,
            Seen.PARTIALLY_REFUNDED,
            Seen.REFUNDED,
        }
    ),
}


class Source(StrEnum):
    """Through which door we heard it."""

    NOTIFICATION = "notification"
    STATUS_CHECK = "status_check"  # a person asked
    JOB = "job"  # the schedule asked
    API_ANSWER = "api_answer"  # the answer to a refund or cancel of ours


class Evidence(StrEnum):
    """How far we may act on it."""

    CONFIRMED = "confirmed"  # the gateway answered our own authenticated question
    PROVES = "proves"  # a signature covers it
    CLAIMS = "claims"  # the message says so; ask before acting


@dataclass(frozen=True, slots=True)
class ObservedRefund:
    """One refund as the gateway lists it."""

    amount_idr: Rupiah
    state: RefundState
    key: str | None = None
    provider_refund_id: str | None = None
    bank_confirmed_at: datetime | None = None
    failure_code: str = ""


@dataclass(frozen=True, slots=True)
class PayCode:
    """What a shopper types at the bank or shows at the counter."""

    kind: str  # "va", "payment_code", "bill", "qr"
    label: str  # "BCA", "Indomaret", ...
    number: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a payment was made with, as far as the gateway told; all in lower case.

    ``acquirer`` processed it (a card's bank, a QR code's owner), ``issuer`` holds the payer's
    account. ``off_us``: they are two houses; None where nobody said.
    """

    acquirer: str | None = None
    issuer: str | None = None
    off_us: bool | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing a gateway said about one reference at one moment (aware UTC)."""

    gateway: GatewayName
    reference: str
    seen: Seen
    source: Source
    observed_at: datetime
    raw_status: str
    amount_idr: Rupiah | None = None
    currency: str = CURRENCY
    gateway_transaction_id: str | None = None
    provider_reference: str | None = None
    method: str | None = None
    pay_code: PayCode | None = None
    paid_at: datetime | None = None
    fee_idr: Rupiah | None = None
    instrument: Instrument | None = None
    refunds: tuple[ObservedRefund, ...] = ()
    # The gateway itself has ended the payment page, because we asked it to.
    page_ended: bool = False
    # True only if the gateway's signature covers that this reference was paid in this amount.
    signature_proves_payment: bool = False
    # It came under the key or token that is being replaced: how it came, not what it says.
    by_previous_key: bool = field(default=False, compare=False)
    is_test: bool = False
    dedupe_key: str = ""
    # The gateway's own words, for people to read; nothing is decided by them.
    document: Mapping[str, object] | None = field(default=None, compare=False, repr=False)
