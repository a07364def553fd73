"""Genuine messages with something exchanged that their signature or token does not cover."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from app.core.ports import RawNotification
from app.core.states import GatewayName

# Every word of Midtrans, the two that the fraud check makes of "capture", and one that is none.
MIDTRANS_WORDS: Final[tuple[Mapping[str, str], ...]] = (
    *(
        {"transaction_status": word, "fraud_status": "accept"}
        for word in [
            "pending",
            "authorize",
            "capture",
            "settlement",
            "deny",
            "cancel",
            "expire",
            "failure",
            "refund",
            "partial_refund",
            "chargeback",
            "partial_chargeback",
            "sold_out",
        ]
    ),
    {"transaction_status": "capture", "fraud_status": "challenge"},
    {"transaction_status": "capture", "fraud_status": "deny"},
    {"transaction_status": "SETTLEMENT", "fraud_status": "accept"},
)
XENDIT_WORDS: Final = ("PENDING", "PAID", "SETTLED", "EXPIRED", "SOLD_OUT")
XENDIT_EVENTS: Final = ("refund.succeeded", "refund.failed", "refund.pending")
_FORGED_ID: Final = "0b7d34c2-3f0e-4a51-9a55-5c0f7d0f9f11"
_FORGED_REFUND: Final = {
    "refund_amount": "200000.00",
    "refund_key": "forged",
    "refunds": [
        {
            "refund_chargeback_id": 1,
            "refund_amount": "200000.00",
            "created_at": "2026-01-05 10:00:00",
            "reason": "forged",
            "refund_key": "forged",
            "bank_confirmed_at": "2026-01-06 10:00:00",
        }
    ],
}


@dataclass(frozen=True)
class Bystander:
    """Another order's names at the gateway, for messages that are turned against it."""

    reference: str
    transaction_id: str


def with_other_words(message: RawNotification) -> Iterator[RawNotification]:
    """Yield the message with every other status that it could carry."""
    body = json.loads(message.body)
    if "transaction_status" in body:
        yield from (_rewritten(message, body | dict(word)) for word in MIDTRANS_WORDS)
    elif "event" in body:
        yield from (_rewritten(message, _with_event(body, event)) for event in XENDIT_EVENTS)
    else:
        yield from (_rewritten(message, body | {"status": word}) for word in XENDIT_WORDS)


def _with_event(body: dict[str, Any], event: str) -> dict[str, Any]:
    status = event.removeprefix("refund.").upper()
    return body | {"event": event, "data": body["data"] | {"status": status}}


def with_other_fields(message: RawNotification, by: Bystander) -> Iterator[RawNotification]:
    """Yield the message with each thing exchanged that could be worth exchanging."""
    body = json.loads(message.body)
    if "transaction_status" in body:
        changes = _midtrans_changes(by)
    elif "event" in body:
        changes = tuple({"data": body["data"] | change} for change in _xendit_refund_changes(by))
    else:
        changes = _xendit_changes(by)
    yield from (_rewritten(message, body | dict(change)) for change in changes)


def _midtrans_changes(by: Bystander) -> tuple[Mapping[str, Any], ...]:
    return (
        {"transaction_id": _FORGED_ID},
        {"transaction_id": by.transaction_id},
        {"transaction_id": _FORGED_ID, "transaction_status": "settlement"},
        {"payment_type": "qris"},
        {"va_numbers": [{"bank": "bca", "va_number": "6666666666"}]},
        {"payment_type": "echannel", "biller_code": "66", "bill_key": "666"},
        {"fraud_status": "deny"},
        {"fraud_status": "challenge"},
        {"currency": "USD"},
        {"settlement_time": "2020-01-01 00:00:00"},
        _FORGED_REFUND,
        _FORGED_REFUND | {"transaction_status": "refund"},
        _FORGED_REFUND | {"transaction_status": "partial_refund"},
        _FORGED_REFUND | {"transaction_status": "settlement", "transaction_id": _FORGED_ID},
        {"transaction_status": "settlement", "payment_type": "qris", "currency": "USD"},
    )


def _xendit_changes(by: Bystander) -> tuple[Mapping[str, Any], ...]:
    return (
        {"id": by.transaction_id},
        {"id": "5f0000000000000000000000"},
        {"external_id": by.reference},
        {"external_id": by.reference, "id": by.transaction_id, "status": "EXPIRED"},
        {"external_id": by.reference, "id": by.transaction_id, "status": "PAID"},
        {"amount": 1},
        {"paid_amount": 1},
        {"currency": "USD"},
        {"payment_method": "BANK_TRANSFER", "payment_channel": "BCA", "bank_code": "BCA"},
        {"available_banks": [{"bank_code": "BCA", "bank_account_number": "6666666666"}]},
        {"paid_at": "2020-01-01T00:00:00.000Z"},
    )


def _xendit_refund_changes(by: Bystander) -> tuple[Mapping[str, Any], ...]:
    return (
        {"amount": 200_000},
        {"amount": 1},
        {"reference_id": "forged"},
        {"id": "rfd-forged"},
        {"invoice_id": by.transaction_id},
        {"invoice_id": by.transaction_id, "id": "rfd-forged", "amount": 200_000},
        {"currency": "USD"},
        {"failure_code": "INSUFFICIENT_BALANCE", "status": "FAILED"},
    )


def _rewritten(message: RawNotification, body: Mapping[str, Any]) -> RawNotification:
    return replace(message, body=json.dumps(body).encode())


def is_signed_payment(message: RawNotification, gateway: GatewayName) -> bool:
    """Tell whether this is what the one allowed step needs, read from the bytes alone."""
    body = json.loads(message.body)
    return (
        gateway is GatewayName.MIDTRANS
        and body["status_code"] == "200"
        and body["transaction_status"].lower() in {"settlement", "capture"}
        and body.get("fraud_status", "accept") == "accept"
        and body.get("currency", "IDR") == "IDR"
    )
