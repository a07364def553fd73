"""The answer to ``POST /v2/charge``, field by field for each payment type."""

from typing import Final
from urllib.parse import quote

from sandbox.clock import wib_text
from sandbox.midtrans.bodies import (
    MERCHANT_ID,
    fraud_of,
    method_fields,
    rupiah,
    status_code,
    three_ds_of,
)
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import Fraud, Status, Transaction
from sandbox.pages import qr_text
from sandbox.wire import JsonObject

_REDIRECTS: Final = {
    "credit_card": "v2/token/rba/redirect/{card}-{id}",
    "kredivo": "v2/oms/redirect/{id}",
    "cimb_clicks": "cimb-clicks/request?id={id}",
    "bri_epay": "v3/bri/epay/redirect/{id}",
}
_OTHER_REDIRECT: Final = "v2/{method}/redirect/{id}"


def charge_answer(transaction: Transaction, api_url: str, merchant_name: str) -> JsonObject:
    """Return the answer; ``api_url`` is the address before ``/v2``.

    Source: Midtrans docs, the Core API page of each payment method.
    """
    return {
        "status_code": status_code(transaction),
        "status_message": _message(transaction),
        "transaction_id": transaction.transaction_id,
        "order_id": transaction.order_id,
        "merchant_id": MERCHANT_ID,
        "gross_amount": rupiah(transaction.gross_amount),
        "currency": "IDR",
        "payment_type": transaction.payment_type,
        "transaction_time": wib_text(transaction.transaction_at),
        "transaction_status": transaction.status,
        **fraud_of(transaction),
        **method_fields(transaction),
        **three_ds_of(transaction),
        **_waiting_fields(transaction, api_url, merchant_name),
    }


def redirect_url(transaction: Transaction, api_url: str) -> str:
    """Return where the payer goes on: the bank's 3-D Secure page or the provider's own."""
    form = _REDIRECTS.get(transaction.method, _OTHER_REDIRECT)
    path = form.format(
        card=transaction.details.get("masked_card", ""),
        id=transaction.transaction_id,
        method=transaction.method,
    )
    return f"{api_url}/{path}"


def app_url(transaction: Transaction, api_url: str) -> str:
    """Return the address that opens the payer's wallet app, here a page that plays it."""
    reference = transaction.transaction_id
    return f"{api_url}/simulator/{transaction.method}/ui/checkout?referenceid={quote(reference)}"


def _waiting_fields(transaction: Transaction, api_url: str, merchant_name: str) -> JsonObject:
    if transaction.status != Status.PENDING:
        return {}
    made: JsonObject = {
        "redirect_url": redirect_url(transaction, api_url),
        "actions": _actions(transaction, api_url),
        "qr_string": qr_text(transaction.transaction_id, merchant_name, transaction.gross_amount),
    }
    known = transaction.details | made
    names = METHODS[transaction.method].fields.charged
    charged = {name: known[name] for name in names}
    return charged | {"expiry_time": wib_text(transaction.expires_at)}


def _actions(transaction: Transaction, api_url: str) -> list[object]:
    reference = transaction.transaction_id
    deeplink = _action("deeplink-redirect", "GET", app_url(transaction, api_url))
    if transaction.method == "qris":
        return [_action("generate-qr-code", "GET", f"{api_url}/v2/qris/{reference}/qr-code")]
    if transaction.method != "gopay":
        return [deeplink]
    qr_v2 = f"{api_url}/v4/qris/gopay/{reference}/qr-code"
    cancel = _action("cancel", "POST", f"{api_url}/v2/{reference}/cancel")
    return [
        _action("generate-qr-code", "GET", f"{api_url}/v2/gopay/{reference}/qr-code"),
        _action("generate-qr-code-v2", "GET", qr_v2),
        deeplink,
        _action("get-status", "GET", f"{api_url}/v2/{reference}/status"),
        cancel | {"fields": list[object]()},
    ]


def _action(name: str, method: str, url: str) -> JsonObject:
    return {"name": name, "method": method, "url": url}


def _message(transaction: Transaction) -> str:
    if transaction.status != Status.DENY:
        return METHODS[transaction.method].created
    if transaction.fraud_status == Fraud.DENY:
        return "Denied by Fraud Detection System"
    bank = str(transaction.details.get("bank", "")).upper()
    code = transaction.details.get("channel_response_code")
    reason = transaction.details.get("channel_response_message")
    return f"Deny by Bank [{bank}] with code [{code}] and message [{reason}]"
