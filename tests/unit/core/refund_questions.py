"""A payment made by some method, and the question whether it may be refunded."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from app.core.facts import OrderFacts, TransactionFact
from app.core.refunds import (
    RefundQuestion,
    RefundVerdict,
    decide_refund,
    transaction_to_refund,
)
from app.core.wib import WIB
from tests.unit.core.orders import MIDTRANS, order, transaction

THRESHOLD: Final = 100_000
PAID_AT: Final = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 23:30 WIB on 2 March
NOON: Final = datetime(2026, 3, 3, 12, 0, tzinfo=WIB)


def paid_by(method: str | None, **changes: Any) -> TransactionFact:
    return replace(transaction(), method=method, paid_at=PAID_AT, **changes)


def question(facts: OrderFacts, **changes: Any) -> RefundQuestion:
    usual = RefundQuestion(
        facts=facts,
        transaction=transaction_to_refund(facts),
        gateway=MIDTRANS,
        amount_idr=50_000,
        now=NOON,
        approval_threshold_idr=THRESHOLD,
    )
    return replace(usual, **changes)


def judge(facts: OrderFacts, **changes: Any) -> RefundVerdict:
    return decide_refund(question(facts, **changes))


def paid_order(method: str | None, *refunds: Any, **changes: Any) -> OrderFacts:
    return order(paid_by(method, **changes), refunds=refunds)
