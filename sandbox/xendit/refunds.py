"""Refunds of the generation the official SDK speaks: ``/refunds`` by ``invoice_id``."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

from sandbox.answers import Reply
from sandbox.deliveries import Deliveries, Message
from sandbox.engine import Engine
from sandbox.wire import JsonObject, as_object, as_text, is_object
from sandbox.xendit.bodies import error, refund_body, refund_callback
from sandbox.xendit.book import Book
from sandbox.xendit.callbacks import GATEWAY, headers_with
from sandbox.xendit.channels import CHANNELS
from sandbox.xendit.invoice_request import Problem, amount_of, validation_error
from sandbox.xendit.records import PAID, Invoice, RefundStatus, XenditRefund

_REASONS: Final = frozenset(
    {"FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS"}
)
_REFERENCE_LENGTH: Final = 255
_METHOD_TYPE: Final = {"ewallet": "EWALLET", "qr": "QR_CODE", "card": "CARD"}
# Amounts that fail on purpose (Xendit docs, "QR codes, test scenarios"); here they act
# on every channel that can be refunded.
_REFUSED_AMOUNTS: Final = {
    10_300: (400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
    10_301: (400, "PARTIAL_REFUND_NOT_SUPPORTED"),
    10_303: (400, "REFUND_NOT_SUPPORTED"),
    10_304: (400, "REFUND_IN_PROGRESS"),
    10_305: (403, "INELIGIBLE_TRANSACTION"),
}
_FAILING_AMOUNTS: Final = {
    20_300: "INELIGIBLE_TRANSACTION",
    20_301: "INSUFFICIENT_BALANCE",
    20_302: "REFUND_TEMPORARILY_UNAVAILABLE",
    20_303: "MAXIMUM_USER_BALANCE_EXCEEDED",
    20_304: "INSUFFICIENT_BALANCE",
}
_MESSAGES: Final = {
    "MAXIMUM_REFUND_AMOUNT_REACHED": (
        "Error because the provided amount is greater than the allowed refund amount."
    ),
    "PARTIAL_REFUND_NOT_SUPPORTED": "Partial refund is not supported for this channel.",
    "REFUND_NOT_SUPPORTED": "Refund is not supported for this channel.",
    "REFUND_IN_PROGRESS": "Another refund of this transaction is being processed.",
    "INELIGIBLE_TRANSACTION": "The transaction cannot be refunded in its present state.",
    "INSUFFICIENT_BALANCE": "Your balance is not enough for this refund.",
}
_NOT_FOUND: Final = Reply(404, error("DATA_NOT_FOUND", "Data not found"))


def decide_refund(
    invoice: Invoice, refunds: list[XenditRefund], asked: int | None, now: datetime
) -> int | tuple[int, str]:
    """Return the amount to refund, or (HTTP status, error_code). Pure.

    Refunds that failed or were cancelled give their amount free again.
    """
    if invoice.status not in PAID or invoice.paid_at is None:
        return 400, "INELIGIBLE_TRANSACTION"
    channel = CHANNELS[invoice.paid_channel or ""]
    if channel.refund_days is None:
        return 400, "REFUND_NOT_SUPPORTED"
    if now > invoice.paid_at + timedelta(days=channel.refund_days):
        return 400, "INELIGIBLE_TRANSACTION"
    held = [other.amount for other in refunds if other.status in _HOLDING]
    left = invoice.amount - sum(held)
    amount = left if asked is None else asked
    if not 0 < amount <= left:
        return 400, "MAXIMUM_REFUND_AMOUNT_REACHED"
    if not channel.partial and amount < invoice.amount:
        return 400, "PARTIAL_REFUND_NOT_SUPPORTED"
    return _REFUSED_AMOUNTS.get(amount, amount)


_HOLDING: Final = frozenset({RefundStatus.PENDING, RefundStatus.SUCCEEDED})


class XenditRefunds:
    """Books refunds and calls the shop back; used under the engine's lock."""

    def __init__(self, engine: Engine, deliveries: Deliveries, book: Book) -> None:
        """Plan again the outcomes that the state file still owes."""
        self._engine = engine
        self._deliveries = deliveries
        self._book = book
        for refund in book.refunds.values():
            self._plan(refund)

    def create(self, body: JsonObject, key: str, refuse_with: str = "") -> Reply:
        """Answer ``POST /refunds``; the same key and body replay the first refund."""
        fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        owner = self._book.key_owner(key) if key else None
        if owner:
            return self._replay(owner, fingerprint)
        if refuse_with:
            return _refused(400, refuse_with)
        if problems := _problems(body):
            return Reply(400, validation_error(problems))
        refund = self._book_refund(body)
        if isinstance(refund, Reply):
            return refund
        if key:
            self._book.save_key(key, fingerprint, refund.id)
        return Reply(200, refund_body(refund))

    def get(self, refund_id: str) -> Reply:
        """Answer ``GET /refunds/{id}``."""
        refund = self._book.refunds.get(refund_id)
        return Reply(200, refund_body(refund)) if refund else _NOT_FOUND

    def cancel(self, refund_id: str) -> Reply:
        """Answer ``POST /refunds/{id}/cancel``: possible while it is PENDING."""
        refund = self._book.refunds.get(refund_id)
        if refund is None:
            return _NOT_FOUND
        if refund.status in {RefundStatus.SUCCEEDED, RefundStatus.FAILED}:
            return _refused(400, "INELIGIBLE_TRANSACTION")
        refund.status = RefundStatus.CANCELLED
        refund.updated_at = self._engine.clock.now()
        self._book.save_refund(refund)
        return Reply(200, refund_body(refund))

    def _replay(self, owner: tuple[str, str], fingerprint: str) -> Reply:
        first_fingerprint, refund_id = owner
        if first_fingerprint != fingerprint:
            message = "Idempotency key was used with another request. Please use a new key."
            return Reply(409, error("DUPLICATE_ERROR", message))
        return Reply(200, refund_body(self._book.refunds[refund_id]))

    def _book_refund(self, body: JsonObject) -> XenditRefund | Reply:
        invoice = self._book.invoices.get(as_text(body.get("invoice_id")))
        if invoice is None:
            return _NOT_FOUND
        now = self._engine.clock.now()
        refunds = self._book.refunds_of(invoice.id)
        decision = decide_refund(invoice, refunds, amount_of(body.get("amount")), now)
        if not isinstance(decision, int):
            return _refused(*decision)
        refund = self._new_refund(invoice, body, decision, now)
        self._book.save_refund(refund)
        if refund.status == RefundStatus.SUCCEEDED:
            self._call_back(refund)
        self._plan(refund)
        return refund

    def _new_refund(
        self, invoice: Invoice, body: JsonObject, amount: int, now: datetime
    ) -> XenditRefund:
        channel = CHANNELS[invoice.paid_channel or ""]
        failure = _FAILING_AMOUNTS.get(amount)
        is_card = channel.kind == "card"
        metadata = body.get("metadata")
        payment = invoice.payment
        return XenditRefund(
            id=f"rfd-{self._engine.ids.uuid()}",
            invoice_id=invoice.id,
            payment_id=as_text(payment.get("payment_id") or payment.get("credit_card_charge_id")),
            amount=amount,
            payment_method_type=_METHOD_TYPE[channel.kind],
            channel_code="" if is_card else channel.code,
            # Cards answer with the final state at once, wallets and QR later.
            status=RefundStatus.SUCCEEDED if is_card and not failure else RefundStatus.PENDING,
            reason=as_text(body.get("reason")),
            reference_id=as_text(body.get("reference_id")),
            metadata=as_object(metadata) if metadata else None,
            created_at=now,
            updated_at=now,
            ends_as=RefundStatus.FAILED if failure else RefundStatus.SUCCEEDED,
            ends_with_code=failure,
        )

    def _plan(self, refund: XenditRefund) -> None:
        if refund.status == RefundStatus.PENDING:
            delay = timedelta(seconds=self._engine.settings.xendit_refund_delay_s)
            self._engine.timers.plan(refund.created_at + delay, lambda at: self._end(refund, at))

    def _end(self, refund: XenditRefund, at: datetime) -> None:
        known = self._book.refunds.get(refund.id) is refund
        if not known or refund.status != RefundStatus.PENDING:
            return
        refund.status = refund.ends_as
        refund.failure_code = refund.ends_with_code
        refund.updated_at = at
        self._book.save_refund(refund)
        self._call_back(refund)

    def _call_back(self, refund: XenditRefund) -> None:
        settings = self._engine.settings
        external_id = self._book.invoices[refund.invoice_id].external_id
        body = refund_callback(refund)
        headers = headers_with(settings.xendit_callback_token)
        event = f"refund.{refund.status.lower()}"
        url = settings.xendit_notify_url
        self._deliveries.send(Message(GATEWAY, external_id, event, url, headers, body))


def _refused(http_status: int, code: str) -> Reply:
    return Reply(http_status, error(code, _MESSAGES.get(code, "The refund was refused.")))


def _problems(body: JsonObject) -> list[Problem]:
    problems: list[Problem] = []
    reference, amount = body.get("reference_id"), body.get("amount")
    if not body.get("invoice_id") and not body.get("payment_request_id"):
        problems.append(("invoice_id", "or payment_request_id is required", "any.required"))
    if reference is not None and not (
        isinstance(reference, str) and len(reference) <= _REFERENCE_LENGTH
    ):
        problems.append(("reference_id", "must be a string of 1 to 255 characters", "string.base"))
    if amount is not None and (amount_of(amount) or 0) < 1:
        problems.append(("amount", "must be greater than 0", "number.greater"))
    if body.get("reason") is not None and as_text(body["reason"]) not in _REASONS:
        problems.append(("reason", "must be one of the documented reasons", "any.allowOnly"))
    if body.get("metadata") is not None and not is_object(body["metadata"]):
        problems.append(("metadata", "must be an object", "object.base"))
    return problems
