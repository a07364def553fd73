"""The life of a transaction: begun by Snap or Core, moved by payer, bank and time."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.clock import WIB, wib_text
from sandbox.deliveries import Deliveries, Message
from sandbox.engine import Engine
from sandbox.midtrans.bodies import notification_body, rupiah
from sandbox.midtrans.book import Book
from sandbox.midtrans.cards import CardOutcome
from sandbox.midtrans.intent import Intent, snap_intent
from sandbox.midtrans.method_record import Kind, Method
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.new_transaction import UnknownCardError, new_transaction, use_card
from sandbox.midtrans.notifications import GATEWAY, HEADERS
from sandbox.midtrans.ovo import Answer
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
# How long a bank keeps a reserved amount (Midtrans docs, "Transaction status cycle").
_RESERVED_FOR: Final = timedelta(days=7)
_MAY_BE_CHARGED_BACK: Final = {
    *(Status.CAPTURE, Status.SETTLEMENT, Status.PARTIAL_REFUND, Status.PARTIAL_CHARGEBACK)
}
_OPEN: Final = frozenset({Status.PENDING, Status.AUTHORIZE})


class WrongStateError(Exception):
    """The transaction is not in a state that allows this; nothing was changed."""


class Payments:
    """Moves transactions and notifies the shop; used under the engine's lock.

    WrongStateError, and nothing has changed, where the transaction's state does not let it happen.
    """

    def __init__(self, engine: Engine, deliveries: Deliveries) -> None:
        """Read the book and plan again what time will do to open transactions."""
        self._engine = engine
        self._deliveries = deliveries
        self.book = Book(engine.store)
        for transaction in self.book.transactions.values():
            self._plan(transaction)

    def begin(
        self,
        session: SnapSession,
        method: Method,
        card_number: str = "",
        chosen: JsonObject | None = None,
    ) -> Transaction:
        """Start an attempt on the Snap page: the payer has confirmed a method.

        ``chosen`` holds what the page adds to the shop's request, such as OVO's phone.
        """
        transaction = self.start(snap_intent(session, chosen or {}), method, card_number)
        session.state = SessionState.CONFIRMED
        self.book.save_session(session)
        return transaction

    def start(self, intent: Intent, method: Method, card_number: str = "") -> Transaction:
        """Start an attempt, for either API.

        A card that needs no 3-D Secure page is answered by the bank at once.
        """
        ids, now = self._engine.ids, self._engine.clock.now()
        transaction = new_transaction(intent, method, now, ids, self.book.number_is_free)
        waits = True
        if method.kind is Kind.CARD:
            try:
                waits = use_card(transaction, intent.request, card_number, ids)
            except UnknownCardError as error:
                raise WrongStateError(str(error)) from error
        self.book.save_transaction(transaction)
        self._plan(transaction)
        if waits:
            self.notify(transaction)
        else:
            self.finish_card(transaction)
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
        if transaction.is_preauthorised:
            self._reserve(transaction)
        else:
            self._capture(transaction)

    def capture_reserved(self, transaction: Transaction, amount: int) -> None:
        """Take a reserved amount or a part of it, in rupiah (Core ``/capture``)."""
        _require(transaction, {Status.AUTHORIZE})
        if transaction.fraud_status == Fraud.CHALLENGE:
            raise WrongStateError("decide the challenge first: approve or deny")
        transaction.gross_amount = amount
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
        self._move(transaction, Status(transaction.status))

    def deny_challenge(self, transaction: Transaction) -> None:
        """Refuse a held card; it becomes ``cancel`` with fraud_status ``deny``."""
        _require_challenge(transaction)
        transaction.fraud_status = Fraud.DENY
        self._move(transaction, Status.CANCEL)

    def cancel(self, transaction: Transaction) -> None:
        """Cancel what waits, or a card before it settles (Core ``/cancel``)."""
        _require(transaction, {Status.PENDING, Status.AUTHORIZE, Status.CAPTURE})
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
            raise WrongStateError("only Permata VA, Mandiri bill and Indomaret are reversed")
        self._move(transaction, Status.DENY)

    def charge_back(self, transaction: Transaction, amount: int | None = None) -> None:
        """Let the card's bank take the money back, or ``amount`` rupiah of it."""
        _require(transaction, _MAY_BE_CHARGED_BACK)
        if transaction.method != "credit_card":
            raise WrongStateError("only card payments are charged back")
        is_part = amount is not None and amount < transaction.gross_amount
        self._move(transaction, Status.PARTIAL_CHARGEBACK if is_part else Status.CHARGEBACK)

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
        if transaction.override_urls:
            return list(transaction.override_urls)
        own = self._engine.settings.midtrans_notify_url
        appended = transaction.append_urls
        return [own, *appended] if own or not appended else list(appended)

    def _deny_card(self, transaction: Transaction, outcome: CardOutcome) -> None:
        # A refusal by the bank arrives with fraud_status accept (Midtrans docs,
        # "Fraud status"); only the fraud system itself says deny.
        if outcome is CardOutcome.FRAUD_DENY:
            transaction.fraud_status = Fraud.DENY
        transaction.details.pop("approval_code", None)
        self._move(transaction, Status.DENY)

    def _reserve(self, transaction: Transaction) -> None:
        transaction.bank_acts_at = None
        transaction.expires_at = self._engine.clock.now() + _RESERVED_FOR
        self._move(transaction, Status.AUTHORIZE)

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
        if transaction.method == "bni_va":
            # Only BNI fills this list (Midtrans docs, "HTTP(S) notification").
            paid = {"paid_at": wib_text(at), "amount": rupiah(transaction.gross_amount)}
            transaction.details["payment_amounts"] = [paid]
        self._move(transaction, Status.SETTLEMENT)

    def _move(self, transaction: Transaction, status: Status) -> None:
        transaction.status = status
        self.book.save_transaction(transaction)
        self._plan(transaction)
        self.notify(transaction)

    def _plan(self, transaction: Transaction) -> None:
        timers, bank_acts_at = self._engine.timers, transaction.bank_acts_at
        if transaction.status in _OPEN:
            timers.plan(transaction.expires_at, lambda at: self._when_expired(transaction, at))
        if transaction.status == Status.PENDING and bank_acts_at:
            timers.plan(bank_acts_at, lambda _: self._when_answered(transaction))
        elif transaction.status == Status.CAPTURE and bank_acts_at:
            timers.plan(bank_acts_at, lambda at: self._when_settled(transaction, at))

    def _when_answered(self, transaction: Transaction) -> None:
        if transaction.status != Status.PENDING or not self._is_known(transaction):
            return
        if transaction.payer_answer is None:
            self.finish_card(transaction)
        elif transaction.payer_answer == Answer.PAID:
            self.pay(transaction)
        else:
            self.deny(transaction)

    def _when_expired(self, transaction: Transaction, at: datetime) -> None:
        # A reserved amount got a later end than the waiting before it.
        is_due = transaction.status in _OPEN and transaction.expires_at <= at
        if is_due and self._is_known(transaction):
            self._move(transaction, Status.EXPIRE)

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
    if not challenged or transaction.status not in {Status.CAPTURE, Status.AUTHORIZE}:
        raise WrongStateError("the transaction is not held by the fraud system")
