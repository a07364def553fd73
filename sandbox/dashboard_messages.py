"""What the dashboards' "test" buttons post: bodies of payments that do not exist."""

from datetime import timedelta
from typing import Final

from sandbox.clock import iso_millis
from sandbox.deliveries import Message
from sandbox.engine import Engine
from sandbox.midtrans import notifications
from sandbox.midtrans.bodies import MERCHANT_ID, notification_body
from sandbox.midtrans.details import card_details
from sandbox.midtrans.records import Fraud, Status, Transaction
from sandbox.xendit import callbacks
from sandbox.xendit.bodies import USER_ID

_AMOUNT: Final = 105_000
_CARD: Final = "4811111111111114"
# The dashboard always sends these two: receivers recognise the message by them.
_CANNED_INVOICE: Final = "579c8d61f23fa4ca35e52da4"
_CANNED_EXTERNAL_ID: Final = "invoice_123124123"


def midtrans_test_message(engine: Engine) -> Message:
    """Return a validly signed notification of an order that GET status does not know."""
    settings, now = engine.settings, engine.clock.now()
    transaction = Transaction(
        transaction_id=engine.ids.uuid(),
        order_id=f"payment_notif_test_{MERCHANT_ID}_{engine.ids.uuid()}",
        token="",
        method="credit_card",
        payment_type="credit_card",
        gross_amount=_AMOUNT,
        status=Status.CAPTURE,
        fraud_status=Fraud.ACCEPT,
        transaction_at=now,
        expires_at=now + timedelta(minutes=10),
        details=card_details(_CARD, engine.ids)
        | {"channel_response_code": "00", "channel_response_message": "Approved"},
    )
    body = notification_body(transaction, [], settings.midtrans_server_key)
    return Message(
        notifications.GATEWAY,
        transaction.order_id,
        "dashboard test",
        settings.midtrans_notify_url,
        notifications.HEADERS,
        body,
    )


def xendit_test_message(engine: Engine) -> Message:
    """Return the canned callback of "Test and save": an invoice nobody has created."""
    settings, now = engine.settings, engine.clock.now()
    body: dict[str, object] = {
        "id": _CANNED_INVOICE,
        "external_id": _CANNED_EXTERNAL_ID,
        "user_id": USER_ID,
        "is_high": True,
        "payment_method": "BANK_TRANSFER",
        "status": "PAID",
        "merchant_name": "Xendit",
        "amount": 50_000,
        "paid_amount": 50_000,
        "bank_code": "PERMATA",
        "paid_at": iso_millis(now),
        "payer_email": "payer@example.com",
        "description": "This is a description",
        "adjusted_received_amount": 47_500,
        "fees_paid_amount": 0,
        "updated": iso_millis(now),
        "created": iso_millis(now),
        "currency": "IDR",
        "payment_channel": "PERMATA",
        "payment_destination": "888888888888",
    }
    return Message(
        callbacks.GATEWAY,
        _CANNED_EXTERNAL_ID,
        "dashboard test",
        settings.xendit_notify_url,
        callbacks.headers_with(settings.xendit_callback_token),
        body,
    )
