"""Reading ``POST /snap/v1/transactions``: every rule, with the provider's own words."""

from collections.abc import Iterator
from typing import Final

from sandbox.midtrans.details import is_number_wish
from sandbox.midtrans.expiry import SHORTEST, duration_of, start_of
from sandbox.midtrans.method_record import Kind
from sandbox.midtrans.methods import KNOWN_CODES, METHODS
from sandbox.midtrans.order_request import TEXT_LENGTH, object_errors, order_errors, text_errors
from sandbox.wire import JsonObject, as_list, as_object, is_list, is_object, whole_number

_VA_KEYS: Final = tuple(method.key for method in METHODS.values() if method.kind is Kind.VA)
_WALLETS: Final = ("gopay", "shopeepay", "dana")
_RECIPIENT_LENGTH: Final = 20
_SWITCHES: Final = ("secure", "save_card")
_CARD_TYPES: Final = ("authorize", "authorize_capture")


def snap_errors(request: JsonObject) -> list[str]:
    """Return the ``error_messages`` for a Snap request, empty when it is acceptable.

    Pure. Source: Midtrans docs, "Request body JSON parameter" and "Backend integration".
    """
    return [
        *order_errors(request),
        *_payment_errors(request.get("enabled_payments")),
        *object_errors(request, ("credit_card", *_VA_KEYS, *_WALLETS)),
        *_card_errors(as_object(request.get("credit_card"))),
        *_number_errors(request),
        *_expiry_errors(request, "expiry"),
        *_expiry_errors(request, "page_expiry"),
        *_callback_errors(request),
        *text_errors(request, "", {"user_id": TEXT_LENGTH}),
    ]


def _payment_errors(codes: object) -> Iterator[str]:
    if codes is None:
        return
    if not is_list(codes) or any(not isinstance(code, str) for code in as_list(codes)):
        yield "enabled_payments must be an array of strings"
        return
    for code in as_list(codes):
        if code not in KNOWN_CODES:
            yield f"enabled_payments has an unknown value: {code}"


def _card_errors(card: JsonObject) -> Iterator[str]:
    for name in _SWITCHES:
        if card.get(name) is not None and not isinstance(card[name], bool):
            yield f"credit_card.{name} must be true or false"
    if card.get("type") is not None and card["type"] not in _CARD_TYPES:
        yield "credit_card.type must be authorize or authorize_capture"
    bins = card.get("whitelist_bins")
    if bins is not None and not (is_list(bins) and all(isinstance(one, str) for one in bins)):
        yield "credit_card.whitelist_bins must be an array of strings"
    yield from text_errors(card, "credit_card.", {"bank": 50, "channel": 50})
    yield from _installment_errors(card.get("installment"))


def _installment_errors(installment: object) -> Iterator[str]:
    if installment is None:
        return
    terms = as_object(installment).get("terms")
    if not is_object(installment) or not (terms is None or is_object(terms)):
        yield "credit_card.installment must be an object with terms for each bank"
        return
    for bank, months in as_object(terms).items():
        if not is_list(months) or any(whole_number(month) is None for month in months):
            yield f"credit_card.installment.terms.{bank} must be an array of months"


def _number_errors(request: JsonObject) -> Iterator[str]:
    for key in _VA_KEYS:
        part = as_object(request.get(key))
        if not is_number_wish(part.get("va_number")):
            yield f"{key}.va_number must be a text of digits"
    recipient = as_object(request.get("permata_va"))
    yield from text_errors(recipient, "permata_va.", {"recipient_name": _RECIPIENT_LENGTH})


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


def _callback_errors(request: JsonObject) -> Iterator[str]:
    yield from object_errors(request, ("callbacks",))
    callbacks = as_object(request.get("callbacks"))
    for name in ("finish", "error"):
        value = callbacks.get(name)
        if value is not None and not _is_web_address(value):
            yield f"callbacks.{name} must be a web address of at most 255 characters"
    for wallet in _WALLETS:
        part = as_object(request.get(wallet))
        # May be the address of an app, such as someapps://callback.
        yield from text_errors(part, f"{wallet}.", {"callback_url": TEXT_LENGTH})


def _is_web_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > TEXT_LENGTH:
        return False
    return value.startswith(("http://", "https://"))
