"""The words for where an order, an attempt and a refund can be."""

from enum import StrEnum
from typing import Final


class GatewayName(StrEnum):
    """The gateways we speak to."""

    MIDTRANS = "midtrans"
    XENDIT = "xendit"


class PaymentStatus(StrEnum):
    """Where an order is (``orders.payment_status``)."""

    PENDING = "pending"
    IN_REVIEW = "in_review"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CHARGED_BACK = "charged_back"


OPEN: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.IN_REVIEW})
UNPAID_CLOSED: Final = frozenset(
    {PaymentStatus.FAILED, PaymentStatus.EXPIRED, PaymentStatus.CANCELLED}
)
HOLDS_MONEY: Final = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED})


class Attention(StrEnum):
    """Why an order waits in a person's queue (``orders.attention``)."""

    PAID_AFTER_CLOSE = "paid_after_close"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    UNKNOWN_TRANSITION = "unknown_transition"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_FAILED = "refund_failed"
    POLLING_ENDED = "polling_ended"
    DRIFT = "drift"
    PAYMENT_REVERSED = "payment_reversed"
    CHARGED_BACK = "charged_back"
    STOCK_SHORT = "stock_short"


class AttemptState(StrEnum):
    """What we know of creating a charge at the gateway for one attempt."""

    CREATING = "creating"  # intent committed, call not yet answered
    OPEN = "open"  # the gateway has it
    UNKNOWN = "unknown"  # the call may have succeeded
    REJECTED = "rejected"  # the gateway refused it
    UNREACHED = "unreached"  # the gateway never saw it; may be sent again


class RefundState(StrEnum):
    """Where a refund is; everything but failed, rejected and withdrawn holds its amount."""

    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TO_TRANSFER = "to_transfer"
    TRANSFERRED = "transferred"


class RefundRoute(StrEnum):
    """How the money goes back."""

    REFUND = "refund"  # the gateway's refund API
    VOID = "void"  # cancel a card capture that has not settled
    MANUAL = "manual"  # a bank transfer by hand
    OUTSIDE = "outside"  # made at the gateway, not by us


class StockState(StrEnum):
    """What an order holds of the stock."""

    RESERVED = "reserved"
    TAKEN = "taken"
    RELEASED = "released"
    SHORT = "short"  # paid, but the goods were gone


class NotificationState(StrEnum):
    """How far a stored notification has come."""

    AWAITING_CONFIRMATION = "awaiting_confirmation"
    DONE = "done"
    REFUSED = "refused"
