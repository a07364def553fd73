"""The Snap page and snap.js: what the payer's browser talks to."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, current_app, render_template

from sandbox.answers import Reply, json_response
from sandbox.clock import iso_millis
from sandbox.midtrans.cards import OTP, look_up_card
from sandbox.midtrans.charge_answer import app_url, redirect_url
from sandbox.midtrans.details import SHOPEE_ACQUIRER
from sandbox.midtrans.gateway import Midtrans
from sandbox.midtrans.instructions import instructions
from sandbox.midtrans.method_record import Kind, Method
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.ovo import Answer, answer_of, is_phone
from sandbox.midtrans.payments import WrongStateError
from sandbox.midtrans.pdf import text_pdf
from sandbox.midtrans.records import SessionState, SnapSession, Status, Transaction
from sandbox.midtrans.result import ALREADY_PAID, error_redirect, finish_redirect, snap_result
from sandbox.midtrans.snap import is_usable, methods_of
from sandbox.pages import page_body, page_language, qr_response, qr_text, with_page_headers
from sandbox.wire import JsonObject, as_list, as_object, as_text, whole_number

_QR_ACQUIRERS: Final = {"gopay": "gopay", "shopeepay": SHOPEE_ACQUIRER}
_DONE: Final = frozenset({SessionState.CANCELED, SessionState.REPLACED})


class PageRefusalError(Exception):
    """The page asked for something that cannot be done now; ``code`` names why."""

    def __init__(self, http_status: int, code: str) -> None:
        super().__init__(code)
        self.http_status = http_status
        self.code = code

    def as_json(self) -> JsonObject:
        """Return the answer; a paid order also gets the result for ``onError``."""
        result: JsonObject = {"result": ALREADY_PAID} if self.code == "already_paid" else {}
        return {"error": self.code} | result


class SnapPage:
    """The views of the payment page; no key needed, the token is the right to pay."""

    def __init__(self, midtrans: Midtrans, base_url: Callable[[], str]) -> None:
        """Serve the tokens of ``midtrans``; ``base_url()`` is how the browser reaches us."""
        self._midtrans = midtrans
        self._base_url = base_url
        self._settings = midtrans.engine.settings

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/midtrans/snap``."""
        routes = Blueprint("snap_page", __name__, url_prefix="/midtrans/snap")
        routes.after_request(with_page_headers)
        routes.get("/snap.js")(self.script)
        routes.get("/v2/vtweb/<token>")(self.page)
        routes.get("/page/<token>/state")(self._json(self.state))
        routes.post("/page/<token>/charge")(self._json(self.charge))
        routes.post("/page/<token>/otp")(self._json(self.enter_otp))
        routes.post("/page/<token>/simulate")(self._json(self.simulate))
        routes.get("/page/<token>/qr.svg")(self.qr)
        routes.get("/v1/transactions/<transaction_id>/pdf")(self.pdf)
        return routes

    def script(self) -> Response:
        """Serve snap.js."""
        return current_app.send_static_file("snap.js")

    def page(self, token: str) -> tuple[str, int]:
        """Serve the payment page of a token."""
        language = page_language()
        known = token in self._midtrans.book.sessions
        html = render_template(
            "snap_page.html",
            language=language,
            token=token,
            merchant=self._settings.merchant_name,
            client_key=self._settings.midtrans_client_key,
            known=known,
        )
        return html, 200 if known else 404

    def state(self, session: SnapSession, _body: JsonObject) -> JsonObject:
        """Return everything the page shows."""
        engine = self._midtrans.engine
        now = engine.clock.now()
        transaction = self._midtrans.book.find(session.order_id)
        return {
            "merchant": self._settings.merchant_name,
            "order_id": session.order_id,
            "amount": session.gross_amount,
            "now": iso_millis(now),
            "clock_stands_still": engine.clock.is_still,
            "expires": iso_millis(session.page_expires_at),
            "page_state": _page_state(session, transaction, usable=is_usable(session, now)),
            "items": _items(session),
            "methods": [_method_view(method) for method in methods_of(session)],
            "phone": as_text(as_object(session.request.get("customer_details")).get("phone")),
            "transaction": self._transaction_view(transaction),
            "result": self._result(session, transaction),
            "finish_url": finish_redirect(session, transaction),
            "unfinish_url": finish_redirect(session, None),
            "error_url": error_redirect(session, transaction),
        }

    def charge(self, session: SnapSession, body: JsonObject) -> JsonObject:
        """Confirm a method: this is the moment in which a transaction begins."""
        self._require_usable(session)
        method, chosen = self._chosen_method(session, body)
        number = as_text(as_object(body.get("card")).get("number")).replace(" ", "")
        if method.kind is Kind.CARD:
            _check_card(session, number)
        self._midtrans.payments.begin(session, method, number, chosen)
        return self.state(session, body)

    def enter_otp(self, session: SnapSession, body: JsonObject) -> JsonObject:
        """Finish 3-D Secure; the right code lets the bank answer."""
        if as_text(body.get("otp")) != OTP:
            raise PageRefusalError(422, "otp")
        transaction = self._waiting(session)
        if transaction.bank_acts_at is not None:
            raise PageRefusalError(409, "not_waiting")
        self._midtrans.payments.finish_card(transaction)
        return self.state(session, body)

    def simulate(self, session: SnapSession, body: JsonObject) -> JsonObject:
        """Play the payer's bank, shop counter or wallet app."""
        transaction = self._waiting(session)
        if body.get("outcome") == "deny":
            self._midtrans.payments.deny(transaction)
        else:
            self._midtrans.payments.pay(transaction)
        return self.state(session, body)

    def pdf(self, transaction_id: str) -> Response:
        """Serve the payment instructions behind ``pdf_url``."""
        transaction = self._midtrans.book.transactions.get(transaction_id)
        if transaction is None:
            return json_response(Reply(404, {"error": "no transaction"}))
        lines = instructions(transaction, self._settings.merchant_name)
        return Response(text_pdf(lines), content_type="application/pdf")

    def qr(self, token: str) -> Response:
        """Serve the QR picture of the token's waiting transaction."""
        session = self._midtrans.book.sessions.get(token)
        transaction = self._midtrans.book.find(session.order_id) if session else None
        if transaction is None:
            return json_response(Reply(404, {"error": "no transaction"}))
        return qr_response(
            qr_text(
                transaction.transaction_id, self._settings.merchant_name, transaction.gross_amount
            )
        )

    def _chosen_method(self, session: SnapSession, body: JsonObject) -> tuple[Method, JsonObject]:
        """Return the method, and what the payer's choice adds to the shop's request."""
        key = as_text(body.get("method"))
        offered = {method.key: method for method in methods_of(session)}
        if key not in offered:
            raise PageRefusalError(422, "method")
        if key in _QR_ACQUIRERS and body.get("mode") == "qr":
            # On a desktop Snap shows these wallets as a QR code and reports payment_type
            # qris, even if qris was never enabled (Midtrans docs, "Snap advanced feature").
            return METHODS["qris"], {"qris": {"acquirer": _QR_ACQUIRERS[key]}}
        if offered[key].kind is Kind.PUSH:
            return offered[key], {"ovo": {"payer_phone_number": _phone_of(body)}}
        return offered[key], {}

    def _result(self, session: SnapSession, transaction: Transaction | None) -> JsonObject | None:
        if transaction is None:
            return None
        return snap_result(session, transaction, f"{self._base_url()}/midtrans/snap")

    def _transaction_view(self, transaction: Transaction | None) -> JsonObject | None:
        if transaction is None:
            return None
        method, details = METHODS[transaction.method], transaction.details
        return {
            **_method_view(method),
            "id": transaction.transaction_id,
            "status": transaction.status,
            "fraud_status": transaction.fraud_status,
            "number": transaction.pay_number,
            "biller_code": details.get("biller_code"),
            "phone": details.get("payer_phone_number"),
            "expires": iso_millis(transaction.expires_at),
            "masked_card": details.get("masked_card"),
            "asks_otp": method.kind is Kind.CARD and transaction.bank_acts_at is None,
            "app_url": _app_url(transaction, f"{self._base_url()}/midtrans"),
        }

    def _require_usable(self, session: SnapSession) -> None:
        transaction = self._midtrans.book.find(session.order_id)
        if transaction and transaction.is_paid:
            raise PageRefusalError(409, "already_paid")
        if not is_usable(session, self._midtrans.engine.clock.now()):
            raise PageRefusalError(409, "page_ended")

    def _waiting(self, session: SnapSession) -> Transaction:
        transaction = self._midtrans.book.find(session.order_id)
        if transaction is None or transaction.status != Status.PENDING:
            raise PageRefusalError(409, "not_waiting")
        return transaction

    def _json(
        self, act: Callable[[SnapSession, JsonObject], JsonObject]
    ) -> Callable[[str], Response]:
        def view(token: str) -> Response:
            try:
                with self._midtrans.engine.change():
                    session = self._midtrans.book.sessions.get(token)
                    if session is None:
                        return json_response(Reply(404, {"error": "token"}))
                    return json_response(Reply(200, act(session, page_body())))
            except PageRefusalError as refused:
                return json_response(Reply(refused.http_status, refused.as_json()))
            except WrongStateError:
                return json_response(Reply(409, {"error": "not_waiting"}))

        view.__name__ = act.__name__
        return view


