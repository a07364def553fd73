"""Numbers, codes and card data of a new transaction, by payment method."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sandbox.clock import WIB
from sandbox.ids import Ids
from sandbox.midtrans.cards import mask_card
from sandbox.midtrans.method_record import Kind, Method
from sandbox.wire import JsonObject, as_object, as_text

# Prefix, whole length, and how many digits a shop may choose itself (Midtrans docs, "Snap
# request body"; the prefixes are those of the published samples where there are any).
_NUMBERS: Final = {
    "bca_va": ("81278", 15, (6, 11)),
    "permata_va": ("8562", 16, (10, 10)),
    "bni_va": ("98885002", 16, (1, 8)),
    "bri_va": ("88788", 18, (1, 13)),
    "cimb_va": ("2810", 16, (1, 12)),
    "danamon_va": ("8922", 16, (1, 12)),
    "bsi_va": ("9350", 16, (1, 12)),
    "seabank_va": ("8190", 20, (1, 16)),
    "saqu_va": ("7510", 16, (1, 12)),
}
_CODE_LENGTH: Final = {"indomaret": 14, "alfamart": 16, "echannel": 12}
_NUMBERED: Final = {Kind.VA, Kind.CODE, Kind.BILL}
MANDIRI_BILLER: Final = "70012"
SHOPEE_ACQUIRER: Final = "airpay shopee"


def new_transaction_id(method: Method, now: datetime, ids: Ids) -> str:
    """Return a UUID, or the longer id that DANA's transactions have (docs, "DANA")."""
    if not method.only_by_transaction_id:
        return ids.uuid()
    stamp = now.astimezone(WIB).strftime("%Y%m%d%H%M%S")
    return f"A1{stamp}{ids.letters(10)}ID"


def new_pay_number(
    method: Method, request: JsonObject, ids: Ids, is_free: Callable[[str], bool]
) -> str | None:
    """Return a VA number, bill key or pay code that nobody uses, or None for other methods.

    A number that the shop asked for is padded or cut to the bank's length; when another
    order uses it, a different one is issued (Midtrans docs, "Snap request body").
    """
    if method.kind not in _NUMBERED:
        return None
    wanted = _custom_number(method, request)
    if wanted and is_free(wanted):
        return wanted
    while True:
        number = _random_number(method, ids)
        if is_free(number):
            return number


def details_of(method: Method, request: JsonObject, pay_number: str | None, ids: Ids) -> JsonObject:
    """Return the method's own fields; which of them a body shows is the method's matter."""
    if method.kind in _NUMBERED:
        return _number_details(method, pay_number, ids)
    if method.key == "qris":
        return _qris_details(request, ids)
    if method.key == "shopeepay":
        return _shopee_references(ids) | {
            "channel_response_code": "0",
            "channel_response_message": "success",
        }
    return _provider_details(method, request, ids)


def is_number_wish(value: object) -> bool:
    """Whether a shop may ask for this VA number: nothing, or a text of digits."""
    if value is None:
        return True
    return isinstance(value, str) and value.isascii() and (value == "" or value.isdigit())


def card_details(number: str, ids: Ids) -> JsonObject:
    """Return what bodies show of a card, before the bank has answered."""
    return {
        "masked_card": mask_card(number),
        "bank": "bni",
        "card_type": "credit",
        "eci": "05",
        "approval_code": ids.digits(13),
    }


def _number_details(method: Method, pay_number: str | None, ids: Ids) -> JsonObject:
    if method.key == "echannel":
        return {"bill_key": pay_number, "biller_code": MANDIRI_BILLER}
    if method.key == "permata_va":
        return {"permata_va_number": pay_number}
    if method.kind is Kind.VA:
        numbers: list[object] = [{"va_number": pay_number, "bank": method.bank}]
        return {"va_numbers": numbers, "payment_amounts": []}
    code: JsonObject = {"store": method.bank, "payment_code": pay_number}
    return code | ({"approval_code": f"IDM{ids.digits(9)}"} if method.key == "indomaret" else {})


def _qris_details(request: JsonObject, ids: Ids) -> JsonObject:
    if as_text(as_object(request.get("qris")).get("acquirer")) == SHOPEE_ACQUIRER:
        shopee: JsonObject = {
            "acquirer": SHOPEE_ACQUIRER,
            "issuer": "shopeepay",
            "transaction_type": "on-us",
        }
        return shopee | _shopee_references(ids)
    return {"acquirer": "gopay", "issuer": "gopay", "transaction_type": "on-us"}


def _shopee_references(ids: Ids) -> JsonObject:
    return {
        "shopeepay_reference_number": ids.digits(18),
        "reference_id": f"DL-{ids.letters(22)}",
    }


def _provider_details(method: Method, request: JsonObject, ids: Ids) -> JsonObject:
    if method.key == "gopay":
        return {"channel_response_code": "200", "channel_response_message": "Success"}
    if method.key == "kredivo":
        message = "Success Create Transaction"
        return {"channel_response_code": "OK", "channel_response_message": message}
    if method.key == "ovo":
        phone = as_object(request.get("ovo")).get("payer_phone_number")
        return {"payer_phone_number": as_text(phone), "merchant_invoice": f"OVO{ids.digits(12)}"}
    if "approval_code" in method.fields.paid:
        return {"approval_code": ids.letters(12)}
    return {}


def _custom_number(method: Method, request: JsonObject) -> str:
    digits = _wished_number(method, request)
    if method.key not in _NUMBERS or not digits:
        return ""
    prefix, _, (shortest, longest) = _NUMBERS[method.key]
    return prefix + digits[:longest].zfill(shortest)


def _wished_number(method: Method, request: JsonObject) -> str:
    """Return the number a shop asks for: by method in Snap, by bank in Core."""
    in_snap = as_object(request.get(method.key)).get("va_number")
    in_core = as_object(request.get("bank_transfer")).get("va_number")
    return as_text(in_snap) or as_text(in_core)


def _random_number(method: Method, ids: Ids) -> str:
    if method.key in _CODE_LENGTH:
        return ids.digits(_CODE_LENGTH[method.key])
    prefix, length, _ = _NUMBERS[method.key]
    return prefix + ids.digits(length - len(prefix))
