"""Lives of orders at the real sandbox, one of each kind, for the corpus."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from app.core.observations import Source
from app.core.states import GatewayName
from app.services.checkout import retry_payment
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.world import World

M, X = GatewayName.MIDTRANS, GatewayName.XENDIT
_DAY_S: Final = 24 * 3600


def _settle(world: World, page: PaymentPage) -> None:
    world.deliver_all(page)
    world.confirm()


def _paid(world: World, gateway: GatewayName, method: str) -> PaymentPage:
    page = world.checkout(gateway)
    world.pay(page, method)
    _settle(world, page)
    return page


def pays(world: World) -> None:
    """Pay by each kind of method."""
    for method in ("gopay", "bca_va", "credit_card"):
        _paid(world, M, method)
    for channel in ("DANA", "BCA"):
        _paid(world, X, channel)


def pays_unheard(world: World) -> None:
    """Pay without any notification: the schedule finds it."""
    for gateway, method in ((M, "gopay"), (X, "DANA")):
        world.pay(world.checkout(gateway), method)
    world.clock.advance(30)
    world.poll()


def never_pays(world: World) -> None:
    """Let the deadline pass; one of the orders is paid afterwards."""
    late = world.checkout(X)
    world.checkout(M)
    world.clock.advance(_DAY_S + 120)
    world.poll()
    world.act(late, "pay", "QRIS", late=True)
    _settle(world, late)


def is_declined_and_pays(world: World) -> None:
    """Decline a card, then pay another way on the same page."""
    page = world.checkout(M)
    world.act(page, "deny", "credit_card")
    _settle(world, page)
    world.pay(page, "bca_va")
    _settle(world, page)


def is_challenged(world: World) -> None:
    """Hold two card payments for a review: one is approved, one is denied."""
    for verdict in ("approve", "deny"):
        page = world.checkout(M)
        world.act(page, "challenge", "credit_card")
        _settle(world, page)
        world.act(page, verdict)
        _settle(world, page)


def takes_money_back(world: World) -> None:
    """Void a capture, reverse a settlement, charge a card back."""
    for method, action in (
        ("credit_card", "cancel"),
        ("permata_va", "reverse"),
        ("credit_card", "chargeback"),
    ):
        page = _paid(world, M, method)
        if action == "chargeback":
            world.act(page, "settle")
            _settle(world, page)
        world.act(page, action)
        _settle(world, page)


def is_refunded(world: World) -> None:
    """Refund in part and in full, on both gateways."""
    for gateway, method in ((M, "gopay"), (X, "DANA")):
        page = _paid(world, gateway, method)
        for amount_idr in (50_000, 150_000):
            world.refund(page, amount_idr)
            _settle(world, page)
            world.clock.advance(60)
            world.resolve()
            _settle(world, page)


def tries_again(world: World) -> None:
    """Start a second try at the other gateway and pay there."""
    page = world.checkout(M)
    again = retry_payment(world.desk, page.order_id, gateway=X)
    world.pay(again, "DANA")
    _settle(world, again)


def is_lied_about(world: World) -> None:
    """Replay a genuine message with its status exchanged, twice; nobody confirms it."""
    page = _paid(world, M, "gopay")
    genuine = world.sent(page)[-1]
    changed = json.loads(genuine.body) | {"transaction_status": "refund"}
    world.receive(replace(genuine, body=json.dumps(changed).encode()))
    for _ in range(5):
        world.clock.advance(700)
        world.confirm()


def is_watched(world: World) -> None:
    """Ask about an order by hand before and after it is paid, also in vain."""
    page = world.checkout(X)
    order_id = world.order(page).id
    check_status(world.desk, order_id, source=Source.STATUS_CHECK)
    with world.program.fault("xendit.invoice.list", "*", "html_502", times=1):
        check_status(world.desk, order_id, source=Source.STATUS_CHECK)
    world.pay(page, "DANA")
    check_status(world.desk, order_id, source=Source.STATUS_CHECK)


STORIES: Final[tuple[Callable[[World], None], ...]] = (
    pays,
    pays_unheard,
    is_declined_and_pays,
    is_challenged,
    takes_money_back,
    is_refunded,
    tries_again,
    is_lied_about,
    is_watched,
    never_pays,
)
