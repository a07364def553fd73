"""The gateways' own books, read directly: what really became of the money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sandbox.midtrans.records import Fraud, Status, Transaction
from sandbox.world import World as Sandbox
from sandbox.xendit.records import Invoice, RefundStatus

_HOLDS: Final = frozenset(
    {
        *(Status.CAPTURE, Status.SETTLEMENT, Status.PARTIAL_REFUND, Status.REFUND),
        *(Status.CHARGEBACK, Status.PARTIAL_CHARGEBACK),
    }
)
_OPEN: Final = frozenset({Status.PENDING, Status.AUTHORIZE})


@dataclass(frozen=True, slots=True)
class Returned:
    """One refund in a gateway's books; ``alive`` unless it failed there."""

    key: str
    amount_idr: int
    alive: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """One transaction or invoice in a gateway's books."""

    gateway_id: str
    reference: str
    amount_idr: int
    status: str
    holds: bool  # the money has come and was not taken back
    waits: bool  # it can still be paid in the ordinary way
    in_review: bool
    charged_back: bool
    by_reference: bool  # the gateway finds it when asked by our reference
    returned: tuple[Returned, ...]

    @property
    def returned_idr(self) -> int:
        """What has been given back for certain."""
        return sum(refund.amount_idr for refund in self.returned if refund.done)


def payments_of(sandbox: Sandbox, reference: str) -> list[Payment]:
    """Return everything that either gateway holds under one of our references."""
    midtrans = [_transaction(sandbox, t) for t in sandbox.midtrans.book.attempts(reference)]
    return midtrans + [_invoice(sandbox, i) for i in sandbox.xendit.book.of_external_id(reference)]


def all_payments(sandbox: Sandbox) -> list[Payment]:
    """Return everything that both gateways hold."""
    midtrans = [_transaction(sandbox, t) for t in sandbox.midtrans.book.transactions.values()]
    return midtrans + [_invoice(sandbox, i) for i in sandbox.xendit.book.invoices.values()]


def _transaction(sandbox: Sandbox, row: Transaction) -> Payment:
    challenged = row.fraud_status == Fraud.CHALLENGE and row.status == Status.CAPTURE
    listed = sandbox.midtrans.book.refunds(row.transaction_id)
    return Payment(
        gateway_id=row.transaction_id,
        reference=row.order_id,
        amount_idr=row.gross_amount,
        status=row.status,
        holds=row.status in _HOLDS and not challenged,
        waits=row.status in _OPEN,
        in_review=challenged,
        charged_back=row.status == Status.CHARGEBACK,
        by_reference=sandbox.midtrans.book.find_for_core(row.order_id) is row,
        returned=tuple(Returned(r.key, r.amount, alive=True, done=True) for r in listed),
    )


def _invoice(sandbox: Sandbox, row: Invoice) -> Payment:
    listed = sandbox.xendit.book.refunds_of(row.id)
    return Payment(
        gateway_id=row.id,
        reference=row.external_id,
        amount_idr=row.amount,
        status=row.status,
        holds=row.status in {"PAID", "SETTLED"},
        waits=row.status == "PENDING",
        in_review=False,
        charged_back=False,
        by_reference=True,
        returned=tuple(
            Returned(
                r.reference_id,
                r.amount,
                alive=r.status in {RefundStatus.PENDING, RefundStatus.SUCCEEDED},
                done=r.status == RefundStatus.SUCCEEDED,
            )
            for r in listed
        ),
    )
