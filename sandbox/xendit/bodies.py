"""JSON bodies of invoices, refunds and callbacks, in Xendit's field order."""

from typing import Final

from sandbox.clock import iso_millis, iso_nanos
from sandbox.wire import JsonObject
from sandbox.xendit.channels import CHANNELS
from sandbox.xendit.invoice_request import reminder_lead
from sandbox.xendit.records import PAID, Invoice, InvoiceStatus, XenditRefund

USER_ID: Final = "61d3c21692594a88b0dad56b"
_ECHOED: Final = (
    "payer_email",
    "description",
    "success_redirect_url",
    "failure_redirect_url",
    "items",
    "fees",
    "customer",
    "customer_notification_preference",
    "should_authenticate_credit_card",
    "locale",
    "metadata",
)
_IN_CALLBACK: Final = (
    "payer_email",
    "description",
    "success_redirect_url",
    "failure_redirect_url",
    "items",
    "fees",
)
# Fields of a payment that GET shows; the callback shows all of them.
_IN_INVOICE: Final = (
    "payment_method",
    "payment_channel",
    "bank_code",
    "payment_destination",
    "payment_id",
    "payment_method_id",
    "ewallet_type",
    "initial_amount",
)


def invoice_body(invoice: Invoice, merchant_name: str, base_url: str) -> JsonObject:
    """Return the invoice object of create, get, list and expire."""
    return {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": USER_ID,
        "status": invoice.status,
        "merchant_name": merchant_name,
        "merchant_profile_picture_url": f"{base_url}/static/merchant.svg",
        "amount": invoice.amount,
        "expiry_date": iso_millis(invoice.expires_at),
        "invoice_url": f"{base_url}/xendit/web/{invoice.id}",
        **_available(invoice, merchant_name),
        "should_exclude_credit_card": "CREDIT_CARD" not in invoice.channel_codes,
        "should_send_email": invoice.request.get("should_send_email") is True,
        "created": iso_millis(invoice.created_at),
        "updated": iso_millis(invoice.updated_at),
        "currency": "IDR",
        **_reminder(invoice),
        **_echo(invoice, _ECHOED),
        **_paid_fields(invoice),
    }


def invoice_callback(invoice: Invoice, merchant_name: str) -> JsonObject:
    """Return the flat callback body (Xendit docs, "Invoice callback"); not the GET body."""
    body: JsonObject = {
        "id": invoice.id,
        "external_id": invoice.external_id,
        "user_id": USER_ID,
        "is_high": False,
        "status": invoice.status,
        "merchant_name": merchant_name,
        "amount": invoice.amount,
        "created": iso_millis(invoice.created_at),
        "updated": iso_millis(invoice.updated_at),
        "currency": "IDR",
        **_echo(invoice, _IN_CALLBACK),
    }
    if invoice.status == InvoiceStatus.PAID and invoice.paid_at:
        paid = {"paid_amount": invoice.amount, "paid_at": iso_millis(invoice.paid_at)}
        # The callback of a bank transfer carries no initial_amount in recent captures.
        payment = {key: value for key, value in invoice.payment.items() if key != "initial_amount"}
        body |= {**paid, **payment}
    return body


def refund_body(refund: XenditRefund) -> JsonObject:
    """Return the refund object of the API."""
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "invoice_id": refund.invoice_id,
        "amount": refund.amount,
        "payment_method_type": refund.payment_method_type,
        "channel_code": refund.channel_code,
        "country": "ID",
        "currency": "IDR",
        "status": refund.status,
        "reason": refund.reason,
        "reference_id": refund.reference_id,
        "failure_code": refund.failure_code,
        "refund_fee_amount": None,
        "created": iso_nanos(refund.created_at),
        "updated": iso_nanos(refund.updated_at),
        "metadata": refund.metadata,
        "refund_method": "DIRECT",
        "payout_link_properties": None,
        "actions": None,
    }


def refund_callback(refund: XenditRefund) -> JsonObject:
    """Return the envelope ``refund.succeeded`` or ``refund.failed``."""
    data = refund_body(refund)
    for unsent in ("payout_link_properties", "actions"):
        del data[unsent]
    # Inside a callback the times have microseconds, in the API nanoseconds.
    for name in ("created", "updated"):
        data[name] = str(data[name]).removesuffix("000Z") + "Z"
    return {
        "event": f"refund.{refund.status.lower()}",
        "business_id": USER_ID,
        "created": iso_millis(refund.updated_at),
        "data": data,
    }


def _available(invoice: Invoice, merchant_name: str) -> JsonObject:
    channels = [CHANNELS[code] for code in invoice.channel_codes]
    codes = {
        kind: [channel.code for channel in channels if channel.kind == kind]
        for kind in ("va", "retail", "ewallet", "qr", "direct_debit", "paylater")
    }
    return {
        "available_banks": [_bank(invoice, code, merchant_name) for code in codes["va"]],
        "available_retail_outlets": [{"retail_outlet_name": code} for code in codes["retail"]],
        "available_ewallets": [{"ewallet_type": code} for code in codes["ewallet"]],
        "available_qr_codes": [{"qr_code_type": code} for code in codes["qr"]],
        "available_direct_debits": [{"direct_debit_type": code} for code in codes["direct_debit"]],
        "available_paylaters": [{"paylater_type": code} for code in codes["paylater"]],
    }


def _bank(invoice: Invoice, code: str, merchant_name: str) -> JsonObject:
    bank: JsonObject = {"bank_code": code, "collection_type": "POOL"}
    # Only the bank that the payer has picked on the page has a number.
    if code in invoice.numbers:
        bank["bank_account_number"] = invoice.numbers[code]
    return bank | {
        "transfer_amount": invoice.amount,
        "bank_branch": "Virtual Account",
        "account_holder_name": merchant_name.upper(),
        "identity_amount": 0,
    }


def _echo(invoice: Invoice, names: tuple[str, ...]) -> JsonObject:
    request = invoice.request
    return {name: request[name] for name in names if request.get(name) is not None}


def _reminder(invoice: Invoice) -> JsonObject:
    ahead = reminder_lead(invoice.request)
    return {"reminder_date": iso_millis(invoice.expires_at - ahead)} if ahead else {}


def _paid_fields(invoice: Invoice) -> JsonObject:
    if invoice.status not in PAID or invoice.paid_at is None:
        return {}
    shown = {name: invoice.payment[name] for name in _IN_INVOICE if name in invoice.payment}
    return {"paid_amount": invoice.amount, "paid_at": iso_millis(invoice.paid_at), **shown}
