"""A gateway that does not answer is left alone: nothing is sent, and that is what is written."""

from dataclasses import replace

import pytest

from app.core.errors import GatewayError, GatewayUnavailableError
from app.core.observations import Source
from app.core.silences import Silence
from app.core.states import AttemptState, GatewayName, RefundState
from app.db.models import StatusCheck
from app.gateways.breaker import BreakerRule
from app.gateways.watched import NOT_TRIED, WatchedGateway
from app.services.asking import subject_of
from app.services.desk import Desk
from app.services.payment_pages import PageNotOpenedError, PaymentPage
from app.services.status import check_status
from tests.world import World

RULE = BreakerRule(failures=3, pause_s=10)
MIDTRANS = GatewayName.MIDTRANS


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def guarded(world: World, clock: Clock) -> Desk:
    """Return the world's desk, every gateway behind breakers that follow this clock."""
    gateways = {
        name: WatchedGateway(gateway, RULE, clock) for name, gateway in world.desk.gateways.items()
    }
    return replace(world.desk, gateways=gateways)


@pytest.fixture
def clock(world: World) -> Clock:
    clock = Clock()
    world.desk = guarded(world, clock)
    return clock


def paid(world: World, gateway: GatewayName = MIDTRANS) -> PaymentPage:
    page = world.checkout(gateway)
    world.pay(page, "gopay" if gateway is MIDTRANS else "DANA")
    world.deliver_all(page)
    world.confirm()
    assert world.status(page) == "paid"
    return page


def ask(world: World, page: PaymentPage) -> str:
    """Ask about an order; return the code of the failure, empty for an answer."""
    attempt = world.attempt(page)
    try:
        world.desk.gateway(attempt.gateway).fetch_status(subject_of(attempt), source=Source.JOB)
    except GatewayError as error:
        return error.code
    return ""


def hits(world: World) -> int:
    return int(world.program.control("GET", "faults")["rules"][0]["hits"])


def test_after_three_failures_the_fourth_call_is_not_sent(world: World, clock: Clock) -> None:
    page = paid(world)

    with world.program.fault("midtrans.status", "*", "html_502"):
        codes = [ask(world, page) for _ in range(6)]
        sent = hits(world)

    assert codes == ["unreadable"] * 3 + [NOT_TRIED] * 3
    assert sent == 3
    assert ask(world, page) == NOT_TRIED
    clock.now_s += 10
    assert [ask(world, page), ask(world, page)] == ["", ""]


def test_other_kinds_of_calls_and_the_other_gateway_go_on(world: World, clock: Clock) -> None:
    page, elsewhere = paid(world), paid(world, GatewayName.XENDIT)
    with world.program.fault("midtrans.status", "*", "html_502"):
        for _ in range(3):
            ask(world, page)
    assert ask(world, page) == NOT_TRIED

    assert world.checkout(MIDTRANS).page_url
    assert ask(world, elsewhere) == ""
    assert world.desk.gateway(MIDTRANS).check_keys().accepted


def test_a_clear_no_is_an_answer_and_opens_nothing(world: World, clock: Clock) -> None:
    page = world.checkout(MIDTRANS)
    wrong = replace(subject_of(world.attempt(page)), reference="LN-0000000000-1")
    gateway = world.desk.gateway(MIDTRANS)

    for _ in range(5):
        assert gateway.find_charge(wrong.reference) is None

    assert world.checkout(MIDTRANS, sku="BATIK", quantity=1).page_url


def test_a_refund_that_is_not_sent_is_not_unknown_and_goes_later_once(
    world: World, clock: Clock
) -> None:
    others = [paid(world) for _ in range(3)]
    page = paid(world)
    with world.program.fault("midtrans.refund", "*", "429"):
        for other in others:
            world.refund(other, 10_000)

    world.refund(page, 50_000)

    [refund] = world.refunds(page)
    assert (refund.state, refund.provider_code) == (RefundState.APPROVED, NOT_TRIED)
    assert world.status(page) == "paid"
    assert world.order(page).reserved_idr == 50_000
    clock.now_s += 300
    world.clock.advance(3600)
    world.resolve()
    [refund] = world.refunds(page)
    assert refund.state is RefundState.SUCCEEDED
    assert (world.order(page).refunded_idr, world.order(page).reserved_idr) == (50_000, 0)


def test_an_unknown_refund_stays_unknown_while_it_cannot_be_looked_up(
    world: World, clock: Clock
) -> None:
    page = paid(world)
    with world.program.fault("midtrans.refund", "*", "timeout_after_success"):
        world.refund(page, 50_000)
    assert world.refunds(page)[0].state is RefundState.UNKNOWN
    gateway = world.desk.gateway(MIDTRANS)
    assert isinstance(gateway, WatchedGateway)
    with world.program.fault("midtrans.*", "*", "html_502"):
        for _ in range(3):
            world.clock.advance(3600)
            world.resolve()

    world.clock.advance(3600)
    world.resolve()

    [refund] = world.refunds(page)
    assert refund.state is RefundState.UNKNOWN
    assert world.order(page).reserved_idr == 50_000
    clock.now_s += 300
    world.clock.advance(3600)
    world.resolve()
    [refund] = world.refunds(page)
    assert refund.state is RefundState.SUCCEEDED
    assert world.order(page).refunded_idr == 50_000


def test_a_checkout_that_is_not_sent_keeps_the_order_and_goes_on_later(
    world: World, clock: Clock
) -> None:
    with world.program.fault("midtrans.snap.create", "*", "429"):
        for number in range(3):
            with pytest.raises(PageNotOpenedError):
                world.checkout(MIDTRANS, quantity=1, key=f"key-000{number}")

    with pytest.raises(PageNotOpenedError) as refused:
        world.checkout(MIDTRANS, quantity=1, key="key-last")

    assert isinstance(refused.value.cause, GatewayUnavailableError)
    assert refused.value.cause.code == NOT_TRIED
    assert refused.value.cause.retry_after_s
    clock.now_s += 300
    page = world.checkout(MIDTRANS, quantity=1, key="key-last")
    assert page.order_id == refused.value.order_id
    assert world.attempt(page).state is AttemptState.OPEN


def test_a_person_who_checks_is_told_that_nobody_was_asked(world: World, clock: Clock) -> None:
    page = paid(world)
    with world.program.fault("midtrans.status", "*", "html_502"):
        for _ in range(3):
            ask(world, page)

    report = check_status(world.desk, world.order(page).id, source=Source.STATUS_CHECK)

    assert report.error == "Midtrans has not answered; the call was not sent"
    with world.session() as session:
        [check] = [session.get_one(StatusCheck, one) for one in report.check_ids]
        assert check.silence is Silence.UNREACHABLE
    assert world.status(page) == "paid"


@pytest.mark.parametrize(
    ("gateway", "operation"),
    [(MIDTRANS, "midtrans.status"), (GatewayName.XENDIT, "xendit.invoice.*")],
)
def test_a_gateway_that_names_a_time_is_not_asked_before(
    world: World, clock: Clock, gateway: GatewayName, operation: str
) -> None:
    page = paid(world, gateway)

    with world.program.fault(operation, "*", "429", seconds=40):
        assert ask(world, page)
        assert ask(world, page) == NOT_TRIED
        assert hits(world) == 1

    clock.now_s += 39
    assert ask(world, page) == NOT_TRIED
    clock.now_s += 1
    assert ask(world, page) == ""
