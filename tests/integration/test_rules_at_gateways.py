"""Our refund rules against the gateways' own: every method is really refunded at the sandbox.

The sandbox imitates the providers from their documents, apart from our table. What our rules allow
it accepts, and what it refuses our rules refuse; where the two differ on purpose, it is listed.
"""

import secrets
from dataclasses import dataclass
from typing import Final, TypeAlias

import pytest

from app.core.eligibility import WITHOUT_RULE
from app.core.errors import GatewayError
from app.core.money import Rupiah
from app.core.ports import ChargeSubject, RefundRequest
from app.core.refunds import RefundVerdict
from app.core.states import GatewayName, RefundRoute, RefundState
from app.services.payment_pages import PaymentPage
from app.services.refunds import dry_run_refund
from sandbox.midtrans.methods import METHODS
from sandbox.xendit.channels import CHANNELS
from tests.world import World

# Gateway, method, days after the payment, amount.
Case: TypeAlias = tuple[GatewayName, str, int, int]

_HALF: Final = 100_000
_WHOLE: Final = 200_000
_DAY: Final = 24 * 3600
_M, _X = GatewayName.MIDTRANS, GatewayName.XENDIT

# Allowed here, refused there: where the provider's pages disagree we ask, with a caution.
ALLOWED_IN_DOUBT: Final[set[Case]] = {
    # Midtrans' pages give 45 to 180 days for GoPay; the sandbox takes the shortest.
    (_M, "gopay", 46, _WHOLE),
    (_M, "gopay", 46, _HALF),
    # Xendit's help says 30 days for QRIS, its channel page 7; the sandbox takes the shorter.
    (_X, "QRIS", 8, _WHOLE),
    (_X, "QRIS", 8, _HALF),
    # Xendit lists Atome as refundable and names no window; the sandbox takes a kin's 30 days.
    (_X, "ATOME", 46, _WHOLE),
    (_X, "ATOME", 46, _HALF),
}
# Refused here, accepted there.
REFUSED_WITHOUT_RULE: Final[set[Case]] = {
    # No page of Xendit speaks of it; the sandbox takes the figures of its nearest kin.
    (_X, "DD_MANDIRI", 0, _WHOLE),
    (_X, "DD_MANDIRI", 8, _WHOLE),
    (_X, "DD_MANDIRI", 46, _WHOLE),
}
_MIDTRANS_METHODS: Final = [key for key, method in METHODS.items() if method.is_current]
_DAYS: Final = (0, 8, 46)


@dataclass(frozen=True)
class Trial:
    """One refund, judged by our rules and then really asked for at the gateway."""

    verdict: RefundVerdict
    accepted: bool


def _paid(world: World, gateway: GatewayName, method: str) -> PaymentPage:
    page = world.checkout(gateway)
    world.pay(page, method)
    if method == "credit_card":
        world.act(page, "settle")
    world.deliver_all(page)
    world.confirm()
    assert world.status(page) == "paid", method
    return page


def _try(world: World, page: PaymentPage, amount_idr: int) -> Trial:
    verdict = dry_run_refund(world.desk, world.order(page).id, amount_idr)
    attempt, order = world.attempt(page), world.order(page)
    request = RefundRequest(
        ChargeSubject(
            attempt.reference, attempt.provider_reference, order.payment_gateway_transaction_id
        ),
        f"trial-{secrets.token_hex(6)}",
        Rupiah(amount_idr),
        "percobaan",
        RefundRoute.REFUND,
    )
    try:
        answer = world.desk.gateway(attempt.gateway).refund(request)
    except GatewayError:
        return Trial(verdict, accepted=False)
    return Trial(verdict, accepted=answer.refund.state is not RefundState.FAILED)


def _wait_for_day(world: World) -> None:
    while not 2 <= world.clock().hour <= 9:  # 09 to 17 in WIB
        world.clock.advance(3600)


@pytest.mark.parametrize("amount_idr", [_WHOLE, _HALF])
@pytest.mark.parametrize(
    ("gateway", "method"),
    [*((_M, method) for method in _MIDTRANS_METHODS), *((_X, code) for code in CHANNELS)],
)
def test_what_we_allow_is_accepted_and_what_is_refused_we_refuse(
    shop: World, gateway: GatewayName, method: str, amount_idr: int
) -> None:
    # Paid by day and not by night, in which one provider rests.
    _wait_for_day(shop)
    pages = {days: _paid(shop, gateway, method) for days in _DAYS}
    allowed, refused = set[Case](), set[Case]()
    waited = 0
    for days, page in pages.items():
        shop.clock.advance((days - waited) * _DAY)
        waited = days
        trial = _try(shop, page, amount_idr)
        if trial.verdict.allowed is not trial.accepted:
            differing = allowed if trial.verdict.allowed else refused
            differing.add((gateway, method, days, amount_idr))

    this = {(gateway, method, days, amount_idr) for days in _DAYS}
    assert allowed == ALLOWED_IN_DOUBT & this
    assert refused == REFUSED_WITHOUT_RULE & this


def test_methods_without_a_rule_are_those_of_which_the_providers_say_nothing() -> None:
    old = {key for key, method in METHODS.items() if not method.is_current}

    assert WITHOUT_RULE[_M] == old
    assert {method.upper() for method in WITHOUT_RULE[_X]} <= set(CHANNELS)
