"""Any order, repetition and delay of one order's messages ends in the same order.

What may differ is how it came to be: the lines of the timeline, and whether a person was called
about a state that the order only passed through. A payment that was taken back, for example, calls
a person only if the order was ever shown as paid.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, Final

import pytest

from app.core.observations import Seen, Source
from app.core.ports import RawNotification
from app.core.states import Attention, GatewayName
from app.services.checkout import retry_payment
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.integration.copies import Knowledge, OwnClock, copies_of, knowledge
from tests.integration.scenes import Scene, acts, chosen, in_turn, refunded
from tests.world import STOCK, World

_MIDTRANS: Final = GatewayName.MIDTRANS
_XENDIT: Final = GatewayName.XENDIT
_DAY_S: Final = 24 * 3600
# All orders up to four messages (24); of more, as many again, drawn by a fixed seed.
_ALL_UP_TO: Final = 4
_DRAWN: Final = 24


@dataclass(frozen=True)
class Ending:
    """Where every telling must end.

    ``on_hand``: the goods left. Money that was given or taken back before the desk knew of it finds
    the goods where they were; if the order was shown as paid first, they were taken.
    """

    status: str
    captured_idr: int
    refunded_idr: int
    on_hand: frozenset[int]
    attention: frozenset[Attention | None] = frozenset({None})


def _aged(world: World, page: PaymentPage) -> None:
    """Let the page's time run out, so that nothing is left open."""
    del page
    world.clock.advance(_DAY_S + 3600)


def _both_tries_paid(world: World, page: PaymentPage) -> None:
    """Pay a second try, and then the first one too, whose number was still in the shopper's app."""
    world.act(page, "pay", "bca_va", outcome="pending")
    first = world.attempt(page)
    second = retry_payment(world.desk, page.order_id, _XENDIT)
    world.act(second, "pay", "DANA")
    world.program.control("POST", f"midtrans/{first.reference}/pay", {"late": True})


def _called(*attention: Attention | None) -> frozenset[Attention | None]:
    return frozenset(attention)


def _goods(*on_hand: int) -> frozenset[int]:
    return frozenset(on_hand)


_DISPUTED: Final = frozenset({Attention.CHARGED_BACK})
_PAID: Final = ("paid", 200_000, 0, _goods(STOCK - 2))
STORIES: Final[dict[str, tuple[Scene, Ending]]] = {
    "va paid": (Scene(_MIDTRANS, in_turn(chosen("bca_va"), acts("pay"))), Ending(*_PAID)),
    "challenge accepted": (
        Scene(_MIDTRANS, acts(("challenge", "credit_card"), "approve", "settle")),
        Ending(*_PAID),
    ),
    "declined, then paid": (
        Scene(_MIDTRANS, acts(("deny", "credit_card"), ("pay", "gopay"))),
        Ending(*_PAID),
    ),
    "expired, then paid late": (
        Scene(_MIDTRANS, in_turn(chosen("bca_va"), acts("expire"), acts("pay", late=True))),
        Ending(*_PAID),
    ),
    "taken back": (
        Scene(_MIDTRANS, in_turn(acts(("pay", "permata_va"), "reverse"), _aged)),
        Ending("failed", 0, 0, _goods(STOCK), _called(None, Attention.PAYMENT_REVERSED)),
    ),
    "refunded in parts": (
        Scene(_MIDTRANS, refunded("gopay", 50_000, 30_000)),
        Ending("partially_refunded", 200_000, 80_000, _goods(STOCK - 2)),
    ),
    "charged back": (
        Scene(_MIDTRANS, acts(("pay", "credit_card"), "settle", "chargeback")),
        Ending(
            "charged_back", 200_000, 0, _goods(STOCK, STOCK - 2), _called(Attention.CHARGED_BACK)
        ),
    ),
    "both tries paid": (
        Scene(_MIDTRANS, _both_tries_paid),
        Ending("paid", 400_000, 0, _goods(STOCK - 2), _called(Attention.PAID_TWICE)),
    ),
    "invoice paid late": (
        Scene(_XENDIT, in_turn(acts("expire"), acts(("pay", "QRIS"), late=True))),
        Ending(*_PAID),
    ),
    "invoice refunded in parts": (
        Scene(_XENDIT, refunded("DANA", 50_000, 30_000)),
        Ending("partially_refunded", 200_000, 80_000, _goods(STOCK - 2)),
    ),
}
_EVERY_STORY: Final = pytest.mark.parametrize("story", list(STORIES))

