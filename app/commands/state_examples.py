"""An order in every state, brought there by the shortest legal life at each gateway.

Sources: Midtrans docs, "Transaction status cycle"; Xendit docs, "Payment Link (Legacy)".
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from app.core.facts import AttemptFact, OrderFacts
from app.core.hearing import hear_all
from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, Seen, Source
from app.core.states import GatewayName, PaymentStatus, RefundState

TOTAL: Final = Rupiah(150_000)
PART: Final = Rupiah(50_000)
REFERENCE: Final = "LN-7Q2M4XK9TB-1"
_PLACED: Final = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
_LIFETIME: Final = timedelta(hours=24)

_TOO_LATE: Final = _LIFETIME + timedelta(minutes=5)
_IN_TIME: Final = timedelta(hours=1)

# The payment that the life is about, and another one under the same reference.
SAME: Final = "t-1"
OTHER: Final = "t-2"

Life = tuple[Seen, ...]
LIVES: Final[Mapping[GatewayName, Mapping[str, Life]]] = {
    GatewayName.MIDTRANS: {
        "pending": (Seen.PENDING,),
        "pending, one try declined": (Seen.DENIED,),
        "in_review": (Seen.IN_REVIEW,),
        "paid": (Seen.PENDING, Seen.PAID),
        "paid, card not yet settled": (Seen.PENDING, Seen.CAPTURED),
        "partially_refunded": (Seen.PAID, Seen.PARTIALLY_REFUNDED),
        "refunded": (Seen.PAID, Seen.REFUNDED),
        "failed": (Seen.DENIED, Seen.DENIED),
        "failed, payment taken back": (Seen.PAID, Seen.DENIED),
        "expired": (Seen.PENDING, Seen.EXPIRED),
        "cancelled": (Seen.PENDING, Seen.CANCELLED),
        "charged_back": (Seen.PAID, Seen.CHARGED_BACK),
    },
    GatewayName.XENDIT: {
        "pending": (Seen.PENDING,),
        "paid": (Seen.PENDING, Seen.PAID),
        "partially_refunded": (Seen.PAID, Seen.PARTIALLY_REFUNDED),
        "refunded": (Seen.PAID, Seen.REFUNDED),
        "expired": (Seen.PENDING, Seen.EXPIRED),
    },
}


def an_order(gateway: GatewayName, label: str) -> OrderFacts:
    """Return an order with this life behind it, as the desk then knows it."""
    life = LIVES[gateway][label]
    ends_late = label == "failed"  # A declined try fails the order once its page is over.
    told = tuple(
        said(gateway, seen, after=_TOO_LATE if ends_late and seen is life[-1] else _IN_TIME)
        for seen in life
    )
    return hear_all(_placed(gateway), told)


def _placed(gateway: GatewayName) -> OrderFacts:
    return OrderFacts(
        status=PaymentStatus.PENDING,
        total_idr=TOTAL,
        attempts=(AttemptFact(REFERENCE, gateway, _PLACED + _LIFETIME),),
    )


def news(gateway: GatewayName, label: str, seen: Seen, transaction_id: str) -> Observation:
    """Return what is heard next of an order with this life, asked after all that is known."""
    later = _TOO_LATE + _IN_TIME if label == "failed" else 2 * _IN_TIME
    return said(gateway, seen, transaction_id, after=later)


def said(
    gateway: GatewayName,
    seen: Seen,
    transaction_id: str = SAME,
    *,
    after: timedelta,
) -> Observation:
    """Return what the gateway answers when asked this long after the order was placed."""
    return Observation(
        gateway=gateway,
        reference=REFERENCE,
        seen=seen,
        source=Source.JOB,
        observed_at=_PLACED + after,
        raw_status=seen.value,
        amount_idr=None if seen is Seen.NOTHING else TOTAL,
        gateway_transaction_id=None if seen is Seen.NOTHING else transaction_id,
        method="gopay",
        refunds=_LISTED.get(seen, ()),
    )


def _refund(key: str, amount_idr: int) -> ObservedRefund:
    return ObservedRefund(Rupiah(amount_idr), RefundState.SUCCEEDED, key=key)


_LISTED: Final[Mapping[Seen, tuple[ObservedRefund, ...]]] = {
    Seen.PARTIALLY_REFUNDED: (_refund("first", PART),),
    Seen.REFUNDED: (_refund("first", PART), _refund("second", TOTAL - PART)),
}
