"""The Xendit half, put together."""

from sandbox.deliveries import Deliveries
from sandbox.engine import Engine
from sandbox.xendit.invoices import Invoices
from sandbox.xendit.refunds import XenditRefunds


class Xendit:
    """Everything that plays Xendit; all parts share one book and the engine's lock."""

    def __init__(self, engine: Engine, deliveries: Deliveries) -> None:
        """Take up the state file's invoices and refunds."""
        self.engine = engine
        self.invoices = Invoices(engine, deliveries)
        self.book = self.invoices.book
        self.refunds = XenditRefunds(engine, deliveries, self.book)
