"""Reading ``POST /v2/charge``: what is refused, and which method is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.midtrans.details import is_number_wish
from sandbox.midtrans.expiry import custom_duration_of, start_of
from sandbox.midtrans.method_record import Method
from sandbox.midtrans.methods import core_method
from sandbox.midtrans.order_request import object_errors, order_errors
from sandbox.midtrans.ovo import is_phone
from sandbox.wire import JsonObject, as_list, as_object, as_text, whole_number

# Where a payment type names its bank or store.
_CHOOSERS: Final = {"bank_transfer": "bank", "cstore": "store"}
_PARTS: Final = (
    *("credit_card", "bank_transfer", "echannel", "cstore", "gopay", "qris", "shopeepay"),
    *("ovo", "dana", "custom_expiry", "metadata"),
)
_BILL_TEXTS: Final = ("bill_info1", "bill_info2")


@dataclass(frozen=True, slots=True)
class ChargeProblem:
    """Why a charge cannot be read: the ``validation_messages``."""

    messages: list[str]


def read_charge(request: JsonObject) -> Method | ChargeProblem:
    """Return the method to charge, or every reason why the request is invalid.

    Pure. Source: Midtrans docs, "Charge transactions" and the page of each method.
    """
    method = _method_of(request)
    messages = [*order_errors(request), *object_errors(request, _PARTS)]
    if isinstance(method, str):
        return ChargeProblem([method, *messages])
    messages += [*_method_errors(method, request), *_expiry_errors(request)]
    return ChargeProblem(messages) if messages else method


def _method_of(request: JsonObject) -> Method | str:
    payment_type = request.get("payment_type")
    if not isinstance(payment_type, str) or not payment_type:
        return "payment_type is required"
    chooser = _CHOOSERS.get(payment_type, "")
    bank = as_text(as_object(request.get(payment_type)).get(chooser)) if chooser else ""
    if chooser and not bank:
        return f"{payment_type}.{chooser} is required"
    return core_method(payment_type, bank) or _unknown(payment_type, chooser)


def _unknown(payment_type: str, chooser: str) -> str:
    if chooser:
        return f"{payment_type}.{chooser} is not supported"
    return "payment_type is not supported"


def _method_errors(method: Method, request: JsonObject) -> Iterator[str]:
    for name in sorted(method.needs):
        if not request.get(name):
            yield f"{name} is required"
    part = as_object(request.get(method.payment_type))
    check = _CHECKS.get(method.payment_type)
    yield from check(request, part) if check else ()


def _transfer_errors(_request: JsonObject, part: JsonObject) -> Iterator[str]:
    if not is_number_wish(part.get("va_number")):
        yield "bank_transfer.va_number must be a number"


def _ovo_errors(_request: JsonObject, part: JsonObject) -> Iterator[str]:
    if not is_phone(as_text(part.get("payer_phone_number"))):
        yield "ovo.payer_phone_number is required and must be a mobile number"


def _bill_errors(_request: JsonObject, part: JsonObject) -> Iterator[str]:
    for name in _BILL_TEXTS:
        if not as_text(part.get(name)):
            yield f"echannel.{name} is required"


def _akulaku_errors(request: JsonObject, _part: JsonObject) -> Iterator[str]:
    ids = [str(as_object(item).get("id")) for item in as_list(request.get("item_details"))]
    if len(set(ids)) < len(ids):
        yield "item_details.id must be unique"


def _card_errors(_request: JsonObject, card: JsonObject) -> Iterator[str]:
    point = card.get("point")
    if point is not None and (whole_number(point) or 0) < 1:
        yield "credit_card.point must be a positive number"
    if card.get("token_id") is not None and not isinstance(card["token_id"], str):
        yield "credit_card.token_id must be a string"


_CHECKS: Final = {
    "bank_transfer": _transfer_errors,
    "ovo": _ovo_errors,
    "echannel": _bill_errors,
    "akulaku": _akulaku_errors,
    "credit_card": _card_errors,
}


def _expiry_errors(request: JsonObject) -> Iterator[str]:
    expiry = as_object(request.get("custom_expiry"))
    if not expiry:
        return
    if custom_duration_of(expiry) is None:
        yield "custom_expiry.expiry_duration and custom_expiry.unit must give a duration"
    if expiry.get("order_time") is not None and start_of(expiry, "order_time") is None:
        yield "custom_expiry.order_time format is yyyy-MM-dd HH:mm:ss Z"
