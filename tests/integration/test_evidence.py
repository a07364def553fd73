"""A genuine message with its words exchanged changes nothing that the gateway does not confirm."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import pytest

from app.core.observations import Source
from app.core.ports import RawNotification
from app.core.states import GatewayName, NotificationState
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.integration.copies import Knowledge, OwnClock, copies_of, knowledge
from tests.integration.forgery import (
    Bystander,
    is_signed_payment,
    with_other_fields,
    with_other_words,
)
from tests.integration.scenes import SCENES, Scene
from tests.world import World

_WALLET: Final = {GatewayName.MIDTRANS: "gopay", GatewayName.XENDIT: "DANA"}
_IN_SYNC: Final = pytest.mark.parametrize("in_sync", [False, True], ids=["unaware", "in sync"])
_EVERY_SCENE: Final = pytest.mark.parametrize("scene", SCENES.values(), ids=list(SCENES))


def _bystander(world: World, gateway: GatewayName) -> Bystander:
    """Return the names of another order that was paid and of which the desk knows."""
    page = world.checkout(gateway)
    world.pay(page, _WALLET[gateway])
    check_status(world.desk, world.order(page).id, source=Source.JOB)
    order = world.order(page)
    assert order.payment_gateway_transaction_id is not None
    return Bystander(world.attempt(page).reference, order.payment_gateway_transaction_id)


def _ask(world: World, page: PaymentPage) -> None:
    check_status(world.desk, world.order(page).id, source=Source.JOB)


def _settle(world: World) -> None:
    """Let the jobs ask until nothing waits any more; the gateway stands still meanwhile."""
    for _ in range(8):
        if all(n.state is NotificationState.DONE for n in world.notifications()):
            return
        world.confirm()
        world.clock.advance(700)
    pytest.fail("a notification still waits")


def _truth(desk: World, page: PaymentPage) -> Knowledge:
    """Return what the desk knows after asking the gateway without any message."""
    _ask(desk, page)
    return knowledge(desk)


def _money(known: Knowledge) -> Knowledge:
    """Leave out the goods, which a true payment takes even if all of it was given back later."""
    orders = [{k: v for k, v in o.items() if k != "stock_state"} for o in known["orders"]]
    confirmed = [t for t in known["gateway_transactions"] if t["confirmed"]]
    return {
        "orders": orders,
        "attempts": known["attempts"],
        "gateway_transactions": confirmed,
        "refunds": known["refunds"],
    }


def _check(desk: World, page: PaymentPage, forged: RawNotification, truth: Knowledge) -> None:
    """Receive one forged message and judge what came of it."""
    before = knowledge(desk)
    was_pending = desk.status(page) == "pending"
    receipt = desk.receive(forged)
    heard = knowledge(desk)
    paid_at_once = desk.status(page) == "paid" and was_pending
    assert receipt.accepted, forged.body
    if paid_at_once:
        assert is_signed_payment(forged, desk.attempt(page).gateway), forged.body
        _assert_only_the_allowed_step(before, heard)
    else:
        assert heard == before, forged.body
    _settle(desk)
    after = knowledge(desk)
    if paid_at_once and desk.status(page) != _status(truth, page):
        _assert_a_person_is_called(desk, page, truth)
    elif paid_at_once:
        assert _money(after) == _money(truth), forged.body
    else:
        assert after in (before, truth), forged.body


def _status(known: Knowledge, page: PaymentPage) -> str:
    (order,) = [o for o in known["orders"] if o["public_id"] == page.order_id]
    return order["payment_status"]


def _assert_only_the_allowed_step(before: Knowledge, heard: Knowledge) -> None:
    """Paid, with its sum and goods, by a payment that is noted as not confirmed; nothing else."""
    assert (heard["attempts"], heard["refunds"]) == (before["attempts"], before["refunds"])
    kept = before["gateway_transactions"]
    assert [t for t in heard["gateway_transactions"] if t not in kept] == [
        {**t, "ever_paid": True, "confirmed": False}
        for t in heard["gateway_transactions"]
        if t not in kept
    ]
    changed = {
        name
        for old, new in zip(before["orders"], heard["orders"], strict=True)
        for name in old
        if old[name] != new[name]
    }
    assert changed == {
        "payment_status",
        "captured_idr",
        "payment_gateway_transaction_id",
        "stock_state",
    }


def _assert_a_person_is_called(desk: World, page: PaymentPage, truth: Knowledge) -> None:
    order = desk.order(page)
    assert order.attention in {"drift", "payment_reversed"}
    assert order.refunded_idr == 0
    if order.attention == "drift":
        assert (order.payment_status, order.captured_idr) == ("paid", order.total_idr)
        assert desk.notifications()[-1].verdict == "claim_not_confirmed"
        assert "do not ship" in (order.attention_text or "")
        assert desk.reasons(page)[-1] == "payment_not_confirmed"
    else:
        assert (order.payment_status, order.captured_idr) == ("failed", 0)
    assert _status(truth, page) == "pending"


def _judge(
    world: World, page: PaymentPage, forgeries: Iterable[RawNotification], *, in_sync: bool
) -> None:
    if in_sync:
        _ask(world, page)
    with copies_of(world) as fresh:
        truth = _truth(fresh(), page)
        judged = [_check(fresh(), page, forged, truth) for forged in forgeries]
    assert judged


@_IN_SYNC
@_EVERY_SCENE
def test_a_message_with_another_status_changes_only_what_the_gateway_confirms(
    shop: World, scene: Scene, *, in_sync: bool
) -> None:
    page = scene.open(shop)

    _judge(shop, page, with_other_words(shop.sent(page)[-1]), in_sync=in_sync)


@_EVERY_SCENE
def test_a_message_with_another_field_changes_only_what_the_gateway_confirms(
    shop: World, scene: Scene
) -> None:
    page = scene.open(shop)
    bystander = _bystander(shop, scene.gateway)

    _judge(shop, page, with_other_fields(shop.sent(page)[-1], bystander), in_sync=False)


@_IN_SYNC
def test_a_payment_taken_back_is_not_paid_again_by_its_own_old_message(
    shop: World, *, in_sync: bool
) -> None:
    page = SCENES["payment taken back"].open(shop)
    bystander = _bystander(shop, GatewayName.MIDTRANS)
    settlement = shop.sent(page)[1]
    forgeries = [*with_other_words(settlement), *with_other_fields(settlement, bystander)]

    _judge(shop, page, forgeries, in_sync=in_sync)


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["va paid", "card declined", "invoice refunded in part"])
def test_no_forgery_changes_a_desk_that_knows_the_truth_on_postgresql(
    postgres_world: World, name: str
) -> None:
    scene = SCENES[name]
    page = scene.open(postgres_world)
    message = postgres_world.sent(page)[-1]
    bystander = _bystander(postgres_world, scene.gateway)
    _ask(postgres_world, page)
    clock = OwnClock(postgres_world.clock)
    desk = replace(postgres_world.desk, clock=clock)
    world = replace(postgres_world, clock=clock, desk=desk)
    before = knowledge(world)

    for forged in (*with_other_words(message), *with_other_fields(message, bystander)):
        assert world.receive(forged).accepted
        _settle(world)
        clock.rewind()  # All within minutes: the pages stay open.

        assert knowledge(world) == before, forged.body
