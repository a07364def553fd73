"""A database that reads only, is busy, full or gone: nothing is acknowledged that is not kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask
from sqlalchemy import Engine, event, text

from app.core.ports import RawNotification
from app.core.states import GatewayName
from app.factory import create_app
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Page
from tests.http.test_notification_endpoint import post
from tests.http.test_storefront_api import create, problem
from tests.world import STOCK, World

NOWHERE = "postgresql+psycopg://nobody:geheim@127.0.0.1:1/none"


@contextmanager
def web_over(world: World, **changes: object) -> Iterator[Flask]:
    """Provide a web process of its own, with connections that are made from now on."""
    made = create_app(replace(world.settings, **changes))
    with made.app_context():
        engine: Engine = made.extensions["sqlalchemy"].engine
    try:
        yield made
    finally:
        engine.dispose()


def settlement(world: World) -> tuple[PaymentPage, RawNotification]:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    return page, world.sent(page)[-1]


def assert_refused(web: Flask, world: World, page: PaymentPage, delivery: RawNotification) -> None:
    """Neither a notification nor an order is taken; both are told when to come again."""
    client, stock = web.test_client(), world.stock()

    told = post(client, delivery)
    assert (told.status_code, told.headers["Retry-After"]) == (503, "60")
    bought = create(client)
    assert problem(bought) == (503, "database_unavailable")
    assert bought.headers["Retry-After"] == "5"

    assert world.status(page) == "pending"
    assert (world.notifications(), world.stock()) == ([], stock)


def test_a_database_that_only_reads_takes_nothing_and_still_shows_orders(
    postgres_world: World,
) -> None:
    page, delivery = settlement(postgres_world)
    name = postgres_world.settings.database_url.rpartition("/")[2].partition("?")[0]
    with postgres_world.desk.sessions.begin() as session:
        session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))

    with web_over(postgres_world) as web:
        assert_refused(web, postgres_world, page, delivery)

        client = web.test_client()
        assert client.get("/api/products").status_code == 200
        assert client.get(f"/api/orders/{page.order_id}").status_code == 200
        assert client.get("/readyz").status_code == 200

    with postgres_world.desk.sessions.begin() as session:
        session.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    with web_over(postgres_world) as web:
        assert post(web.test_client(), delivery).status_code == 200
    assert postgres_world.status(page) == "paid"


def test_a_table_that_another_program_holds_is_not_waited_for_without_end(
    postgres_world: World,
) -> None:
    page, delivery = settlement(postgres_world)

    with web_over(postgres_world) as web:
        with postgres_world.desk.sessions.begin() as session:
            session.execute(text("LOCK TABLE notifications IN ACCESS EXCLUSIVE MODE"))
            answer = post(web.test_client(), delivery)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert postgres_world.notifications() == []
        assert post(web.test_client(), delivery).status_code == 200
    assert postgres_world.status(page) == "paid"


def test_the_database_ends_statements_and_waits_for_locks_by_itself(postgres_world: World) -> None:
    with postgres_world.session() as session:
        shown = [
            session.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "statement_timeout")
        ]

    assert shown == ["5s", "15s"]


def test_a_pool_without_a_free_connection_is_not_waited_for_without_end(
    postgres_world: World,
) -> None:
    with web_over(postgres_world) as web:
        with web.app_context():
            engine: Engine = web.extensions["sqlalchemy"].engine
        held = [engine.connect() for _ in range(10)]
        try:
            answer = web.test_client().get("/api/products")
        finally:
            for connection in held:
                connection.close()

        assert problem(answer) == (503, "database_unavailable")
        assert web.test_client().get("/api/products").status_code == 200


def test_a_full_disk_takes_nothing(shop: World) -> None:
    page, delivery = settlement(shop)
    # Larger than what is free in pages that the file has already; the signature still holds.
    large = json.loads(delivery.body) | {"custom_field1": "x" * 50_000}
    delivery = replace(delivery, body=json.dumps(large).encode())

    with web_over(shop) as web, web.app_context():
        # The file may not grow by one page: SQLite then says what it says on a full disk.
        engine: Engine = web.extensions["sqlalchemy"].engine
        event.listen(engine, "connect", _fill)
        answer = post(web.test_client(), delivery)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert (shop.status(page), shop.notifications()) == ("pending", [])

        event.remove(engine, "connect", _fill)
        engine.dispose()
        assert post(web.test_client(), delivery).status_code == 200
    assert shop.status(page) == "paid"


def _fill(connection: object, _record: object) -> None:
    execute = connection.execute  # type: ignore[attr-defined]
    execute("PRAGMA max_page_count = 1")


def test_a_file_that_cannot_be_written_takes_nothing(shop: World) -> None:
    page, delivery = settlement(shop)

    with web_over(shop) as web, web.app_context():
        event.listen(web.extensions["sqlalchemy"].engine, "connect", _forbid)
        assert_refused(web, shop, page, delivery)


def _forbid(connection: object, _record: object) -> None:
    execute = connection.execute  # type: ignore[attr-defined]
    execute("PRAGMA query_only = ON")


def test_without_a_database_every_door_says_so(shop: World) -> None:
    page, delivery = settlement(shop)

    with web_over(shop, database_url=NOWHERE) as web:
        assert_refused(web, shop, page, delivery)

        client = web.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = "somebody"
        desk = client.get("/admin/")
    assert (desk.status_code, desk.headers["Retry-After"]) == (503, "30")
    assert "The database does not answer" in Page(desk.text).text
    assert "Basis data tidak menjawab" in Page(desk.text).text
    assert "geheim" not in desk.text


def test_goods_are_all_there_after_such_troubles(shop: World) -> None:
    page, delivery = settlement(shop)
    with web_over(shop, database_url=NOWHERE) as web:
        assert post(web.test_client(), delivery).status_code == 503

    with web_over(shop) as web:
        assert post(web.test_client(), delivery).status_code == 200
        assert create(web.test_client()).status_code == 201

    assert shop.status(page) == "paid"
    assert shop.stock() == (STOCK - 2, 2)
