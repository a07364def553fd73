"""A process that dies at any step of a refund: whoever comes next ends it, and it is paid once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from sqlalchemy import update

from app.core.errors import RefusedError
from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import Product
from app.services.payment_pages import PaymentPage
from app.services.refunds import RefundForm, approve_refund, mark_transferred, request_refund
from tests.integration.deaths import deaths, live
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import PRICE, World

# Above the limit: the longest way, with a second person.
_PIECES: Final = 11
_TOTAL: Final = _PIECES * PRICE
_PART: Final = 1_050_000


@dataclass(frozen=True)
class Case:
    """One way of a refund, and where it must end whatever happens on it."""

    gateway: GatewayName
    method: str
    route: RefundRoute
    amount_idr: int
    ends: RefundState = RefundState.SUCCEEDED


CASES: Final = {
    "midtrans refund": Case(GatewayName.MIDTRANS, "gopay", RefundRoute.REFUND, _PART),
    "midtrans void": Case(GatewayName.MIDTRANS, "credit_card", RefundRoute.VOID, _TOTAL),
    "midtrans by hand": Case(
        *(GatewayName.MIDTRANS, "bca_va", RefundRoute.MANUAL, _PART), RefundState.TRANSFERRED
    ),
    "xendit refund": Case(GatewayName.XENDIT, "DANA", RefundRoute.REFUND, _PART),
    "xendit by hand": Case(
        *(GatewayName.XENDIT, "BCA", RefundRoute.MANUAL, _PART), RefundState.TRANSFERRED
    ),
}


def _staff_work(page: PaymentPage, form: RefundForm) -> Callable[[World], None]:
    """Return what people do about a refund; done again after a crash, it does no more."""

    def work(world: World) -> None:
        asked = request_refund(world.desk, form)
        if asked.state is RefundState.AWAITING_APPROVAL:
            approve_refund(
                world.desk,
                asked.refund_id,
                staff_id=world.staff_id("approver"),
                approval_hash=world.refunds(page)[0].approval_hash or "",
            )
        if world.refunds(page)[0].state is RefundState.TO_TRANSFER:
            finance = world.staff_id("finance")
            mark_transferred(world.desk, asked.refund_id, staff_id=finance, proof="BCA 1")

    return work


def _gateway_and_jobs(page: PaymentPage) -> Callable[[World], None]:
    """Return what comes in and what the jobs do until a refund has ended."""

    def work(world: World) -> None:
        for _ in range(2):
            world.clock.advance(120)
            world.deliver_all(page)
            world.resolve()
            world.confirm()

    return work


def _given_back(world: World, page: PaymentPage, case: Case) -> int:
    if case.route is not RefundRoute.VOID:
        return at_gateway(world, page)
    state = world.program.control("GET", "state")
    mine = [t for t in state["transactions"] if t["order_id"] == world.attempt(page).reference]
    return sum(int(float(t["gross_amount"])) for t in mine if t["transaction_status"] == "cancel")


@pytest.mark.parametrize("name", CASES)
def test_a_refund_outlives_a_crash_at_every_commit_and_every_call(world: World, name: str) -> None:
    case, struck = CASES[name], Counter[str]()
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).values(on_hand=5_000))
    for doomed, fate in deaths(world):
        page = paid(world, case.gateway, case.method, quantity=_PIECES)
        route = case.route if case.route is RefundRoute.MANUAL else None
        form = world.refund_form(page, case.amount_idr, route=route)
        staff, machines = _staff_work(page, form), _gateway_and_jobs(page)

        lived = live(staff, doomed) and live(machines, doomed)
        if not lived:
            staff(world)
            machines(world)

        [refund] = world.refunds(page)
        told = f"died {'after' if fate.after else 'before'} {fate.crossed}"
        assert (refund.state, refund.route) == (case.ends, case.route), told
        assert sums(world, page) == (_TOTAL, case.amount_idr, 0), told
        by_gateway = 0 if case.route is RefundRoute.MANUAL else case.amount_idr
        assert _given_back(world, page, case) == by_gateway, told
        assert world.order(page).attention is None, told
        struck[fate.crossed[-1]] += fate.has_struck
    # The last process lived, so every boundary before it was tried, on both of its sides.
    assert struck["commit"] >= 4
    assert struck["refund"] == (0 if case.route is RefundRoute.MANUAL else 2)


def test_a_refund_that_waited_for_its_crashed_sender_is_not_approved_twice(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    asked = world.refund(page, 1_500_000)
    shown = world.refunds(page)[0].approval_hash or ""
    approver = world.staff_id("approver")

    approve_refund(world.desk, asked.refund_id, staff_id=approver, approval_hash=shown)
    with pytest.raises(RefusedError):
        approve_refund(world.desk, asked.refund_id, staff_id=approver, approval_hash=shown)

    assert at_gateway(world, page) == 1_500_000
