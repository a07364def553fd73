"""HTTP of invoices, refunds and the test-mode simulate endpoints."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, request

from sandbox.answers import FaultyAnswers, Reply, basic_user, json_response, same_secret
from sandbox.intake import BodyProblem, read_object
from sandbox.wire import JsonObject, as_text
from sandbox.xendit.bodies import invoice_body, refund_body
from sandbox.xendit.callback_urls import set_callback_url
from sandbox.xendit.errors import error, named_error, validation_error
from sandbox.xendit.gateway import Xendit
from sandbox.xendit.invoice_request import amount_of, invoice_refusal
from sandbox.xendit.invoices import WrongStateError, active_channels
from sandbox.xendit.listing import BadFilterError, Query, list_invoices, list_refunds
from sandbox.xendit.records import Invoice, InvoiceStatus
from sandbox.xendit.traffic import Traffic, dress

MAX_BODY_BYTES: Final = 1_048_576


class XenditRoutes:
    """The views of the Xendit API."""

    def __init__(self, xendit: Xendit, base_url: Callable[[], str]) -> None:
        """Answer for ``xendit``; ``base_url()`` is how the browser reaches us."""
        self._xendit = xendit
        self._settings = xendit.engine.settings
        self._base_url = base_url
        self._answers = FaultyAnswers(xendit.engine, _too_many)
        self._traffic = Traffic(self._settings.xendit_rate_limit)

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/xendit``."""
        routes = Blueprint("xendit", __name__, url_prefix="/xendit")
        routes.before_request(self._admit)
        routes.after_request(self._dress)
        routes.post("/v2/invoices", strict_slashes=False)(self.create)
        routes.get("/v2/invoices", strict_slashes=False)(self.list)
        routes.get("/v2/invoices/<invoice_id>")(self.get)
        routes.post("/invoices/<invoice_id>/expire!")(self.expire)
        routes.post("/refunds", strict_slashes=False)(self.create_refund)
        routes.get("/refunds", strict_slashes=False)(self.list_refunds)
        routes.get("/refunds/<refund_id>")(self.get_refund)
        routes.post("/refunds/<refund_id>/cancel")(self.cancel_refund)
        for name, field in _SIMULATORS.items():
            path = f"/{name}/simulate_payment"
            routes.post(path, defaults={"field": field}, endpoint=name)(self.simulate)
        routes.post("/callback_urls/<kind>")(self.set_callback_url)
        return routes

    def create(self) -> Response:
        """Create an invoice; duplicates of external_id are allowed."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        external_id = as_text(body.get("external_id"))
        return self._give("xendit.invoice.create", external_id, lambda: self._create(body))

    def get(self, invoice_id: str) -> Response:
        """Answer GET invoice."""
        return self._on_invoice("xendit.invoice.get", invoice_id, self._show)

    def list(self) -> Response:
        """Answer the list as a bare array, newest first."""
        query = Query(request.args.to_dict(flat=False))
        external_id = query.one("external_id") or ""
        return self._give("xendit.invoice.list", external_id, lambda: self._list(query))

    def expire(self, invoice_id: str) -> Response:
        """Expire an unpaid invoice."""
        return self._on_invoice("xendit.invoice.expire", invoice_id, self._expire)

    def create_refund(self) -> Response:
        """Refund an invoice."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        key = request.headers.get("idempotency-key", "")
        order = self._order_of(as_text(body.get("invoice_id")))
        refunds = self._xendit.refunds
        return self._answers.give(
            "xendit.refund.create", order, lambda code: refunds.create(body, key, code)
        )

    def get_refund(self, refund_id: str) -> Response:
        """Answer GET refund."""
        refunds = self._xendit.refunds
        order = self._order_of_refund(refund_id)
        return self._give("xendit.refund.get", order, lambda: refunds.get(refund_id))

    def list_refunds(self) -> Response:
        """Answer the list of refunds: ``data`` and ``has_more``."""
        query = Query(request.args.to_dict(flat=False))
        order = self._order_of(query.one("invoice_id") or "")
        return self._give("xendit.refund.list", order, lambda: self._list_refunds(query))

    def cancel_refund(self, refund_id: str) -> Response:
        """Cancel a refund that is still pending."""
        refunds = self._xendit.refunds
        order = self._order_of_refund(refund_id)
        return self._give("xendit.refund.cancel", order, lambda: refunds.cancel(refund_id))

    def simulate(self, field: str) -> Response:
        """Pay a VA or a pay code, as Xendit's test mode does."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        return self._give("xendit.simulate", "", lambda: self._simulate(body, field))

    def set_callback_url(self, kind: str) -> Response:
        """Keep where callbacks of one kind go."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        book, token = self._xendit.book, self._settings.xendit_callback_token
        return self._give(
            "xendit.callback_url", kind, lambda: set_callback_url(book, kind, body, token)
        )

    def _give(self, operation: str, order: str, produce: Callable[[], Reply]) -> Response:
        """Answer, or refuse with the documented error that a fault rule names."""
        return self._answers.give(
            operation, order, lambda code: named_error(code) if code else produce()
        )

    def _create(self, body: JsonObject) -> Reply:
        if refusal := invoice_refusal(body, active_channels(self._settings)):
            return refusal
        return Reply(200, self._body(self._xendit.invoices.create(body)))

    def _show(self, invoice: Invoice) -> Reply:
        return Reply(200, self._body(invoice))

    def _expire(self, invoice: Invoice) -> Reply:
        try:
            self._xendit.invoices.expire(invoice)
        except WrongStateError:
            message = f"Could not find and update PENDING invoice {invoice.id}"
            return Reply(404, error("INVOICE_NOT_FOUND_ERROR", message))
        return Reply(200, self._body(invoice))

    def _list(self, query: Query) -> Reply:
        try:
            invoices = list_invoices(self._xendit.book, query)
        except BadFilterError as bad:
            return _bad_filter(bad)
        return Reply(200, [self._body(invoice) for invoice in invoices])

    def _list_refunds(self, query: Query) -> Reply:
        try:
            refunds, has_more = list_refunds(self._xendit.book, query)
        except BadFilterError as bad:
            return _bad_filter(bad)
        return Reply(200, {"data": [refund_body(item) for item in refunds], "has_more": has_more})

    def _simulate(self, body: JsonObject, field: str) -> Reply:
        invoice = self._xendit.book.by_number(str(body.get(field, "")))
        code = as_text(body.get("bank_code") or body.get("retail_outlet_name"))
        if invoice is None or invoice.status != InvoiceStatus.PENDING:
            return Reply(404, error("DATA_NOT_FOUND", "No payment is expected on this number"))
        if amount_of(body.get("transfer_amount")) != invoice.amount:
            return Reply(400, error("INVALID_AMOUNT_ERROR", "The amount is not the expected one"))
        if invoice.numbers.get(code) != str(body.get(field)):
            return Reply(400, error("API_VALIDATION_ERROR", "The bank or outlet does not match"))
        self._xendit.invoices.pay(invoice, code)
        return Reply(200, {"status": "COMPLETED", "message": "Payment has been simulated"})

    def _on_invoice(
        self, operation: str, invoice_id: str, produce: Callable[[Invoice], Reply]
    ) -> Response:
        invoice = self._xendit.book.invoices.get(invoice_id)
        if invoice is None:
            message = f"Could not find invoice by id {invoice_id}"
            missing = Reply(404, error("INVOICE_NOT_FOUND_ERROR", message))
            return self._give(operation, invoice_id, lambda: missing)
        return self._give(operation, invoice.external_id, lambda: produce(invoice))

    def _body(self, invoice: Invoice) -> JsonObject:
        return invoice_body(invoice, self._settings.merchant_name, self._base_url())

    def _order_of(self, invoice_id: str) -> str:
        invoice = self._xendit.book.invoices.get(invoice_id)
        return invoice.external_id if invoice else invoice_id

    def _order_of_refund(self, refund_id: str) -> str:
        refund = self._xendit.book.refunds.get(refund_id)
        return self._order_of(refund.invoice_id) if refund else refund_id

    def _admit(self) -> Response | None:
        """Refuse a wrong key, and calls above the rate limit."""
        user = basic_user(request.headers.get("Authorization", ""))
        if user == "":
            return json_response(validation_error([_EMPTY_KEY]))
        if not same_secret(user, self._settings.xendit_secret_key):
            is_refund = request.path.startswith("/xendit/refunds")
            return json_response(named_error("UNAUTHORIZED" if is_refund else "INVALID_API_KEY"))
        with self._xendit.engine.change():
            too_much = self._traffic.is_too_much(request.endpoint or "", self._now())
        return json_response(_too_many()) if too_much else None

    def _dress(self, response: Response) -> Response:
        with self._xendit.engine.change():
            response.headers.extend(self._traffic.headers(request.endpoint or "", self._now()))
            return dress(response, self._xendit.engine.ids.digits(18))

    def _now(self) -> datetime:
        return self._xendit.engine.clock.now()


_SIMULATORS: Final = {
    "pool_virtual_accounts": "bank_account_number",
    "fixed_payment_code": "payment_code",
    "non_fixed_payment_code": "payment_code",
}
_EMPTY_KEY: Final = ("api_key", "is not allowed to be empty", "any.empty")


def _refused(problem: BodyProblem) -> Reply:
    if problem is BodyProblem.TOO_LARGE:
        return Reply(413, error("REQUEST_ENTITY_TOO_LARGE", problem.value))
    malformed = problem is BodyProblem.MALFORMED
    code = "INVALID_JSON_FORMAT" if malformed else "API_VALIDATION_ERROR"
    return Reply(400, error(code, problem.value))


def _bad_filter(bad: BadFilterError) -> Reply:
    return validation_error([(bad.field, "is not valid", "any.invalid")])


def _too_many() -> Reply:
    return named_error("RATE_LIMIT_EXCEEDED")
