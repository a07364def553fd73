"""A connection that died while nobody used it is replaced before anything is lost over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app.core.states import GatewayName
from app.db import liveness
from app.db.session import make_engine
from app.services import intake
from app.services.payment_pages import PaymentPage
from tests.databases import Databases
from tests.world import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    with databases.fresh("postgres") as url:
        made = make_engine(url, pool_size=2)
        yield made
        made.dispose()


@contextmanager
def pings(engine: Engine) -> Iterator[list[object]]:
    """Yield the list of connections that the server is asked over meanwhile."""
    asked: list[object] = []
    ping = engine.dialect.do_ping

    def count(connection: object) -> bool:
        asked.append(connection)
        return ping(connection)  # type: ignore[arg-type]

    with patch.object(engine.dialect, "do_ping", count):
        yield asked


def server_side(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def end(url: str, *backends: int) -> None:
    """End the server's side of these connections, as a restart does; return when they are gone."""
    other = make_engine(url)
    with other.connect() as connection:
        for backend in backends:
            connection.execute(text(f"SELECT pg_terminate_backend({backend}, 5000)"))
    other.dispose()


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_connection_in_use_is_not_asked_each_time(engine: Engine) -> None:
    with pings(engine) as asked:
        backends = {server_side(engine) for _ in range(3)}

    assert len(backends) == 1
    assert asked == []


def test_a_connection_that_the_server_ended_is_replaced(engine: Engine) -> None:
    first = server_side(engine)
    end(address(engine), first)

    second = server_side(engine)

    assert second != first


def test_when_one_is_dead_the_others_are_not_tried(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other:
        ask = text("SELECT pg_backend_pid()")
        backends = [c.execute(ask).scalar_one() for c in (one, other)]
    end(address(engine), *backends)

    with pings(engine) as asked, engine.connect() as one, engine.connect() as other:
        found = [c.execute(ask).scalar_one() for c in (one, other)]

    assert set(found).isdisjoint(backends)
    assert len(asked) == 1


def test_a_connection_that_was_idle_for_long_is_asked(engine: Engine) -> None:
    first = server_side(engine)
    with patch.object(liveness, "IDLE_S", 0), pings(engine) as asked:
        assert server_side(engine) == first

    assert len(asked) == 1


def test_a_notice_of_the_server_is_no_death(engine: Engine) -> None:
    """A setting that the server tells its clients about arrives unasked."""
    first = server_side(engine)
    with patch.object(liveness, "_has_word", lambda _: True), pings(engine) as asked:
        assert server_side(engine) == first

    assert len(asked) == 1


def paid(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    return page


def test_a_notification_after_a_restart_is_taken_in_at_once(postgres_world: World) -> None:
    world = postgres_world
    page = paid(world)
    engine = world.desk.sessions.kw["bind"]
    end(address(engine), server_side(engine))

    world.deliver_all(page)

    assert world.status(page) == "paid"


def test_a_connection_that_dies_amid_a_notification_loses_nothing(postgres_world: World) -> None:
    world = postgres_world
    page = paid(world)
    message = world.sent(page)[-1]
    engine = world.desk.sessions.kw["bind"]
    before = len(world.notifications())
    plain = intake.write_all

    def die_first(connection: Connection, *args: object) -> int:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        end(address(engine), backend)
        return plain(connection, *args)  # type: ignore[arg-type]

    with patch.object(intake, "write_all", die_first), pytest.raises(OperationalError):
        world.receive(message)

    assert len(world.notifications()) == before
    assert world.status(page) == "pending"

    world.receive(message)

    assert world.status(page) == "paid"
    assert len(world.notifications()) == before + 1


def test_sqlite_has_no_server_to_go_away(databases: Databases) -> None:
    with databases.fresh("sqlite") as url:
        engine = make_engine(url)
        with pings(engine) as asked, patch.object(liveness, "IDLE_S", 0):
            for _ in range(2):
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
        engine.dispose()
    assert asked == []
