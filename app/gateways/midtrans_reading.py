"""What Midtrans says about a transaction, in our words. Pure; anything odd is a ValueError.

Source: Midtrans docs, "Transaction status cycle", "Get transaction status", "HTTP(S) notification".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.core import methods
from app.core.money import CURRENCY
from app.core.observations import Instrument, Observation, ObservedRefund, PayCode, Seen, Source
from app.core.states import GatewayName, RefundState
from app.core.wib import WIB
from app.gateways.fields import (
    Json,
    amount,
    as_object,
    as_objects,
    hint,
    moment,
    name_of,
    optional_name,
    optional_text,
    stable_key,
    text,
    word,
)

TEST_PREFIX: Final = "payment_notif_test_"
SEEN_FOR: Final[Mapping[str, Seen]] = {
    "pending": Seen.PENDING,
    "authorize": Seen.AUTHORIZED,
    "capture": Seen.CAPTURED,
    "settlement": Seen.PAID,
    "deny": Seen.DENIED,
    "cancel": Seen.CANCELLED,
    "expire": Seen.EXPIRED,
    "failure": Seen.FAILED,
    "refund": Seen.REFUNDED,
    "partial_refund": Seen.PARTIALLY_REFUNDED,
    "chargeback": Seen.CHARGED_BACK,
    "partial_chargeback": Seen.PARTIALLY_CHARGED_BACK,
}
# A message without a fraud verdict comes from a method that has no fraud check.
_NO_OBJECTION: Final = frozenset({None, "accept"})
_CHALLENGE: Final = "challenge"


def read_transaction(raw: Json, *, source: Source, observed_at: datetime) -> Observation:
    """Read the body of a status answer, an action's answer or a notification.

    ``amount_idr`` is the original amount, also after refunds.
    """
    seen = seen_in(raw)
    method = method_in(raw)
    return Observation(
        gateway=GatewayName.MIDTRANS,
        reference=text(raw, "order_id"),
        seen=seen,
        source=source,
        observed_at=observed_at,
        raw_status=text(raw, "transaction_status"),
        amount_idr=amount(raw, "gross_amount"),
        currency=(optional_text(raw, "currency") or CURRENCY).upper(),
        gateway_transaction_id=name_of(raw, "transaction_id"),
        method=method,
        pay_code=_pay_code(raw, method),
        paid_at=_paid_at(raw, seen),
        instrument=_instrument(raw, method),
        refunds=refunds_in(raw),
        document=raw,
    )


def read_notification_body(raw: Json, received_at: datetime) -> Observation:
    """Read a notification whose signature was found right."""
    observation = read_transaction(raw, source=Source.NOTIFICATION, observed_at=received_at)
    return replace(
        observation,
        signature_proves_payment=proves_payment(raw),
        is_test=observation.reference.startswith(TEST_PREFIX),
        dedupe_key=_dedupe_key(raw, observation),
    )


def nothing_known(reference: str, observed_at: datetime, source: Source) -> Observation:
    """Return what a 404 says: no payment method has been confirmed for this reference (yet)."""
    return Observation(
        gateway=GatewayName.MIDTRANS,
        reference=reference,
        seen=Seen.NOTHING,
        source=source,
        observed_at=observed_at,
        raw_status="404",
    )


def seen_in(raw: Json) -> Seen:
    """Name the status; a captured card is paid only if the fraud check has no objection."""
    seen = SEEN_FOR.get(text(raw, "transaction_status").lower(), Seen.UNRECOGNISED)
    verdict = word(raw, "fraud_status")
    if seen is not Seen.CAPTURED or verdict in _NO_OBJECTION:
        return seen
    return Seen.IN_REVIEW if verdict == _CHALLENGE else Seen.UNRECOGNISED


def proves_payment(raw: Json) -> bool:
    """Tell whether a rightly signed message proves that its amount was paid for its order.

    The signature covers the order, the amount and the status code; code 200 together with a
    paid status is the one thing that follows from them (Midtrans docs, "HTTP(S) notification").
    """
    paid = seen_in(raw) in {Seen.CAPTURED, Seen.PAID}
    no_objection = word(raw, "fraud_status") in _NO_OBJECTION
    return paid and no_objection and text(raw, "status_code") == "200"


def method_in(raw: Json) -> str | None:
    """Name the payment method; None for a bank transfer that no longer says which bank."""
    kind = word(raw, "payment_type")
    if kind == "cstore":
        return word(raw, "store") or kind
    if kind != "bank_transfer":
        return kind
    if optional_text(raw, "permata_va_number"):
        return "permata_va"
    bank = word(_first_va(raw), "bank")
    return f"{bank}_va" if bank else None


def _first_va(raw: Json) -> Json:
    accounts = as_objects(raw.get("va_numbers"))
    return accounts[0] if accounts else {}


def _pay_code(raw: Json, method: str | None) -> PayCode | None:
    va_number = optional_text(raw, "permata_va_number") or optional_text(
        _first_va(raw), "va_number"
    )
    bill_key = optional_text(raw, "bill_key")
    payment_code = optional_text(raw, "payment_code")
    if method and va_number:
        return PayCode("va", methods.bank_label(method.removesuffix("_va")), va_number)
    if bill_key:
        return PayCode("bill", "Mandiri", f"{text(raw, 'biller_code')} / {bill_key}")
    if payment_code:
        return PayCode("payment_code", methods.label(method), payment_code)
    return None


def _paid_at(raw: Json, seen: Seen) -> datetime | None:
    # Midtrans writes its times without an offset, always in GMT+7.
    settled = moment(raw, "settlement_time", zone=WIB)
    if settled is None and seen is Seen.CAPTURED:
        return moment(raw, "transaction_time", zone=WIB)
    return settled


_OFF_US: Final[Mapping[str | None, bool]] = {"off-us": True, "on-us": False}


def _instrument(raw: Json, method: str | None) -> Instrument | None:
    """Read whose card or QR code it was: refunds depend on it (Midtrans docs, "Refund")."""
    if method == methods.CARD:
        found = Instrument(acquirer=hint(raw, "bank"))
    elif method == "qris":
        off_us = _OFF_US.get(hint(raw, "transaction_type"))
        found = Instrument(hint(raw, "acquirer"), hint(raw, "issuer"), off_us)
    else:
        return None
    return None if found == Instrument() else found


def refunds_in(raw: Json) -> tuple[ObservedRefund, ...]:
    """Read the refunds that a body lists; Midtrans lists a refund only once it was approved.

    Some notifications name a single refund at the top and have no list.
    """
    listed = as_objects(raw.get("refunds"))
    if not listed and optional_text(raw, "refund_key"):
        listed = (as_object(raw),)
    return tuple(_refund(item) for item in listed)


def _refund(raw: Json) -> ObservedRefund:
    return ObservedRefund(
        amount_idr=amount(raw, "refund_amount"),
        state=RefundState.SUCCEEDED,
        key=optional_text(raw, "refund_key"),
        provider_refund_id=optional_name(raw, "refund_chargeback_id")
        or optional_name(raw, "refund_chargeback_uuid"),
        bank_confirmed_at=moment(raw, "bank_confirmed_at", zone=WIB),
    )


def _dedupe_key(raw: Json, observation: Observation) -> str:
    """Return the same key for the same news: Midtrans sends no id of a delivery.

    The second message of a refund differs only in the bank's confirmation.
    """
    refunds = [
        (refund.key, refund.provider_refund_id, refund.amount_idr, bool(refund.bank_confirmed_at))
        for refund in observation.refunds
    ]
    return stable_key(
        "midtrans",
        observation.reference,
        observation.gateway_transaction_id,
        observation.raw_status.lower(),
        word(raw, "fraud_status"),
        observation.amount_idr,
        refunds,
    )
