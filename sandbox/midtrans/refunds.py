"""The refund engine of the Core API: keys, limits, and two notifications per refund."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sandbox.clock import WIB
from sandbox.engine import Engine
from sandbox.midtrans.bodies import CANNOT_MODIFY, refund_answer, refusal
from sandbox.midtrans.details import SHOPEE_ACQUIRER
from sandbox.midtrans.method_record import RefundRule
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.payments import Payments
from sandbox.midtrans.records import REFUNDABLE, Refund, Transaction
from sandbox.wire import JsonObject, as_text, whole_number

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_FIRST_CHARGEBACK_ID: Final = 100_000
_REASON_LENGTH: Final = 255
_OFF_US_WINDOW: Final = timedelta(days=7)
_SHOPEE_CLOSES: Final = time(23, 55)
_SHOPEE_OPENS: Final = time(6, 0)
# The card acquirers with a direct refund (docs, "Direct refund transaction").
DIRECT_ACQUIRERS: Final = frozenset({"bca", "maybank", "bni", "bri"})


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the shop asked for; ``amount`` None means all that is left."""

    key: str
    amount: int | None
    reason: str
    is_direct: bool


def read_request(body: JsonObject, *, is_direct: bool) -> RefundRequest | JsonObject:
    """Return the request, or the 4xx body that says why it cannot be read."""
    key, reason = body.get("refund_key", ""), body.get("reason", "")
    if not isinstance(key, str) or (key and not _KEY.fullmatch(key)):
        return refusal("400", "refund_key may hold letters, digits, - and _ only")
    if not isinstance(reason, str) or len(reason) > _REASON_LENGTH:
        return refusal("400", "reason must be a text of at most 255 characters")
    amount = body.get("amount")
    number = whole_number(amount)
    if amount is not None and number is None:
        return refusal("414", "Refund request is rejected due to invalid amount")
    return RefundRequest(key, number, as_text(reason), is_direct)


def decide_refund(
    transaction: Transaction, refunds: list[Refund], request: RefundRequest, now: datetime
) -> JsonObject | int:
    """Return the amount to refund, or the body of the refusal.

    Pure. Order and codes follow Midtrans docs, "Refund transaction": a key that has
    already refunded is 406 whatever else is asked; a key of a failed try is free.
    """
    if any(refund.key == request.key for refund in refunds):
        return refusal("406", "Duplicate refund ID")
    rule, settled_at = METHODS[transaction.method].refund, transaction.settled_at
    if rule is None or settled_at is None or transaction.status not in REFUNDABLE:
        return CANNOT_MODIFY
    is_barred = request.is_direct and not _is_direct(transaction, rule)
    if is_barred or _is_closed(transaction, now) or now > settled_at + _window(transaction, rule):
        return CANNOT_MODIFY
    left = transaction.gross_amount - sum(refund.amount for refund in refunds)
    amount = left if request.amount is None else request.amount
    if not 0 < amount <= left:
        return refusal("414", "Refund request is rejected due to invalid amount")
    is_allowed = rule.partial or amount == transaction.gross_amount
    return amount if is_allowed else CANNOT_MODIFY


def _window(transaction: Transaction, rule: RefundRule) -> timedelta:
    is_off_us = transaction.details.get("transaction_type") == "off-us"
    return _OFF_US_WINDOW if is_off_us else rule.window


def _is_closed(transaction: Transaction, now: datetime) -> bool:
    """Whether ShopeePay, whose refunds rest at night, is closed now (docs, same page)."""
    is_shopee = transaction.payment_type == "shopeepay" or (
        transaction.details.get("acquirer") == SHOPEE_ACQUIRER
    )
    at = now.astimezone(WIB).time()
    return is_shopee and (at >= _SHOPEE_CLOSES or at < _SHOPEE_OPENS)


def _is_online(transaction: Transaction) -> bool:
    """Whether the provider moves the money itself; other card banks do it by file."""
    is_card = transaction.method == "credit_card"
    return not is_card or transaction.details.get("bank") in DIRECT_ACQUIRERS


def _is_direct(transaction: Transaction, rule: RefundRule) -> bool:
    return rule.direct and _is_online(transaction)


class Refunds:
    """Books refunds and confirms them; used under the engine's lock."""

    def __init__(self, engine: Engine, payments: Payments) -> None:
        """Plan again the confirmations that the state file still owes."""
        self._engine = engine
        self._payments = payments
        self._book = payments.book
        for transaction_id in self._book.transactions:
            for refund in self._book.refunds(transaction_id):
                if refund.confirmed_at is None:
                    self._plan_confirmation(refund)

    def refund(self, transaction: Transaction, request: RefundRequest) -> JsonObject:
        """Refund if the rules allow it and return the answer's body."""
        now = self._engine.clock.now()
        refunds = self._book.refunds(transaction.transaction_id)
        decision = decide_refund(transaction, refunds, request, now)
        if not isinstance(decision, int):
            return decision
        refund = self._book_refund(transaction, request, decision, now)
        refunded = sum(other.amount for other in self._book.refunds(refund.transaction_id))
        self._payments.note_refund(transaction, refunded)
        self._plan_confirmation(refund)
        if request.is_direct:
            # The direct endpoint counts all refunds so far, the other one this refund.
            message = "Success, refund request is approved by the bank"
            return refund_answer(transaction, refund, refunded, message)
        message = "Success, refund request is approved"
        if refund.method == "offline":
            message = "Success, refund offline request is approved"
        return refund_answer(transaction, refund, decision, message)

    def refuse_by_bank(self, transaction: Transaction, request: RefundRequest) -> JsonObject:
        """Return the direct endpoint's answer when the bank says no: 202, nothing moved."""
        return {
            "status_code": "202",
            "status_message": "Refund denied by the bank",
            "transaction_id": transaction.transaction_id,
            "order_id": transaction.order_id,
            "gross_amount": f"{transaction.gross_amount}.00",
            "payment_type": transaction.payment_type,
            "transaction_status": transaction.status,
            "refund_amount": "0.00",
            "refund_key": request.key,
        }

    def _book_refund(
        self, transaction: Transaction, request: RefundRequest, amount: int, now: datetime
    ) -> Refund:
        ids = self._engine.ids
        refund = Refund(
            chargeback_id=_FIRST_CHARGEBACK_ID + self._book.refund_count + 1,
            chargeback_uuid=ids.uuid(),
            transaction_id=transaction.transaction_id,
            key=request.key or ids.uuid(),
            amount=amount,
            reason=request.reason,
            method="online" if _is_online(transaction) else "offline",
            created_at=now,
        )
        self._book.save_refund(refund)
        return refund

    def _plan_confirmation(self, refund: Refund) -> None:
        delay = timedelta(seconds=self._engine.settings.midtrans_refund_confirm_s)
        self._engine.timers.plan(refund.created_at + delay, lambda at: self._confirm(refund, at))

    def _confirm(self, refund: Refund, at: datetime) -> None:
        transaction = self._book.transactions.get(refund.transaction_id)
        if transaction is None or refund.confirmed_at is not None:
            return
        refund.confirmed_at = at
        self._book.save_refund(refund)
        # The second notification of a refund: the same state, now with bank_confirmed_at.
        self._payments.notify(transaction)
