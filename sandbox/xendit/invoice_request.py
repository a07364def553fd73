"""Reading ``POST /v2/invoices``: the rules, and errors in the provider's shape."""

from collections.abc import Iterator
from typing import Final

from sandbox.wire import JsonObject, as_list, as_object, as_text, is_list, is_object, whole_number
from sandbox.xendit.bodies import error
from sandbox.xendit.channels import CHANNELS, offered

_LONGEST_DURATION_S: Final = 365 * 86_400
_MOST_ITEMS: Final = 75
_MOST_FEES: Final = 10
_METADATA_KEYS: Final = 50
_METADATA_KEY_LENGTH: Final = 40
_METADATA_VALUE_LENGTH: Final = 500
_TEXTS: Final = ("description", "payer_email", "success_redirect_url", "failure_redirect_url")
_FLAGS: Final = ("should_send_email", "should_authenticate_credit_card")

Problem = tuple[str, str, str]


def amount_of(value: object) -> int | None:
    """Return an amount in rupiah; decimals are cut off, not rounded (4550.50 is 4550)."""
    if isinstance(value, float) and abs(value) < 1e15:  # noqa: PLR2004 - exact as a float
        return int(value)
    return whole_number(value)


def invoice_error(request: JsonObject) -> JsonObject | None:
    """Return the 400 body for a create request, or None when it is acceptable. Pure."""
    if problems := list(_problems(request)):
        return validation_error(problems)
    if "@" not in as_text(request.get("payer_email", "a@b")):
        return error("EMAIL_FORMAT_ERROR", "The email format is invalid")
    if request.get("currency", "IDR") != "IDR":
        return error("UNSUPPORTED_CURRENCY", "The currency is not configured for this account")
    return _channel_error(request)


def channel_codes(request: JsonObject) -> list[str] | None:
    """Return the channels asked for, or None for all."""
    codes = request.get("payment_methods")
    return None if codes is None else [as_text(code) for code in as_list(codes)]


def validation_error(problems: list[Problem]) -> JsonObject:
    """Return ``API_VALIDATION_ERROR``; a problem is (field, message, Joi type)."""
    body = error(
        "API_VALIDATION_ERROR", "There was an error with the format submitted to the server."
    )
    body["errors"] = [
        {
            "field": [field],
            "location": "body",
            "messages": [f'"{field}" {message}'],
            "types": [kind],
        }
        for field, message, kind in problems
    ]
    return body


def _problems(request: JsonObject) -> Iterator[Problem]:
    yield from _external_id_problems(request)
    yield from _amount_problems(request)
    yield from _duration_problems(request)
    yield from _text_problems(request)
    yield from _list_problems(request)
    yield from _metadata_problems(request)


def _external_id_problems(request: JsonObject) -> Iterator[Problem]:
    external_id = request.get("external_id")
    if "external_id" not in request:
        yield "external_id", "is required", "any.required"
    elif not isinstance(external_id, str):
        yield "external_id", "must be a string", "string.base"
    elif not external_id:
        yield "external_id", "is not allowed to be empty", "any.empty"


def _amount_problems(request: JsonObject) -> Iterator[Problem]:
    amount = amount_of(request.get("amount"))
    if "amount" not in request:
        yield "amount", "is required", "any.required"
    elif amount is None:
        yield "amount", "must be a number", "number.base"
    elif amount < 1:
        yield "amount", "must be greater than 0", "number.greater"


def _duration_problems(request: JsonObject) -> Iterator[Problem]:
    if request.get("invoice_duration") is None:
        return
    duration = whole_number(request["invoice_duration"])
    if duration is None:
        yield "invoice_duration", "must be a number", "number.base"
    elif duration < 1:
        yield "invoice_duration", "must be greater than 0", "number.greater"
    elif duration > _LONGEST_DURATION_S:
        yield "invoice_duration", "must be at most one year", "number.max"


def _text_problems(request: JsonObject) -> Iterator[Problem]:
    for name in _TEXTS:
        if request.get(name) is not None and not isinstance(request[name], str):
            yield name, "must be a string", "string.base"
    for name in ("success_redirect_url", "failure_redirect_url"):
        url = as_text(request.get(name))
        if url and not url.startswith(("http://", "https://")):
            yield name, "must be a valid uri", "string.uri"
    for name in _FLAGS:
        if request.get(name) is not None and not isinstance(request[name], bool):
            yield name, "must be a boolean", "boolean.base"


def _list_problems(request: JsonObject) -> Iterator[Problem]:
    for name, most in (("items", _MOST_ITEMS), ("fees", _MOST_FEES), ("payment_methods", 100)):
        value = request.get(name)
        if value is None:
            continue
        if not is_list(value):
            yield name, "must be an array", "array.base"
        elif len(as_list(value)) > most:
            yield name, f"must contain at most {most} items", "array.max"
    for item in as_list(request.get("items")):
        yield from _item_problems(as_object(item))


def _item_problems(item: JsonObject) -> Iterator[Problem]:
    if not as_text(item.get("name")):
        yield "items.name", "is required", "any.required"
    for name in ("price", "quantity"):
        if amount_of(item.get(name)) is None:
            yield f"items.{name}", "must be a number", "number.base"


def _metadata_problems(request: JsonObject) -> Iterator[Problem]:
    metadata = request.get("metadata")
    if metadata is None:
        return
    if not is_object(metadata):
        yield "metadata", "must be an object", "object.base"
        return
    entries = as_object(metadata)
    if len(entries) > _METADATA_KEYS or any(len(key) > _METADATA_KEY_LENGTH for key in entries):
        yield "metadata", "has too many or too long keys", "object.max"
    if any(len(str(value)) > _METADATA_VALUE_LENGTH for value in entries.values()):
        yield "metadata", "has a value longer than 500 characters", "string.max"


def _channel_error(request: JsonObject) -> JsonObject | None:
    codes = channel_codes(request)
    amount = amount_of(request.get("amount")) or 0
    if codes is not None and (not codes or any(code not in CHANNELS for code in codes)):
        message = "The payment method choices did not match with the available one on this business"
        return error("UNAVAILABLE_PAYMENT_METHOD_ERROR", message)
    if offered(codes, amount):
        return None
    asked = [CHANNELS[code] for code in codes or CHANNELS]
    lowest = min(channel.lowest for channel in asked)
    if amount < lowest:
        message = f"The minimum amount for using this payment is IDR {lowest:,}"
        return error("MINIMAL_TRANSFER_AMOUNT_ERROR", message)
    highest = max(channel.highest for channel in asked)
    message = f"The maximum amount for using this payment is IDR {highest:,}"
    return error("MAXIMUM_TRANSFER_AMOUNT_ERROR", message)
