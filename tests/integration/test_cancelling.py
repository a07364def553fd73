"""Ending an unpaid order: first at the gateway, then here, and never against money."""

from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from sqlalchemy import update

from app.core.errors import GatewayError, RefusedError
from app.core.observations import Observation, Source
from app.core.ports import ChargeSubject, Gateway
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.models import Product
from app.services.cancelling import CancelReport, cancel_order
from app.services.checkout import retry_payment, start_checkout
from app.services.payment_pages import PaymentPage
from tests.integration.deaths import deaths, live
from tests.world import STOCK, World, checkout_request

BOTH = pytest.mark.parametrize("gateway", list(GatewayName))
_BANK: Final = {GatewayName.MIDTRANS: "bca_va", GatewayName.XENDIT: "BCA"}
_WALLET: Final = {GatewayName.MIDTRANS: "gopay", GatewayName.XENDIT: "DANA"}
_CLOSE: Final = {
    GatewayName.MIDTRANS: "midtrans.expire",
    GatewayName.XENDIT: "xendit.invoice.expire",
}


def cancel(world: World, page: PaymentPage, reason: str = "Salah pesan") -> CancelReport:
    order_id = world.order(page).id
    return cancel_order(world.desk, order_id, staff_id=world.staff_id("support"), reason=reason)


def choose(world: World, page: PaymentPage, gateway: GatewayName) -> None:
    """Let the shopper choose a bank and not pay."""
    if gateway is GatewayName.MIDTRANS:
        world.act(page, "pay", _BANK[gateway], outcome="pending")
    else:
        world.act(page, "pick", _BANK[gateway])
    world.deliver_all(page)


def is_payable_at_gateway(world: World, page: PaymentPage) -> bool:
    """Ask the sandbox whether anybody could still pay on any page of this order."""
    state = world.program.control("GET", "state")
    for attempt in world.attempts(page):
        pages = [
            *(s["state"] for s in state["tokens"] if s["order_id"] == attempt.reference),
            *(t["transaction_status"] for t in _transactions(state, attempt.reference)),
            *(i["status"] for i in state["invoices"] if i["external_id"] == attempt.reference),
        ]
        if {"open", "OPEN", "pending", "PENDING"} & {str(one) for one in pages}:
            return True
    return False


def _transactions(state: dict[str, list[dict[str, str]]], reference: str) -> list[dict[str, str]]:
    return [t for t in state["transactions"] if t["order_id"] == reference]


@BOTH
@pytest.mark.parametrize("chosen", [False, True])
def test_an_unpaid_order_is_ended_at_the_gateway_and_here(
    world: World, gateway: GatewayName, *, chosen: bool
) -> None:
    page = world.checkout(gateway)
    if chosen:
        choose(world, page, gateway)

    report = cancel(world, page)

    assert (report.status, report.open_until, report.error) == ("cancelled", None, None)
    assert world.status(page) == "cancelled"
    assert not is_payable_at_gateway(world, page)
    assert world.stock() == (STOCK, 0)
    assert world.reasons(page)[-2:] == ["cancel_asked", "cancelled_at_gateway"]


