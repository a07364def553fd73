"""What we send to Midtrans. Pure.

Source: Midtrans docs, "Request body (JSON parameter)" and "JSON objects" of Snap.
"""

import math
from typing import Final

from app.core.ports import ChargeItem, ChargeRequest, Customer, RefundRequest
from app.core.wib import WIB
from app.gateways.fields import Json

_LONGEST_ITEM_TEXT: Final = 50
# Longer names break the virtual accounts of BCA; every other method takes 255.
_LONGEST_NAME: Final = 30
_LONGEST_REASON: Final = 255


def snap_body(request: ChargeRequest) -> Json:
    """Return the body that opens a Snap page for this charge."""
    return {
        "transaction_details": {
            "order_id": request.reference,
            "gross_amount": int(request.amount_idr),
        },
        "item_details": [_item(item) for item in request.items],
        "customer_details": _customer(request.customer),
        # Without 3-D Secure the shop bears the loss of a stolen card.
        "credit_card": {"secure": True},
        "expiry": _expiry(request),
        "callbacks": {"finish": request.return_url},
    }


def _item(item: ChargeItem) -> Json:
    return {
        "id": item.sku[:_LONGEST_ITEM_TEXT],
        "price": int(item.price_idr),
        "quantity": item.quantity,
        # Alfamart's protocol separates its fields with this character.
        "name": item.name.replace("|", " ").strip()[:_LONGEST_ITEM_TEXT] or item.sku,
    }


def _customer(customer: Customer) -> Json:
    first, _, last = customer.name.strip().partition(" ")
    details = {
        "first_name": first[:_LONGEST_NAME],
        "last_name": last.strip()[:_LONGEST_NAME],
        "email": customer.email,
        "phone": customer.phone,
    }
    return {name: value for name, value in details.items() if value}


def _expiry(request: ChargeRequest) -> Json:
    """Bind page and payment method to one deadline.

    With a start time the clock does not begin anew when the shopper picks a method.
    """
    lifetime = request.expires_at - request.created_at
    return {
        "start_time": request.created_at.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S +0700"),
        "unit": "minute",
        "duration": max(1, math.ceil(lifetime.total_seconds() / 60)),
    }


def refund_body(request: RefundRequest) -> Json:
    """Return the body of a refund; the key is the only guard against refunding twice."""
    return {
        "refund_key": request.key,
        "amount": int(request.amount_idr),
        "reason": request.reason[:_LONGEST_REASON],
    }
