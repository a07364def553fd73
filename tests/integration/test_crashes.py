"""A process that dies between two commits: whoever comes next finishes the work, once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.core.ports import Charge, ChargeRequest, Gateway, RefundAnswer, RefundRequest
from app.core.states import GatewayName, RefundState
from app.services.checkout import start_checkout
from app.services.refunds import request_refund
from tests.integration.test_refunds import at_gateway, paid, sums
from tests.world import STOCK, World, checkout_request

BOTH = pytest.mark.parametrize("gateway", list(GatewayName))
BEFORE_AND_AFTER = pytest.mark.parametrize("after_the_call", [False, True])


class ProcessDiedError(BaseException):
    """Ends the use case at once, as a power cut would: no handler of ours may run."""


@dataclass
class Dying:
    """A real gateway whose caller dies just before or just after one call reaches it."""

    real: Gateway
    after_the_call: bool
    calls: list[str] = field(default_factory=list)

    def create_charge(self, request: ChargeRequest) -> Charge:
        return self._die("create", lambda: self.real.create_charge(request))

    def refund(self, request: RefundRequest) -> RefundAnswer:
        return self._die("refund", lambda: self.real.refund(request))

    def _die(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls.append(name)
        if self.after_the_call:
            call()
        raise ProcessDiedError

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@contextmanager
def dying_process(world: World, gateway: GatewayName, *, after_the_call: bool) -> Iterator[World]:
    dying = Dying(world.desk.gateways[gateway], after_the_call)
    gateways = {**world.desk.gateways, gateway: dying}
    with pytest.raises(ProcessDiedError):
        yield replace(world, desk=replace(world.desk, gateways=gateways))
    assert len(dying.calls) == 1


@BOTH
@BEFORE_AND_AFTER
def test_a_checkout_that_died_is_taken_up_by_the_same_key(
    world: World, gateway: GatewayName, after_the_call: bool
) -> None:
    request = checkout_request(gateway, key="died-in-checkout")
    with dying_process(world, gateway, after_the_call=after_the_call) as dying:
        start_checkout(dying.desk, request)
    assert world.stock() == (STOCK, 2)
    world.clock.advance(31)

    page = start_checkout(world.desk, request)
    world.pay(page, {"midtrans": "gopay", "xendit": "DANA"}[gateway])
    world.deliver_all(page)
    world.confirm()

    assert world.status(page) == "paid"
    assert world.stock() == (STOCK - 2, 0)
    if gateway is GatewayName.XENDIT:
        reference = world.attempt(page).reference
        state = world.program.control("GET", "state")
        assert [i["external_id"] for i in state["invoices"]].count(reference) == 1


@BOTH
@BEFORE_AND_AFTER
def test_a_refund_whose_sender_died_is_paid_once(
    world: World, gateway: GatewayName, after_the_call: bool
) -> None:
    page = paid(world, gateway)
    form = world.refund_form(page, 100_000)
    with dying_process(world, gateway, after_the_call=after_the_call) as dying:
        request_refund(dying.desk, form)
    assert world.refunds(page)[0].state is RefundState.SENDING
    assert sums(world, page) == (200_000, 0, 100_000)
    assert request_refund(world.desk, form).state is RefundState.SENDING

    for _ in range(3):
        world.clock.advance(120)
        world.resolve()
        world.deliver_all(page)
        world.confirm()

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert at_gateway(world, page) == 100_000
    assert sums(world, page) == (200_000, 100_000, 0)


def test_a_refund_approved_but_never_sent_is_sent_by_the_job(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "429", times=1):
        result = world.refund(page, 100_000)
    assert result.state is RefundState.APPROVED
    assert at_gateway(world, page) == 0

    world.clock.advance(60)
    world.resolve()

    assert world.refunds(page)[0].state is RefundState.SUCCEEDED
    assert at_gateway(world, page) == 100_000


def test_a_confirmation_that_failed_is_tried_again(world: World) -> None:
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    world.deliver_all(page)
    with world.program.fault("xendit.invoice.list", "*", "html_502", times=1):
        world.confirm()
    assert world.status(page) == "pending"
    assert world.notifications()[0].state == "awaiting_confirmation"

    world.clock.advance(5)
    world.confirm()

    assert world.status(page) == "paid"
    assert world.notifications()[0].state == "done"
