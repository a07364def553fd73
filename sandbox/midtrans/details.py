"""Numbers, codes and card data of a new transaction, by payment method."""

from collections.abc import Callable
from typing import Final

from sandbox.ids import Ids
from sandbox.midtrans.cards import mask_card
from sandbox.midtrans.methods import Method
from sandbox.wire import JsonObject, as_object, as_text

_VA_PREFIX: Final = {"bca_va": "81278", "permata_va": "8562"}
_VA_LENGTH: Final = {"bca_va": 15, "permata_va": 16}
# How many digits a shop may choose itself (Midtrans docs, "Snap request body").
_CUSTOM_LENGTH: Final = {"bca_va": (6, 10), "permata_va": (10, 10)}
_PAY_CODE_LENGTH: Final = 14


def new_pay_number(
    method: Method, request: JsonObject, ids: Ids, is_free: Callable[[str], bool]
) -> str | None:
    """Return a VA number or pay code that nobody uses, or None for other methods.

    A number that the shop asked for is padded or cut to the bank's length; when another
    order uses it, a different one is issued (Midtrans docs, "Snap request body").
    """
    if method.kind not in {"va", "code"}:
        return None
    wanted = _custom_number(method, request)
    if wanted and is_free(wanted):
        return wanted
    while True:
        number = _random_number(method, ids)
        if is_free(number):
            return number


def details_of(method: Method, pay_number: str | None, ids: Ids) -> JsonObject:
    """Return the method's own fields; which of them a body shows is the method's matter."""
    if method.key == "bca_va":
        numbers: list[object] = [{"va_number": pay_number, "bank": "bca"}]
        return {"va_numbers": numbers, "payment_amounts": []}
    if method.key == "permata_va":
        return {"permata_va_number": pay_number}
    if method.key == "indomaret":
        return {
            "store": "indomaret",
            "payment_code": pay_number,
            "approval_code": f"IDM{ids.digits(9)}",
        }
    if method.key == "qris":
        return {"acquirer": "gopay", "issuer": "gopay", "transaction_type": "on-us"}
    return {}


def card_details(number: str, ids: Ids) -> JsonObject:
    """Return what bodies show of a card, before the bank has answered."""
    return {
        "masked_card": mask_card(number),
        "bank": "bni",
        "card_type": "credit",
        "eci": "05",
        "approval_code": ids.digits(13),
    }


def _custom_number(method: Method, request: JsonObject) -> str:
    digits = as_text(as_object(request.get(method.key)).get("va_number"))
    limits = _CUSTOM_LENGTH.get(method.key)
    if limits is None or not (digits.isascii() and digits.isdigit()):
        return ""
    shortest, longest = limits
    return _VA_PREFIX[method.key] + digits[:longest].zfill(shortest)


def _random_number(method: Method, ids: Ids) -> str:
    if method.kind == "code":
        return ids.digits(_PAY_CODE_LENGTH)
    prefix = _VA_PREFIX[method.key]
    return prefix + ids.digits(_VA_LENGTH[method.key] - len(prefix))
