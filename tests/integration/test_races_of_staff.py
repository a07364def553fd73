"""People who decide about one refund at the same moment, and the jobs that carry it out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from app.core.errors import RefusedError
from app.core.ports import Gateway, RefundAnswer, RefundRequest
from app.core.reasons import Why
from app.core.refunds import RefundEvent, move_refund
from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import Refund
from app.services import refund_sending, refunds
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import expire_approvals
from app.services.refund_sending import send_refund
from app.services.refunds import (
    approve_refund,
    mark_transferred,
    reject_refund,
    withdraw_refund,
)
from app.services.restocking import restock_refund
from tests.integration.meetings import Point, Step, before, collide, take_turns, without_locks
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import STOCK, World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

ORDER_LOCK = "FROM orders WHERE orders.id ="
# The refund's state allowed the step; nothing is written yet.
ALLOWED = before("UPDATE refunds")
SENDING = before("UPDATE refunds SET .*sent_at")
MILLION_AND_A_HALF = 1_500_000


def waiting_for_approval(world: World) -> PaymentPage:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    assert world.refund(page, MILLION_AND_A_HALF).state is RefundState.AWAITING_APPROVAL
    return page


def approves(world: World, page: PaymentPage) -> Step:
    (refund,) = world.refunds(page)
    shown, approver = refund.approval_hash or "", world.staff_id("finance")
    approve = partial(approve_refund, world.desk, refund.id, staff_id=approver, approval_hash=shown)
    return Step(approve, ALLOWED)


def rejects(world: World, page: PaymentPage) -> Step:
    return _ends(world, page, reject_refund)


def withdraws(world: World, page: PaymentPage) -> Step:
    return _ends(world, page, withdraw_refund)


def _ends(world: World, page: PaymentPage, end: Callable[..., object]) -> Step:
    (refund,) = world.refunds(page)
    person = world.staff_id("approver")
    return Step(partial(end, world.desk, refund.id, staff_id=person, reason="Salah"), ALLOWED)


Deed = Callable[[World, PaymentPage], Step]
each_end = pytest.mark.parametrize("end", [rejects, withdraws])
# What is approved may still be withdrawn, up to the moment of sending; not so rejected.
each_end_and_its_last_moment = pytest.mark.parametrize(
    ("end", "last_moment"), [(rejects, ALLOWED), (withdraws, SENDING)]
)


@each_end_and_its_last_moment
def test_what_was_approved_and_paid_is_turned_down_without_the_lock(
    postgres_world: World, end: Deed, last_moment: Point
) -> None:
    world = postgres_world
    page = waiting_for_approval(world)
    approval = replace(approves(world, page), point=last_moment)

    with without_locks(world, "orders", "refunds"):
        collide(world, approval, end(world, page))

    # The order is refunded, and its only refund was never made.
    assert world.refunds(page)[0].state in {RefundState.REJECTED, RefundState.WITHDRAWN}
    assert (world.status(page), at_gateway(world, page)) == ("refunded", MILLION_AND_A_HALF)


@each_end_and_its_last_moment
def test_what_was_approved_and_paid_cannot_be_turned_down(
    postgres_world: World, end: Deed, last_moment: Point
) -> None:
    world = postgres_world
    page = waiting_for_approval(world)
    approval = replace(approves(world, page), point=last_moment)

    _, late = take_turns(world, approval, end(world, page), waiting_at=ORDER_LOCK)

    assert isinstance(late, RefusedError)
    assert late.why is Why.WRONG_REFUND_STATE
    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert at_gateway(world, page) == MILLION_AND_A_HALF


@each_end
def test_what_was_turned_down_is_approved_and_paid_without_the_lock(
    postgres_world: World, end: Deed
) -> None:
    world = postgres_world
    page = waiting_for_approval(world)

    with without_locks(world, "orders", "refunds"):
        collide(world, end(world, page), approves(world, page))

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert {"refund_rejected", "refund_withdrawn"} & set(world.reasons(page))
    assert at_gateway(world, page) == MILLION_AND_A_HALF


@each_end
def test_what_was_turned_down_cannot_be_approved(postgres_world: World, end: Deed) -> None:
    world = postgres_world
    page = waiting_for_approval(world)

    _, late = take_turns(world, end(world, page), approves(world, page), waiting_at=ORDER_LOCK)

    assert isinstance(late, RefusedError)
    assert late.why is Why.WRONG_REFUND_STATE
    assert (at_gateway(world, page), sums(world, page)) == (0, (MILLION_AND_A_HALF, 0, 0))


def test_of_three_people_the_first_decides(postgres_world: World) -> None:
    world = postgres_world
    page = waiting_for_approval(world)
    steps = [deed(world, page) for deed in (withdraws, approves, rejects)]

    _, *late = take_turns(world, *steps, waiting_at=ORDER_LOCK)

    assert [error.why for error in late] == [Why.WRONG_REFUND_STATE] * 2
    assert world.refunds(page)[0].state is RefundState.WITHDRAWN
    assert at_gateway(world, page) == 0


def move_anyway(refund: Refund, event: RefundEvent) -> bool:
    """Move like the product, but without asking which state the refund is in."""
    state = {
        RefundEvent.SEND: RefundState.SENDING,
        RefundEvent.REJECT: RefundState.REJECTED,
        RefundEvent.WITHDRAW: RefundState.WITHDRAWN,
        RefundEvent.TRANSFERRED: RefundState.TRANSFERRED,
    }
    refund.state = state.get(event) or move_refund(refund.state, event) or refund.state
    return True


def test_the_lock_alone_does_not_stop_the_second_person(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited must look again: the lock only makes that possible."""
    world = postgres_world
    page = waiting_for_approval(world)
    monkeypatch.setattr(refunds, "move_row", move_anyway)
    steps = [withdraws(world, page), rejects(world, page)]

    take_turns(world, *steps, waiting_at=ORDER_LOCK)

    assert world.reasons(page)[-2:] == ["refund_withdrawn", "refund_rejected"]


