"""What happens at the gateways without the shop: their dashboards, the card banks, and time."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.midtrans.records import Transaction
from sandbox.midtrans.refunds import RefundRequest
from sandbox.xendit.records import PAID, Invoice
from tests.simulation.shoppers import NO
from tests.simulation.stage import Stage

# Amounts that Xendit takes at first and fails later on purpose.
_FAILING = (20_301, 20_302)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done to a Midtrans transaction, and in which states it is tried."""

    action: str
    states: frozenset[str]
    share_of_amount: float = 0.0


_CHARGEBACKS = frozenset({"capture", "settlement", "partial_refund"})
_DEEDS = (
    Deed("chargeback", _CHARGEBACKS),
    Deed("chargeback", _CHARGEBACKS, 0.5),
    Deed("reverse", frozenset({"settlement"})),
    Deed("reverse", frozenset({"settlement"})),
    Deed("approve", frozenset({"capture"})),
    Deed("deny", frozenset({"pending", "capture"})),
    Deed("cancel", frozenset({"pending", "capture"})),
    Deed("expire", frozenset({"pending"})),
    Deed("settle", frozenset({"capture"})),
)


def intervene(stage: Stage, dice: random.Random) -> str | None:
    """Do to one Midtrans payment what its bank or the dashboard could do now."""
    found = list(stage.sandbox.midtrans.book.transactions.values())
    if not found:
        return None
    transaction = dice.choice(found)
    fitting = [deed for deed in _DEEDS if transaction.status in deed.states]
    if not fitting:
        return None
    deed = dice.choice(fitting)
    share = int(transaction.gross_amount * deed.share_of_amount)
    body: dict[str, object] = {"amount": share} if share else {}
    try:
        stage.control.midtrans(body, transaction.transaction_id, deed.action)
    except NO as error:
        return f"the gateway cannot {deed.action} {transaction.order_id}: {error}"
    if deed.action == "cancel":
        stage.dashboard_cancels.add(transaction.transaction_id)
    return f"the gateway does {deed.action} to {transaction.order_id} ({transaction.status})"


def take_another_amount(stage: Stage, dice: random.Random) -> str | None:
    """Let the gateway take less than was asked for, and say so under its own signature."""
    open_ones = [
        t for t in stage.sandbox.midtrans.book.transactions.values() if t.status == "pending"
    ]
    if not open_ones:
        return None
    transaction = dice.choice(open_ones)
    transaction.gross_amount //= 2
    stage.control.midtrans({}, transaction.transaction_id, "pay")
    return f"the gateway takes only {transaction.gross_amount} for {transaction.order_id}"


def refund_outside(stage: Stage, dice: random.Random) -> str | None:
    """Refund a payment in a gateway's dashboard, under a key that the shop never saw."""
    midtrans = [
        t for t in stage.sandbox.midtrans.book.transactions.values() if t.settled_at is not None
    ]
    xendit = [i for i in stage.sandbox.xendit.book.invoices.values() if i.status in PAID]
    found: list[Transaction | Invoice] = [*midtrans, *xendit]
    if not found:
        return None
    paid = dice.choice(found)
    key = f"dashboard-{len(stage.dashboard_refunds) + 1}"
    stage.dashboard_refunds.add(key)
    if isinstance(paid, Transaction):
        return _at_midtrans(stage, dice, paid, key)
    return _at_xendit(stage, dice, paid, key)


def _at_midtrans(stage: Stage, dice: random.Random, paid: Transaction, key: str) -> str:
    amount = None if dice.random() < 0.4 else max(1, paid.gross_amount // 3)
    request = RefundRequest(key=key, amount=amount, reason="dashboard", is_direct=False)
    with stage.sandbox.engine.change():
        answer = stage.sandbox.midtrans.refunds.refund(paid, request)
    return f"dashboard refunds {amount or 'all'} of {paid.order_id}: {answer['status_code']}"


def _at_xendit(stage: Stage, dice: random.Random, paid: Invoice, key: str) -> str:
    amount = dice.choice((paid.amount, paid.amount // 3, *_FAILING))
    body: dict[str, object] = {
        "invoice_id": paid.id,
        "reference_id": key,
        "amount": amount,
        "reason": "REQUESTED_BY_CUSTOMER",
    }
    with stage.sandbox.engine.change():
        answer = stage.sandbox.xendit.refunds.create(body, key)
    return f"dashboard refunds {amount} of {paid.external_id}: {answer.http_status}"
