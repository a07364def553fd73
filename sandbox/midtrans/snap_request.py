"""Reading ``POST /snap/v1/transactions``: every rule, with the provider's own words."""

import re
from collections.abc import Iterator
from typing import Final

from sandbox.midtrans.expiry import SHORTEST, duration_of, start_of
from sandbox.midtrans.methods import METHODS, OTHER_CODES
from sandbox.wire import JsonObject, as_list, as_object, is_list, is_object, whole_number

_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_~.:+ -]+")
_ORDER_ID_LENGTH: Final = 50
_NAME_LENGTH: Final = 50
_TEXT_LENGTH: Final = 255
_HIGHEST_AMOUNT: Final = 999_999_999_999
_KNOWN_CODES: Final = frozenset(
    {alias for method in METHODS.values() for alias in method.aliases} | OTHER_CODES
)


def snap_errors(request: JsonObject) -> list[str]:
    """Return the ``error_messages`` for a Snap request, empty when it is acceptable.

    Pure. Source: Midtrans docs, "Request body JSON parameter" and "Backend integration".
    """
    return [
        *_order_errors(as_object(request.get("transaction_details"))),
        *_amount_errors(request),
        *_customer_errors(request.get("customer_details")),
        *_payment_errors(request.get("enabled_payments")),
        *_expiry_errors(request, "expiry"),
        *_expiry_errors(request, "page_expiry"),
        *_callback_errors(request.get("callbacks")),
        *_custom_field_errors(request),
    ]


def _order_errors(details: JsonObject) -> Iterator[str]:
    order_id = details.get("order_id")
    if order_id is None or order_id == "":
        yield "transaction_details.order_id is required"
    elif not isinstance(order_id, str):
        yield "transaction_details.order_id must be a string"
    elif len(order_id) > _ORDER_ID_LENGTH:
        yield "transaction_details.order_id is too long, maximum 50 characters"
    elif not _ORDER_ID.fullmatch(order_id):
        yield "transaction_details.order_id contains an invalid character"


def _amount_errors(request: JsonObject) -> Iterator[str]:
    gross = as_object(request.get("transaction_details")).get("gross_amount")
    amount = whole_number(gross)
    if gross is None:
        yield "transaction_details.gross_amount is required"
    elif amount is None:
        yield "transaction_details.gross_amount is not a number"
    elif amount < 1:
        yield "transaction_details.gross_amount must be greater than or equal to 0.01"
    elif amount > _HIGHEST_AMOUNT:
        yield "transaction_details.gross_amount is too large"
    elif "item_details" in request:
        yield from _item_errors(request["item_details"], amount)


def _item_errors(items: object, gross_amount: int) -> Iterator[str]:
    if not is_list(items):
        yield "item_details must be an array"
        return
    problems = [problem for item in as_list(items) for problem in _line_errors(as_object(item))]
    yield from problems
    if not problems and items and _sum_of(as_list(items)) != gross_amount:
        yield "transaction_details.gross_amount is not equal to the sum of item_details"


def _line_errors(item: JsonObject) -> Iterator[str]:
    quantity, name = whole_number(item.get("quantity")), item.get("name")
    if whole_number(item.get("price")) is None:
        yield "item_details.price is required and must be a number"
    if quantity is None or quantity < 1:
        yield "item_details.quantity is required and must be at least 1"
    if not isinstance(name, str) or not name:
        yield "item_details.name is required"
    elif len(name) > _NAME_LENGTH:
        yield "item_details.name is too long, maximum 50 characters"


def _sum_of(items: list[object]) -> int:
    lines = [as_object(item) for item in items]
    return sum(
        (whole_number(line.get("price")) or 0) * (whole_number(line.get("quantity")) or 0)
        for line in lines
    )


def _customer_errors(customer: object) -> Iterator[str]:
    if customer is None:
        return
    if not is_object(customer):
        yield "customer_details must be an object"
        return
    for name in ("first_name", "last_name", "email", "phone"):
        value = as_object(customer).get(name)
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > _TEXT_LENGTH:
            yield f"customer_details.{name} must be a text of at most 255 characters"
        elif name == "email" and value and "@" not in value:
            yield "customer_details.email format is invalid"


def _payment_errors(codes: object) -> Iterator[str]:
    if codes is None:
        return
    if not is_list(codes) or any(not isinstance(code, str) for code in as_list(codes)):
        yield "enabled_payments must be an array of strings"
        return
    for code in as_list(codes):
        if code not in _KNOWN_CODES:
            yield f"enabled_payments has an unknown value: {code}"


def _expiry_errors(request: JsonObject, name: str) -> Iterator[str]:
    expiry = request.get(name)
    if expiry is None:
        return
    parts = as_object(expiry)
    duration = duration_of(parts)
    if duration is None:
        yield f"{name}.unit and {name}.duration must give a duration"
    elif duration < SHORTEST:
        yield f"{name}.duration must be at least 20 seconds"
    if parts.get("start_time") is not None and start_of(parts) is None:
        yield f"{name}.start_time must look like 2026-01-31 23:59:59 +0700"


def _callback_errors(callbacks: object) -> Iterator[str]:
    if callbacks is None:
        return
    if not is_object(callbacks):
        yield "callbacks must be an object"
        return
    for name in ("finish", "error"):
        value = as_object(callbacks).get(name)
        if value is not None and not _is_web_address(value):
            yield f"callbacks.{name} must be a web address of at most 255 characters"


def _is_web_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _TEXT_LENGTH:
        return False
    return value.startswith(("http://", "https://"))


def _custom_field_errors(request: JsonObject) -> Iterator[str]:
    for name in ("custom_field1", "custom_field2", "custom_field3"):
        value = request.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= _TEXT_LENGTH):
            yield f"{name} must be a text of at most 255 characters"
