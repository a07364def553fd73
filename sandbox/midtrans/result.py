"""What the Snap page hands back: the result object and the finish address."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.clock import wib_text
from sandbox.midtrans.bodies import rupiah
from sandbox.midtrans.records import Fraud, SnapSession, Status, Transaction
from sandbox.midtrans.snap import finish_url
from sandbox.wire import JsonObject

_CARD_FIELDS = ("masked_card", "bank", "approval_code", "card_type")


def result_code(transaction: Transaction) -> str:
    """Return 200, 201, or the code that makes snap.js call ``onError``."""
    if transaction.status == Status.PENDING or transaction.fraud_status == Fraud.CHALLENGE:
        return "201"
    if transaction.is_paid:
        return "200"
    return "407" if transaction.status == Status.EXPIRE else "202"


def snap_result(session: SnapSession, transaction: Transaction) -> JsonObject:
    """Return the object that the callbacks of snap.js get (Midtrans docs, "JS callback").

    It has no signature. The pending result of BCA VA and of the GoPay app really lacks
    order_id, transaction_id and amount.
    """
    code = result_code(transaction)
    result: JsonObject = {
        "status_code": code,
        "transaction_status": transaction.status,
        "payment_type": transaction.payment_type,
        **_finish(session, transaction),
    }
    if code == "201" and transaction.method in {"bca_va", "gopay"}:
        return result | _number(transaction)
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
    query = {"order_id": session.order_id}
    if transaction:
        query |= {
            "status_code": result_code(transaction),
            "transaction_status": transaction.status,
        }
    parts = urlsplit(url)
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


def _number(transaction: Transaction) -> JsonObject:
    number = transaction.pay_number
    if number is None:
        return {}
    if transaction.method == "indomaret":
        return {"payment_code": number, "store": "indomaret"}
    if transaction.method == "permata_va":
        return {"permata_va_number": number}
    return {"bca_va_number": number, "va_numbers": [{"bank": "bca", "va_number": number}]}
