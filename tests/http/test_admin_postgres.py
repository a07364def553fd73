"""What PostgreSQL takes more strictly than SQLite: odd input, searches, the lock at the gate."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.states import GatewayName
from app.factory import create_app
from tests.http.back_office import Browser, Page
from tests.http.test_admin_pages import LISTS, ODD_ADDRESSES, ODD_QUERIES
from tests.world import PASSWORD, PEOPLE, World

pytestmark = pytest.mark.postgres


@pytest.fixture
def office(postgres_world: World) -> Iterator[Flask]:
    """Provide the web application over PostgreSQL."""
    made = create_app(postgres_world.settings)
    with made.app_context():
        engine = made.extensions["sqlalchemy"].engine
    yield made
    engine.dispose()


def test_odd_input_breaks_no_page(office: Flask) -> None:
    staff = {role: Browser(office, role) for role in ("admin", "finance")}

    lists = {
        f"/admin/{name}/?{query}": staff["admin"].get(f"/admin/{name}/?{query}").status_code
        for name in LISTS
        for query in ODD_QUERIES
    }
    pages = {address: staff["finance"].get(address).status_code for address in ODD_ADDRESSES}

    assert lists == dict.fromkeys(lists, 200)
    assert pages == dict.fromkeys(ODD_ADDRESSES, 404)


def test_an_order_is_found_checked_and_refunded(office: Flask, postgres_world: World) -> None:
    page = postgres_world.checkout(GatewayName.MIDTRANS)
    postgres_world.pay(page, "gopay")
    staff, number = Browser(office, "finance"), postgres_world.order(page).number

    found = staff.page(f"/admin/orders/?search={postgres_world.attempt(page).reference}")
    checked = staff.submit(found.form("/check"))
    entry = staff.page(f"/admin/orders/{number}/refund").form("/refund/confirm")
    asked = staff.submit(entry, amount="50.000", reason="Salah ukuran")
    staff.submit(asked.form("/refund"))

    assert "The shopper paid." in checked.text
    assert postgres_world.status(page) == "partially_refunded"
    assert postgres_world.order(page).refunded_idr == 50_000


def test_the_lock_at_the_gate_holds(office: Flask) -> None:
    client = office.test_client()
    form = Page(client.get("/admin/login").text).form("/admin/login")

    def code(password: str) -> int:
        typed = {"email": PEOPLE["viewer"], "password": password}
        return client.post("/admin/login", data=form.fields | typed).status_code

    assert [code("salah") for _ in range(5)] == [401] * 5
    assert code(PASSWORD) == 401


def test_searches_views_and_files_work(office: Flask, postgres_world: World) -> None:
    page = postgres_world.checkout(GatewayName.MIDTRANS)
    postgres_world.checkout(GatewayName.XENDIT, quantity=1)
    staff, number = Browser(office, "finance"), postgres_world.order(page).number
    several = staff.page("/admin/tools/find?q=0812 3456 7890").links()
    sorts = {
        sort: staff.get(f"/admin/orders/?sort={sort}&total.min=1&created.newer=1d").text
        for sort in ("id", "-created", "total", "-status")
    }

    form = staff.page("/admin/orders/?sort=-total").form("/lists/orders/export")
    columns = ["number", "items", "payment", "created_at", "total"]
    files = {
        name: staff.client.post(
            form.action,
            data=form.fields | {"column": columns, "format": name, "key": f"{name}-{number}-key"},
            buffered=True,
        )
        for name in ("csv", "xlsx")
    }
    form = staff.page("/admin/orders/?status=pending").form("/lists/orders/views")
    saved = [staff.submit(form, name="Waiting").text for _ in range(2)]

    assert f"/admin/orders/{number}" in several
    assert all(number in text for text in sorts.values())
    assert number in files["csv"].text
    assert [file.status_code for file in files.values()] == [200, 200]
    assert all("Orders Waiting" in text for text in saved)
