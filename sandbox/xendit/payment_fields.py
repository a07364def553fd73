"""What a payment adds to its invoice and callback, channel by channel."""

from dataclasses import dataclass
from typing import Final

from sandbox.ids import Ids
from sandbox.wire import JsonObject
from sandbox.xendit.channels import Channel
from sandbox.xendit.records import Invoice

# Payments from an account of the payer's: payment_method, and how its payment_id begins.
_ACCOUNTS: Final = {
    "qr": ("QR_CODE", "qrpy_"),
    "direct_debit": ("DIRECT_DEBIT", "ddpy-"),
    "ewallet": ("EWALLET", "ewc_"),
}


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: the wallet or bank behind a QR payment, and whether a wallet was linked."""

    issuer: str = "DANA"
    linked: bool = False


def payment_fields(invoice: Invoice, channel: Channel, payer: Payer, ids: Ids) -> JsonObject:
    """Return the payment fields (Xendit docs, "Invoice callback", per channel)."""
    if channel.kind == "va":
        return {
            "payment_method": "BANK_TRANSFER",
            "payment_channel": channel.code,
            "bank_code": channel.code,
            "payment_destination": invoice.numbers[channel.code],
            "payment_id": ids.uuid(),
            "initial_amount": invoice.amount,
        }
    if channel.kind == "retail":
        return {
            "payment_method": "RETAIL_OUTLET",
            "payment_channel": channel.code,
            "payment_destination": invoice.numbers[channel.code],
        }
    if channel.kind == "card":
        return {
            "payment_method": "CREDIT_CARD",
            "payment_channel": "CREDIT_CARD",
            "credit_card_charge_id": ids.hex(24),
            "credit_card_token": ids.hex(24),
        }
    return _by_account(channel, payer, ids)


def _by_account(channel: Channel, payer: Payer, ids: Ids) -> JsonObject:
    if channel.kind == "paylater":
        return {"payment_method": "PAYLATER", "payment_channel": channel.code}
    method, prefix = _ACCOUNTS[channel.kind]
    common: JsonObject = {
        "payment_method": method,
        "payment_channel": channel.code,
        "payment_id": f"{prefix}{ids.uuid()}",
        "payment_method_id": f"pm-{ids.uuid()}",
    }
    if channel.kind == "qr":
        details = {"source": payer.issuer, "receipt_id": ids.digits(12)}
        return {**common, "payment_details": details}
    return {**common, "ewallet_type": channel.code} if channel.kind == "ewallet" else common
