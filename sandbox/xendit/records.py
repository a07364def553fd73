"""What the Xendit half remembers: invoices and refunds."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sandbox.wire import JsonObject


class InvoiceStatus(StrEnum):
    """An invoice never shows a refund or a failed attempt."""

    PENDING = "PENDING"
    PAID = "PAID"
    SETTLED = "SETTLED"
    EXPIRED = "EXPIRED"


class RefundStatus(StrEnum):
    """``PENDING`` is the usual first answer; the rest is final."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


PAID: Final = frozenset({InvoiceStatus.PAID, InvoiceStatus.SETTLED})


@dataclass(slots=True)
class Invoice:
    """One invoice; ``numbers`` holds the VA number or pay code of each picked channel."""

    id: str
    external_id: str
    amount: int
    status: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    request: JsonObject
    channel_codes: list[str]
    numbers: dict[str, str] = field(default_factory=dict[str, str])
    paid_channel: str | None = None
    paid_at: datetime | None = None
    settles_at: datetime | None = None
    payment: JsonObject = field(default_factory=dict[str, object])
    # Whether the payer's wallet was linked to the shop; some can only then be refunded.
    linked: bool = False


@dataclass(slots=True)
class XenditRefund:
    """One refund; ``ends_*`` is what will become of it once the channel has worked."""

    id: str
    invoice_id: str
    payment_id: str
    amount: int
    payment_method_type: str
    channel_code: str
    status: str
    reason: str
    reference_id: str
    metadata: JsonObject | None
    created_at: datetime
    updated_at: datetime
    ends_as: str
    ends_with_code: str | None = None
    failure_code: str | None = None
