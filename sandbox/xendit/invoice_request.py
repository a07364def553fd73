"""Reading ``POST /v2/invoices``: the rules, and errors in the provider's shape."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from sandbox.answers import Reply
from sandbox.wire import JsonObject, as_list, as_object, as_text, is_list, is_object, whole_number
from sandbox.xendit.channels import CHANNELS, Channel
from sandbox.xendit.errors import Problem, error, named_error, validation_error

_DAY_S: Final = 86_400
_LONGEST_DURATION_S: Final = 365 * _DAY_S
_MOST_ITEMS: Final = 75
_MOST_FEES: Final = 10
_METADATA_KEYS: Final = 50
_METADATA_KEY_LENGTH: Final = 40
_METADATA_VALUE_LENGTH: Final = 500
_REMINDER_UNITS: Final = {"days": timedelta(days=1), "hours": timedelta(hours=1)}
_TEXTS: Final = ("description", "payer_email", "success_redirect_url", "failure_redirect_url")
_FLAGS: Final = ("should_send_email", "should_authenticate_credit_card")


def duration_of(request: JsonObject) -> timedelta:
    """Return how long the invoice may be paid: ``invoice_duration``, else a day."""
    return timedelta(seconds=whole_number(request.get("invoice_duration")) or _DAY_S)


def amount_of(value: object) -> int | None:
    """Return an amount in rupiah; decimals are cut off, not rounded (4550.50 is 4550)."""
    if isinstance(value, float) and abs(value) < 1e15:  # noqa: PLR2004 - exact as a float
        return int(value)
    return whole_number(value)


def invoice_refusal(request: JsonObject, active: Sequence[str]) -> Reply | None:
    """Return the refusal of a create request, or None when it is acceptable. Pure.

    ``active`` are the channels that are switched on for this account.
    """
    if problems := list(_problems(request)):
        return validation_error(problems)
    if code := _first_rule_broken(request):
        return named_error(code)
    return _channel_refusal(request, active)


def reminder_lead(request: JsonObject) -> timedelta | None:
    """Return how long before its expiry an invoice reminds the payer, None for never."""
    count = whole_number(request.get("reminder_time"))
    unit = as_text(request.get("reminder_time_unit", "days"))
    if count is None or unit not in _REMINDER_UNITS:
        return None
    return count * _REMINDER_UNITS[unit]


def channel_codes(request: JsonObject, active: Sequence[str]) -> list[str]:
    """Return the channels asked for, in the account's order; all active ones if none is."""
    asked = request.get("payment_methods")
    wanted = active if asked is None else [as_text(code) for code in as_list(asked)]
    return [code for code in CHANNELS if code in wanted]


def _problems(request: JsonObject) -> Iterator[Problem]:
    yield from _external_id_problems(request)
    yield from _amount_problems(request)
    yield from _duration_problems(request)
    yield from _text_problems(request)
    yield from _list_problems(request)
    yield from _metadata_problems(request)
    yield from _reminder_problems(request)


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


def _reminder_problems(request: JsonObject) -> Iterator[Problem]:
    time = request.get("reminder_time")
    if time is not None and (whole_number(time) or 0) < 1:
        yield "reminder_time", "must be greater than 0", "number.greater"


def _first_rule_broken(request: JsonObject) -> str:
    addresses = (request.get("payer_email"), as_object(request.get("customer")).get("email"))
    if any(address is not None and "@" not in as_text(address) for address in addresses):
        return "EMAIL_FORMAT_ERROR"
    if request.get("currency", "IDR") != "IDR":
        return "UNSUPPORTED_CURRENCY"
    if request.get("callback_virtual_account_id") is not None:
        # There are no fixed virtual accounts here that an invoice could use.
        return "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR"
    return "" if _reminder_fits(request) else "INVALID_REMINDER_TIME"


def _reminder_fits(request: JsonObject) -> bool:
    if request.get("reminder_time") is None and request.get("reminder_time_unit") is None:
        return True
    lead = reminder_lead(request)
    return lead is not None and lead < duration_of(request)


def _channel_refusal(request: JsonObject, active: Sequence[str]) -> Reply | None:
    asked = request.get("payment_methods")
    if not active:
        return named_error("NO_COLLECTION_METHODS_ERROR")
    if asked is not None and (
        not as_list(asked) or any(code not in active for code in as_list(asked))
    ):
        return named_error("UNAVAILABLE_PAYMENT_METHOD_ERROR")
    channels = [CHANNELS[code] for code in channel_codes(request, active)]
    only_pay_later = all(channel.kind == "paylater" for channel in channels)
    if only_pay_later and not as_list(request.get("items")):
        # Xendit docs, "Payment links": PayLater needs the items.
        return validation_error([("items", "is required", "any.required")])
    return _amount_refusal(channels, amount_of(request["amount"]) or 0)


def _amount_refusal(channels: list[Channel], amount: int) -> Reply | None:
    if any(channel.lowest <= amount <= channel.highest for channel in channels):
        return None
    lowest = min(channel.lowest for channel in channels)
    if amount < lowest:
        message = f"The minimum amount for using this payment is IDR {lowest:,}"
        return Reply(400, error("MINIMAL_TRANSFER_AMOUNT_ERROR", message))
    highest = max(channel.highest for channel in channels)
    message = f"The maximum amount for using this payment is IDR {highest:,}"
    return Reply(400, error("MAXIMUM_TRANSFER_AMOUNT_ERROR", message))
