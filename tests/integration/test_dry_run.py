"""The dry run and the refund itself are one decision: the same answer at the same instant."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import update

from app.core.errors import RefusedError
from app.core.observations import Seen
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.core.wib import WIB
from app.db.models import GatewayTransaction, Order, Product, Refund
from app.services.payment_pages import PaymentPage
from app.services.refunds import RefundForm, approve_refund, dry_run_refund, request_refund
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import ACCOUNT, World

_CASES: Final = 120
_TOTAL: Final = 200_000
_METHODS: Final = (
    *("gopay", "gopay", "shopeepay", "ovo", "dana", "qris", "kredivo", "linkaja", "jeniuspay"),
    *("credit_card", "bca_va", "bri_epay", "new_wallet"),
)


@dataclass(frozen=True)
class Scene:
    """What a payment is like, how much somebody wants of it, and how long after."""

    method: str
    stage: Seen
    confirmed: bool
    acquirer: str | None
    off_us: bool | None
    earlier_idr: int
    earlier_state: RefundState
    amount_idr: int
    route: RefundRoute | None
    later: timedelta


def _scene(chance: random.Random) -> Scene:
    return Scene(
        method=chance.choice(_METHODS),
        stage=chance.choice([*[Seen.PAID] * 7, Seen.CAPTURED, Seen.DENIED]),
        confirmed=chance.random() < 0.9,
        acquirer=chance.choice([None, "bca", "airpay shopee"]),
        off_us=chance.choice([None, False, True]),
        earlier_idr=chance.choice([0, 0, 50_000]),
        earlier_state=chance.choice(
            [RefundState.SUCCEEDED, RefundState.FAILED, RefundState.ACCEPTED]
        ),
        amount_idr=chance.choice([_TOTAL, _TOTAL, 150_000, 50_000, 1, 0, _TOTAL + 1]),
        route=chance.choice([None, None, RefundRoute.MANUAL]),
        later=timedelta(hours=chance.choice([0, 5, 12, 20, 24, 24 * 8, 24 * 31, 24 * 200])),
    )


def _set(world: World, page: PaymentPage, scene: Scene) -> None:
    """Rewrite the facts of a real payment; the order's own sums follow from them."""
    order_id = world.order(page).id
    with world.desk.sessions.begin() as session:
        session.execute(
            update(GatewayTransaction)
            .where(GatewayTransaction.order_id == order_id)
            .values(
                method=scene.method,
                stage=scene.stage,
                confirmed=scene.confirmed,
                acquirer=scene.acquirer,
                off_us=scene.off_us,
            )
        )
        if scene.earlier_idr:
            attempt, now = world.attempt(page), world.clock()
            session.add(_earlier(order_id, attempt.id, world.order(page), scene, now))


def _earlier(order_id: int, attempt_id: int, order: Order, scene: Scene, now: Any) -> Refund:
    return Refund(
        order_id=order_id,
        number=1,
        key=f"earlier-{order.number}",
        gateway=order.gateway,
        gateway_transaction_id=order.payment_gateway_transaction_id,
        attempt_id=attempt_id,
        amount_idr=scene.earlier_idr,
        route=RefundRoute.OUTSIDE,
        state=scene.earlier_state,
        reason="",
        requested_at=now,
        looks_done=0,
    )


def _outcome(world: World, form: RefundForm, before: int) -> tuple[Why | None, RefundRoute | None]:
    """Return the refusal, or the way that the refund took; a refusal must leave nothing behind."""
    try:
        result = request_refund(world.desk, form)
    except RefusedError as refused:
        with world.session() as session:
            assert session.query(Refund).filter_by(order_id=form.order_id).count() == before
        return refused.why, None
    with world.session() as session:
        return None, session.get_one(Refund, result.refund_id).route


def test_the_dry_run_says_what_the_refund_then_does(shop: World) -> None:
    chance, told = random.Random(20_261_123), Counter[str]()  # noqa: S311 - repeatable, not secret.
    shop.damaged = True  # Its scenes are set by writing rows.
    with shop.desk.sessions.begin() as session:
        session.execute(update(Product).values(on_hand=5_000))
    for _ in range(_CASES):
        told[_check(shop, chance.choice(list(GatewayName)), _scene(chance))] += 1

    # The scenes reach far: both answers, and many a reason.
    assert told["allowed"] >= 5, told
    assert told["by hand"] >= 5, told
    assert len(told) >= 8, told


def _check(shop: World, gateway: GatewayName, scene: Scene) -> str:
    page = paid(shop, gateway)
    _set(shop, page, scene)
    order_id = shop.order(page).id
    at = shop.clock() + scene.later
    then = replace(shop, desk=replace(shop.desk, clock=lambda: at))

    verdict = dry_run_refund(then.desk, order_id, scene.amount_idr)
    form = RefundForm(
        order_id=order_id,
        amount_idr=scene.amount_idr,
        reason="Salah ukuran",
        staff_id=shop.staff_id(),
        form_key=f"form-{order_id}",
        expected_refundable_idr=verdict.refundable_idr,
        route=scene.route,
        account=ACCOUNT,
    )
    why, route = _outcome(then, form, before=int(scene.earlier_idr > 0))

    by_hand = scene.route is RefundRoute.MANUAL and verdict.allows(RefundRoute.MANUAL)
    if by_hand:
        assert (why, route) == (None, RefundRoute.MANUAL), scene
        return "by hand"
    if verdict.allowed:
        assert (why, route) == (None, verdict.route), scene
        return "allowed"
    assert (why, route) == (verdict.why, None), scene
    return verdict.why.value


