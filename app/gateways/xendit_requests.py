"""What we send to Xendit. Pure.

Source: Xendit docs, "Payment Link (Legacy)"; Xendit's OpenAPI files of invoices and refunds.
"""

import math
from datetime import datetime

from app.core.money import CURRENCY
from app.core.ports import ChargeItem, ChargeRequest, Customer, RefundRequest
from app.gateways.fields import Json

# A metadata value may have 500 characters.
_LONGEST_NOTE = 500


def invoice_body(request: ChargeRequest, now: datetime) -> Json:
    """Return the body of a new invoice that dies at the charge's deadline.

    Xendit takes a duration from its own now, so a late try gets a shorter one.
    """
    seconds_left = math.ceil((request.expires_at - now).total_seconds())
    return {
        "external_id": request.reference,
        "amount": int(request.amount_idr),
        "currency": CURRENCY,
        "description": f"Pesanan {request.reference}",
        "invoice_duration": max(1, seconds_left),
        "items": [_item(item) for item in request.items],
        "customer": _customer(request.customer),
        "payer_email": request.customer.email,
        # Xendit adds nothing to the address itself. Anyone can type it: it only words the waiting.
        "success_redirect_url": f"{request.return_url}?returned=success",
        "failure_redirect_url": request.return_url,
        "locale": request.locale,
    }


def _item(item: ChargeItem) -> Json:
    return {
        "reference_id": item.sku,
        "name": item.name,
        "price": int(item.price_idr),
        "quantity": item.quantity,
    }


def _customer(customer: Customer) -> Json:
    details = {
        "given_names": customer.name,
        "email": customer.email,
        "mobile_number": customer.phone,
    }
    return {name: value for name, value in details.items() if value}


def refund_body(invoice_id: str, request: RefundRequest) -> Json:
    """Return the body of a refund; Xendit's ``reason`` is a code, so our words go along as a note.

    The body of one refund never varies: the same key with another body would be refused.
    """
    body: dict[str, object] = {
        "invoice_id": invoice_id,
        "reference_id": request.key,
        "amount": int(request.amount_idr),
        "currency": CURRENCY,
        "reason": "REQUESTED_BY_CUSTOMER",
    }
    if request.reason:
        body["metadata"] = {"note": request.reason[:_LONGEST_NOTE]}
    return body
