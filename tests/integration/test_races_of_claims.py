"""Job processes that reach for one row, guesses at one password, and the lock of SQLite."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from admin.gate.sign_in import sign_in
from app.core.errors import RefusedError
from app.core.observations import Source
from app.core.ports import Gateway, ObservedRefund, RefundRequest
from app.core.reasons import Why
from app.core.states import GatewayName, RefundState
from app.db.claims import claim_due
from app.db.locks import lock_order, lock_products, lock_refund
from app.db.models import Attempt, Order, Product, Refund, Staff
from app.db.session import Sessions
from app.services.reconciliation import resolve_refunds
from app.services.refunds import request_refund
from app.services.status import check_attempt
from tests.integration.meetings import (
    How,
    Step,
    after,
    before,
    collide,
    meet,
    rewritten,
    take_turns,
    without_fresh_reads,
    without_locks,
)
from tests.integration.test_refunds import paid
from tests.world import CREW, PASSWORD, PEOPLE, World

pytestmark = pytest.mark.race


def two_job_processes(world: World) -> list[Step]:
    world.checkout(GatewayName.MIDTRANS)
    world.clock.advance(60)

    def claims(owner: str) -> Callable[[], list[int]]:
        now = world.clock()
        return lambda: claim_due(world.desk.sessions, Attempt, owner=owner, now=now, limit=5)

    return [Step(claims(owner), after("UPDATE attempts")) for owner in ("one", "other")]


@pytest.mark.postgres
def test_two_job_processes_claim_one_row_without_the_lock(postgres_world: World) -> None:
    world = postgres_world
    processes = two_job_processes(world)

    with without_locks(world, "attempts"):
        one, other = meet(world, *processes)

    # It even waits for the first to have claimed the row, and claims it all the same.
    assert (one.how, other.how) == (How.MET, How.WAITED)
    assert len(one.result) == 1
    assert one.result == other.result


@pytest.mark.postgres
def test_two_job_processes_pass_each_other(postgres_world: World) -> None:
    world = postgres_world

    one, other = meet(world, *two_job_processes(world))

    assert (len(one.result), other.result) == (1, [])
    # The other had come to its point before the first had ended: nobody waits for anybody.
    assert (one.how, other.how) == (How.MET, How.MET)


@dataclass
class SettlesAndBreaks:
    """A gateway that is asked about a refund, while somebody else learns that it has succeeded."""

    real: Gateway
    somebody_else: Callable[[], object]

    def find_refund(self, _request: RefundRequest) -> ObservedRefund | None:
        self.somebody_else()
        raise RuntimeError("an answer that nobody foresaw")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def test_a_job_that_fails_late_does_not_ask_for_ever_about_what_has_ended(world: World) -> None:
    page = paid(world, GatewayName.XENDIT)
    assert world.refund(page, 60_000).state is RefundState.ACCEPTED
    world.clock.advance(3600)
    news = partial(check_attempt, world.desk, world.attempt(page).id, source=Source.JOB)
    gateway = SettlesAndBreaks(world.desk.gateway(GatewayName.XENDIT), news)
    gateways = {**world.desk.gateways, GatewayName.XENDIT: gateway}

    report = resolve_refunds(replace(world.desk, gateways=gateways), CREW)

    assert (report.claimed, report.failed) == (1, 1)
    (refund,) = world.refunds(page)
    assert (refund.state, refund.next_check_at) == (RefundState.SUCCEEDED, None)


def guesses(world: World, wrong: str) -> Callable[[], object]:
    sessions, now = world.desk.sessions, world.clock()
    return partial(sign_in, sessions, PEOPLE["finance"], wrong, now)


def counts_naively(sessions: Sessions, email: str) -> None:
    """Count a failed sign-in as anybody would who does not think of a second one."""
    with sessions.begin() as session:
        staff = session.scalars(select(Staff).where(Staff.email == email)).one()
        staff.failed_sign_ins += 1


def failures(world: World) -> int:
    with world.session() as session:
        query = select(Staff.failed_sign_ins).where(Staff.email == PEOPLE["finance"])
        return session.scalars(query).one()


@pytest.mark.postgres
def test_two_guesses_count_as_one_where_the_count_is_read_first(postgres_world: World) -> None:
    world = postgres_world
    naive = partial(counts_naively, world.desk.sessions, PEOPLE["finance"])

    collide(world, *[Step(naive, before("UPDATE staff"))] * 2)

    assert failures(world) == 1


@pytest.mark.postgres
def test_two_guesses_count_as_two(postgres_world: World) -> None:
    world = postgres_world
    counted = after("UPDATE staff")

    take_turns(world, *[Step(guesses(world, "wrong"), counted)] * 2, waiting_at="UPDATE staff")

    assert failures(world) == 2


@pytest.mark.postgres
def test_the_sixth_guess_is_not_looked_at_even_if_it_is_right(postgres_world: World) -> None:
    world = postgres_world
    for _ in range(4):
        assert guesses(world, "wrong")() is None
    fifth, sixth = guesses(world, "wrong"), guesses(world, PASSWORD)

    results = take_turns(
        world,
        Step(fifth, after("UPDATE staff")),
        Step(sixth, after("UPDATE staff")),
        waiting_at="UPDATE staff",
    )

    assert results == [None, None]
    assert failures(world) == 5


def two_requests(world: World) -> list[Step]:
    page = paid(world, GatewayName.MIDTRANS)
    forms = [world.refund_form(page, 60_000) for _ in range(2)]
    permitted = before("INSERT INTO refunds")
    return [Step(partial(request_refund, world.desk, form), permitted) for form in forms]


def test_sqlite_refuses_the_second_writer_where_transactions_begin_late(shop: World) -> None:
    """No money is lost, but a person's request fails, and a notification would."""
    requests = two_requests(shop)

    with rewritten(shop, lambda statement: statement.replace("BEGIN IMMEDIATE", "BEGIN")):
        first, second = collide(shop, *requests)

    assert first.state is RefundState.SUCCEEDED
    assert isinstance(second, OperationalError)
    assert "database is locked" in str(second)


def test_sqlite_lets_the_second_writer_wait_and_look_again(shop: World) -> None:
    requests = two_requests(shop)

    first, second = take_turns(shop, *requests, waiting_at="BEGIN IMMEDIATE")

    assert first.state is RefundState.SUCCEEDED
    assert isinstance(second, RefusedError)
    assert second.why in {Why.AMOUNT_CHANGED, Why.REFUND_OPEN}


LOCKS: tuple[tuple[type[Any], Callable[..., object]], ...] = (
    (Order, lock_order),
    (Refund, lock_refund),
    (Product, lambda session, row_id: lock_products(session, [row_id])),
)


@pytest.mark.parametrize(("table", "lock"), LOCKS)
def test_a_locked_row_is_fresh_even_where_the_session_had_read_it_before(
    world: World, table: type[Any], lock: Callable[..., object]
) -> None:
    column = {Order: "customer_name", Refund: "reason", Product: "name_id"}[table]
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 60_000)

    def read_after_lock() -> tuple[str, str]:
        with world.desk.reads() as session:
            row = session.get_one(table, 1)
            old = getattr(row, column)
            session.commit()
            with world.desk.sessions.begin() as other:
                setattr(other.get_one(table, 1), column, old + "!")
            lock(session, 1)
            return old, getattr(row, column)

    old, seen = read_after_lock()
    assert seen == old + "!"
    with without_fresh_reads(world.desk.reads):
        old, seen = read_after_lock()
    assert seen == old, "the lock alone made it fresh: this test would prove nothing"
