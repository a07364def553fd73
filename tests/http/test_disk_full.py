"""PostgreSQL without a byte left on its disk: nothing is taken that is not kept."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.ports import RawNotification
from tests.contract.gateway_bench import Program
from tests.http.small_disk import SmallDisk, postgres_on_a_small_disk
from tests.http.test_database_troubles import settlement, web_over
from tests.http.test_notification_endpoint import post
from tests.http.test_storefront_api import create
from tests.world import World, open_world

pytestmark = pytest.mark.postgres


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with postgres_on_a_small_disk() as disk:
        yield disk


@pytest.fixture
def world(
    disk: SmallDisk, migrate_database: Callable[[str], None], gateway_program: Program
) -> Iterator[World]:
    address = disk.url.render_as_string(hide_password=False)
    migrate_database(address)
    with open_world(address, gateway_program) as world:
        yield world


def large(delivery: RawNotification) -> RawNotification:
    """Add what no page that the tables have already can hold; the signature still fits."""
    # Noise, as the database would press anything else together.
    noise = random.Random(1).randbytes(25_000).hex()  # noqa: S311 - the same noise every time.
    body = json.loads(delivery.body) | {"custom_field1": noise}
    return replace(delivery, body=json.dumps(body).encode())


def assert_full(world: World) -> None:
    with (
        pytest.raises(OperationalError, match="No space left on device"),
        world.desk.sessions.begin() as session,
    ):
        session.execute(text("CREATE TABLE more AS SELECT generate_series(1, 100000)"))


def test_tables_that_cannot_grow_take_nothing_until_there_is_room(
    disk: SmallDisk, world: World
) -> None:
    page, delivery = settlement(world)
    delivery = large(delivery)

    with web_over(world) as web:
        client = web.test_client()
        disk.fill()
        assert_full(world)
        for _ in range(3):
            refused = post(client, delivery)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert (world.status(page), world.notifications()) == ("pending", [])
        # What only reads goes on.
        assert client.get(f"/api/orders/{page.order_id}").status_code == 200
        assert client.get("/readyz").status_code == 200

        disk.make_room()
        assert post(client, delivery).status_code == 200
        assert create(client).status_code == 201
    assert (world.status(page), len(world.notifications())) == ("paid", 1)


def test_a_log_that_cannot_grow_ends_the_database_and_loses_nothing_of_what_was_taken(
    disk: SmallDisk, world: World
) -> None:
    taken, first = settlement(world)
    refused, second = settlement(world)

    with web_over(world) as web:
        client = web.test_client()
        assert post(client, first).status_code == 200
        disk.fill()
        disk.use_up_the_log()

        told = post(client, second)
        assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
        assert create(client).status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503

        disk.make_room()
        disk.restart()
        assert (world.status(taken), world.status(refused)) == ("paid", "pending")
        assert len(world.notifications()) == 1
        assert client.get("/readyz").status_code == 200
        assert post(client, second).status_code == 200
    assert world.status(refused) == "paid"
