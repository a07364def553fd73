"""PostgreSQL ends a statement that takes too long: every door and every job lives through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from app.core.errors import ConflictError
from app.core.states import GatewayName, RefundState
from app.db.claims import LEASE
from app.db.models import JobRun
from app.db.session import Timeouts, make_engine, make_reads, make_sessions
from app.services.checkout import start_checkout
from app.services.desk import Desk
from jobs.runs import recorded
from jobs.scheduler import TIMES
from tests.http.back_office import Browser, Page
from tests.http.test_database_troubles import settlement, web_over
from tests.http.test_notification_endpoint import post
from tests.http.test_storefront_api import create, problem
from tests.integration.test_refunds import at_gateway, paid
from tests.world import CREW, World, checkout_request

pytestmark = pytest.mark.postgres

# So long a wait for a lock that it is the statement's own time which runs out.
IMPATIENT = Timeouts(lock_s=60, statement_s=2, idle_s=60)
# All that doors and jobs begin with; what a run leaves about itself can be written.
BUSY = (
    *("attempts", "bulk_runs", "mails", "notifications", "orders", "products", "refunds"),
    *("gateway_transactions", "staff_sessions", "throttles", "staff"),
)


@contextmanager
def held_up(world: World) -> Iterator[None]:
    """Let every statement on these tables last until it is ended."""
    with world.desk.sessions.begin() as session:
        session.execute(text(f"LOCK TABLE {', '.join(BUSY)} IN ACCESS EXCLUSIVE MODE"))
        yield


@contextmanager
def slow_write(world: World, table: str, when: str) -> Iterator[None]:
    """Let one kind of write to a table last until it is ended."""
    with world.desk.sessions.begin() as session:
        session.execute(
            text(
                "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$"
            )
        )
        session.execute(
            text(
                f"CREATE TRIGGER dawdle BEFORE UPDATE ON {table} FOR EACH ROW"
                f" WHEN ({when}) EXECUTE FUNCTION dawdle()"
            )
        )
    yield
    with world.desk.sessions.begin() as session:
        session.execute(text("DROP FUNCTION dawdle CASCADE"))


@pytest.fixture
def web(postgres_world: World) -> Iterator[Flask]:
    with web_over(postgres_world, timeouts=IMPATIENT) as web:
        yield web


@pytest.fixture
def impatient(postgres_world: World) -> Iterator[Desk]:
    """Provide the desk of a job process."""
    engine: Engine = make_engine(postgres_world.settings.database_url, timeouts=IMPATIENT)
    desk = postgres_world.desk
    yield replace(desk, sessions=make_sessions(engine), reads=make_reads(engine))
    engine.dispose()


def test_notification_checkout_and_shop_say_when_to_come_again_and_then_go_on(
    web: Flask, postgres_world: World
) -> None:
    page, delivery = settlement(postgres_world)
    client = web.test_client()

    with held_up(postgres_world):
        told = post(client, delivery)
        bought = create(client)
        shown = client.get("/api/products")
    assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
    assert problem(bought) == problem(shown) == (503, "database_unavailable")
    assert bought.headers["Retry-After"] == "5"
    assert (postgres_world.status(page), postgres_world.notifications()) == ("pending", [])

    assert post(client, delivery).status_code == 200
    assert create(client).status_code == 201
    assert postgres_world.status(page) == "paid"


def test_the_back_office_says_it_in_both_languages_and_then_goes_on(
    web: Flask, postgres_world: World
) -> None:
    staff = Browser(web, "support")

    with held_up(postgres_world):
        refused = staff.get("/admin/orders/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert "The database does not answer" in Page(refused.text).text
    assert "Basis data tidak menjawab" in Page(refused.text).text

    assert staff.get("/admin/orders/").status_code == 200


def test_every_job_notes_that_it_failed_and_does_its_work_the_next_time(
    impatient: Desk, postgres_world: World
) -> None:
    page = postgres_world.checkout(GatewayName.XENDIT)
    postgres_world.pay(page, "DANA")
    postgres_world.deliver_all(page)
    runs = {timed.name: recorded(timed, impatient, CREW) for timed in TIMES}

    with held_up(postgres_world):
        for run in runs.values():
            run()
    with postgres_world.session() as session:
        failed = {row.job: row.error for row in session.scalars(select(JobRun))}
    # Where no mail server is set, that job has nothing to ask the database for.
    assert set(runs) - set(failed) <= {"deliver_mails"}
    assert all("statement timeout" in str(error) for error in failed.values()), failed
    assert postgres_world.status(page) == "pending"

    for run in runs.values():
        run()
    assert postgres_world.status(page) == "paid"
    with postgres_world.session() as session:
        later = session.scalars(select(JobRun).where(JobRun.error.is_(None))).all()
    assert "confirm_claims" in {row.job for row in later}


def test_a_refund_whose_outcome_cannot_be_written_is_found_by_its_key(
    impatient: Desk, postgres_world: World
) -> None:
    world = replace(postgres_world, desk=impatient)
    page = paid(world, GatewayName.MIDTRANS)

    with (
        slow_write(postgres_world, "refunds", "NEW.state NOT IN ('approved', 'sending')"),
        pytest.raises(OperationalError, match="statement timeout"),
    ):
        world.refund(page, 50_000)
    [refund] = world.refunds(page)
    assert (refund.state, world.order(page).reserved_idr) == (RefundState.SENDING, 50_000)
    assert at_gateway(world, page) == 50_000

    world.clock.advance(3600)
    world.resolve()
    [refund] = world.refunds(page)
    assert (refund.state, world.order(page).refunded_idr) == (RefundState.SUCCEEDED, 50_000)
    assert at_gateway(world, page) == 50_000


def test_a_checkout_whose_page_cannot_be_written_goes_on_under_its_key(
    impatient: Desk, postgres_world: World
) -> None:
    request = checkout_request(GatewayName.MIDTRANS, key="one-purchase")
    with (
        slow_write(postgres_world, "attempts", "NEW.token IS NOT NULL"),
        pytest.raises(OperationalError, match="statement timeout"),
    ):
        start_checkout(impatient, request)
    stock = postgres_world.stock()

    # Until the lease of the try that broke off has ended, it may still be going on.
    with pytest.raises(ConflictError):
        start_checkout(impatient, request)
    postgres_world.clock.advance(LEASE.total_seconds() + 1)
    page = start_checkout(impatient, request)
    assert page.token
    assert len(postgres_world.attempts(page)) == 1
    assert postgres_world.stock() == stock


def test_nothing_is_taken_by_halves(web: Flask, postgres_world: World) -> None:
    page, delivery = settlement(postgres_world)

    with slow_write(postgres_world, "orders", "NEW.payment_status = 'paid'"):
        refused = post(web.test_client(), delivery)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    # What came before it in the same transaction is gone, too: message, books, timeline.
    assert postgres_world.notifications() == []
    assert postgres_world.status(page) == "pending"

    assert post(web.test_client(), delivery).status_code == 200
    assert postgres_world.status(page) == "paid"
