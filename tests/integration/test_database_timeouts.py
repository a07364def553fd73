"""On PostgreSQL nobody waits for ever: for a row, for a statement, for a process that froze."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from app.core.states import GatewayName
from app.db.locks import lock_order
from app.db.session import Timeouts, make_engine
from app.factory import create_app
from tests.world import World

pytestmark = pytest.mark.postgres

SHORT = Timeouts(lock_s=0.2, statement_s=60, idle_s=60)


@contextmanager
def engine_with(world: World, timeouts: Timeouts) -> Iterator[Engine]:
    engine = make_engine(world.settings.database_url, timeouts=timeouts)
    try:
        yield engine
    finally:
        engine.dispose()


def shown(engine: Engine, name: str) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text(f"SHOW {name}")))


@pytest.mark.parametrize(
    ("name", "usual", "changed"),
    [
        ("lock_timeout", "5s", "2500ms"),
        ("statement_timeout", "15s", "7s"),
        ("idle_in_transaction_session_timeout", "1min", "9s"),
    ],
)
def test_every_connection_opens_with_the_timeouts_of_the_settings(
    postgres_world: World, name: str, usual: str, changed: str
) -> None:
    with engine_with(postgres_world, Timeouts()) as engine:
        assert shown(engine, name) == usual
    with engine_with(postgres_world, Timeouts(2.5, 7, 9)) as engine:
        assert shown(engine, name) == changed


def test_the_web_application_uses_those_of_its_settings(postgres_world: World) -> None:
    app = create_app(replace(postgres_world.settings, timeouts=Timeouts(1, 3, 7)))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        assert shown(engine, "statement_timeout") == "3s"
        engine.dispose()


def test_a_statement_that_takes_too_long_is_ended(postgres_world: World) -> None:
    short = Timeouts(lock_s=0.1, statement_s=0.2)
    with (
        engine_with(postgres_world, short) as engine,
        engine.connect() as connection,
        pytest.raises(OperationalError, match="statement timeout"),
    ):
        connection.execute(text("SELECT pg_sleep(600)"))


def test_a_notification_for_a_held_order_is_not_acknowledged_and_leaves_nothing(
    postgres_world: World,
) -> None:
    world = postgres_world
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    delivery = world.sent(page)[-1]
    app = create_app(replace(world.settings, timeouts=SHORT))
    path = "/api/payments/notification"

    with world.desk.sessions.begin() as session:
        lock_order(session, world.order(page).id)
        refused = app.test_client().post(path, data=delivery.body, headers=dict(delivery.headers))

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert (world.notifications(), world.status(page)) == ([], "pending")
    # Delivered again, as the gateway will, it is taken in.
    again = app.test_client().post(path, data=delivery.body, headers=dict(delivery.headers))
    assert (again.status_code, world.status(page)) == (200, "paid")
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
