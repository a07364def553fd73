"""How a transaction comes into being, before payer, bank and time move it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sandbox.ids import Ids
from sandbox.midtrans.cards import look_up_card
from sandbox.midtrans.details import (
    card_details,
    details_of,
    new_pay_number,
    new_transaction_id,
)
from sandbox.midtrans.expiry import method_expiry
from sandbox.midtrans.intent import Intent
from sandbox.midtrans.method_record import Kind, Method
from sandbox.midtrans.ovo import APP_DELAY, Answer, answer_of
from sandbox.midtrans.records import Fraud, Status, Transaction
from sandbox.wire import JsonObject, as_object, as_text, whole_number

_ECHOED: Final = ("custom_field1", "custom_field2", "custom_field3", "metadata")
_SAVED_FOR: Final = timedelta(days=5 * 365)
# What one reward point is worth in rupiah, and what the test card's owner holds.
POINT_VALUE_IDR: Final = 3
POINT_BALANCE: Final = 60_000


class UnknownCardError(Exception):
    """The number is not a card number."""


def new_transaction(
    intent: Intent, method: Method, now: datetime, ids: Ids, is_free: Callable[[str], bool]
) -> Transaction:
    """Return a pending transaction of the method, not yet stored."""
    number = new_pay_number(method, intent.request, ids, is_free)
    transaction = Transaction(
        transaction_id=new_transaction_id(method, now, ids),
        order_id=intent.order_id,
        token=intent.token,
        method=method.key,
        payment_type=method.payment_type,
        gross_amount=intent.gross_amount,
        status=Status.PENDING,
        fraud_status=Fraud.ACCEPT if method.has_fraud_status else None,
        transaction_at=now,
        expires_at=method_expiry(intent.request, method, now),
        pay_number=number,
        details=details_of(method, intent.request, number, ids),
        custom_fields=_echoed(intent.request),
        override_urls=intent.urls.override,
        append_urls=intent.urls.append,
        return_url=_return_url(intent.request, method),
    )
    if method.kind is Kind.PUSH:
        _ring(transaction)
    return transaction


def use_card(transaction: Transaction, request: JsonObject, number: str, ids: Ids) -> bool:
    """Put a card under the transaction and return whether it waits for payer or bank.

    UnknownCardError when the number is no card number. On the Snap page the card decides
    whether an OTP is asked; over Core the shop does, by ``authentication``.
    """
    card = look_up_card(number, transaction.gross_amount)
    if card is None:
        raise UnknownCardError("this is not a card number")
    options = as_object(request.get("credit_card"))
    transaction.details = card_details(number, ids) | _options(options, number, ids, transaction)
    transaction.is_preauthorised = options.get("type") == "authorize"
    transaction.card_outcome = card.outcome
    if card.answers_after_s:
        delay = timedelta(seconds=card.answers_after_s)
        transaction.bank_acts_at = transaction.transaction_at + delay
    if transaction.token:
        return card.asks_otp or bool(card.answers_after_s)
    transaction.has_3ds = options.get("authentication") is True or options.get("secure") is True
    if not transaction.has_3ds:
        transaction.details.pop("eci")
    return transaction.has_3ds or bool(card.answers_after_s)


def saved_token_id(number: str, ids: Ids) -> str:
    """Return a token for later payments: 8 digits, 20 random signs, 4 digits."""
    return f"{number[:8]}{ids.letters(20)}{number[-4:]}"


def _ring(transaction: Transaction) -> None:
    answer = answer_of(as_text(transaction.details["payer_phone_number"]))
    transaction.payer_answer = answer
    if answer is not Answer.NONE:
        transaction.bank_acts_at = transaction.transaction_at + APP_DELAY


def _return_url(request: JsonObject, method: Method) -> str:
    own = as_text(as_object(request.get(method.key)).get("callback_url"))
    return own or as_text(as_object(request.get("callbacks")).get("finish"))


def _echoed(request: JsonObject) -> JsonObject:
    return {name: request[name] for name in _ECHOED if request.get(name) is not None}


def _options(options: JsonObject, number: str, ids: Ids, transaction: Transaction) -> JsonObject:
    """Return what the shop's ``credit_card`` object changes about a card's details."""
    chosen: JsonObject = {
        name: as_text(options[name]) for name in ("bank", "channel") if as_text(options.get(name))
    }
    if options.get("save_token_id") is True or options.get("save_card") is True:
        until = transaction.transaction_at + _SAVED_FOR
        chosen["saved_token_id"] = saved_token_id(number, ids)
        chosen["saved_token_id_expired_at"] = until.strftime("%Y-%m-%d 07:00:00")
    points = whole_number(options.get("point"))
    return chosen | (_redeemed(points) if points else {})


def _redeemed(amount: int) -> JsonObject:
    return {
        "point_balance_amount": f"{max(0, POINT_BALANCE * POINT_VALUE_IDR - amount)}.00",
        "point_redeem_amount": amount,
        "point_redeem_quantity": -(-amount // POINT_VALUE_IDR),
    }