def _page_state(session: SnapSession, transaction: Transaction | None, *, usable: bool) -> str:
    if transaction and transaction.is_paid:
        return "paid"
    if transaction and transaction.status == Status.PENDING:
        # A VA number or QR code outlives the page on which it was issued.
        return "waiting"
    if usable:
        return "open"
    return session.state if session.state in _DONE else SessionState.EXPIRED


def _items(session: SnapSession) -> list[JsonObject]:
    lines = [as_object(item) for item in as_list(session.request.get("item_details"))]
    return [
        {
            "name": as_text(line.get("name")),
            "quantity": whole_number(line.get("quantity")),
            "price": whole_number(line.get("price")),
        }
        for line in lines
    ]


def _method_view(method: Method) -> JsonObject:
    return {
        "key": method.key,
        "kind": method.kind,
        "codes": sorted(method.aliases),
        "label": {"id": method.label_id, "en": method.label_en},
    }


def _app_url(transaction: Transaction, api_url: str) -> str | None:
    kind = METHODS[transaction.method].kind
    if kind is Kind.WALLET:
        return app_url(transaction, api_url)
    return redirect_url(transaction, api_url) if kind is Kind.REDIRECT else None


def _check_card(session: SnapSession, number: str) -> None:
    if look_up_card(number, session.gross_amount) is None:
        raise PageRefusalError(422, "card_number")
    options = as_object(session.request.get("credit_card"))
    bins = [as_text(one) for one in as_list(options.get("whitelist_bins"))]
    if bins and not number.startswith(tuple(bins)):
        raise PageRefusalError(422, "card_bin")


def _phone_of(body: JsonObject) -> str:
    phone = as_text(body.get("phone"))
    if not is_phone(phone):
        raise PageRefusalError(422, "phone")
    if answer_of(phone) is Answer.UNKNOWN_USER:
        raise PageRefusalError(422, "phone_unknown")
    return phone