Telling = Callable[[World, Sequence[RawNotification]], None]


def _all_at_once(world: World, messages: Sequence[RawNotification]) -> None:
    for message in messages:
        world.receive(message)


def _with_jobs_between(world: World, messages: Sequence[RawNotification]) -> None:
    for message in messages:
        world.receive(message)
        world.confirm()


def _twice_and_late(world: World, messages: Sequence[RawNotification]) -> None:
    for message in (*messages, *messages):
        world.receive(message)
        world.clock.advance(40)
        world.confirm()


_TELLINGS: Final[tuple[Telling, ...]] = (_all_at_once, _with_jobs_between, _twice_and_late)


def _orders_of(story: str, messages: Sequence[RawNotification]) -> Iterator[list[RawNotification]]:
    if len(messages) <= _ALL_UP_TO:
        yield from map(list, permutations(messages))
        return
    dice = random.Random(story)  # noqa: S311 - a fixed seed, so that a failure repeats.
    for _ in range(_DRAWN):
        yield dice.sample(messages, len(messages))


def _come_to_rest(world: World, page: PaymentPage) -> None:
    """Let the jobs finish, as they would within minutes."""
    for _ in range(6):
        world.confirm()
        world.clock.advance(700)
    check_status(world.desk, world.order(page).id, source=Source.JOB)


def _end_of(
    desk: World, page: PaymentPage, messages: Sequence[RawNotification], tell: Telling
) -> tuple[Knowledge, Ending]:
    tell(desk, messages)
    _come_to_rest(desk, page)
    return _comparable(knowledge(desk)), _ending(desk, page)


def _comparable(known: Knowledge) -> Knowledge:
    """Leave out what an Ending judges, and the order in which rows were written."""
    return {
        name: sorted((_shown(row) for row in rows), key=str)
        for name, rows in known.items()
        if name != "products"
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _hidden(row)}


def _hidden(row: dict[str, Any]) -> set[str]:
    """Name what may differ: whether a payment now refused was ever heard of as paid."""
    refused = row.get("stage") is Seen.DENIED
    return {"attention", "stock_state"} | ({"ever_paid", "paid_at"} if refused else set())


def _ending(world: World, page: PaymentPage) -> Ending:
    order = world.order(page)
    return Ending(
        order.payment_status.value,
        order.captured_idr,
        order.refunded_idr,
        frozenset({world.stock()[0]}),
        frozenset({order.attention}),
    )


def _assert_ends_as(told: Ending, expected: Ending) -> None:
    assert told.attention <= expected.attention
    assert told.on_hand <= expected.on_hand
    assert replace(told, attention=frozenset(), on_hand=frozenset()) == replace(
        expected, attention=frozenset(), on_hand=frozenset()
    )


@_EVERY_STORY
def test_every_telling_ends_alike(shop: World, story: str) -> None:
    scene, expected = STORIES[story]
    page = scene.open(shop)
    messages = shop.sent(page)

    with copies_of(shop) as fresh:
        straight, _ = _end_of(fresh(), page, messages, _all_at_once)
        for number, order in enumerate(_orders_of(story, messages)):
            tell = _TELLINGS[number % len(_TELLINGS)]
            known, told = _end_of(fresh(), page, order, tell)

            _assert_ends_as(told, expected)
            assert known == straight


@_EVERY_STORY
def test_a_telling_backwards_ends_alike_on_both_databases(world: World, story: str) -> None:
    scene, expected = STORIES[story]
    page = scene.open(world)
    messages = world.sent(page)
    clock = OwnClock(world.clock)
    world = replace(world, clock=clock, desk=replace(world.desk, clock=clock))

    _twice_and_late(world, messages[::-1])
    _come_to_rest(world, page)

    _assert_ends_as(_ending(world, page), expected)
