"""The other side's own pages: the bank's 3-D Secure check, wallets, pay-later providers.

The real ones belong to banks and wallets; these play them and send the payer back.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request

from sandbox.answers import Reply, json_response
from sandbox.clock import wib_text
from sandbox.midtrans.cards import OTP
from sandbox.midtrans.charge_answer import charge_answer
from sandbox.midtrans.gateway import Midtrans
from sandbox.midtrans.method_record import Kind
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import Status, Transaction
from sandbox.midtrans.result import app_return
from sandbox.pages import MAX_BODY_BYTES, page_language, qr_response, qr_text, with_page_headers
from sandbox.wire import JsonObject

_UNSAFE_SCHEMES = frozenset({"javascript", "data", "vbscript"})


class ProviderPage:
    """The views behind ``redirect_url`` and ``actions`` of a charge; the id is the right."""

    def __init__(self, midtrans: Midtrans, base_url: Callable[[], str]) -> None:
        """Serve the transactions of ``midtrans``; ``base_url()`` is how browsers reach us."""
        self._midtrans = midtrans
        self._base_url = base_url
        self._settings = midtrans.engine.settings

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/midtrans``."""
        routes = Blueprint("midtrans_provider", __name__, url_prefix="/midtrans")
        routes.after_request(_with_form)
        for path in (
            "/v2/token/rba/redirect/<reference>",
            "/v2/<provider>/redirect/<reference>",
            "/v3/bri/epay/redirect/<reference>",
            "/cimb-clicks/request",
            "/simulator/<provider>/ui/checkout",
        ):
            routes.get(path)(self.page)
            routes.post(path)(self.answer)
        routes.get("/v2/assets/js/midtrans-new-3ds.min.js")(self.script)
        for path in (
            "/v2/gopay/<reference>/qr-code",
            "/v2/qris/<reference>/qr-code",
            "/v4/qris/gopay/<reference>/qr-code",
        ):
            routes.get(path)(self.qr)
        return routes

    def script(self) -> Response:
        """Serve the browser library of card forms."""
        return current_app.send_static_file("snap-3ds.js")

    def page(self, reference: str = "", provider: str = "") -> Response:
        """Show what is to be paid, with the buttons that decide it."""
        with self._midtrans.engine.change():
            return self._render(self._find(reference), "", provider)

    def answer(self, reference: str = "", provider: str = "") -> Response:
        """Take the payer's decision and show where to go on."""
        request.max_content_length = MAX_BODY_BYTES
        with self._midtrans.engine.change():
            transaction = self._find(reference)
            problem = self._decide(transaction) if transaction else ""
            if transaction and request.accept_mimetypes.best == "application/json":
                return self._json(transaction, problem)
            return self._render(transaction, problem, provider)

    def qr(self, reference: str) -> Response:
        """Serve the QR picture of a charge's ``actions``."""
        with self._midtrans.engine.change():
            transaction = self._find(reference)
        if transaction is None:
            return json_response(Reply(404, {"error": "no transaction"}))
        name = self._settings.merchant_name
        return qr_response(qr_text(transaction.transaction_id, name, transaction.gross_amount))

    def _find(self, reference: str) -> Transaction | None:
        asked = reference or request.args.get("referenceid") or request.args.get("id", "")
        known = self._midtrans.book.transactions
        # The 3-D Secure address has the masked card in front of the id.
        return known.get(asked) or known.get(asked[-36:])

    def _decide(self, transaction: Transaction) -> str:
        """Move the transaction as the payer says; return the name of a problem, if any."""
        if transaction.status != Status.PENDING:
            return ""
        wants_to_pay = request.form.get("decision") == "pay"
        if transaction.method == "credit_card":
            return self._decide_card(transaction) if wants_to_pay else ""
        payments = self._midtrans.payments
        if wants_to_pay:
            payments.pay(transaction)
        elif METHODS[transaction.method].kind is Kind.REDIRECT:
            payments.deny(transaction)
        # A payer who fails inside a wallet's app changes nothing (docs, "Technical FAQ").
        return ""

    def _decide_card(self, transaction: Transaction) -> str:
        if request.form.get("otp", "") != OTP:
            return "otp"
        if transaction.bank_acts_at is None:
            self._midtrans.payments.finish_card(transaction)
        return ""

    def _json(self, transaction: Transaction, problem: str) -> Response:
        if problem:
            return json_response(Reply(422, {"error": problem}))
        return json_response(Reply(200, self._result(transaction)))

    def _result(self, transaction: Transaction) -> JsonObject:
        api_url = f"{self._base_url()}/midtrans"
        return charge_answer(transaction, api_url, self._settings.merchant_name)

    def _render(self, transaction: Transaction | None, problem: str, provider: str) -> Response:
        language = page_language()
        done = request.method == "POST" and not problem
        is_card = transaction is not None and transaction.method == "credit_card"
        html = render_template(
            "snap_provider.html",
            language=language,
            merchant=self._settings.merchant_name,
            transaction=transaction,
            expires=wib_text(transaction.expires_at) if transaction else "",
            label=_label(transaction, language) if transaction else provider,
            is_card=is_card,
            result=self._result(transaction) if transaction and is_card and done else None,
            problem=problem,
            is_done=done,
            back=_safe(_back(transaction)) if transaction and done else "",
        )
        return make_response(html, 200 if transaction else 404)


def _label(transaction: Transaction, language: str) -> str:
    method = METHODS[transaction.method]
    return method.label_en if language == "en" else method.label_id


def _back(transaction: Transaction) -> str:
    """Return the way back; the browser library may name one for this visit only."""
    wanted = request.args.get("callback_url")
    return app_return(replace(transaction, return_url=wanted) if wanted else transaction)


def _safe(url: str) -> str:
    """Return the address unless it would run code here; apps have schemes of their own."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return ""
    return "" if scheme in _UNSAFE_SCHEMES or not scheme else url


def _with_form(response: Response) -> Response:
    response = with_page_headers(response)
    policy = response.headers["Content-Security-Policy"]
    allowed = policy.replace("form-action 'none'", "form-action 'self'")
    response.headers["Content-Security-Policy"] = allowed
    return response
