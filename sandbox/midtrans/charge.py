"""``POST /v2/charge`` and ``POST /v2/capture``: payments without a Snap page."""

from typing import Final

from sandbox.engine import Engine
from sandbox.midtrans.bodies import (
    CANNOT_MODIFY,
    action_body,
    invalid,
    no_such_transaction,
    refusal,
)
from sandbox.midtrans.card_tokens import NO_TOKEN, CardTokens
from sandbox.midtrans.charge_answer import charge_answer
from sandbox.midtrans.charge_request import ChargeProblem, read_charge
from sandbox.midtrans.intent import NotifyUrls, core_intent
from sandbox.midtrans.method_record import Kind, Method
from sandbox.midtrans.ovo import Answer, answer_of
from sandbox.midtrans.payments import Payments, WrongStateError
from sandbox.midtrans.records import Status, Transaction
from sandbox.wire import JsonObject, as_object, as_text, whole_number

_ENDED: Final = frozenset({Status.DENY, Status.CANCEL, Status.EXPIRE})
_DUPLICATE: Final = "Duplicate order ID. order_id has already been utilized previously."
_NO_OVO_USER: Final = "User with requested phone number doesn't exist"
# What a fault rule may refuse a charge with (docs, "Code 4xx" and "Code 5xx").
_REFUSALS: Final = {
    "402": "Payment channel is not activated.",
    "410": "GoPay user is blocked",
    "429": "API rate limit exceeded",
    "503": "Bank/partner is experiencing connection issue.",
    "505": "Unable to create va_number for this transaction",
    "900": "GENERIC_SERVICE_ERROR",
}


class Charges:
    """Charges and captures; used under the engine's lock."""

    def __init__(self, engine: Engine, payments: Payments, tokens: CardTokens) -> None:
        """Charge through the given payments, with cards behind the given tokens."""
        self._engine = engine
        self._payments = payments
        self._tokens = tokens

    def charge(self, request: JsonObject, urls: NotifyUrls, api_url: str) -> JsonObject:
        """Begin a payment and return the answer's body."""
        method = read_charge(request)
        if isinstance(method, ChargeProblem):
            return invalid(method.messages, self._engine.ids.uuid())
        refused = self._duplicate(request) or self._no_such_payer(method, request)
        if refused:
            return refused
        transaction = self._begin(method, request, urls)
        if transaction is None:
            return self._with_id(NO_TOKEN)
        return charge_answer(transaction, api_url, self._engine.settings.merchant_name)

    def refuse(self, code: str) -> JsonObject:
        """Return the refusal that a fault rule asks for."""
        return self._with_id(refusal(code, _REFUSALS.get(code, "Transaction is refused")))

    def capture(self, request: JsonObject) -> JsonObject:
        """Take a pre-authorised amount; without ``gross_amount`` all of it."""
        found = self._payments.book.find_for_core(as_text(request.get("transaction_id")))
        if found is None:
            return no_such_transaction(self._engine.ids.uuid())
        asked = request.get("gross_amount")
        amount = found.gross_amount if asked is None else whole_number(asked)
        if amount is None or not 0 < amount <= found.gross_amount:
            message = "gross_amount must be a number up to the authorized amount"
            return invalid([message], self._engine.ids.uuid())
        try:
            self._payments.capture_reserved(found, amount)
        except WrongStateError:
            return CANNOT_MODIFY
        message = "Success, Credit Card capture transaction is successful"
        return action_body(found, "200", message)

    def _duplicate(self, request: JsonObject) -> JsonObject | None:
        """Return the 406 answer, unless every earlier attempt of the order has failed.

        After cancel, expire or deny an order_id may be charged again (docs, "Error
        response code").
        """
        order_id = as_text(as_object(request["transaction_details"])["order_id"])
        attempts = self._payments.book.attempts(order_id)
        if all(attempt.status in _ENDED for attempt in attempts):
            return None
        return self._with_id(refusal("406", _DUPLICATE))

    def _no_such_payer(self, method: Method, request: JsonObject) -> JsonObject | None:
        phone = as_text(as_object(request.get("ovo")).get("payer_phone_number"))
        if method.kind is not Kind.PUSH or answer_of(phone) is not Answer.UNKNOWN_USER:
            return None
        return self._with_id(refusal("404", _NO_OVO_USER))

    def _begin(self, method: Method, request: JsonObject, urls: NotifyUrls) -> Transaction | None:
        """Begin the payment; None when its card token is missing, unknown or too old."""
        token_id = as_text(as_object(request.get("credit_card")).get("token_id"))
        number = self._tokens.card_of(token_id) if method.kind is Kind.CARD else ""
        if number is None:
            return None
        transaction = self._payments.start(core_intent(request, urls), method, number)
        self._tokens.use(token_id)
        if saved := as_text(transaction.details.get("saved_token_id")):
            self._tokens.remember(saved, number)
        return transaction

    def _with_id(self, body: JsonObject) -> JsonObject:
        return {**body, "id": self._engine.ids.uuid()}
