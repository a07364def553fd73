"""The Midtrans half, put together."""

from sandbox.deliveries import Deliveries
from sandbox.engine import Engine
from sandbox.midtrans.card_tokens import CardTokens
from sandbox.midtrans.charge import Charges
from sandbox.midtrans.core import Core
from sandbox.midtrans.idempotency import Idempotency
from sandbox.midtrans.payments import Payments
from sandbox.midtrans.refunds import Refunds
from sandbox.midtrans.snap import Snap


class Midtrans:
    """Everything that plays Midtrans; all parts share one book and the engine's lock."""

    def __init__(self, engine: Engine, deliveries: Deliveries) -> None:
        """Take up the state file's sessions, transactions and refunds."""
        self.engine = engine
        self.payments = Payments(engine, deliveries)
        self.book = self.payments.book
        self.snap = Snap(engine, self.book)
        self.refunds = Refunds(engine, self.payments)
        self.core = Core(engine, self.payments, self.refunds)
        self.cards = CardTokens(engine, self.book)
        self.charges = Charges(engine, self.payments, self.cards)
        self.idempotency = Idempotency(engine, self.book)
