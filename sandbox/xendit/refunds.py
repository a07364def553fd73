"""Refunds of the generation the official SDK speaks: ``/refunds`` by ``invoice_id``."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

from sandbox.answers import Reply
from sandbox.deliveries import Deliveries, Message
from sandbox.engine import Engine
from sandbox.wire import JsonObject, as_object, as_text, is_object
from sandbox.xendit.bodies import refund_body, refund_callback
from sandbox.xendit.book import Book
from sandbox.xendit.callbacks import GATEWAY, headers_with
from sandbox.xendit.channels import (
    CHANNELS,
    REFUNDING_ISSUERS,
    SLOW_ISSUER,
    Channel,
    refundable_until,
)
from sandbox.xendit.errors import Problem, in_newer_words, named_error, validation_error
from sandbox.xendit.invoice_request import amount_of
from sandbox.xendit.records import PAID, Invoice, RefundStatus, XenditRefund

_REASONS: Final = frozenset(
    {"FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS"}
)
_REFERENCE_LENGTH: Final = 255
REFUND_CALLBACKS: Final = "refund"
_METHOD_TYPE: Final = {
    "ewallet": "EWALLET",
    "qr": "QR_CODE",
    "card": "CARD",
    "direct_debit": "DIRECT_DEBIT",
    "paylater": "PAYLATER",
}
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
_NOT_FOUND: Final = named_error("DATA_NOT_FOUND")
_SLOW_ISSUER_WAIT: Final = timedelta(days=1)


def decide_refund(
    invoice: Invoice, refunds: list[XenditRefund], asked: int | None, now: datetime
) -> int | tuple[int, str]:
    """Return the amount to refund, or (HTTP status, error_code). Pure.

    Refunds that failed or were cancelled give their amount free again.
    """
    if invoice.status not in PAID or invoice.paid_at is None:
        return 400, "INELIGIBLE_TRANSACTION"
    channel = CHANNELS[invoice.paid_channel or ""]
    if code := _channel_objection(invoice, channel, invoice.paid_at, now):
        return 400, code
    held = [other.amount for other in refunds if other.status in _HOLDING]
    left = invoice.amount - sum(held)
    amount = left if asked is None else asked
    if not 0 < amount <= left:
        return 400, "MAXIMUM_REFUND_AMOUNT_REACHED"
    if code := _amount_objection(invoice, channel, amount, now, again=bool(held)):
        return 400, code
    return _REFUSED_AMOUNTS.get(amount, amount)


def _channel_objection(
    invoice: Invoice, channel: Channel, paid_at: datetime, now: datetime
) -> str | None:
    until = refundable_until(paid_at, channel)
    issuer = _issuer(invoice)
    if until is None or (channel.only_linked and not invoice.linked):
        return "REFUND_NOT_SUPPORTED"
    if issuer and issuer not in REFUNDING_ISSUERS:
        return "REFUND_NOT_SUPPORTED"
    return "INELIGIBLE_TRANSACTION" if now > until else None


def _amount_objection(
    invoice: Invoice, channel: Channel, amount: int, now: datetime, *, again: bool
) -> str | None:
    if not channel.partial and amount < invoice.amount:
        return "PARTIAL_REFUND_NOT_SUPPORTED"
    if again and not channel.several:
        return "PARTIAL_REFUND_COUNTS_EXCEEDED"
    first_day = invoice.paid_at is not None and now < invoice.paid_at + _SLOW_ISSUER_WAIT
    if _issuer(invoice) == SLOW_ISSUER and amount == invoice.amount and first_day:
        return "INELIGIBLE_TRANSACTION"
    return None


def _issuer(invoice: Invoice) -> str:
    """Return who holds the account behind a QR payment, in lower case; else nothing."""
    return as_text(as_object(invoice.payment.get("payment_details")).get("source")).lower()


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
            return named_error(refuse_with)
        if problems := _problems(body):
            return validation_error(problems)
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
            return self._refused(400, "INELIGIBLE_TRANSACTION")
        refund.status = RefundStatus.CANCELLED
        refund.updated_at = self._engine.clock.now()
        self._book.save_refund(refund)
        return Reply(200, refund_body(refund))

    def _replay(self, owner: tuple[str, str], fingerprint: str) -> Reply:
        first_fingerprint, refund_id = owner
        if first_fingerprint != fingerprint:
            return named_error("DUPLICATE_ERROR")
        return Reply(200, refund_body(self._book.refunds[refund_id]))

    def _book_refund(self, body: JsonObject) -> XenditRefund | Reply:
        invoice = self._book.invoices.get(as_text(body.get("invoice_id")))
        if invoice is None:
            return _NOT_FOUND
        now = self._engine.clock.now()
        refunds = self._book.refunds_of(invoice.id)
        decision = decide_refund(invoice, refunds, amount_of(body.get("amount")), now)
        if not isinstance(decision, int):
            return self._refused(*decision)
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

    def _refused(self, http_status: int, code: str) -> Reply:
        refusal = named_error(code, http_status)
        newer = self._engine.settings.xendit_newer_refund_errors
        return in_newer_words(refusal, code) if newer else refusal

    def _call_back(self, refund: XenditRefund) -> None:
        settings = self._engine.settings
        external_id = self._book.invoices[refund.invoice_id].external_id
        body = refund_callback(refund)
        headers = headers_with(settings.xendit_callback_token)
        event = f"refund.{refund.status.lower()}"
        url = self._book.callback_urls.get(REFUND_CALLBACKS, settings.xendit_notify_url)
        self._deliveries.send(Message(GATEWAY, external_id, event, url, headers, body))


def _problems(body: JsonObject) -> list[Problem]:
    problems: list[Problem] = []
    reference, amount = body.get("reference_id"), body.get("amount")
    if not body.get("invoice_id") and not body.get("payment_request_id"):
        problems.append(("invoice_id", "or payment_request_id is required", "any.required"))
    if reference is not None and not 0 < len(as_text(reference)) <= _REFERENCE_LENGTH:
        problems.append(("reference_id", "must be a string of 1 to 255 characters", "string.base"))
    if amount is not None and (amount_of(amount) or 0) < 1:
        problems.append(("amount", "must be greater than 0", "number.greater"))
    if body.get("reason") is not None and as_text(body["reason"]) not in _REASONS:
        problems.append(("reason", "must be one of the documented reasons", "any.allowOnly"))
    if body.get("currency", "IDR") != "IDR":
        problems.append(("currency", "must be the currency of the payment", "any.allowOnly"))
    if body.get("metadata") is not None and not is_object(body["metadata"]):
        problems.append(("metadata", "must be an object", "object.base"))
    return problems