@BOTH
def test_an_order_that_was_paid_unnoticed_is_not_cancelled(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    world.pay(page, _WALLET[gateway])

    with pytest.raises(RefusedError) as refused:
        cancel(world, page)

    assert refused.value.why is Why.ORDER_IS_PAID
    order = world.order(page)
    assert (order.payment_status, order.captured_idr) == ("paid", 200_000)
    # Somebody wanted it gone, so somebody must say what becomes of the money.
    assert order.attention == "paid_after_close"
    assert world.stock() == (STOCK - 2, 0)


def test_a_paid_a_closed_and_a_reasonless_order_are_refused_and_nothing_changes(
    world: World,
) -> None:
    paid, closed = world.checkout(GatewayName.MIDTRANS), world.checkout(GatewayName.MIDTRANS)
    world.pay(paid, "gopay")
    world.deliver_all(paid)
    cancel(world, closed)
    story = [world.reasons(page) for page in (paid, closed)]

    for page, reason, why in (
        (paid, "x", Why.ORDER_IS_PAID),
        (closed, "x", Why.ORDER_IS_CLOSED),
        (paid, "  ", Why.REASON_MISSING),
    ):
        with pytest.raises(RefusedError) as refused:
            cancel(world, page, reason)
        assert refused.value.why is why

    assert [world.reasons(page) for page in (paid, closed)] == story
    assert world.order(paid).cancel_asked_at is None


@BOTH
@pytest.mark.parametrize("effect", ["html_502", "timeout_after_success"])
def test_a_close_whose_answer_is_lost_keeps_the_order_open_and_is_done_again(
    world: World, gateway: GatewayName, effect: str
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    with world.program.fault(_CLOSE[gateway], "*", effect, seconds=5):
        report = cancel(world, page)
    assert report.error is not None
    assert world.status(page) == "pending"
    assert world.stock() == (STOCK, 2)

    world.clock.advance(40)
    world.poll()

    assert world.status(page) == "cancelled"
    assert not is_payable_at_gateway(world, page)
    assert world.stock() == (STOCK, 0)


@BOTH
def test_money_that_comes_between_the_close_and_its_repetition_is_kept(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    with world.program.fault(_CLOSE[gateway], "*", "html_502"):
        cancel(world, page)
    world.pay(page, _BANK[gateway])

    world.clock.advance(40)
    world.poll()

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("paid", "paid_after_close")
    assert world.stock() == (STOCK - 2, 0)


def test_a_page_that_the_gateway_keeps_open_ends_the_order_at_its_deadline(world: World) -> None:
    """After a declined card Snap does not end its page on demand."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "deny")
    world.deliver_all(page)

    report = cancel(world, page)
    assert (report.status, report.open_until) == ("pending", page.expires_at)
    world.clock.advance(25 * 3600)
    world.poll()

    assert world.status(page) == "cancelled"
    assert world.stock() == (STOCK, 0)


@BOTH
def test_a_cancelled_order_cannot_be_paid_again(world: World, gateway: GatewayName) -> None:
    request = checkout_request(gateway, key="one-intent-only")
    page = start_checkout(world.desk, request)
    with world.program.fault(_CLOSE[gateway], "*", "html_502"):
        cancel(world, page)

    def refused_everywhere() -> None:
        for again in (
            lambda: retry_payment(world.desk, page.order_id, None),
            lambda: start_checkout(world.desk, request),
        ):
            with pytest.raises(RefusedError) as refused:
                again()
            assert refused.value.why is Why.ORDER_NOT_PAYABLE

    refused_everywhere()
    world.clock.advance(40)
    world.poll()
    assert world.status(page) == "cancelled"
    refused_everywhere()
    assert len(world.attempts(page)) == 1


@BOTH
def test_cancelling_outlives_a_crash_at_every_commit_and_every_call(
    world: World, gateway: GatewayName
) -> None:
    struck: list[str] = []
    for doomed, fate in deaths(world):
        page = world.checkout(gateway, quantity=1)
        choose(world, page, gateway)
        # By now the job looks every ten minutes only, unless somebody makes it look at once.
        world.clock.advance(3 * 3600)
        world.poll()

        lived = live(lambda dying, page=page: cancel(dying, page), doomed)
        asked = world.order(page).cancel_asked_at is not None
        world.clock.advance(60)
        world.poll()

        told = f"died {'after' if fate.after else 'before'} {fate.crossed}"
        # Only a process that died before it had written the wish down leaves nothing behind.
        assert asked or fate.crossed == ["commit"], told
        assert world.status(page) == ("cancelled" if asked else "pending"), told
        assert is_payable_at_gateway(world, page) is not asked, told
        struck += [fate.crossed[-1]] if not lived else []
        if not asked:
            cancel(world, page)
    assert world.stock() == (STOCK, 0)
    assert (struck.count("close"), struck.count("commit")) == (2, 6)


# Another page: the earlier one is ended first.


@BOTH
def test_another_page_is_opened_only_when_the_earlier_one_has_ended(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    other = next(name for name in GatewayName if name is not gateway)

    again = retry_payment(world.desk, page.order_id, other)

    first, second = world.attempts(page)
    assert (first.gateway, second.gateway) == (gateway, other)
    assert again.page_url == second.page_url
    assert first.lease_until is None
    assert world.stock() == (STOCK, 2)
    state = world.program.control("GET", "state")
    waiting = [
        *(t for t in _transactions(state, first.reference) if t["transaction_status"] == "pending"),
        *(
            i
            for i in state["invoices"]
            if i["external_id"] == first.reference and i["status"] == "PENDING"
        ),
    ]
    assert waiting == []


@BOTH
def test_no_other_page_is_opened_while_the_earlier_one_cannot_be_ended(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    other = next(name for name in GatewayName if name is not gateway)

    with world.program.fault(_CLOSE[gateway], "*", "html_502"), pytest.raises(GatewayError):
        retry_payment(world.desk, page.order_id, other)

    assert world.status(page) == "pending"
    assert [a.gateway for a in world.attempts(page)] == [gateway]
    assert world.attempt(page).lease_until is None
    assert world.stock() == (STOCK, 2)


@dataclass
class _Stubborn:
    """A real gateway that answers a close with how things are, and ends nothing."""

    real: Gateway

    def close(self, subject: ChargeSubject) -> tuple[Observation, ...]:
        return self.real.fetch_status(subject, source=Source.API_ANSWER)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@BOTH
def test_no_other_page_is_opened_while_a_payment_waits_that_the_gateway_does_not_end(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    other = next(name for name in GatewayName if name is not gateway)
    stubborn: Any = {**world.desk.gateways, gateway: _Stubborn(world.desk.gateway(gateway))}

    with pytest.raises(RefusedError) as refused:
        retry_payment(replace(world.desk, gateways=stubborn), page.order_id, other)

    assert refused.value.why is Why.PAGE_STILL_OPEN
    assert (world.status(page), len(world.attempts(page))) == ("pending", 1)
    assert world.stock() == (STOCK, 2)


@BOTH
def test_no_other_page_is_opened_when_the_earlier_one_turns_out_paid(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    world.pay(page, _WALLET[gateway])
    other = next(name for name in GatewayName if name is not gateway)

    with pytest.raises(RefusedError) as refused:
        retry_payment(world.desk, page.order_id, other)

    assert refused.value.why is Why.ORDER_NOT_PAYABLE
    # What was learnt on the way is kept.
    assert world.status(page) == "paid"
    assert len(world.attempts(page)) == 1


@BOTH
def test_a_page_about_to_close_is_ended_before_a_new_one_at_the_same_gateway(
    world: World, gateway: GatewayName
) -> None:
    page = world.checkout(gateway)
    choose(world, page, gateway)
    world.clock.advance(24 * 3600 - 60)

    again = retry_payment(world.desk, page.order_id, None)

    assert again.page_url != page.page_url
    first, second = world.attempts(page)
    assert (first.try_number, second.try_number) == (1, 2)
    state = world.program.control("GET", "state")
    ended = [i["status"] for i in state["invoices"] if i["external_id"] == first.reference]
    ended += [t["transaction_status"] for t in _transactions(state, first.reference)]
    assert set(ended) <= {"EXPIRED", "expire"}
    assert world.status(page) == "pending"


@BOTH
def test_changing_the_gateway_outlives_a_crash_at_every_commit_and_every_call(
    world: World, gateway: GatewayName
) -> None:
    other = next(name for name in GatewayName if name is not gateway)
    struck = 0
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).values(on_hand=5_000))
    for doomed, fate in deaths(world):
        page = world.checkout(gateway, quantity=1)
        choose(world, page, gateway)

        lived = live(
            lambda dying, page=page: retry_payment(dying.desk, page.order_id, other), doomed
        )
        if not lived:
            struck += 1
            world.clock.advance(31)
            retry_payment(world.desk, page.order_id, other)

        told = f"died {'after' if fate.after else 'before'} {fate.crossed}"
        first, *later = world.attempts(page)
        assert [a.gateway for a in later] == [other], told
        assert world.status(page) == "pending", told
        world.pay(page, _WALLET[other])
        world.clock.advance(60)
        world.poll()
        assert world.status(page) == "paid", told
        assert world.order(page).attention is None, told
        assert first.page_url != later[0].page_url
    assert struck >= 6
