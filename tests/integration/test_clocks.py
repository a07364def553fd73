"""Machines whose clocks do not agree: work comes later, and is neither lost nor done twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from app.core.states import GatewayName, RefundState
from app.db.claims import LEASE, claim_due
from app.db.models import Attempt, JobHeartbeat, Notification, Refund
from app.services.checkout import start_checkout
from app.services.desk import Desk
from app.services.heartbeats import read_heartbeats
from app.services.notifications import receive_notification
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import Crew, confirm_claims, poll_attempts, resolve_refunds
from app.services.refund_sending import resolve_refund
from app.services.vital_signs import read_vital_signs
from tests.integration.test_refunds import at_gateway, paid
from tests.world import World, checkout_request

MINUTES = timedelta(minutes=5)
LONG = timedelta(days=30)


def crew(owner: str) -> Crew:
    return Crew(owner, threads=1, batch=50, limits={})


def desk_off_by(world: World, offset: timedelta) -> Desk:
    """Return the desk of a machine whose clock is off by so much."""
    return replace(world.desk, clock=lambda: world.clock() + offset)


def claimed_page(world: World) -> PaymentPage:
    """Return an order of which Xendit has told that it was paid."""
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    return page


def test_a_claim_taken_by_a_web_process_that_is_ahead_is_confirmed_later_by_as_much(
    world: World,
) -> None:
    page = claimed_page(world)
    ahead = desk_off_by(world, MINUTES)
    for delivery in world.sent(page):
        receive_notification(ahead, replace(delivery, received_at=ahead.clock()))

    assert confirm_claims(world.desk, crew("jobs")).claimed == 0
    assert world.status(page) == "pending"
    world.clock.advance(MINUTES.total_seconds() + 1)
    assert confirm_claims(world.desk, crew("jobs")).changed == 1
    assert world.status(page) == "paid"


def test_a_claim_taken_by_a_web_process_that_is_behind_is_confirmed_at_once(world: World) -> None:
    page = claimed_page(world)
    behind = desk_off_by(world, -MINUTES)
    for delivery in world.sent(page):
        receive_notification(behind, replace(delivery, received_at=behind.clock()))

    assert confirm_claims(world.desk, crew("jobs")).changed == 1
    assert world.status(page) == "paid"


def test_one_purchase_is_one_order_whatever_the_clocks_of_the_web_processes(world: World) -> None:
    request = checkout_request(GatewayName.MIDTRANS, key="one-purchase")

    first = start_checkout(desk_off_by(world, LONG), request)
    second = start_checkout(desk_off_by(world, -LONG), request)

    assert (second.order_id, second.token) == (first.order_id, first.token)
    assert world.stock() == (10, 2)


def unknown_refund(world: World) -> PaymentPage:
    """Return a paid order with a refund that never arrived, and of which nobody knows that yet."""
    page = paid(world, GatewayName.MIDTRANS)
    with world.program.fault("midtrans.refund", "*", "html_502", times=1):
        world.refund(page, 50_000)
    [refund] = world.refunds(page)
    assert (refund.state, at_gateway(world, page)) == (RefundState.UNKNOWN, 0)
    world.clock.advance(3600)
    return page


def test_a_job_process_that_is_behind_may_be_overtaken_but_no_refund_is_made_twice(
    world: World,
) -> None:
    page = unknown_refund(world)
    behind = desk_off_by(world, -MINUTES)
    [held] = claim_due(world.desk.sessions, Refund, owner="slow", now=behind.clock(), limit=9)

    # Its lease was over when it was written: another process takes the row while it is held.
    assert resolve_refunds(world.desk, crew("quick")).claimed == 1
    resolve_refund(behind, held)

    [refund] = world.refunds(page)
    assert (refund.state, world.order(page).refunded_idr) == (RefundState.SUCCEEDED, 50_000)
    assert at_gateway(world, page) == 50_000


@pytest.mark.parametrize("table", [Attempt, Notification])
def test_rows_of_a_job_process_that_was_ahead_and_died_are_free_again_later_by_as_much(
    world: World, table: type[Attempt] | type[Notification]
) -> None:
    page = claimed_page(world)
    world.deliver_all(page)
    ahead = desk_off_by(world, MINUTES)
    held = claim_due(world.desk.sessions, table, owner="dead", now=ahead.clock(), limit=9)
    assert len(held) == 1

    def claim(now: datetime) -> list[int]:
        return claim_due(world.desk.sessions, table, owner="next", now=now, limit=9)

    assert claim(world.clock() + LEASE) == []
    assert claim(world.clock() + LEASE + MINUTES + timedelta(minutes=1)) == held


def test_a_job_process_that_is_a_month_ahead_calls_a_person_and_fails_no_order(
    world: World,
) -> None:
    page = world.checkout(GatewayName.MIDTRANS)

    for _ in range(3):
        poll_attempts(desk_off_by(world, LONG), crew("ahead"))
    assert world.status(page) == "pending"
    assert world.order(page).attention == "polling_ended"

    # The shopper pays in time, by everybody else's clock.
    world.pay(page, "gopay")
    world.deliver_all(page)
    assert world.status(page) == "paid"


def test_a_sign_of_life_from_a_time_to_come_is_none(world: World) -> None:
    now = world.clock()

    def beat(instance: str, at: datetime) -> None:
        with world.desk.sessions.begin() as session:
            row = JobHeartbeat(job="poll_orders", instance=instance, last_run_at=at, every_s=5)
            session.merge(row)

    def is_alive() -> bool:
        with world.session() as session:
            [found] = read_heartbeats(session, now)
            return found.is_alive

    beat("before-the-clock-was-set-back", now + timedelta(hours=1))
    assert not is_alive()
    beat("after", now - timedelta(seconds=2))
    assert is_alive()


@pytest.mark.postgres
@pytest.mark.parametrize("offset", [MINUTES, -MINUTES])
def test_how_far_a_process_is_from_the_databases_clock_is_metered(
    postgres_world: World, offset: timedelta
) -> None:
    in_time = read_vital_signs(postgres_world.desk).clock_ahead_s
    off = read_vital_signs(desk_off_by(postgres_world, offset)).clock_ahead_s

    assert off - in_time == pytest.approx(offset.total_seconds(), abs=60)


def statements_of(world: World, work: Callable[[], object]) -> list[str]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement.lower())

    with world.desk.sessions() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_no_decision_asks_the_databases_clock(world: World) -> None:
    def a_day() -> None:
        page = unknown_refund(world)
        world.resolve()
        world.confirm()
        assert world.refunds(page)[0].state is RefundState.SUCCEEDED

    statements = statements_of(world, a_day)

    assert len(statements) > 50
    words = ("now()", "current_timestamp", "localtime", "datetime('now'", "clock_timestamp")
    assert [one for one in statements for word in words if word in one] == []
