"""Core API v2 per transaction: status, cancel, expire, approve, deny, refund.

All answers travel with HTTP 200; the body's ``status_code`` decides (recorded sandbox
exchanges). The HTTP layer adds nothing but the key check.
"""

from collections.abc import Callable

from sandbox.engine import Engine
from sandbox.midtrans.bodies import (
    CANNOT_MODIFY,
    action_body,
    no_such_transaction,
    refusal,
    status_body,
)
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.payments import Payments, WrongStateError
from sandbox.midtrans.records import SessionState, Transaction
from sandbox.midtrans.refunds import RefundRequest, Refunds
from sandbox.wire import JsonObject


class Core:
    """Answers Core calls; used under the engine's lock."""

    def __init__(self, engine: Engine, payments: Payments, refunds: Refunds) -> None:
        """Answer from the given payments and refunds."""
        self._engine = engine
        self._payments = payments
        self._refunds = refunds

    def status(self, any_id: str) -> JsonObject:
        """Return GET status."""
        transaction = self._payments.book.find_for_core(any_id)
        if transaction is None:
            return no_such_transaction(self._engine.ids.uuid())
        refunds = self._payments.book.refunds(transaction.transaction_id)
        return status_body(transaction, refunds, self._engine.settings.midtrans_server_key)

    def status_b2b(self, order_id: str) -> JsonObject:
        """Return every payment of an order, for VA numbers that are paid several times."""
        attempts = self._payments.book.attempts(order_id)
        if not attempts:
            return no_such_transaction(self._engine.ids.uuid())
        return {
            "status_code": "200",
            "status_message": "Success, B2B transactions are found",
            "transactions": [self.status(attempt.transaction_id) for attempt in attempts],
        }

    def cancel(self, any_id: str) -> JsonObject:
        """Cancel what waits, or a card before settlement; the Snap page ends with it."""
        message = "Success, transaction is canceled"
        return self._act(any_id, self._cancel, "200", message)

    def expire(self, any_id: str) -> JsonObject:
        """End what waits and its Snap page; success is code 407."""
        message = "Success, transaction has expired"
        return self._act(any_id, self._expire, "407", message)

    def approve(self, any_id: str) -> JsonObject:
        """Accept a challenged card."""
        message = "Success, transaction is approved"
        return self._act(any_id, self._payments.approve_challenge, "200", message)

    def deny(self, any_id: str) -> JsonObject:
        """Refuse a challenged card."""
        message = "Success, transaction is denied"
        return self._act(any_id, self._payments.deny_challenge, "200", message)

    def refund(self, any_id: str, request: RefundRequest, refuse_with: str = "") -> JsonObject:
        """Refund, or answer ``refuse_with`` (202 or 414) as a fault rule asks."""
        transaction = self._payments.book.find_for_core(any_id)
        if transaction is None:
            return no_such_transaction(self._engine.ids.uuid())
        if refuse_with == "202":
            return self._refunds.refuse_by_bank(transaction, request)
        if refuse_with:
            return refusal("414", "Refund request is rejected due to insufficient merchant balance")
        return self._refunds.refund(transaction, request)

    def _cancel(self, transaction: Transaction) -> None:
        self._payments.cancel(transaction)
        self._payments.close_page(transaction, SessionState.CANCELED)

    def _expire(self, transaction: Transaction) -> None:
        self._payments.expire(transaction)
        self._payments.close_page(transaction, SessionState.EXPIRED)

    def _act(
        self, any_id: str, move: Callable[[Transaction], None], code: str, message: str
    ) -> JsonObject:
        transaction = self._payments.book.find_for_core(any_id)
        if transaction is None:
            return no_such_transaction(self._engine.ids.uuid())
        # Of DANA only status, refund and cancel exist (docs, "DANA").
        if code == "407" and METHODS[transaction.method].only_by_transaction_id:
            return CANNOT_MODIFY
        try:
            move(transaction)
        except WrongStateError:
            return CANNOT_MODIFY
        return action_body(transaction, code, message)
