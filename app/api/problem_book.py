"""Every error of the API: its HTTP code, what it means, and what the caller should do.

The answers, the OpenAPI document, the reference page and ``docs/api.md`` are all made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of error; ``retry_after_s`` says when to ask again, where that helps at all."""

    status: int
    title: str
    meaning: str
    remedy: str
    retry_after_s: int | None = None


BOOK: Final[Mapping[str, Kind]] = {
    "malformed_json": Kind(
        400,
        "The body is not a JSON object",
        "The body could not be read, or holds something other than an object.",
        "Send a JSON object with Content-Type application/json.",
    ),
    "idempotency_key_invalid": Kind(
        400,
        "The Idempotency-Key cannot be used",
        "The header is there, but too short, too long, or with other characters.",
        "Use 8 to 128 letters, digits, - _ : or . (a UUID is fine).",
    ),
    "order_not_found": Kind(
        404,
        "There is no such order",
        "No order has this id. An id that cannot exist is answered the same way.",
        "Check the address of the page.",
    ),
    "not_found": Kind(
        404,
        "There is no such address",
        "The API has nothing at this address.",
        "See /api/docs for the addresses of the API.",
    ),
    "method_not_allowed": Kind(
        405,
        "This address takes another method",
        "The address exists, but not for this HTTP method.",
        "Use one of the methods that the header Allow names.",
    ),
    "idempotency_in_progress": Kind(
        409,
        "The same request is still in progress",
        "A request with this key, or a change of this order, is being worked on at this moment.",
        "Wait for its answer, then ask again.",
        retry_after_s=2,
    ),
    "out_of_stock": Kind(
        409,
        "Not enough stock is left",
        "Nothing was ordered. `errors` names each product that is short and what is left of it.",
        "Show what is left and let the shopper confirm.",
    ),
    "price_changed": Kind(
        409,
        "A price is not the one that was shown",
        "Nothing was ordered. `errors` names each product and what it costs now.",
        "Show both prices and let the shopper confirm.",
    ),
    "order_not_payable": Kind(
        409,
        "This order cannot be paid any more",
        "It is paid, being checked, cancelled or closed.",
        "Read the order and show its state.",
    ),
    "too_large": Kind(
        413,
        "The body is too large",
        "The body is larger than any request of the shop.",
        "Send at most 1 MB.",
    ),
    "validation_failed": Kind(
        422,
        "Some fields need another value",
        "Nothing was done. `errors` names each field, with words for the shopper.",
        "Correct the named fields and send again.",
    ),
    "idempotency_key_reused": Kind(
        422,
        "This Idempotency-Key was used for another request",
        "The key belongs to an earlier request with another body.",
        "Use a new Idempotency-Key for a new request.",
    ),
    "unknown_product": Kind(
        422,
        "Something in the cart is not on sale",
        "Nothing was ordered. `detail` names the SKUs.",
        "Remove them from the cart.",
    ),
    "gateway_not_configured": Kind(
        422,
        "This payment gateway is not available",
        "This shop has no keys for the gateway.",
        "Choose another gateway, from /api/config.",
    ),
    "rate_limited": Kind(
        429,
        "Too many requests",
        "This address, or this order, was asked too often. Nothing was done.",
        "Wait as long as Retry-After says, then send the same request again.",
        retry_after_s=60,
    ),
    "internal_error": Kind(
        500,
        "Lunas made a mistake",
        "A fault of ours. It is logged; what happened to the request is uncertain.",
        "Send the same request again under the same Idempotency-Key, or read the order.",
    ),
    "gateway_rejected": Kind(
        502,
        "The payment gateway refused",
        "The order is kept (`order_id`), but this gateway will not open a page for it.",
        "Choose another way to pay.",
    ),
    "gateway_unavailable": Kind(
        503,
        "The payment gateway cannot be reached",
        "Nothing was paid. The order, if one was made, is kept (`order_id`).",
        "Send the same request again in a moment.",
        retry_after_s=5,
    ),
    "database_unavailable": Kind(
        503,
        "Lunas cannot store anything right now",
        "Nothing was changed.",
        "Send the same request again in a moment.",
        retry_after_s=5,
    ),
}
