"""What both APIs check of an order: its id, amount, lines and customer."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.wire import JsonObject, as_list, as_object, is_list, is_object, whole_number

TEXT_LENGTH: Final = 255
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_~.:+ -]+")
_ORDER_ID_LENGTH: Final = 50
_HIGHEST_AMOUNT: Final = 999_999_999_999
# The longest text of each optional field (Midtrans docs, "JSON objects").
_LINE_TEXTS: Final[dict[str, int]] = dict.fromkeys(
    ("id", "brand", "category", "merchant_name", "url"), 50
)
_PERSON_TEXTS: Final[dict[str, int]] = dict.fromkeys(
    ("first_name", "last_name", "email", "phone"), TEXT_LENGTH
)
_ADDRESS_TEXTS: Final = {
    **_PERSON_TEXTS,
    "address": TEXT_LENGTH,
    "city": 100,
    "postal_code": 10,
    "country_code": 10,
}
_NAME_LENGTH: Final = 50


def order_errors(request: JsonObject) -> Iterator[str]:
    """Yield what is wrong with the order, in the provider's words where they are known.

    Pure. Source: Midtrans docs, "Request body JSON parameter" and "JSON objects".
    """
    yield from _id_errors(as_object(request.get("transaction_details")))
    yield from _amount_errors(request)
    yield from _customer_errors(request.get("customer_details"))
    for name in ("custom_field1", "custom_field2", "custom_field3"):
        yield from text_errors(request, "", {name: TEXT_LENGTH})


def object_errors(request: JsonObject, names: tuple[str, ...]) -> Iterator[str]:
    """Yield one sentence for each named part that is there and is not an object."""
    for name in names:
        if request.get(name) is not None and not is_object(request[name]):
            yield f"{name} must be an object"


def text_errors(part: JsonObject, path: str, longest: Mapping[str, int]) -> Iterator[str]:
    """Yield one sentence for each text of ``part`` that is none or is too long."""
    for name, length in longest.items():
        value = part.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= length):
            yield f"{path}{name} must be a text of at most {length} characters"


def _id_errors(details: JsonObject) -> Iterator[str]:
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
    # Shops send numbers as ids, and Midtrans takes them.
    texts = {key: value for key, value in item.items() if not isinstance(value, int)}
    yield from text_errors(texts, "item_details.", _LINE_TEXTS)


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
    yield from text_errors(customer, "customer_details.", _PERSON_TEXTS)
    email = customer.get("email")
    if isinstance(email, str) and email and "@" not in email:
        yield "customer_details.email format is invalid"
    for name in ("billing_address", "shipping_address"):
        address = as_object(customer.get(name))
        yield from text_errors(address, f"customer_details.{name}.", _ADDRESS_TEXTS)
