"""A sandbox inside the test: no port, no process, time moved by hand."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from sandbox.settings import DEMO_MIDTRANS_SERVER_KEY, DEMO_XENDIT_SECRET_KEY, Settings
from sandbox.web import create_app
from sandbox.world import World

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@dataclass
class Inside:
    """The world and a client that calls its routes."""

    world: World
    client: FlaskClient
    # The invoice that a test has paid beforehand, if any.
    paid: Any = None

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        key = DEMO_XENDIT_SECRET_KEY if path.startswith("/xendit") else DEMO_MIDTRANS_SERVER_KEY
        token = base64.b64encode(f"{key}:".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
        return self.client.open(path, method=method, json=body or {}, headers=headers).json

    def control(self, path: str, body: object = None) -> Any:
        return self.call("POST", f"/_sandbox/{path}", body)

    def token(self, order_id: str, amount: int = 150_000) -> str:
        details = {"order_id": order_id, "gross_amount": amount}
        body = {"transaction_details": details}
        return self.call("POST", "/midtrans/snap/v1/transactions", body)["token"]

    def pay(self, order_id: str, method: str, **more: Any) -> Any:
        self.token(order_id)
        return self.control(f"midtrans/{order_id}/pay", {"payment_type": method, **more})

    def invoice(self, external_id: str, channel: str = "") -> Any:
        body = {"external_id": external_id, "amount": 150_000}
        invoice = self.call("POST", "/xendit/v2/invoices", body)
        if not channel:
            return invoice
        return self.control(f"xendit/{invoice['id']}/pay", {"channel": channel})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance_s": seconds})
        self.control("flush")


@contextmanager
def inside(**settings: Any) -> Iterator[Inside]:
    """Build a world whose clock stands still, and end it."""
    world = World(Settings(still_clock_at=START, **settings))
    try:
        yield Inside(world, create_app(world).test_client())
    finally:
        world.stop()
