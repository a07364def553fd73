"""Everything the Midtrans half knows, with an index for every question asked of it."""

from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import (
    CardToken,
    KeptAnswer,
    Refund,
    SnapSession,
    Transaction,
)
from sandbox.records import dump_record, load_record
from sandbox.store import Store


class Book:
    """Sessions, transactions and refunds; used under the engine's lock."""

    def __init__(self, store: Store) -> None:
        """Read back what the state file holds."""
        self._store = store
        self.sessions: dict[str, SnapSession] = {}
        self.transactions: dict[str, Transaction] = {}
        self.card_tokens: dict[str, CardToken] = {}
        self.answers: dict[str, KeptAnswer] = {}
        self._token_of: dict[str, str] = {}
        self._attempts: dict[str, list[str]] = {}
        self._refunds: dict[str, list[Refund]] = {}
        self._numbers: set[str] = set()
        self.refund_count = 0
        for row in store.rows("snap"):
            self._index_session(load_record(SnapSession, row))
        for row in store.rows("transaction"):
            self._index_transaction(load_record(Transaction, row))
        for row in store.rows("refund"):
            self._index_refund(load_record(Refund, row))
        for row in store.rows("card_token"):
            token = load_record(CardToken, row)
            self.card_tokens[token.token_id] = token
        for row in store.rows("answer"):
            answer = load_record(KeptAnswer, row)
            self.answers[answer.key] = answer

    def clear(self) -> None:
        """Forget everything."""
        for table in (self.sessions, self.transactions, self._token_of, self._attempts):
            table.clear()
        self.card_tokens.clear()
        self.answers.clear()
        self._refunds.clear()
        self._numbers.clear()
        self.refund_count = 0

    def save_session(self, session: SnapSession) -> None:
        """Keep a new or changed session."""
        self._index_session(session)
        self._store.save("snap", session.token, dump_record(session))

    def save_transaction(self, transaction: Transaction) -> None:
        """Keep a new or changed transaction."""
        self._index_transaction(transaction)
        self._store.save("transaction", transaction.transaction_id, dump_record(transaction))

    def save_refund(self, refund: Refund) -> None:
        """Keep a new or changed refund."""
        self._index_refund(refund)
        self._store.save("refund", refund.chargeback_uuid, dump_record(refund))

    def save_card_token(self, token: CardToken) -> None:
        """Keep a new card token."""
        self.card_tokens[token.token_id] = token
        self._store.save("card_token", token.token_id, dump_record(token))

    def drop_card_token(self, token_id: str) -> None:
        """Forget a card token that was used or is too old."""
        if self.card_tokens.pop(token_id, None):
            self._store.delete("card_token", token_id)

    def save_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer for whoever sends its Idempotency-Key again."""
        self.answers[answer.key] = answer
        self._store.save("answer", answer.key, dump_record(answer))

    def drop_answer(self, key: str) -> None:
        """Forget an answer whose time is over."""
        if self.answers.pop(key, None):
            self._store.delete("answer", key)

    def latest_session(self, order_id: str) -> SnapSession | None:
        """Return the newest Snap session of an order, or None."""
        token = self._token_of.get(order_id)
        return self.sessions[token] if token else None

    def attempts(self, order_id: str) -> list[Transaction]:
        """Return all transactions of an order, oldest first."""
        return [self.transactions[key] for key in self._attempts.get(order_id, [])]

    def find(self, any_id: str) -> Transaction | None:
        """Return a transaction by its id or by order_id.

        Of several attempts the paid one wins, else the newest: what Midtrans answers
        there is not documented, and this is what a shop needs.
        """
        return self.transactions.get(any_id) or _best(self.attempts(any_id))

    def find_for_core(self, any_id: str) -> Transaction | None:
        """Return what the Core API finds: DANA only by transaction_id (docs, "DANA")."""
        by_order = [
            attempt
            for attempt in self.attempts(any_id)
            if not METHODS[attempt.method].only_by_transaction_id
        ]
        return self.transactions.get(any_id) or _best(by_order)

    def refunds(self, transaction_id: str) -> list[Refund]:
        """Return the accepted refunds of one transaction, oldest first."""
        return self._refunds.get(transaction_id, [])

    def number_is_free(self, number: str) -> bool:
        """Whether no transaction uses this VA number or pay code."""
        return number not in self._numbers

    def _index_session(self, session: SnapSession) -> None:
        if session.token not in self.sessions:
            self._token_of[session.order_id] = session.token
        self.sessions[session.token] = session

    def _index_transaction(self, transaction: Transaction) -> None:
        if transaction.transaction_id not in self.transactions:
            attempts = self._attempts.setdefault(transaction.order_id, [])
            attempts.append(transaction.transaction_id)
            if transaction.pay_number:
                self._numbers.add(transaction.pay_number)
        self.transactions[transaction.transaction_id] = transaction

    def _index_refund(self, refund: Refund) -> None:
        listed = self._refunds.setdefault(refund.transaction_id, [])
        if all(other is not refund for other in listed):
            listed.append(refund)
            self.refund_count += 1


def _best(attempts: list[Transaction]) -> Transaction | None:
    paid = [attempt for attempt in attempts if attempt.is_paid]
    candidates = paid or attempts
    return candidates[-1] if candidates else None
