"""The control API: what payers, banks and time do, told over HTTP."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, request

from sandbox.answers import Reply, json_response
from sandbox.clock import iso_millis
from sandbox.dashboard_messages import midtrans_test_message, xendit_test_message
from sandbox.faults import BadRuleError
from sandbox.intake import BodyProblem, read_object
from sandbox.midtrans.cards import CARD_FOR_OUTCOME, CardOutcome
from sandbox.midtrans.method_record import Method
from sandbox.midtrans.methods import find_method
from sandbox.midtrans.payments import WrongStateError as MidtransStateError
from sandbox.midtrans.records import SessionState, SnapSession, Status, Transaction
from sandbox.views import midtrans_view, state_view, xendit_view
from sandbox.wire import JsonObject, as_text, whole_number
from sandbox.world import World
from sandbox.xendit.invoices import WrongStateError as XenditStateError
from sandbox.xendit.payment_fields import Payer
from sandbox.xendit.records import Invoice

_LONGEST_ADVANCE_S: Final = 366 * 86_400
_MAX_BODY_BYTES: Final = 1_048_576
_FLUSH_TIMEOUT_S: Final = 60.0
_DEFAULT_METHOD: Final = "bca_va"
_DEFAULT_CHANNEL: Final = "BCA"


class RefusedError(Exception):
    """A control request that cannot be carried out; the text says why."""

    def __init__(self, http_status: int, message: str) -> None:
        super().__init__(message)
        self.http_status = http_status


class Control:
    """The views under ``/_sandbox``; each raises RefusedError for what cannot be carried out."""

    def __init__(self, world: World, base_url: Callable[[], str]) -> None:
        """Control ``world``; ``base_url()`` is how the browser reaches us."""
        self._world = world
        self._base_url = base_url

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/_sandbox``."""
        routes = Blueprint("control", __name__, url_prefix="/_sandbox")
        routes.before_request(_refuse_foreign_pages)
        routes.post("/midtrans/<path:order_id>/<action>")(self._view(self.midtrans))
        routes.post("/xendit/<path:invoice_id>/<action>")(self._view(self.xendit))
        routes.post("/clock")(self._view(self.advance))
        routes.get("/clock")(self._view(self.clock))
        routes.put("/faults")(self._view(self.set_faults))
        routes.get("/faults")(self._view(self.faults))
        routes.put("/notifications")(self._view(self.set_notifications))
        routes.get("/deliveries")(self._view(self.deliveries))
        routes.post("/deliveries/test")(self._view(self.test_message))
        routes.get("/deliveries/<int:delivery_id>")(self._view(self.delivery))
        routes.post("/deliveries/<int:delivery_id>/resend")(self._view(self.resend))
        routes.get("/state")(self._view(self.state))
        routes.post("/flush")(self._view(self.flush))
        routes.post("/reset")(self._view(self.reset))
        return routes

    def midtrans(self, body: JsonObject, order_id: str, action: str) -> JsonObject:
        """Play payer, bank or fraud system for a Midtrans order or Snap token."""
        actions: dict[str, Callable[[str, JsonObject], Transaction | None]] = {
            "pay": self._pay,
            "deny": self._deny,
            "challenge": self._challenge,
            "expire": self._expire,
            "settle": self._each(self._world.midtrans.payments.settle),
            "cancel": self._each(self._world.midtrans.payments.cancel),
            "approve": self._each(self._world.midtrans.payments.approve_challenge),
            "chargeback": self._charge_back,
            "reverse": self._each(self._world.midtrans.payments.reverse),
        }
        if action not in actions:
            raise RefusedError(404, f"there is no action {action}; use {', '.join(actions)}")
        with self._world.engine.change():
            token = self._world.midtrans.book.sessions.get(order_id)
            transaction = actions[action](token.order_id if token else order_id, body)
            if transaction is None:
                return {"order_id": order_id, "transaction_status": None}
            return midtrans_view(self._world, transaction)

    def xendit(self, body: JsonObject, invoice_id: str, action: str) -> JsonObject:
        """Play payer, bank or time for an invoice (by id or external_id)."""
        invoices = self._world.xendit.invoices
        channel = as_text(body.get("channel", _DEFAULT_CHANNEL))
        payer = Payer(as_text(body.get("issuer", Payer().issuer)), body.get("linked") is True)
        pay = invoices.pay_late if body.get("late") is True else invoices.pay
        actions: dict[str, Callable[[Invoice], object]] = {
            "pay": lambda invoice: pay(invoice, channel, payer),
            "pick": lambda invoice: invoices.pick(invoice, channel),
            # A failed attempt changes nothing and sends nothing (docs, "Payment links").
            "deny": lambda invoice: invoices.pick(invoice, channel),
            "expire": invoices.expire,
            "settle": invoices.settle,
        }
        if action in {"challenge", "chargeback", "reverse"}:
            raise RefusedError(422, f"Xendit has no {action} on invoices")
        if action not in actions:
            raise RefusedError(404, f"there is no action {action}; use {', '.join(actions)}")
        with self._world.engine.change():
            invoice = self._invoice(invoice_id)
            actions[action](invoice)
            return xendit_view(self._world, invoice, self._base_url())

    def clock(self, _body: JsonObject) -> JsonObject:
        """Return the virtual time."""
        clock = self._world.engine.clock
        return {
            "now": iso_millis(clock.now()),
            "offset_s": clock.offset_s,
            "stands_still": clock.is_still,
        }

    def advance(self, body: JsonObject) -> JsonObject:
        """Move the clock forward and do what becomes due."""
        seconds = body.get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise RefusedError(422, "'advance_s' must be a number of seconds")
        if not 0 <= seconds <= _LONGEST_ADVANCE_S:
            raise RefusedError(422, f"'advance_s' must be between 0 and {_LONGEST_ADVANCE_S}")
        self._world.engine.advance(float(seconds))
        return self.clock(body)

    def faults(self, _body: JsonObject) -> JsonObject:
        """Return the fault rules in force."""
        return {"rules": self._world.engine.faults.rules()}

    def set_faults(self, body: JsonObject) -> JsonObject:
        """Replace the fault rules."""
        try:
            self._world.engine.faults.replace(body)
        except BadRuleError as bad:
            raise RefusedError(422, str(bad)) from bad
        return self.faults(body)

    def set_notifications(self, body: JsonObject) -> JsonObject:
        """Stop or resume sending, by gateway."""
        enabled = self._world.deliveries.enabled
        for gateway, value in body.items():
            if gateway not in enabled or not isinstance(value, bool):
                raise RefusedError(422, 'use {"midtrans": true|false, "xendit": true|false}')
        for gateway, value in body.items():
            enabled[gateway] = value is True
        return dict(enabled)

    def deliveries(self, _body: JsonObject) -> JsonObject:
        """Return the newest deliveries, newest first."""
        limit = request.args.get("limit", 200, type=int)
        with self._world.engine.change():
            return {
                "deliveries": self._world.deliveries.recent(max(1, limit)),
                "counts": self._world.deliveries.counts(),
            }

    def delivery(self, _body: JsonObject, delivery_id: int) -> JsonObject:
        """Return one delivery."""
        with self._world.engine.change():
            found = self._world.deliveries.find(delivery_id)
        if found is None:
            raise RefusedError(404, f"there is no delivery {delivery_id}")
        return found

    def resend(self, _body: JsonObject, delivery_id: int) -> JsonObject:
        """Send one delivery again, now."""
        with self._world.engine.change():
            sent = self._world.deliveries.resend(delivery_id)
        if not sent:
            raise RefusedError(404, f"there is no delivery {delivery_id} with an address")
        return {"resent": delivery_id}

    def test_message(self, body: JsonObject) -> JsonObject:
        """Send what the dashboard's test button sends."""
        makers = {"midtrans": midtrans_test_message, "xendit": xendit_test_message}
        gateway = as_text(body.get("gateway"))
        if gateway not in makers:
            raise RefusedError(422, "'gateway' must be midtrans or xendit")
        with self._world.engine.change():
            message = makers[gateway](self._world.engine)
            self._world.deliveries.send(message)
        return {"sent": gateway, "reference": message.reference}

    def state(self, _body: JsonObject) -> JsonObject:
        """Return the newest transactions, invoices and refunds."""
        limit = request.args.get("limit", 200, type=int)
        with self._world.engine.change():
            return state_view(self._world, max(1, limit), self._base_url())

    def flush(self, _body: JsonObject) -> JsonObject:
        """Deliver everything that is due and answer when done."""
        return {"idle": self._world.flush(_FLUSH_TIMEOUT_S)}

    def reset(self, body: JsonObject) -> JsonObject:
        """Forget everything; with ``"clock": true`` also how far time was moved."""
        rewind = body.get("clock", False)
        if not isinstance(rewind, bool):
            raise RefusedError(422, "'clock' must be true or false")
        self._world.reset(rewind=rewind)
        return {"reset": True}

    def _pay(self, order_id: str, body: JsonObject) -> Transaction | None:
        payments = self._world.midtrans.payments
        outcome = as_text(body.get("outcome", "success"))
        if outcome in {"deny", "challenge"}:
            return (self._deny if outcome == "deny" else self._challenge)(order_id, body)
        if outcome not in {"success", "pending"}:
            raise RefusedError(422, "'outcome' must be success, pending, deny or challenge")
        if body.get("late") is True:
            transaction = self._transaction(order_id)
            payments.pay_late(transaction)
            return transaction
        transaction = self._attempt(order_id, body, CardOutcome.ACCEPT)
        if outcome == "success" and transaction.status == Status.PENDING:
            payments.pay(transaction)
        return transaction

    def _deny(self, order_id: str, body: JsonObject) -> Transaction | None:
        payments = self._world.midtrans.payments
        found = self._world.midtrans.book.find(order_id)
        if found and found.status == Status.CAPTURE:
            payments.deny_challenge(found)
            return found
        card_first = {"payment_type": "credit_card", **body}
        transaction = self._attempt(order_id, card_first, CardOutcome.BANK_DENY)
        if transaction.status == Status.PENDING:
            payments.deny(transaction)
        return transaction

    def _challenge(self, order_id: str, _body: JsonObject) -> Transaction | None:
        return self._attempt(order_id, {"payment_type": "credit_card"}, CardOutcome.CHALLENGE)

    def _charge_back(self, order_id: str, body: JsonObject) -> Transaction:
        amount = whole_number(body.get("amount"))
        if "amount" in body and (amount is None or amount < 1):
            raise RefusedError(422, "'amount' must be a whole number of at least 1")
        transaction = self._transaction(order_id)
        self._world.midtrans.payments.charge_back(transaction, amount)
        return transaction

    def _expire(self, order_id: str, _body: JsonObject) -> Transaction | None:
        found = self._world.midtrans.book.find(order_id)
        if found:
            self._world.midtrans.payments.expire(found)
            return found
        self._world.midtrans.snap.expire(self._session(order_id))
        return None

    def _each(
        self, move: Callable[[Transaction], None]
    ) -> Callable[[str, JsonObject], Transaction | None]:
        def act(order_id: str, _body: JsonObject) -> Transaction:
            transaction = self._transaction(order_id)
            move(transaction)
            return transaction

        return act

    def _attempt(self, order_id: str, body: JsonObject, card: CardOutcome) -> Transaction:
        """Return the waiting attempt of the wanted method, begun now if there is none."""
        waiting = self._world.midtrans.book.find(order_id)
        method = self._method(body)
        is_open = waiting is not None and waiting.status == Status.PENDING
        # What was charged over Core has no page on which to choose another method.
        if waiting and is_open and (not waiting.token or method in {None, waiting.method}):
            return waiting
        session = self._session(order_id)
        chosen = find_method(method or _DEFAULT_METHOD)
        if chosen is None:
            raise RefusedError(422, f"there is no payment_type {method}")
        return self._begin(session, chosen, card)

    def _begin(self, session: SnapSession, method: Method, card: CardOutcome) -> Transaction:
        number = CARD_FOR_OUTCOME[card] if method.kind == "card" else ""
        return self._world.midtrans.payments.begin(session, method, number)

    def _method(self, body: JsonObject) -> str | None:
        name = body.get("payment_type")
        if name is None:
            return None
        method = find_method(as_text(name))
        if method is None:
            raise RefusedError(422, f"there is no payment_type {name}")
        return method.key

    def _transaction(self, any_id: str) -> Transaction:
        found = self._world.midtrans.book.find(any_id)
        if found is None:
            raise RefusedError(404, f"no transaction for {any_id}")
        return found

    def _session(self, any_id: str) -> SnapSession:
        """Return the usable session of an order id or transaction id."""
        book = self._world.midtrans.book
        found = book.find(any_id)
        order_id = found.order_id if found else any_id
        session = book.latest_session(order_id)
        if session is None:
            raise RefusedError(404, f"no Snap token or transaction for {any_id}")
        if session.state not in {SessionState.OPEN, SessionState.CONFIRMED}:
            raise RefusedError(409, f"the Snap token is {session.state}")
        if any(attempt.is_paid for attempt in book.attempts(session.order_id)):
            raise RefusedError(409, "the order is already paid")
        return session

    def _invoice(self, any_id: str) -> Invoice:
        book = self._world.xendit.book
        found = book.invoices.get(any_id) or next(reversed(book.of_external_id(any_id)), None)
        if found is None:
            raise RefusedError(404, f"no invoice {any_id}")
        return found

    def _view(self, act: Callable[..., JsonObject]) -> Callable[..., Response]:
        def view(**path: str | int) -> Response:
            try:
                return json_response(Reply(200, act(_body(), **path)))
            except RefusedError as refused:
                return json_response(Reply(refused.http_status, {"error": str(refused)}))
            except (MidtransStateError, XenditStateError) as wrong:
                return json_response(Reply(409, {"error": str(wrong)}))

        view.__name__ = act.__name__
        return view


def _refuse_foreign_pages() -> Response | None:
    """Keep web pages of other sites from pressing our buttons through the browser."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return json_response(Reply(403, {"error": "cross-site requests are refused"}))
    return None


def _body() -> JsonObject:
    body = read_object(_MAX_BODY_BYTES)
    if isinstance(body, BodyProblem):
        raise RefusedError(400, body.value)
    return body
