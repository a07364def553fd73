"""JSON bodies of a transaction: status answers, action answers, notifications."""

import hashlib
from typing import Final

from sandbox.clock import wib_text
from sandbox.midtrans.method_record import Method
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import Fraud, Refund, Status, Transaction
from sandbox.wire import JsonObject

MERCHANT_ID: Final = "G141532850"
_PAID_PHASE: Final = frozenset(
    {
        Status.AUTHORIZE,
        Status.CAPTURE,
        Status.SETTLEMENT,
        Status.REFUND,
        Status.PARTIAL_REFUND,
        Status.CHARGEBACK,
        Status.PARTIAL_CHARGEBACK,
    }
)
_NOTIFICATION_CODES: Final = {
    Status.PENDING: "201",
    Status.CANCEL: "202",
    Status.EXPIRE: "202",
    Status.DENY: "202",
}
_STATUS_CODES: Final = {
    Status.PENDING: "201",
    Status.EXPIRE: "407",
    Status.DENY: "202",
}


def rupiah(amount: int) -> str:
    """Return an amount as Midtrans answers it: ``10000`` becomes ``10000.00``."""
    return f"{amount}.00"


def signature(order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """Return the SHA-512 signature (Midtrans docs, "HTTP(S) notification")."""
    text = f"{order_id}{status_code}{gross_amount}{server_key}"
    return hashlib.sha512(text.encode()).hexdigest()


def notification_code(transaction: Transaction) -> str:
    """Return the ``status_code`` of a notification (docs, "Status code")."""
    if transaction.fraud_status == Fraud.CHALLENGE:
        return "201"
    return _NOTIFICATION_CODES.get(Status(transaction.status), "200")


def status_code(transaction: Transaction) -> str:
    """Return the ``status_code`` of GET status: cancel is 200 here, expire is 407."""
    if transaction.fraud_status == Fraud.CHALLENGE:
        return "201"
    return _STATUS_CODES.get(Status(transaction.status), "200")


def notification_body(
    transaction: Transaction, refunds: list[Refund], server_key: str
) -> JsonObject:
    """Return the notification of the transaction as it stands now."""
    code = notification_code(transaction)
    return {
        "transaction_time": wib_text(transaction.transaction_at),
        "transaction_status": transaction.status,
        "transaction_id": transaction.transaction_id,
        "status_message": "midtrans payment notification",
        "status_code": code,
        "signature_key": _signature(transaction, code, server_key),
        **_times(transaction),
        "payment_type": transaction.payment_type,
        "order_id": transaction.order_id,
        "merchant_id": MERCHANT_ID,
        "gross_amount": rupiah(transaction.gross_amount),
        **fraud_of(transaction),
        "currency": "IDR",
        **method_fields(transaction),
        **transaction.custom_fields,
        **_refund_fields(refunds),
    }


def status_body(transaction: Transaction, refunds: list[Refund], server_key: str) -> JsonObject:
    """Return the answer of GET status for a transaction that exists."""
    code = status_code(transaction)
    message = "Success, transaction is found"
    if refunds:
        message = "Success, refund request is approved by the bank"
    return {
        "status_code": code,
        "status_message": message,
        "transaction_id": transaction.transaction_id,
        "order_id": transaction.order_id,
        "gross_amount": rupiah(transaction.gross_amount),
        "currency": "IDR",
        "merchant_id": MERCHANT_ID,
        "payment_type": transaction.payment_type,
        "signature_key": _signature(transaction, code, server_key),
        "transaction_status": transaction.status,
        **fraud_of(transaction),
        "transaction_time": wib_text(transaction.transaction_at),
        **_settlement_time(transaction),
        "expiry_time": wib_text(transaction.expires_at),
        **method_fields(transaction),
        **three_ds_of(transaction),
        **_points(transaction),
        **transaction.custom_fields,
        **_refund_fields(refunds),
    }


def action_body(transaction: Transaction, code: str, message: str) -> JsonObject:
    """Return the answer of capture, cancel, expire, approve or deny."""
    return {
        "status_code": code,
        "status_message": message,
        "transaction_id": transaction.transaction_id,
        **_card_of(transaction),
        "order_id": transaction.order_id,
        "payment_type": transaction.payment_type,
        "transaction_time": wib_text(transaction.transaction_at),
        "transaction_status": transaction.status,
        **fraud_of(transaction),
        "gross_amount": rupiah(transaction.gross_amount),
        "currency": "IDR",
    }


def _card_of(transaction: Transaction) -> JsonObject:
    if transaction.method != "credit_card":
        return {}
    names = ("masked_card", "approval_code", "bank")
    details = transaction.details
    shown: JsonObject = {name: details[name] for name in names if name in details}
    return {"merchant_id": MERCHANT_ID} | shown


def refund_answer(
    transaction: Transaction, refund: Refund, amount: int, message: str
) -> JsonObject:
    """Return the answer to an accepted refund; ``amount`` as the endpoint counts it.

    A card refunded offline shows more of the payment (recorded sandbox answer of 2021).
    """
    offline: JsonObject = {}
    if refund.method == "offline":
        offline = {
            **_card_of(transaction),
            "currency": "IDR",
            **fraud_of(transaction),
            **_settlement_time(transaction),
        }
    return {
        "status_code": "200",
        "status_message": message,
        "transaction_id": transaction.transaction_id,
        "order_id": transaction.order_id,
        "payment_type": transaction.payment_type,
        "transaction_time": wib_text(transaction.transaction_at),
        "transaction_status": transaction.status,
        "gross_amount": rupiah(transaction.gross_amount),
        "refund_chargeback_id": refund.chargeback_id,
        "refund_chargeback_uuid": refund.chargeback_uuid,
        "refund_amount": rupiah(amount),
        "refund_key": refund.key,
        **offline,
    }


def _signature(transaction: Transaction, code: str, server_key: str) -> str:
    return signature(transaction.order_id, code, rupiah(transaction.gross_amount), server_key)


def _times(transaction: Transaction) -> JsonObject:
    if transaction.status == Status.PENDING:
        return {"expiry_time": wib_text(transaction.expires_at)}
    return _settlement_time(transaction)


def _settlement_time(transaction: Transaction) -> JsonObject:
    if transaction.settled_at is None:
        return {}
    return {"settlement_time": wib_text(transaction.settled_at)}


def fraud_of(transaction: Transaction) -> JsonObject:
    """Return ``fraud_status`` where the method has one in this phase."""
    method = METHODS[transaction.method]
    closed = transaction.status in {Status.EXPIRE, Status.CANCEL}
    shown = method.closed_has_fraud_status if closed else method.has_fraud_status
    if not shown or transaction.fraud_status is None:
        return {}
    return {"fraud_status": transaction.fraud_status}


def method_fields(transaction: Transaction) -> JsonObject:
    """Return the payment method's own fields for the transaction's present phase."""
    names = _field_names(METHODS[transaction.method], transaction)
    details = transaction.details
    return {name: details[name] for name in names if name in details}


def _field_names(method: Method, transaction: Transaction) -> tuple[str, ...]:
    if transaction.status == Status.PENDING:
        return method.fields.waiting
    was_paid = transaction.status in _PAID_PHASE or transaction.settled_at is not None
    # A refusal by the bank carries the bank's answer, so it shows what a paid one shows.
    if was_paid or transaction.status == Status.DENY:
        return method.fields.paid
    return method.fields.closed


def three_ds_of(transaction: Transaction) -> JsonObject:
    """Return what a card answer says about 3-D Secure, nothing where it was not used."""
    if transaction.method != "credit_card" or not transaction.has_3ds:
        return {}
    return {"three_ds_version": "2", "challenge_completion": True}


def _points(transaction: Transaction) -> JsonObject:
    names = ("point_balance_amount", "point_redeem_amount", "point_redeem_quantity")
    details = transaction.details
    return {name: details[name] for name in names if name in details}


def _refund_fields(refunds: list[Refund]) -> JsonObject:
    if not refunds:
        return {}
    return {
        "refund_amount": rupiah(sum(refund.amount for refund in refunds)),
        "refunds": [_refund_item(refund) for refund in refunds],
    }


def _refund_item(refund: Refund) -> JsonObject:
    item: JsonObject = {
        "refund_chargeback_id": refund.chargeback_id,
        "refund_chargeback_uuid": refund.chargeback_uuid,
        "refund_amount": rupiah(refund.amount),
        "created_at": wib_text(refund.created_at),
        "reason": refund.reason,
        "refund_key": refund.key,
        "refund_method": refund.method,
    }
    if refund.confirmed_at:
        item["bank_confirmed_at"] = wib_text(refund.confirmed_at)
    return item


def no_such_transaction(echo_id: str) -> JsonObject:
    """Return the body for an id that belongs to no transaction; HTTP 200 all the same."""
    return {"status_code": "404", "status_message": "Transaction doesn't exist.", "id": echo_id}


def refusal(code: str, message: str) -> JsonObject:
    """Return an error body of the Core API."""
    return {"status_code": code, "status_message": message}


def invalid(messages: list[str], echo_id: str) -> JsonObject:
    """Return the 400 body with its ``validation_messages`` (docs, "Get token")."""
    return {
        "status_code": "400",
        "status_message": "One or more parameters in the payload is invalid.",
        "validation_messages": list[object](messages),
        "id": echo_id,
    }


CANNOT_MODIFY: Final = refusal("412", "Merchant cannot modify the status of the transaction")
RESOURCE_NOT_FOUND: Final = refusal("404", "The requested resource is not found")
