"""What the sandbox knows about one way to pay."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How the payer goes on after choosing a method."""

    CARD = "card"
    WALLET = "wallet"
    PUSH = "push"
    QR = "qr"
    VA = "va"
    BILL = "bill"
    CODE = "code"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class RefundRule:
    """What may be refunded and how (Midtrans docs, "Refund transaction")."""

    window: timedelta
    partial: bool = True
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Fields:
    """Which of a transaction's details a body carries in each phase of its life."""

    waiting: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    # What only the answer of ``POST /v2/charge`` carries, beside ``waiting``.
    charged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a transaction waits by default, and what a shop may ask for instead."""

    default: timedelta
    shortest: timedelta = timedelta(seconds=20)
    longest: timedelta = timedelta(days=180)


A_DAY: Final = Lifetime(timedelta(hours=24))
NO_FIELDS: Final = Fields()


@dataclass(frozen=True, slots=True)
class Method:
    """One way to pay.

    ``aliases`` are the values of ``enabled_payments`` that switch it on; ``bank`` is what
    Core's ``bank_transfer.bank`` or ``cstore.store`` calls it; ``created`` is the charge's
    ``status_message``.
    """

    key: str
    payment_type: str
    label_id: str
    label_en: str
    kind: Kind
    created: str
    aliases: frozenset[str]
    lifetime: Lifetime = A_DAY
    fields: Fields = NO_FIELDS
    bank: str = ""
    refund: RefundRule | None = None
    can_reverse: bool = False
    has_fraud_status: bool = True
    closed_has_fraud_status: bool = True
    # Older methods appear on the Snap page only when a shop names them.
    is_current: bool = True
    # Parts of the request without which the provider refuses.
    needs: frozenset[str] = field(default_factory=frozenset[str])
    keeps_idempotency_key: bool = True
    only_by_transaction_id: bool = False
