"""Writers that meet: the last piece of stock, one key twice, two refunds, one message often."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.core.errors import ConflictError, LunasError, OutOfStockError, RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.claims import claim_due
from app.db.models import Attempt, Product
from app.services.cancelling import cancel_order
from app.services.checkout import start_checkout
from app.services.payment_pages import PageNotOpenedError
from app.services.refunds import RerouteForm, request_refund, reroute_refund
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import ACCOUNT, SKU, STOCK, World, checkout_request

pytestmark = pytest.mark.race
_THREADS = 6


def all_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start the calls together and return their results; expected errors are results too."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except (LunasError, PageNotOpenedError) as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_last_pieces_are_sold_once(world: World) -> None:
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).where(Product.sku == SKU).values(on_hand=2))

    def buy() -> Any:
        return world.checkout(GatewayName.MIDTRANS, quantity=1)

    results = all_at_once(*([buy] * _THREADS))

    refused = [r for r in results if isinstance(r, OutOfStockError)]
    assert len(refused) == _THREADS - 2
    assert world.stock() == (2, 2)


def test_one_key_from_many_tabs_makes_one_order(world: World) -> None:
    request = checkout_request(GatewayName.XENDIT, key="one-intent")

    results = all_at_once(*([lambda: start_checkout(world.desk, request)] * _THREADS))

    pages = {r.order_id for r in results if not isinstance(r, Exception)}
    others = [r for r in results if isinstance(r, Exception)]
    assert len(pages) == 1
    assert all(isinstance(r, ConflictError) for r in others), others
    assert world.stock() == (STOCK, 2)
    reference = world.attempt(next(r for r in results if not isinstance(r, Exception))).reference
    state = world.program.control("GET", "state")
    assert [i["external_id"] for i in state["invoices"]].count(reference) == 1


def test_a_flood_of_one_notification_pays_once(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    pending, settlement = world.sent(page)

    results = all_at_once(
        *([lambda: world.receive(settlement)] * 4), *([lambda: world.receive(pending)] * 2)
    )

    assert all(receipt.accepted for receipt in results)
    assert [r.why for r in results].count(Why.SHOPPER_PAID) == 1
    assert world.reasons(page).count("shopper_paid") == 1
    assert world.stock() == (STOCK - 2, 0)
    assert len(world.notifications()) == len(results)


def test_notification_and_status_check_together_pay_once(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    settlement = world.sent(page)[-1]
    world.clock.advance(60)

    all_at_once(lambda: world.receive(settlement), world.poll, lambda: world.receive(settlement))

    assert world.status(page) == "paid"
    assert world.reasons(page).count("shopper_paid") == 1
    assert world.stock() == (STOCK - 2, 0)


def test_two_staff_cannot_refund_the_same_money(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    forms = [world.refund_form(page, 150_000) for _ in range(_THREADS)]

    results = all_at_once(*[lambda form=form: request_refund(world.desk, form) for form in forms])

    assert sum(not isinstance(r, Exception) for r in results) == 1
    assert all(isinstance(r, RefusedError) for r in results if isinstance(r, Exception))
    assert at_gateway(world, page) == 150_000
    assert sums(world, page) == (200_000, 150_000, 0)


def test_a_double_click_refunds_once(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    form = world.refund_form(page, 60_000)

    results = all_at_once(*([lambda: request_refund(world.desk, form)] * _THREADS))

    assert len({r.refund_id for r in results}) == 1
    assert at_gateway(world, page) == 60_000


def test_a_refused_refund_is_taken_up_by_one_of_many(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    asked = world.refund(page, 20_300)  # The sandbox fails this amount after it accepted it.
    world.clock.advance(60)
    world.deliver_all(page)
    world.confirm()
    forms = [
        RerouteForm(asked.refund_id, ACCOUNT, world.staff_id(), f"click-{n}")
        for n in range(_THREADS)
    ]

    results = all_at_once(*[lambda form=form: reroute_refund(world.desk, form) for form in forms])

    assert sum(not isinstance(r, Exception) for r in results) == 1
    assert {r.why for r in results if isinstance(r, RefusedError)} == {Why.WRONG_REFUND_STATE}
    assert sums(world, page) == (200_000, 0, 20_300)
    assert len(world.refunds(page)) == 2


def test_a_payment_and_a_cancellation_at_once_end_in_one_of_the_two(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    settlement, staff_id = world.sent(page)[-1], world.staff_id("support")
    order_id = world.order(page).id

    def cancel() -> Any:
        return cancel_order(world.desk, order_id, staff_id=staff_id, reason="Salah")

    results = all_at_once(lambda: world.receive(settlement), cancel, cancel)

    # The money was there before anybody cancelled: it wins, whoever came first.
    assert world.status(page) == "paid"
    assert all(r.why is Why.ORDER_IS_PAID for r in results if isinstance(r, RefusedError))
    assert world.stock() == (STOCK - 2, 0)
    assert world.reasons(page).count("cancel_asked") <= 1


def test_two_job_processes_share_the_due_rows(world: World) -> None:
    for _ in range(4):
        world.checkout(GatewayName.MIDTRANS, quantity=1)
    now = world.clock() + timedelta(minutes=1)

    def claim(owner: str) -> list[int]:
        return claim_due(world.desk.sessions, Attempt, owner=owner, now=now, limit=3)

    first, second, third = all_at_once(*[lambda name=n: claim(name) for n in ("a", "b", "c")])

    claimed = first + second + third
    assert len(claimed) == len(set(claimed)) == 4


def test_a_lease_that_has_run_out_is_taken_over(world: World) -> None:
    world.checkout(GatewayName.MIDTRANS)
    now = world.clock() + timedelta(minutes=1)

    def claim(owner: str, minutes: int) -> list[int]:
        at = now + timedelta(minutes=minutes)
        return claim_due(world.desk.sessions, Attempt, owner=owner, now=at, limit=3)

    assert len(claim("frozen", 0)) == 1
    assert claim("other", 0) == []
    assert len(claim("other", 2)) == 1
