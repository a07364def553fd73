"""What Xendit says about invoices and refunds, in our words. Pure; anything odd is a ValueError.

Source: Xendit docs, "Payment Link (Legacy)", "Refund payment", "Handling webhooks"; Xendit's
OpenAPI files of invoices and refunds.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from app.core import methods
from app.core.money import CURRENCY, NO_MONEY, Rupiah
from app.core.observations import Instrument, Observation, ObservedRefund, PayCode, Seen, Source
from app.core.states import GatewayName, RefundState
from app.gateways.fields import (
    Json,
    amount,
    as_object,
    as_objects,
    code_of,
    hint,
    moment,
    name_of,
    optional_name,
    optional_text,
    stable_key,
    text,
    word,
)

# The body of the dashboard's button "Test and save".
_TEST_INVOICE: Final = "579c8d61f23fa4ca35e52da4"
_TEST_REFERENCE: Final = "invoice_123124123"
_REFUND_EVENT: Final = "refund."
SEEN_FOR: Final[Mapping[str, Seen]] = {
    "pending": Seen.PENDING,
    "paid": Seen.PAID,
    # The money has moved on to the merchant's balance; for the order it is paid all the same.
    "settled": Seen.PAID,
    "expired": Seen.EXPIRED,
}
REFUND_STATE_FOR: Final[Mapping[str, RefundState]] = {
    "pending": RefundState.ACCEPTED,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "cancelled": RefundState.FAILED,
}


def read_invoice(raw: Json, *, source: Source, observed_at: datetime) -> Observation:
    """Read an invoice, or the flat callback about one. An invoice never shows its refunds."""
    status = text(raw, "status")
    seen = SEEN_FOR.get(status.lower(), Seen.UNRECOGNISED)
    invoice_id = name_of(raw, "id")
    paid_in_full = seen is Seen.PAID and raw.get("paid_amount") is not None
    return Observation(
        gateway=GatewayName.XENDIT,
        reference=text(raw, "external_id"),
        seen=seen,
        source=source,
        observed_at=observed_at,
        raw_status=status,
        amount_idr=amount(raw, "paid_amount" if paid_in_full else "amount"),
        currency=(optional_text(raw, "currency") or CURRENCY).upper(),
        gateway_transaction_id=invoice_id,
        provider_reference=invoice_id,
        method=method_in(raw),
        pay_code=_pay_code(raw),
        paid_at=moment(raw, "paid_at", zone=UTC) if seen is Seen.PAID else None,
        fee_idr=_fee_idr(raw) if paid_in_full else None,
        instrument=_instrument(raw),
    )


def _fee_idr(raw: Json) -> Rupiah | None:
    """Return what Xendit keeps of a payment; only invoices of older accounts tell it.

    ``adjusted_received_amount`` is what is left of ``paid_amount`` (Xendit docs, "Invoice
    callback"); where the two make no sense together, the fee is not known.
    """
    if raw.get("adjusted_received_amount") is None:
        return None
    fee = amount(raw, "paid_amount") - amount(raw, "adjusted_received_amount")
    return Rupiah(fee) if fee >= NO_MONEY else None


def with_refunds(observation: Observation, refunds: tuple[ObservedRefund, ...]) -> Observation:
    """Return a paid observation with what was given back; only money that is gone counts."""
    returned = sum(r.amount_idr for r in refunds if r.state is RefundState.SUCCEEDED)
    if not returned:
        return replace(observation, refunds=refunds)
    whole = returned >= (observation.amount_idr or 0)
    seen = Seen.REFUNDED if whole else Seen.PARTIALLY_REFUNDED
    return replace(observation, seen=seen, refunds=refunds)


def nothing_known(reference: str, observed_at: datetime, source: Source) -> Observation:
    """Return what an empty list says: Xendit has no invoice for this reference."""
    return Observation(
        gateway=GatewayName.XENDIT,
        reference=reference,
        seen=Seen.NOTHING,
        source=source,
        observed_at=observed_at,
        raw_status="404",
    )


def method_in(raw: Json) -> str | None:
    """Name the payment method; None while nobody has paid or picked a bank."""
    kind = word(raw, "payment_method")
    channel = word(raw, "payment_channel")
    if kind == "bank_transfer":
        bank = channel or word(raw, "bank_code")
        return f"{bank}_va" if bank else None
    if kind == "qr_code":
        return "qris"
    if kind == "credit_card":
        return methods.CARD
    if kind is not None:
        return channel or word(raw, "ewallet_type") or word(raw, "retail_outlet_name")
    return _picked_bank(raw)


def _instrument(raw: Json) -> Instrument | None:
    """Read whose account paid a QR code; only the callbacks are known to tell it."""
    try:
        issuer = hint(as_object(raw.get("payment_details")), "source")
    except ValueError:
        return None
    return Instrument(issuer=issuer) if issuer else None


def _picked_bank(raw: Json) -> str | None:
    codes = _pay_codes(raw)
    return codes[0][0] if len(codes) == 1 else None


def _pay_code(raw: Json) -> PayCode | None:
    """Return the number to pay to, if the shopper has picked one bank or counter on the page.

    Old accounts give every bank a number; then no single one can be named.
    """
    codes = _pay_codes(raw)
    return codes[0][1] if len(codes) == 1 else None


def _pay_codes(raw: Json) -> list[tuple[str, PayCode]]:
    """List method and code of every bank and counter that carries a number."""
    found: list[tuple[str, PayCode]] = []
    for bank in as_objects(raw.get("available_banks")):
        number = optional_text(bank, "bank_account_number")
        if number:
            code = code_of(bank, "bank_code")
            found.append((f"{code}_va", PayCode("va", methods.bank_label(code), number)))
    for outlet in as_objects(raw.get("available_retail_outlets")):
        number = optional_text(outlet, "payment_code")
        if number:
            code = code_of(outlet, "retail_outlet_name")
            found.append((code, PayCode("payment_code", methods.label(code), number)))
    return found


def read_refund(raw: Json) -> ObservedRefund:
    """Read a refund. ``SUCCEEDED`` means handed to the channel, not yet in the buyer's hands."""
    return ObservedRefund(
        amount_idr=amount(raw, "amount"),
        state=REFUND_STATE_FOR.get(text(raw, "status").lower(), RefundState.UNKNOWN),
        key=optional_text(raw, "reference_id"),
        provider_refund_id=name_of(raw, "id"),
        failure_code=optional_name(raw, "failure_code") or "",
    )


def read_notification_body(raw: Json, *, webhook_id: str, received_at: datetime) -> Observation:
    """Read a callback whose token was found right. Nothing in it is proved: the token is static."""
    if "event" in raw:
        observation = _read_refund_event(raw, received_at)
    else:
        observation = read_invoice(raw, source=Source.NOTIFICATION, observed_at=received_at)
    return replace(
        observation,
        is_test=_is_test(observation),
        dedupe_key=_dedupe_key(raw, observation, webhook_id),
    )


def _read_refund_event(raw: Json, received_at: datetime) -> Observation:
    event = text(raw, "event")
    if not event.startswith(_REFUND_EVENT):
        raise ValueError(f"unexpected event {event!r}")
    refund = _refund_data(raw)
    invoice_id = optional_name(refund, "invoice_id")
    return Observation(
        gateway=GatewayName.XENDIT,
        # The callback names the invoice at best; which order that is, the desk knows.
        reference="",
        seen=Seen.PARTIALLY_REFUNDED,
        source=Source.NOTIFICATION,
        observed_at=received_at,
        raw_status=event,
        currency=(optional_text(refund, "currency") or CURRENCY).upper(),
        gateway_transaction_id=invoice_id,
        provider_reference=invoice_id,
        refunds=(read_refund(refund),),
    )


def _refund_data(raw: Json) -> Json:
    """Return the refund in an event; the status follows from the event where it is missing.

    The API reference shows the data wrapped twice (Xendit docs, "Refund webhook notification").
    """
    outer = as_object(raw.get("data"))
    inner = as_object(outer["data"]) if "data" in outer else outer
    return {"status": text(raw, "event").removeprefix(_REFUND_EVENT), **inner}


def _is_test(observation: Observation) -> bool:
    return (
        observation.provider_reference == _TEST_INVOICE or observation.reference == _TEST_REFERENCE
    )


def _dedupe_key(raw: Json, observation: Observation, webhook_id: str) -> str:
    """Return the same key for the same news; ``webhook-id`` is not promised for every callback."""
    if webhook_id:
        return stable_key("xendit", webhook_id)
    refunds = [(refund.provider_refund_id, refund.state) for refund in observation.refunds]
    return stable_key(
        "xendit",
        observation.provider_reference,
        observation.raw_status.lower(),
        optional_text(raw, "payment_id"),
        refunds,
    )
