"""The judge sees what it is there for: each case is a good run with one thing wrong in it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.hosts.judge import Evidence, Paid, Returned, judge
from tests.hosts.records import Bought, Ledger, Wanted

BODY = '{"order_id": "LN-1-1"}'
ORDER = SimpleNamespace(
    id=1,
    number="LN-1",
    public_id="abc",
    payment_status="partially_refunded",
    captured_idr=100,
    refunded_idr=30,
    reserved_idr=0,
    attention=None,
)
REFUND = SimpleNamespace(key="rf-1", order_id=1, amount_idr=30)
PAYMENT = Paid("LN-1-1", 100, (Returned("rf-1", 30),))


def good() -> tuple[Evidence, Ledger]:
    """Return one order that was paid, notified about twice, and refunded in part."""
    ledger = Ledger(
        bought=[Bought("abc", "LN-1", "midtrans", "token")],
        wanted=[Wanted("LN-1", 30, "form-1"), Wanted("LN-1", 30, "form-1")],
    )
    ledger.acknowledge("midtrans", BODY)
    ledger.acknowledge("midtrans", BODY)
    evidence = Evidence(
        payments=[PAYMENT],
        orders=[ORDER],
        refunds=[REFUND],
        references={"LN-1-1": 1},
        stored={("midtrans", BODY): 2},
        unfinished={},
        told="",
    )
    return evidence, ledger


def order(**changes: Any) -> SimpleNamespace:
    return SimpleNamespace(**vars(ORDER) | changes)


def test_a_good_run_has_no_breach() -> None:
    verdict = judge(*good())

    assert verdict.breaches == []
    assert verdict.counts["acknowledged"] == 2
    assert (verdict.counts["refunds asked for"], verdict.counts["refunds paid"]) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"stored": {("midtrans", BODY): 1}}, "lost: midtrans was answered 2xx 2 times, stored 1"),
        ({"stored": {("midtrans", BODY + " "): 2}}, "stored 0 times"),
        (
            {"payments": [replace(PAYMENT, returned=(*PAYMENT.returned,) * 2)]},
            "refund key rf-1 paid 2 times",
        ),
        (
            {"payments": [replace(PAYMENT, returned=(*PAYMENT.returned, Returned("rf-2", 30)))]},
            "nobody asked for Returned(key='rf-2', amount_idr=30)",
        ),
        (
            {"payments": [replace(PAYMENT, returned=(Returned("rf-1", 101),))]},
            "LN-1-1: 101 given back of 100",
        ),
        (
            # Two keys of ours for what one form asked for.
            {
                "payments": [replace(PAYMENT, returned=(Returned("rf-1", 30), Returned("2", 30)))],
                "refunds": [REFUND, SimpleNamespace(key="2", order_id=1, amount_idr=30)],
            },
            "order LN-1: 30 given back 2 times, asked for 1 times",
        ),
        ({"payments": []}, "the gateways (0, 0)"),
        ({"payments": [PAYMENT, Paid("LN-9-1", 5)]}, "LN-9-1 is paid at the gateway and unknown"),
        ({"orders": [order(reserved_idr=10)]}, "captured, refunded, reserved (100, 30, 10)"),
        ({"orders": [order(payment_status="pending")]}, "order LN-1 stays pending"),
        ({"orders": []}, "order LN-1 is gone"),
        ({"unfinished": {"claims that wait": 3}}, "3 claims that wait"),
        ({"told": "1 differ."}, "1 differ."),
    ],
)
def test_one_thing_that_is_wrong_is_a_breach(wrong: dict[str, Any], words: str) -> None:
    evidence, ledger = good()

    breaches = judge(replace(evidence, **wrong), ledger).breaches

    assert any(words in breach for breach in breaches), breaches


def test_an_answer_that_nobody_should_get_is_a_breach() -> None:
    evidence, ledger = good()
    ledger.surprises.append("checkout: 422")

    assert judge(evidence, ledger).breaches == ["checkout: 422"]


def test_an_order_in_a_persons_queue_is_not_over_and_right_all_the_same() -> None:
    evidence, ledger = good()
    called = order(payment_status="pending", captured_idr=0, refunded_idr=0, attention="drift")

    verdict = judge(replace(evidence, orders=[called]), ledger)

    assert verdict.breaches == []
    assert verdict.counts["orders in a person's queue"] == 1
