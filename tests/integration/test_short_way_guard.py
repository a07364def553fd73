"""Which messages may take the short way in; and what it takes, it writes as the door does."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from app.core.observations import Evidence
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, PaymentStatus, StockState
from app.core.transitions import Decision
from app.services import intake, notifications
from app.services.intake import is_plain
from app.services.payment_pages import PaymentPage
from tests.integration.test_short_way import kept, only_the_door
from tests.world import World

PAID = Decision(PaymentStatus.PENDING, PaymentStatus.PAID, Why.SHOPPER_PAID, Evidence.PROVES)
CLAIM = Decision(
    PaymentStatus.PENDING,
    PaymentStatus.PENDING,
    Why.CLAIM_AWAITS_CONFIRMATION,
    Evidence.CLAIMS,
)
ENDED = replace(PAID, after=PaymentStatus.EXPIRED)


@pytest.mark.parametrize(
    ("decision", "held", "plain"),
    [
        (PAID, StockState.RESERVED, True),
        (CLAIM, StockState.RESERVED, True),
        (CLAIM, StockState.RELEASED, True),
        # What the gateway itself answered is noted on the attempt too.
        (replace(PAID, evidence=Evidence.CONFIRMED), StockState.RESERVED, False),
        (replace(PAID, attention=Attention.AMOUNT_DIFFERS), StockState.RESERVED, False),
        (replace(CLAIM, attention=Attention.UNKNOWN_TRANSITION), StockState.RESERVED, False),
        # These are told on the timeline although nothing changed.
        (replace(CLAIM, why=Why.DECLINED_MAY_RETRY), StockState.RESERVED, False),
        (replace(CLAIM, why=Why.PAID_TWICE), StockState.RESERVED, False),
        (replace(CLAIM, why=Why.CONTRADICTS_EARLIER), StockState.RESERVED, False),
        # Goods that went back on sale may be gone; goods that are given up are no sale.
        (PAID, StockState.RELEASED, False),
        (ENDED, StockState.RESERVED, False),
    ],
)
def test_only_what_calls_nobody_and_takes_what_is_set_aside_is_plain(
    decision: Decision, held: StockState, *, plain: bool
) -> None:
    assert is_plain(decision, held) is plain


@contextmanager
def ways() -> Iterator[list[str]]:
    """Yield the list of ways that messages take meanwhile."""
    taken: list[str] = []

    def watch(*args: Any) -> int | None:
        number = intake.take_in(*args)
        taken.append("door" if number is None else "short")
        return number

    with patch.object(notifications, "take_in", watch):
        yield taken


def pay(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "credit_card")
    return page


def settle(world: World) -> PaymentPage:
    page = pay(world)
    world.deliver_all(page)
    world.confirm()
    return page


def charge_back_a_payment(world: World) -> PaymentPage:
    page = settle(world)
    world.act(page, "chargeback")
    return page


def approve_after_review(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "challenge", "credit_card")
    world.deliver_all(page)
    world.confirm()
    world.act(page, "approve")
    return page


def pay_again_after_a_failure_of_ours(world: World) -> PaymentPage:
    """Return an order that waits although its books show money: not one of an honest life."""
    page = settle(world)
    world.damaged = True
    with world.desk.sessions.begin() as session:
        order = session.merge(world.order(page))
        order.payment_status = PaymentStatus.PENDING
    return page


def pay_for_goods_that_were_given_up(world: World) -> PaymentPage:
    page = pay(world)
    world.damaged = True
    with world.desk.sessions.begin() as session:
        order = session.merge(world.order(page))
        order.stock_state = StockState.RELEASED
    return page


@pytest.mark.parametrize(
    ("story", "way"),
    [
        (pay, "short"),
        (pay_for_goods_that_were_given_up, "door"),
        (charge_back_a_payment, "door"),
        (approve_after_review, "door"),
        (pay_again_after_a_failure_of_ours, "door"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_last_message_takes_this_way(
    world: World, story: Callable[[World], PaymentPage], way: str
) -> None:
    page = story(world)
    last = world.sent(page)[-1]
    # Of another payment, which no signature covers: a repetition would be stored without a look.
    told = json.loads(last.body) | {"transaction_id": "another"}
    last = replace(last, body=json.dumps(told).encode())

    with ways() as taken:
        world.receive(last)

    assert taken == [way]


LIVES: dict[str, tuple[GatewayName, list[tuple[str, str, dict[str, str]]]]] = {
    "a transfer that is looked at first": (
        GatewayName.MIDTRANS,
        [("pay", "bca_va", {"outcome": "pending"}), ("pay", "", {})],
    ),
    "a card that is declined, then a wallet": (
        GatewayName.MIDTRANS,
        [("deny", "credit_card", {}), ("pay", "gopay", {})],
    ),
    "a card under review": (
        GatewayName.MIDTRANS,
        [("challenge", "credit_card", {}), ("approve", "", {})],
    ),
    "a chargeback": (
        GatewayName.MIDTRANS,
        [("pay", "credit_card", {}), ("chargeback", "", {})],
    ),
    "an end without payment": (GatewayName.XENDIT, [("expire", "", {})]),
    "an invoice": (GatewayName.XENDIT, [("pay", "DANA", {})]),
}


def live(world: World, name: str, seed: int) -> PaymentPage:
    """Live a life in which messages come late, again, in any order, and claims are asked about."""
    gateway, acts = LIVES[name]
    dice = random.Random(f"{name} {seed}")  # noqa: S311 - chance, and no secret.
    page = world.checkout(gateway)
    for action, method, more in acts:
        world.act(page, action, method, **more)
        told = sorted(world.sent(page), key=lambda message: (len(message.body), message.body[:40]))
        for message in dice.choices(told, k=dice.randint(0, 3)) if told else ():
            world.receive(message)
        if dice.random() < 0.5:
            world.confirm()
    rest = world.sent(page)
    for message in dice.sample(rest, len(rest)):
        world.receive(message)
    return page


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", LIVES)
def test_any_life_is_written_alike_by_both_ways(world: World, name: str, seed: int) -> None:
    with ways() as taken, only_the_door():
        wanted = kept(world, live(world, name, seed))
    assert taken == []

    with ways() as taken:
        found = kept(world, live(world, name, seed))

    assert found == wanted
    assert "short" in taken
