"""What can happen to one order at a gateway, played at the real sandbox behind the desk's back."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.money import Rupiah
from app.core.ports import ChargeSubject, RefundRequest
from app.core.states import GatewayName, RefundRoute
from app.services.payment_pages import PaymentPage
from tests.world import World

Play = Callable[[World, PaymentPage], None]
_MIDTRANS: Final = GatewayName.MIDTRANS
_XENDIT: Final = GatewayName.XENDIT


@dataclass(frozen=True)
class Scene:
    """A story at one gateway, from an open page on."""

    gateway: GatewayName
    play: Play

    def open(self, world: World) -> PaymentPage:
        """Place an order and play the story; the desk has heard nothing of it."""
        page = world.checkout(self.gateway)
        self.play(world, page)
        return page


def acts(*steps: tuple[str, str] | str, **more: object) -> Play:
    """Play these actions, each alone or with a payment method; ``more`` goes with the last."""

    def play(world: World, page: PaymentPage) -> None:
        for number, step in enumerate(steps, 1):
            action, method = step if isinstance(step, tuple) else (step, "")
            world.act(page, action, method, **(more if number == len(steps) else {}))

    return play


def chosen(method: str) -> Play:
    """Choose a method on the Midtrans page and do not pay yet."""

    def play(world: World, page: PaymentPage) -> None:
        world.act(page, "pay", method, outcome="pending")

    return play


def refunded(method: str, *amounts_idr: int) -> Play:
    """Pay, and give money back in the gateway's dashboard, under keys that are not ours."""

    def play(world: World, page: PaymentPage) -> None:
        world.act(page, "pay", method)
        for amount_idr in amounts_idr:
            refund_in_dashboard(world, page, amount_idr)
            # Xendit's wallets need a moment, and Midtrans' bank confirms later.
            world.clock.advance(10)

    return play


def refund_in_dashboard(world: World, page: PaymentPage, amount_idr: int) -> None:
    """Give money back without Lunas."""
    attempt = world.attempt(page)
    world.desk.gateway(attempt.gateway).refund(
        RefundRequest(
            ChargeSubject(attempt.reference, attempt.provider_reference),
            f"dashboard-{secrets.token_hex(6)}",
            Rupiah(amount_idr),
            "Made in the dashboard",
            RefundRoute.REFUND,
        )
    )


def in_turn(*plays: Play) -> Play:
    """Play one after the other."""

    def play(world: World, page: PaymentPage) -> None:
        for one in plays:
            one(world, page)

    return play


SCENES: Final[Mapping[str, Scene]] = {
    "va chosen": Scene(_MIDTRANS, chosen("bca_va")),
    "va paid": Scene(_MIDTRANS, in_turn(chosen("bca_va"), acts("pay"))),
    "card captured": Scene(_MIDTRANS, acts(("pay", "credit_card"))),
    "card settled": Scene(_MIDTRANS, acts(("pay", "credit_card"), "settle")),
    "card challenged": Scene(_MIDTRANS, acts(("challenge", "credit_card"))),
    "challenge accepted": Scene(_MIDTRANS, acts(("challenge", "credit_card"), "approve")),
    "card declined": Scene(_MIDTRANS, acts(("deny", "credit_card"))),
    "va expired": Scene(_MIDTRANS, in_turn(chosen("bca_va"), acts("expire"))),
    "va cancelled": Scene(_MIDTRANS, in_turn(chosen("bca_va"), acts("cancel"))),
    "payment taken back": Scene(_MIDTRANS, acts(("pay", "permata_va"), "reverse")),
    "refunded in part": Scene(_MIDTRANS, refunded("gopay", 50_000)),
    "refunded in two parts": Scene(_MIDTRANS, refunded("gopay", 50_000, 30_000)),
    "refunded in full": Scene(_MIDTRANS, refunded("gopay", 200_000)),
    "charged back": Scene(_MIDTRANS, acts(("pay", "credit_card"), "settle", "chargeback")),
    "invoice paid": Scene(_XENDIT, acts(("pay", "DANA"))),
    "invoice expired": Scene(_XENDIT, acts("expire")),
    "invoice paid late": Scene(_XENDIT, in_turn(acts("expire"), acts(("pay", "QRIS"), late=True))),
    "invoice refunded in part": Scene(_XENDIT, refunded("DANA", 50_000)),
    "invoice refunded in full": Scene(_XENDIT, refunded("DANA", 200_000)),
}
