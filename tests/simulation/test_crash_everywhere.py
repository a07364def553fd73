"""One purchase and its refund, with a crash at every boundary in turn: the end is the same."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.core.states import GatewayName
from app.services.checkout import CartLine, CheckoutRequest
from app.services.refunds import RefundForm, request_refund
from sandbox.wire import JsonObject
from tests.simulation.boundaries import DieAt
from tests.simulation.databank import SqliteBank
from tests.simulation.ending import judge_the_end, settle_down
from tests.simulation.invariants import Judge
from tests.simulation.records import Records, read_records
from tests.simulation.shoppers import press_again
from tests.simulation.stage import Purchase, Stage, on_stage
from tests.simulation.steps import deliver_all, run_jobs
from tests.simulation.truth import all_payments
from tests.world import CUSTOMER

PRICE = 600_000
NEVER = 10_000
METHODS = {
    GatewayName.MIDTRANS: {"payment_type": "gopay"},
    GatewayName.XENDIT: {"channel": "DANA"},
}
# The story has more boundaries than this, or it would not be the whole story.
AT_LEAST = 25


def purchase(gateway: GatewayName) -> Purchase:
    lines = (CartLine("BATIK", 1),)
    return Purchase(CheckoutRequest("intent", "cart", gateway, lines, CUSTOMER, "id"))


def tell(stage: Stage, judge: Judge, gateway: GatewayName) -> None:
    """Play the story; each actor tries again until there is nothing left for it to do."""
    dice = random.Random(1)
    stage.purchases.append(purchase(gateway))
    acts: tuple[Callable[[], str | None], ...] = (
        lambda: press_on(stage),
        lambda: pay(stage, gateway),
        lambda: deliver_all(stage, dice),
        lambda: run_jobs(stage, dice),
        lambda: refund(stage),
        lambda: run_jobs(stage, dice),
        lambda: deliver_all(stage, dice),
    )
    for act in acts:
        stage.attempt(act)
        # Longer than any lease: what a dead process held is free again.
        stage.pass_time(61)
        stage.attempt(act)
        judge.check(read_records(stage.bank.engine))


def press_on(stage: Stage) -> str | None:
    """Ask for a page unless there is one; the same intent never makes a second order."""
    return None if stage.purchases[0].pages else press_again(stage, random.Random(2))


def pay(stage: Stage, gateway: GatewayName) -> None:
    body: JsonObject = dict(METHODS[gateway])
    if any(payment.holds for payment in all_payments(stage.sandbox)):
        return
    page = stage.purchases[0].pages[-1]
    act = stage.control.midtrans if gateway is GatewayName.MIDTRANS else stage.control.xendit
    act(body, page.name, "pay")


def refund(stage: Stage) -> None:
    (order,) = read_records(stage.bank.engine).orders
    request_refund(stage.desk, RefundForm(order.id, PRICE, "rusak", 1, "the form", PRICE))


def outcome(stage: Stage) -> tuple[object, ...]:
    """Return what must be the same wherever the process died."""
    records: Records = read_records(stage.bank.engine)
    (order,) = records.orders
    (row,) = records.refunds
    return (
        (order.payment_status, order.captured_idr, order.refunded_idr, order.reserved_idr),
        (order.attention, order.stock_state, row.state, row.amount_idr),
        [len(payment.returned) for payment in all_payments(stage.sandbox) if payment.holds],
    )


def play(gateway: GatewayName, number: int, bank: SqliteBank) -> tuple[int, tuple[object, ...]]:
    plan = DieAt(number)
    with on_stage(7, bank) as stage:
        judge = Judge(stage)
        with stage.under(plan):
            tell(stage, judge, gateway)
        settle_down(stage)
        judge_the_end(stage, judge)
        return plan.seen, outcome(stage)


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_crash_at_any_boundary_changes_nothing_about_the_end(
    gateway: GatewayName, bank: SqliteBank
) -> None:
    boundaries, wanted = play(gateway, NEVER, bank)

    assert boundaries > AT_LEAST
    assert wanted == (
        ("refunded", PRICE, PRICE, 0),
        (None, "taken", "succeeded", PRICE),
        [1],
    )
    for number in range(boundaries):
        seen, reached = play(gateway, number, bank)
        assert seen > number, "the process lived on"
        assert reached == wanted, f"after a crash at boundary {number}"
