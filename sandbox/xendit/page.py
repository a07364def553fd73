"""The hosted invoice page: what the payer's browser talks to."""

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request

from sandbox.answers import Reply, json_response
from sandbox.clock import iso_millis
from sandbox.pages import page_body, page_language, qr_response, qr_text, with_page_headers
from sandbox.wire import JsonObject, as_list, as_object, as_text
from sandbox.xendit.channels import CHANNELS
from sandbox.xendit.declines import CHALLENGED, decline_reason
from sandbox.xendit.gateway import Xendit
from sandbox.xendit.invoice_request import amount_of
from sandbox.xendit.invoices import WrongStateError
from sandbox.xendit.records import Invoice


class PageRefusalError(Exception):
    """The page asked for something that cannot be done now; the text names why."""


class InvoicePage:
    """The views of the invoice page; the invoice id is the right to pay."""

    def __init__(self, xendit: Xendit) -> None:
        """Serve the invoices of ``xendit``."""
        self._xendit = xendit
        self._settings = xendit.engine.settings

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/xendit/web``."""
        routes = Blueprint("xendit_page", __name__, url_prefix="/xendit/web")
        routes.after_request(with_page_headers)
        routes.get("/<invoice_id>")(self.page)
        routes.get("/<invoice_id>/state")(self._json(self.state))
        routes.post("/<invoice_id>/pick")(self._json(self.pick))
        routes.post("/<invoice_id>/pay")(self._json(self.pay))
        routes.get("/<invoice_id>/qr.svg")(self.qr)
        return routes

    def page(self, invoice_id: str) -> tuple[str, int]:
        """Serve the payment page of an invoice."""
        invoice = self._xendit.book.invoices.get(invoice_id)
        html = render_template(
            "xendit_page.html",
            language=_language(invoice),
            invoice_id=invoice_id,
            merchant=self._settings.merchant_name,
            known=invoice is not None,
        )
        return html, 200 if invoice else 404

    def state(self, invoice: Invoice, _body: JsonObject) -> JsonObject:
        """Return everything the page shows."""
        clock = self._xendit.engine.clock
        return {
            "merchant": self._settings.merchant_name,
            "external_id": invoice.external_id,
            "description": as_text(invoice.request.get("description")),
            "amount": invoice.amount,
            "status": invoice.status,
            "now": iso_millis(clock.now()),
            "clock_stands_still": clock.is_still,
            "expires": iso_millis(invoice.expires_at),
            "items": [_item(as_object(item)) for item in as_list(invoice.request.get("items"))],
            "channels": [_channel(code) for code in invoice.channel_codes],
            "numbers": dict(invoice.numbers),
            "success_url": as_text(invoice.request.get("success_redirect_url")),
            "failure_url": as_text(invoice.request.get("failure_redirect_url")),
        }

    def pick(self, invoice: Invoice, body: JsonObject) -> JsonObject:
        """Pick a channel; a bank or outlet gets its number now."""
        self._xendit.invoices.pick(invoice, as_text(body.get("channel")))
        return self.state(invoice, body)

    def pay(self, invoice: Invoice, body: JsonObject) -> JsonObject:
        """Play the payer; a card is judged by its number, some amounts fail on purpose."""
        code = as_text(body.get("channel"))
        if code == "CREDIT_CARD":
            _judge_card(as_object(body.get("card")))
        if code in CHANNELS and (reason := decline_reason(CHANNELS[code].kind, invoice.amount)):
            raise PageRefusalError(reason)
        self._xendit.invoices.pay(invoice, code)
        return self.state(invoice, body)

    def qr(self, invoice_id: str) -> Response:
        """Serve the QR picture of an invoice."""
        invoice = self._xendit.book.invoices.get(invoice_id)
        if invoice is None:
            return json_response(Reply(404, {"error": "unknown"}))
        return qr_response(qr_text(invoice.id, self._settings.merchant_name, invoice.amount))

    def _json(self, act: Callable[[Invoice, JsonObject], JsonObject]) -> Callable[[str], Response]:
        def view(invoice_id: str) -> Response:
            try:
                with self._xendit.engine.change():
                    invoice = self._xendit.book.invoices.get(invoice_id)
                    if invoice is None:
                        return json_response(Reply(404, {"error": "unknown"}))
                    return json_response(Reply(200, act(invoice, page_body())))
            except PageRefusalError as refused:
                return json_response(Reply(422, {"error": str(refused)}))
            except WrongStateError:
                return json_response(Reply(409, {"error": "not_pending"}))

        view.__name__ = act.__name__
        return view


def _judge_card(card: JsonObject) -> None:
    number = as_text(card.get("number"))
    if not (number.isascii() and number.isdigit()):
        raise PageRefusalError("card_number")
    if number in CHALLENGED and card.get("verified") is not True:
        raise PageRefusalError("needs_3ds")


def _language(invoice: Invoice | None) -> str:
    if "language" in request.args or invoice is None:
        return page_language()
    return "en" if as_text(invoice.request.get("locale")).startswith("en") else "id"


def _item(item: JsonObject) -> JsonObject:
    return {
        "name": as_text(item.get("name")),
        "quantity": amount_of(item.get("quantity")),
        "price": amount_of(item.get("price")),
    }


def _channel(code: str) -> JsonObject:
    channel = CHANNELS[code]
    return {"code": code, "kind": channel.kind, "label": channel.label}
