"""What the control API and the console show of the sandbox's state."""

import itertools
from typing import TypeVar

from sandbox.clock import iso_millis
from sandbox.midtrans.bodies import status_body
from sandbox.midtrans.method_record import Kind
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import SessionState, SnapSession, Transaction
from sandbox.wire import JsonObject
from sandbox.world import World
from sandbox.xendit.bodies import invoice_body, refund_body
from sandbox.xendit.records import Invoice

Item = TypeVar("Item")


def midtrans_view(world: World, transaction: Transaction) -> JsonObject:
    """Return a transaction as GET status shows it, with what only the sandbox knows."""
    refunds = world.midtrans.book.refunds(transaction.transaction_id)
    body = status_body(transaction, refunds, world.settings.midtrans_server_key)
    return body | {
        "method": transaction.method,
        "pay_number": transaction.pay_number,
        "token": transaction.token,
        "can_reverse": METHODS[transaction.method].can_reverse,
        "is_card": METHODS[transaction.method].kind == Kind.CARD,
    }


def xendit_view(world: World, invoice: Invoice, base_url: str) -> JsonObject:
    """Return an invoice as GET shows it, with what only the sandbox knows."""
    body = invoice_body(invoice, world.settings.merchant_name, base_url)
    refunds = [refund_body(refund) for refund in world.xendit.book.refunds_of(invoice.id)]
    return body | {"numbers": dict(invoice.numbers), "refunds": list[object](refunds)}


def state_view(world: World, limit: int, base_url: str) -> JsonObject:
    """Return the newest of everything, newest first, and the totals."""
    midtrans, xendit = world.midtrans.book, world.xendit.book
    return {
        "now": iso_millis(world.engine.clock.now()),
        "clock_stands_still": world.engine.clock.is_still,
        "clock_offset_s": world.engine.clock.offset_s,
        "notifications": dict(world.deliveries.enabled),
        "totals": {
            "tokens": len(midtrans.sessions),
            "transactions": len(midtrans.transactions),
            "invoices": len(xendit.invoices),
            "deliveries": world.deliveries.counts(),
        },
        "tokens": [
            _token_view(session, base_url)
            for session in _newest(midtrans.sessions, limit)
            if session.state != SessionState.CONFIRMED
        ],
        "transactions": [
            midtrans_view(world, transaction)
            for transaction in _newest(midtrans.transactions, limit)
        ],
        "invoices": [
            xendit_view(world, invoice, base_url) for invoice in _newest(xendit.invoices, limit)
        ],
        "refunds": [refund_body(refund) for refund in _newest(xendit.refunds, limit)],
    }


def _token_view(session: SnapSession, base_url: str) -> JsonObject:
    return {
        "token": session.token,
        "order_id": session.order_id,
        "gross_amount": session.gross_amount,
        "state": session.state,
        "created": iso_millis(session.created_at),
        "expires": iso_millis(session.page_expires_at),
        "redirect_url": f"{base_url}/midtrans/snap/v2/vtweb/{session.token}",
    }


def _newest(items: dict[str, Item], limit: int) -> list[Item]:
    # Walks back from the end: the cost is the limit's, not the number of all items.
    return list(itertools.islice(reversed(items.values()), limit))
