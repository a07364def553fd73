"""The life of a transaction: begun on the Snap page, moved by payer, bank and time."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.clock import WIB
from sandbox.deliveries import Deliveries, Message
from sandbox.engine import Engine
from sandbox.midtrans.bodies import notification_body
from sandbox.midtrans.book import Book
from sandbox.midtrans.cards import CardOutcome, TestCard, look_up_card
from sandbox.midtrans.details import card_details, details_of, new_pay_number
from sandbox.midtrans.expiry import method_expiry
from sandbox.midtrans.methods import METHODS, Method
from sandbox.midtrans.notifications import GATEWAY, HEADERS
from sandbox.midtrans.records import Fraud, SessionState, SnapSession, Status, Transaction
from sandbox.wire import JsonObject

_SETTLEMENT_HOUR_WIB: Final = 16
_BANK_ANSWERS: Final = {
    CardOutcome.ACCEPT: ("00", "Approved"),
    CardOutcome.CHALLENGE: ("00", "Approved"),
    CardOutcome.BANK_DENY: ("05", "Do not honour"),
    CardOutcome.NO_FUNDS: ("51", "Insufficient funds"),
    CardOutcome.FRAUD_DENY: ("05", "Denied by the fraud detection system"),
}
_CUSTOM_FIELDS: Final = ("custom_field1", "custom_field2", "custom_field3")


class WrongStateError(Exception):
    """The transaction is not in a state that allows this; nothing was changed."""


class Payments:
    """Moves transactions and notifies the shop; used under the engine's lock."""

    def __init__(self, engine: Engine, deliveries: Deliveries) -> None:
        """Read the book and plan again what time will do to open transactions."""
        self._engine = engine
        self._deliveries = deliveries
        self.book = Book(engine.store)
        for transaction in self.book.transactions.values():
            self._plan(transaction)

    def begin(self, session: SnapSession, method: Method, card_number: str = "") -> Transaction:
        """Start an attempt: the payer has confirmed a method, so a transaction exists.

        A card that needs no 3-D Secure page is answered by the bank at once.
        """
        transaction = self._new_transaction(session, method)
        card = self._use_card(transaction, card_number) if method.kind == "card" else None
        self.book.save_transaction(transaction)
        session.state = SessionState.CONFIRMED
        self.book.save_session(session)
        self._plan(transaction)
        if card and not card.asks_otp and not card.answers_after_s:
            self.finish_card(transaction)
        else:
            self.notify(transaction)
        return transaction

    def finish_card(self, transaction: Transaction) -> None:
        """Let the bank and the fraud system answer for a card that waits."""
        _require(transaction, {Status.PENDING})
        outcome = CardOutcome(transaction.card_outcome or CardOutcome.ACCEPT)
        code, message = _BANK_ANSWERS[outcome]
        transaction.details["channel_response_code"] = code
        transaction.details["channel_response_message"] = message
        if outcome not in {CardOutcome.ACCEPT, CardOutcome.CHALLENGE}:
            self._deny_card(transaction, outcome)
            return
        if outcome is CardOutcome.CHALLENGE:
            transaction.fraud_status = Fraud.CHALLENGE
        self._capture(transaction)

    def pay(self, transaction: Transaction) -> None:
        """Play the payer and the bank: what waits is paid now."""
        _require(transaction, {Status.PENDING})
        if transaction.method == "credit_card":
            transaction.card_outcome = CardOutcome.ACCEPT
            self.finish_card(transaction)
            return
        self._settle(transaction, self._engine.clock.now())

    def pay_late(self, transaction: Transaction) -> None:
        """Let money arrive for a transaction that has already expired.

        Not a documented transition; the docs only warn that expiry is a batch job and
        that a payment may still settle after its nominal end.
        """
        _require(transaction, {Status.EXPIRE})
        self._settle(transaction, self._engine.clock.now())

    def settle(self, transaction: Transaction) -> None:
        """Settle a captured card now instead of tomorrow."""
        _require(transaction, {Status.CAPTURE})
        if transaction.fraud_status == Fraud.CHALLENGE:
            raise WrongStateError("decide the challenge first: approve or deny")
        self._settle(transaction, self._engine.clock.now())

    def deny(self, transaction: Transaction) -> None:
        """Let the bank or provider refuse what waits."""
        _require(transaction, {Status.PENDING})
        if transaction.method == "credit_card":
            transaction.card_outcome = CardOutcome.BANK_DENY
            self.finish_card(transaction)
            return
        self._move(transaction, Status.DENY)

    def approve_challenge(self, transaction: Transaction) -> None:
        """Accept a card that the fraud system held (Core ``/approve``)."""
        _require_challenge(transaction)
        transaction.fraud_status = Fraud.ACCEPT
        self._move(transaction, Status.CAPTURE)

    def deny_challenge(self, transaction: Transaction) -> None:
        """Refuse a held card; it becomes ``cancel`` with fraud_status ``deny``."""
        _require_challenge(transaction)
        transaction.fraud_status = Fraud.DENY
        self._move(transaction, Status.CANCEL)

    def cancel(self, transaction: Transaction) -> None:
        """Cancel what waits, or a card before it settles (Core ``/cancel``)."""
        _require(transaction, {Status.PENDING, Status.CAPTURE})
        self._move(transaction, Status.CANCEL)

    def expire(self, transaction: Transaction) -> None:
        """End what waits because nobody paid."""
        _require(transaction, {Status.PENDING})
        self._move(transaction, Status.EXPIRE)

    def close_page(self, transaction: Transaction, state: SessionState) -> None:
        """End the Snap page of an order that its merchant has given up."""
        session = self.book.sessions.get(transaction.token)
        if session and session.state == SessionState.CONFIRMED:
            session.state = state
            self.book.save_session(session)

    def reverse(self, transaction: Transaction) -> None:
        """Take a settled payment back as the bank does within minutes: ``deny``."""
        _require(transaction, {Status.SETTLEMENT})
        if not METHODS[transaction.method].can_reverse:
            raise WrongStateError("only Permata VA and Indomaret payments are reversed")
        self._move(transaction, Status.DENY)

    def charge_back(self, transaction: Transaction) -> None:
        """Let the card's bank take the money back."""
        _require(transaction, {Status.CAPTURE, Status.SETTLEMENT, Status.PARTIAL_REFUND})
        if transaction.method != "credit_card":
            raise WrongStateError("only card payments are charged back")
        self._move(transaction, Status.CHARGEBACK)

    def note_refund(self, transaction: Transaction, refunded: int) -> None:
        """Move to ``refund`` once all the money went back, else to ``partial_refund``."""
        whole = refunded >= transaction.gross_amount
        self._move(transaction, Status.REFUND if whole else Status.PARTIAL_REFUND)

    def notify(self, transaction: Transaction) -> None:
        """Send the transaction's present state to every address that wants it."""
        refunds = self.book.refunds(transaction.transaction_id)
        key = self._engine.settings.midtrans_server_key
        body = notification_body(transaction, refunds, key)
        for url in self._urls(transaction):
            self._deliveries.send(
                Message(GATEWAY, transaction.order_id, transaction.status, url, HEADERS, body)
            )

    def _urls(self, transaction: Transaction) -> list[str | None]:
        session = self.book.sessions.get(transaction.token)
        if session and session.override_urls:
            return list(session.override_urls)
        appended = session.append_urls if session else []
        own = self._engine.settings.midtrans_notify_url
        return [own, *appended] if own or not appended else list(appended)

    def _new_transaction(self, session: SnapSession, method: Method) -> Transaction:
        ids, now = self._engine.ids, self._engine.clock.now()
        number = new_pay_number(method, session.request, ids, self.book.number_is_free)
        return Transaction(
            transaction_id=ids.uuid(),
            order_id=session.order_id,
            token=session.token,
            method=method.key,
            payment_type=method.payment_type,
            gross_amount=session.gross_amount,
            status=Status.PENDING,
            fraud_status=Fraud.ACCEPT if method.has_fraud_status else None,
            transaction_at=now,
            expires_at=method_expiry(session.request, method, now),
            pay_number=number,
            details=details_of(method, number, ids),
            custom_fields=_custom_fields(session.request),
        )

    def _use_card(self, transaction: Transaction, card_number: str) -> TestCard:
        card = look_up_card(card_number, transaction.gross_amount)
        if card is None:
            raise WrongStateError("this is not a card number")
        transaction.details = card_details(card_number, self._engine.ids)
        transaction.card_outcome = card.outcome
        if card.answers_after_s:
            delay = timedelta(seconds=card.answers_after_s)
            transaction.bank_acts_at = transaction.transaction_at + delay
        return card

    def _deny_card(self, transaction: Transaction, outcome: CardOutcome) -> None:
        # A refusal by the bank arrives with fraud_status accept (Midtrans docs,
        # "Fraud status"); only the fraud system itself says deny.
        if outcome is CardOutcome.FRAUD_DENY:
            transaction.fraud_status = Fraud.DENY
        transaction.details.pop("approval_code", None)
        self._move(transaction, Status.DENY)

    def _capture(self, transaction: Transaction) -> None:
        transaction.bank_acts_at = self._card_settlement(self._engine.clock.now())
        self._move(transaction, Status.CAPTURE)

    def _card_settlement(self, captured_at: datetime) -> datetime:
        """Return the next day shortly after 16:00 WIB, as in the published examples."""
        day = captured_at.astimezone(WIB) + timedelta(days=1)
        minute = self._engine.ids.between(5, 45)
        return day.replace(hour=_SETTLEMENT_HOUR_WIB, minute=minute, second=0, microsecond=0)

    def _settle(self, transaction: Transaction, at: datetime) -> None:
        transaction.settled_at = at
        self._move(transaction, Status.SETTLEMENT)

    def _move(self, transaction: Transaction, status: Status) -> None:
        transaction.status = status
        self.book.save_transaction(transaction)
        self._plan(transaction)
        self.notify(transaction)

    def _plan(self, transaction: Transaction) -> None:
        timers, bank_acts_at = self._engine.timers, transaction.bank_acts_at
        if transaction.status == Status.PENDING:
            timers.plan(transaction.expires_at, lambda _: self._when_expired(transaction))
            if bank_acts_at:
                timers.plan(bank_acts_at, lambda _: self._when_answered(transaction))
        elif transaction.status == Status.CAPTURE and bank_acts_at:
            timers.plan(bank_acts_at, lambda at: self._when_settled(transaction, at))

    def _when_answered(self, transaction: Transaction) -> None:
        if transaction.status == Status.PENDING and self._is_known(transaction):
            self.finish_card(transaction)

    def _when_expired(self, transaction: Transaction) -> None:
        if transaction.status == Status.PENDING and self._is_known(transaction):
            self.expire(transaction)

    def _when_settled(self, transaction: Transaction, at: datetime) -> None:
        if transaction.status != Status.CAPTURE or not self._is_known(transaction):
            return
        if transaction.fraud_status == Fraud.CHALLENGE:
            # Nobody decided in time: the charge is given back.
            self._move(transaction, Status.CANCEL)
        else:
            self._settle(transaction, at)

    def _is_known(self, transaction: Transaction) -> bool:
        return self.book.transactions.get(transaction.transaction_id) is transaction


def _require(transaction: Transaction, allowed: set[Status]) -> None:
    if transaction.status not in allowed:
        names = " or ".join(sorted(allowed))
        raise WrongStateError(f"the transaction is {transaction.status}, not {names}")


def _require_challenge(transaction: Transaction) -> None:
    challenged = transaction.fraud_status == Fraud.CHALLENGE
    if not challenged or transaction.status != Status.CAPTURE:
        raise WrongStateError("the transaction is not held by the fraud system")


def _custom_fields(request: JsonObject) -> JsonObject:
    return {name: request[name] for name in _CUSTOM_FIELDS if request.get(name) is not None}