def test_the_job_cannot_withdraw_what_is_being_approved(postgres_world: World) -> None:
    world = postgres_world
    page = waiting_for_approval(world)
    world.clock.advance(72 * 3600 - 300)
    approval = approves(world, page)

    def expire() -> object:
        world.clock.advance(600)
        return expire_approvals(world.desk)

    _, report = take_turns(world, approval, Step(expire, ALLOWED), waiting_at=ORDER_LOCK)

    assert (report.claimed, report.changed) == (1, 0)
    assert world.refunds(page)[0].state is RefundState.SUCCEEDED


def to_transfer(world: World) -> tuple[PaymentPage, Step, Step]:
    """Return a refund by bank transfer, who has made it, and who takes it back."""
    page = paid(world, GatewayName.MIDTRANS, "bca_va")
    asked = world.refund(page, 100_000, route=RefundRoute.MANUAL)
    transfer = partial(
        mark_transferred,
        world.desk,
        asked.refund_id,
        staff_id=world.staff_id("finance"),
        proof="BCA 123",
    )
    return page, Step(transfer, ALLOWED), withdraws(world, page)


def test_a_transfer_that_was_made_is_withdrawn_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    page, transfer, withdrawal = to_transfer(world)

    with without_locks(world, "orders", "refunds"):
        collide(world, transfer, withdrawal)

    (refund,) = world.refunds(page)
    # Paid, taken back, and counted as paid: whoever asks next may have it paid again.
    assert (refund.state, refund.transfer_proof) == (RefundState.WITHDRAWN, "BCA 123")
    assert sums(world, page) == (200_000, 100_000, 0)


def test_a_transfer_that_was_made_stays_made(postgres_world: World) -> None:
    world = postgres_world
    page, transfer, withdrawal = to_transfer(world)

    _, late = take_turns(world, transfer, withdrawal, waiting_at=ORDER_LOCK)

    assert isinstance(late, RefusedError)
    assert late.why is Why.WRONG_REFUND_STATE
    assert sums(world, page) == (200_000, 100_000, 0)


def restocks_twice(world: World) -> list[Step]:
    page = paid(world, GatewayName.MIDTRANS)
    refund_id = world.refund(page, 200_000).refund_id
    assert world.stock() == (STOCK - 2, 0)
    restock = partial(restock_refund, world.desk, refund_id, staff_id=world.staff_id())
    return [Step(restock, before("UPDATE order_items"))] * 2


def test_goods_come_back_twice_without_the_lock(postgres_world: World) -> None:
    world = postgres_world

    with without_locks(world, "orders", "refunds"):
        collide(world, *restocks_twice(world))

    assert world.stock() == (STOCK + 2, 0)


def test_goods_come_back_once(postgres_world: World) -> None:
    world = postgres_world

    _, late = take_turns(world, *restocks_twice(world), waiting_at=ORDER_LOCK)

    assert isinstance(late, RefusedError)
    assert late.why is Why.WRONG_REFUND_STATE
    assert world.stock() == (STOCK, 0)


@dataclass
class Counting:
    """A real gateway that counts the refunds it is asked for."""

    real: Gateway
    keys: list[str] = field(default_factory=list[str])

    def refund(self, request: RefundRequest) -> RefundAnswer:
        self.keys.append(request.key)
        return self.real.refund(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def sent_by_two_jobs(world: World) -> tuple[World, PaymentPage, Counting, list[Step]]:
    """Return a refund that is approved and not sent, and two job processes that both claimed it."""
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        asked = world.refund(page, 60_000)
    assert asked.state is RefundState.APPROVED
    counting = Counting(world.desk.gateway(GatewayName.MIDTRANS))
    gateways = {**world.desk.gateways, GatewayName.MIDTRANS: counting}
    watched = replace(world, desk=replace(world.desk, gateways=gateways))
    steps = [Step(partial(send_refund, watched.desk, asked.refund_id), SENDING)] * 2
    return watched, page, counting, steps


def test_two_jobs_send_one_refund_twice_without_the_lock(postgres_world: World) -> None:
    world, page, counting, steps = sent_by_two_jobs(postgres_world)

    with without_locks(postgres_world, "orders", "refunds"):
        collide(world, *steps)

    # One key for both: the gateway's own idempotency is the wall that is left.
    assert counting.keys == [world.refunds(page)[0].key] * 2
    assert at_gateway(world, page) == 60_000


def test_two_jobs_send_one_refund_twice_without_the_check_of_its_state(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _, counting, steps = sent_by_two_jobs(postgres_world)
    monkeypatch.setattr(refund_sending, "move_row", move_anyway)

    take_turns(world, *steps, waiting_at=ORDER_LOCK)

    assert len(counting.keys) == 2


def test_two_jobs_send_one_refund_once(postgres_world: World) -> None:
    world, page, counting, steps = sent_by_two_jobs(postgres_world)

    take_turns(world, *steps, waiting_at=ORDER_LOCK)

    assert counting.keys == [world.refunds(page)[0].key]
    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert sums(world, page) == (200_000, 60_000, 0)
