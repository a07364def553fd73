"""Who asks too often is told to wait, and nothing else happens."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.states import GatewayName
from app.factory import create_app
from app.rate_limits import DATABASE, OFF, RateLimits
from tests.http.test_storefront_api import BODY, create, problem
from tests.world import STOCK, World

Open = Callable[..., FlaskClient]
TIGHT = RateLimits(
    checkout_per_address="2/hour",
    retry_per_address="3/hour",
    retry_per_order="2/hour",
    order_per_address="4/hour",
    order_per_order="3/hour",
)
LOOSE = RateLimits(
    checkout_per_address=OFF,
    retry_per_address=OFF,
    retry_per_order=OFF,
    order_per_address=OFF,
    order_per_order=OFF,
)
NOBODY = "A" * 24


@pytest.fixture
def open_shop(shop: World) -> Iterator[Open]:
    """Provide shops over one database; each call is one more web process."""
    made: list[Flask] = []

    def open_one(limits: RateLimits = TIGHT, *, trusted_proxies: int = 0) -> FlaskClient:
        settings = replace(shop.settings, rate_limits=limits, trusted_proxies=trusted_proxies)
        made.append(create_app(settings))
        return made[-1].test_client()

    yield open_one
    for app in made:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def test_too_many_checkouts_are_refused_before_anything_is_kept(
    open_shop: Open, shop: World
) -> None:
    client = open_shop()
    for number in range(2):
        assert create(client, key=f"key-000{number}").status_code == 201

    refused = create(client, key="key-0009")

    assert problem(refused) == (429, "rate_limited")
    assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["Cache-Control"] == "no-store"
    assert shop.stock() == (STOCK, 4)


def test_bad_requests_count_as_well(open_shop: Open, shop: World) -> None:
    client = open_shop()
    for _ in range(2):
        assert create(client, items=[]).status_code == 422

    assert problem(create(client)) == (429, "rate_limited")
    assert shop.stock() == (STOCK, 0)


def test_an_order_is_not_asked_about_too_often(open_shop: Open, shop: World) -> None:
    client, page = open_shop(), shop.checkout(GatewayName.MIDTRANS)
    address = f"/api/orders/{page.order_id}"

    answers = [client.get(address).status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]


def test_guessing_orders_is_stopped_by_the_address(open_shop: Open, shop: World) -> None:
    client = open_shop()
    page = shop.checkout(GatewayName.MIDTRANS)

    guesses = [client.get(f"/api/orders/{NOBODY[:-1]}{n}").status_code for n in range(4)]

    assert guesses == [404] * 4
    assert client.get(f"/api/orders/{page.order_id}").status_code == 429
    # Somebody else goes on unhindered.
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get(f"/api/orders/{page.order_id}", environ_base=elsewhere).status_code == 200


def test_paying_again_is_bounded_per_order(open_shop: Open, shop: World) -> None:
    client, page = open_shop(), shop.checkout(GatewayName.MIDTRANS)
    address = f"/api/orders/{page.order_id}/retry"

    answers = [client.post(address, json={}).status_code for _ in range(3)]

    assert answers == [201, 201, 429]
    assert len(shop.attempts(page)) == 1


def test_limits_that_are_off_stop_nobody(open_shop: Open) -> None:
    client = open_shop(LOOSE)

    assert {client.get(f"/api/orders/{NOBODY}").status_code for _ in range(20)} == {404}


def test_two_processes_count_together_in_the_database(open_shop: Open) -> None:
    limits = replace(TIGHT, storage=DATABASE)
    first, second = open_shop(limits), open_shop(limits)

    answers = [
        process.get(f"/api/orders/{NOBODY}").status_code
        for process in (first, second, first, second)
    ]

    assert answers == [404, 404, 404, 429]


def test_what_is_counted_holds_no_order_link(open_shop: Open, shop: World) -> None:
    client = open_shop(replace(TIGHT, storage=DATABASE))
    page = shop.checkout(GatewayName.MIDTRANS)
    client.get(f"/api/orders/{page.order_id}")

    with shop.desk.reads() as session:
        buckets = session.scalars(text("SELECT bucket FROM throttles")).all()

    assert len(buckets) == 2
    assert page.order_id not in "".join(buckets)


def test_a_shop_that_cannot_count_still_sells(open_shop: Open, shop: World) -> None:
    client = open_shop(replace(TIGHT, storage=DATABASE))
    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE throttles RENAME TO away"))

    answers = [create(client, key=f"key-000{number}").status_code for number in range(3)]

    assert answers == [201] * 3


@pytest.mark.parametrize(
    ("proxies", "second"),
    [(0, 429), (1, 200), (2, 429)],
    ids=["an invented header is not believed", "behind one proxy", "the first of two is the same"],
)
def test_the_clients_address_is_what_trusted_proxies_say(
    open_shop: Open, shop: World, proxies: int, second: int
) -> None:
    client = open_shop(replace(TIGHT, order_per_address="1/hour"), trusted_proxies=proxies)
    address = f"/api/orders/{shop.checkout(GatewayName.MIDTRANS).order_id}"

    def ask(last: str) -> int:
        forwarded = {"X-Forwarded-For": f"192.0.2.1, {last}"}
        return client.get(address, headers=forwarded).status_code

    assert ask("198.51.100.1") == 200
    assert ask("198.51.100.2") == second


def test_catalogue_configuration_and_health_are_not_limited(open_shop: Open) -> None:
    client = open_shop()

    for path in ("/api/config", "/api/products", "/healthz"):
        assert {client.get(path).status_code for _ in range(10)} == {200}


def test_the_usual_limits_leave_room_for_polling_and_for_people(open_shop: Open) -> None:
    client = open_shop(RateLimits())

    # A page that polls every two seconds, open in three tabs, for a minute.
    assert {client.get(f"/api/orders/{NOBODY}").status_code for _ in range(90)} == {404}
    assert client.post("/api/payments/create-transaction", json=BODY).status_code == 201
