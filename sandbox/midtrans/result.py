"""What the Snap page hands back: the result object and the finish address."""

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.clock import wib_text
from sandbox.midtrans.bodies import rupiah
from sandbox.midtrans.method_record import Kind
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import Fraud, SnapSession, Status, Transaction
from sandbox.midtrans.snap import finish_url
from sandbox.wire import JsonObject, as_object, as_text

_ON_PAPER: Final = frozenset({Kind.VA, Kind.BILL, Kind.CODE})
_SHOWN_NUMBERS: Final = frozenset(
    {"va_numbers", "permata_va_number", "bill_key", "biller_code", "payment_code", "store"}
)
_WITHOUT_ERROR_URL: Final = frozenset({"gopay", "akulaku", "kredivo"})
_CARD_FIELDS: Final = ("masked_card", "bank", "approval_code", "card_type")


def result_code(transaction: Transaction) -> str:
    """Return 200, 201, or the code that makes snap.js call ``onError``."""
    if transaction.status == Status.PENDING or transaction.fraud_status == Fraud.CHALLENGE:
        return "201"
    if transaction.is_paid:
        return "200"
    return "407" if transaction.status == Status.EXPIRE else "202"


ALREADY_PAID: Final[JsonObject] = {
    "status_code": "406",
    "status_message": ["transaction has been processed"],
}


def snap_result(session: SnapSession, transaction: Transaction, snap_url: str) -> JsonObject:
    """Return the object that the callbacks of snap.js get (Midtrans docs, "JS callback").

    ``snap_url`` is the address before ``/v1``.

    It has no signature. The pending result of BCA VA and of the GoPay app really lacks
    order_id, transaction_id and amount.
    """
    code = result_code(transaction)
    result: JsonObject = {
        "status_code": code,
        "transaction_status": transaction.status,
        "payment_type": transaction.payment_type,
        **_finish(session, transaction),
        **_pdf(transaction, snap_url),
    }
    if code == "201" and transaction.method == "gopay":
        return result
    if code == "201" and transaction.method == "bca_va":
        return result | {"bca_va_number": transaction.pay_number}
    return result | {
        "status_message": _message(code),
        "transaction_id": transaction.transaction_id,
        "order_id": transaction.order_id,
        "gross_amount": rupiah(transaction.gross_amount),
        "transaction_time": wib_text(transaction.transaction_at),
        **({"fraud_status": transaction.fraud_status} if transaction.fraud_status else {}),
        **_number(transaction),
        **{name: value for name, value in transaction.details.items() if name in _CARD_FIELDS},
    }


def finish_redirect(session: SnapSession, transaction: Transaction | None) -> str:
    """Return the finish URL with its query, or an empty string when the shop set none.

    Going back without paying carries only order_id (the plugins call it unfinish).
    """
    url = finish_url(session)
    if not url:
        return ""
    usual = _usual_query(transaction) if transaction else {}
    return _with_query(url, {"order_id": session.order_id} | usual)


def error_redirect(session: SnapSession, transaction: Transaction | None) -> str:
    """Return ``callbacks.error`` with its query, or an empty string when the shop set none."""
    url = as_text(as_object(session.request.get("callbacks")).get("error"))
    # Not used for GoPay and pay-later methods (Midtrans docs, "Request body").
    if not url or transaction is None or transaction.method in _WITHOUT_ERROR_URL:
        return ""
    return _with_query(url, _usual_query(transaction))


def _usual_query(transaction: Transaction) -> dict[str, str]:
    return {
        "order_id": transaction.order_id,
        "status_code": result_code(transaction),
        "transaction_status": transaction.status,
    }


def _with_query(url: str, query: dict[str, str]) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        # What no browser could open is left as the shop wrote it.
        return url
    joined = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return urlunsplit(parts._replace(query=joined))


def _finish(session: SnapSession, transaction: Transaction) -> JsonObject:
    url = finish_redirect(session, transaction)
    return {"finish_redirect_url": url} if url else {}


def _message(code: str) -> str:
    messages = {
        "200": "Success, transaction is found",
        "201": "Transaksi sedang diproses",
        "407": "Transaction has expired",
    }
    return messages.get(code, "Transaction is denied")


def _pdf(transaction: Transaction, snap_url: str) -> JsonObject:
    if METHODS[transaction.method].kind not in _ON_PAPER:
        return {}
    return {"pdf_url": f"{snap_url}/v1/transactions/{transaction.transaction_id}/pdf"}


def _number(transaction: Transaction) -> JsonObject:
    names = METHODS[transaction.method].fields.waiting
    shown: JsonObject = {
        name: transaction.details[name] for name in names if name in _SHOWN_NUMBERS
    }
    if transaction.method == "bca_va":
        shown["bca_va_number"] = transaction.pay_number
    return shown


def app_return(transaction: Transaction) -> str:
    """Return where a wallet's app or a provider's page sends the payer, or an empty string.

    GoPay and DANA append order_id and result, ShopeePay nothing, pay-later providers and
    banks the usual three parameters (Midtrans docs, "Technical FAQ", "Kredivo").
    """
    url = transaction.return_url
    if not url or transaction.payment_type == "shopeepay":
        return url
    if METHODS[transaction.method].kind is Kind.WALLET:
        result = "success" if transaction.is_paid else "failure"
        return _with_query(url, {"order_id": transaction.order_id, "result": result})
    return _with_query(url, _usual_query(transaction))