# What changes between the dry run and the refund is refused, and said.


def _other_refund(world: World, page: PaymentPage) -> None:
    world.refund(page, 50_000)


def _reversal(world: World, page: PaymentPage) -> None:
    world.act(page, "reverse")
    world.deliver_all(page)
    world.confirm()


def settlement(world: World, page: PaymentPage) -> None:
    world.clock.advance(2 * 24 * 3600)
    world.poll()
    assert world.status(page) == "paid"


def _months(world: World, page: PaymentPage) -> None:
    del page
    world.clock.advance(200 * 24 * 3600)


@pytest.mark.parametrize(
    ("method", "route", "change", "why"),
    [
        ("gopay", RefundRoute.REFUND, _other_refund, Why.AMOUNT_CHANGED),
        ("permata_va", RefundRoute.MANUAL, _reversal, Why.NOT_PAID),
        ("credit_card", RefundRoute.VOID, settlement, Why.ROUTE_CHANGED),
        ("dana", RefundRoute.REFUND, _months, Why.REFUND_WINDOW_OVER),
    ],
)
def test_a_change_between_the_dry_run_and_the_refund_is_refused(
    world: World,
    method: str,
    route: RefundRoute,
    change: Callable[[World, PaymentPage], None],
    why: Why,
) -> None:
    page = paid(world, GatewayName.MIDTRANS, method)
    amount_idr = 200_000 if route is RefundRoute.VOID else 100_000
    form = world.refund_form(page, amount_idr, route=route)
    change(world, page)
    before = (sums(world, page), len(world.refunds(page)), at_gateway(world, page))

    with pytest.raises(RefusedError) as refused:
        request_refund(world.desk, form)

    assert refused.value.why is why
    assert (sums(world, page), len(world.refunds(page)), at_gateway(world, page)) == before


# What changes between the approval and the sending.


def _approved_but_not_sent(world: World, page: PaymentPage, amount_idr: int) -> Refund:
    """Ask for a refund whose gateway cannot be reached."""
    is_card = world.attempt(page).method == "credit_card"
    operation = "midtrans.cancel" if is_card else "midtrans.refund"
    with world.program.fault(operation, "*", "429", times=1):
        world.refund(page, amount_idr)
    [refund] = world.refunds(page)
    assert refund.state is RefundState.APPROVED
    return refund


def test_a_capture_that_settles_before_its_void_is_sent_is_not_sent_another_way(
    world: World,
) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card")
    _approved_but_not_sent(world, page, 200_000)
    settlement(world, page)

    world.resolve()

    order, [refund] = world.order(page), world.refunds(page)
    assert (refund.state, refund.route) == (RefundState.WITHDRAWN, RefundRoute.VOID)
    assert refund.provider_message == WORDS[Why.ROUTE_CHANGED].en
    assert (order.payment_status, order.attention) == ("paid", "refund_failed")
    assert sums(world, page) == (200_000, 0, 0)
    assert at_gateway(world, page) == 0


def test_a_refund_waits_for_the_provider_to_open_and_is_then_sent(world: World) -> None:
    while world.clock().astimezone(WIB).hour != 12:
        world.clock.advance(1800)
    page = paid(world, GatewayName.MIDTRANS, "shopeepay")
    _approved_but_not_sent(world, page, 200_000)
    while world.clock().astimezone(WIB).hour != 0:
        world.clock.advance(1800)

    world.resolve()
    [waiting] = world.refunds(page)
    world.clock.advance(7 * 3600)
    world.resolve()

    assert waiting.state is RefundState.APPROVED
    assert waiting.next_check_at is not None
    assert waiting.next_check_at.astimezone(WIB).hour == 6
    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert at_gateway(world, page) == 200_000


def _approve_all(world: World, page: PaymentPage) -> list[RefundState]:
    for stored in world.refunds(page):
        approve_refund(
            world.desk,
            stored.id,
            staff_id=world.staff_id("approver"),
            approval_hash=stored.approval_hash or "",
        )
    return [r.state for r in world.refunds(page)]


@pytest.mark.parametrize("is_reached", [True, False])
def test_of_two_approved_refunds_one_waits_for_the_other_and_never_both(
    world: World, *, is_reached: bool
) -> None:
    page = paid(world, GatewayName.XENDIT, sku="BATIK", quantity=2)
    world.refund(page, 1_200_000)
    world.refund(page, 1_300_000)

    if is_reached:
        states = _approve_all(world, page)
    else:
        with world.program.fault("xendit.refund.create", "*", "429"):
            states = _approve_all(world, page)
    for _ in range(3):
        world.clock.advance(120)
        world.deliver_all(page)
        world.confirm()
        world.resolve()

    first = RefundState.ACCEPTED if is_reached else RefundState.APPROVED
    assert states == [first, RefundState.APPROVED]
    assert [r.state for r in world.refunds(page)] == [RefundState.SUCCEEDED] * 2
    assert at_gateway(world, page) == 2_500_000
    assert sums(world, page) == (3_000_000, 2_500_000, 0)
