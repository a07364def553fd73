"""The lists: found, filtered, paged, and never one query per row."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from app.core.states import AttemptState, Attention, GatewayName, PaymentStatus, StockState
from app.db.models import Attempt, Order, OrderItem, Product
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, office
from tests.world import CUSTOMER, World

__all__ = ["office"]

VA = "8808123456789"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def add_orders(shop: World, count: int, **changes: object) -> list[str]:
    """Add bare orders, one minute apart, and return their numbers, the newest first."""
    with shop.desk.sessions.begin() as session:
        product = session.scalars(select(Product)).first()
        assert product is not None
        have = len(session.scalars(select(Order.id)).all())
        orders = [bare_order(have + i, product, changes) for i in range(count)]
        session.add_all(orders)
        return [order.number for order in reversed(orders)]


def bare_order(serial: int, product: Product, changes: dict[str, object]) -> Order:
    at = LONG_AGO + timedelta(minutes=serial)
    number = f"LN-{serial:010}"
    values: dict[str, object] = {
        "public_id": f"public-{serial}",
        "number": number,
        "payment_status": PaymentStatus.PENDING,
        "gateway": GatewayName.MIDTRANS,
        "last_why": "order_placed",
        "total_idr": product.price_idr,
        "customer_name": "Rina",
        "customer_email": f"rina{serial}@contoh.example",
        "customer_phone": f"+62812000{serial:05}",
        "locale": "id",
        "stock_state": StockState.RESERVED,
        "created_at": at,
        "updated_at": at,
        "expires_at": at + timedelta(days=1),
    }
    order = Order(**{**values, **changes})
    order.items = [
        OrderItem(
            product_id=product.id,
            sku=product.sku,
            name_id=product.name_id,
            name_en=product.name_en,
            image=product.image,
            unit_price_idr=product.price_idr,
            quantity=1,
        )
    ]
    order.attempts = [
        Attempt(
            try_number=1,
            gateway=order.gateway,
            reference=f"{number}-1",
            state=AttemptState.OPEN,
            created_at=at,
            expires_at=order.expires_at,
        )
    ]
    return order


def shown(page: Page) -> list[str]:
    """Return the order numbers that the list shows, in its order."""
    links = [link.rsplit("/", 1)[1] for link in page.links() if "/admin/orders/LN-" in link]
    return list(dict.fromkeys(links))


def test_the_list_is_read_in_pages_from_the_newest_and_back(office: Flask, shop: World) -> None:
    numbers = add_orders(shop, 120)
    staff = Browser(office, "viewer")

    first = staff.page("/admin/orders/")
    second = staff.page(follow(first, "next"))
    third = staff.page(follow(second, "next"))

    assert shown(first) == numbers[:50]
    assert shown(second) == numbers[50:100]
    assert shown(third) == numbers[100:]
    assert shown(staff.page(follow(third, "prev"))) == numbers[50:100]
    assert shown(staff.page(follow(second, "prev"))) == numbers[:50]
    assert (rel(first), rel(second), rel(third)) == ({"next"}, {"prev", "next"}, {"prev"})


def follow(page: Page, relation: str) -> str:
    return next(str(v["href"]) for tag, v in page.tags if tag == "a" and v.get("rel") == relation)


def rel(page: Page) -> set[str]:
    return {str(v["rel"]) for tag, v in page.tags if tag == "a" and v.get("rel")}


def test_pages_keep_the_filters(office: Flask, shop: World) -> None:
    add_orders(shop, 60, payment_status=PaymentStatus.EXPIRED)
    add_orders(shop, 60)
    staff = Browser(office, "viewer")

    older = follow(staff.page("/admin/orders/?status=expired"), "next")

    assert "status=expired" in older
    assert len(shown(staff.page(older))) == 10


def test_each_filter_of_the_orders_keeps_what_it_names(office: Flask, shop: World) -> None:
    [expired] = add_orders(shop, 1, payment_status=PaymentStatus.EXPIRED)
    [xendit] = add_orders(shop, 1, gateway=GatewayName.XENDIT)
    [queued] = add_orders(shop, 1, attention=Attention.DRIFT)
    # 31 January, 17:30 UTC, is 1 February in Indonesia.
    [later] = add_orders(shop, 1, created_at=datetime(2026, 1, 31, 17, 30, tzinfo=UTC))
    staff = Browser(office, "viewer")

    def found(query: str) -> set[str]:
        return set(shown(staff.page(f"/admin/orders/?{query}")))

    everything = {expired, xendit, queued, later}
    assert found("status.not=expired") == everything - {expired}
    assert found("status.in=expired,paid") == {expired}
    assert found("attention.empty=1") == everything - {queued}
    assert found("attention.not=drift") == everything - {queued}
    assert found("total.min=1000000") == set()
    assert found("total.between=1..100.000") == everything
    assert found("created=2026-02-01") == {later}
    assert found("created.newer=1h") == set()
    assert found("created.older=1h&gateway=xendit") == {xendit}
    assert found("paid.empty=1&customer.contains=RIN") == everything
    assert found("") == everything
    assert found("status=expired") == {expired}
    assert found("gateway=xendit") == {xendit}
    assert found("attention=any") == {queued}
    assert found("attention=drift") == {queued}
    assert found("attention=paid_twice") == set()
    assert found("from=2026-02-01") == {later}
    assert found("to=2026-01-31") == everything - {later}
    assert found("from=2026-02-01&to=2026-02-01") == {later}
    assert found("status=expired&gateway=xendit") == set()


@pytest.fixture
def paid(shop: World) -> PaymentPage:
    """Provide one order with every kind of id, among others."""
    shop.checkout(GatewayName.XENDIT, quantity=1)
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "bca_va")
    shop.deliver_all(page)
    shop.confirm()
    with shop.desk.sessions.begin() as session:
        order = session.get_one(Order, shop.order(page).id)
        order.customer_email, order.customer_phone = "putri@contoh.example", "+6281355512345"
        session.get_one(Attempt, shop.attempt(page).id).pay_code_number = VA
    return page


def test_any_id_opens_the_order_at_once(office: Flask, shop: World, paid: PaymentPage) -> None:
    order, attempt = shop.order(paid), shop.attempt(paid)
    staff = Browser(office, "viewer")
    ids = [
        order.number,
        f" {order.number.lower()}\t",
        order.number.removeprefix("LN-"),
        attempt.reference,
        order.payment_gateway_transaction_id or "",
        order.public_id,
        VA,
        f"{VA[:4]} {VA[4:8]} {VA[8:]}",
        f"{VA[:4]}-{VA[4:]}",
        "Putri@Contoh.example",
        "0813-5551-2345",
        "+62 813 5551 2345",
        "6281355512345",
        "81355512345",
    ]

    found = {
        text: staff.client.get("/admin/orders/", query_string={"search": text}).location
        for text in ids
    }

    assert found == dict.fromkeys(ids, f"/admin/orders/{order.number}")


def test_a_refund_is_found_by_its_key_from_any_page(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 50_000)
    staff = Browser(office, "viewer")
    [refund] = shop.refunds(page)

    hit = staff.client.get("/admin/orders/", query_string={"search": refund.key})
    listed = staff.page(f"/admin/refunds/?search={refund.key}")

    assert hit.location == f"/admin/orders/{shop.order(page).number}"
    assert f"/admin/refunds/{refund.id}" in listed.links()


def test_what_names_several_orders_lists_them_all(office: Flask, shop: World) -> None:
    numbers = add_orders(shop, 3, customer_email=CUSTOMER.email)
    add_orders(shop, 1)

    page = Browser(office, "viewer").page(f"/admin/orders/?search={CUSTOMER.email}")

    assert shown(page) == numbers


def test_what_names_nothing_says_so(office: Flask, shop: World) -> None:
    add_orders(shop, 1)

    page = Browser(office, "viewer").page("/admin/orders/?search=LN-ZZZZZZZZZZ")

    assert "Nothing matches." in page.text


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
    seen: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize(("address", "most"), [("/admin/", 24), ("/admin/orders/", 16)])
def test_more_orders_take_no_more_queries(
    office: Flask, shop: World, address: str, most: int
) -> None:
    staff = Browser(office, "viewer")
    add_orders(shop, 5)
    with counted_queries(office) as few:
        assert len(shown(staff.page(address))) == 5
    add_orders(shop, 45)
    with counted_queries(office) as many:
        assert len(shown(staff.page(address))) == (50 if address.endswith("orders/") else 10)

    assert len(many) == len(few)
    assert 0 < len(many) <= most


def test_the_order_page_takes_no_query_per_event(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, address = Browser(office, "viewer"), f"/admin/orders/{shop.order(page).number}"
    with counted_queries(office) as few:
        staff.page(address)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 50_000)
    shop.refund(page, 50_000)
    with counted_queries(office) as many:
        staff.page(address)

    assert len(many) == len(few)


def test_a_filter_that_cannot_be_read_shows_nothing_and_says_how_to_write_it(
    office: Flask, shop: World
) -> None:
    [number] = add_orders(shop, 1)

    page = Browser(office, "viewer").page("/admin/orders/?total.min=abc&gateway=midtrans")

    assert shown(page) == []
    assert "Total: “abc” is no number. Write 150.000." in page.text
    # Without it the other filter still holds.
    assert number in shown(Browser(office, "viewer").page(without(page, "Total")))


def without(page: Page, name: str) -> str:
    """Return the address of a list without one of its filters, as its chip offers it."""
    wanted = f"Remove the filter {name}"
    return next(str(v["href"]) for _, v in page.tags if v.get("aria-label") == wanted)


def test_the_form_for_all_filters_adds_one_to_those_that_are_there(
    office: Flask, shop: World
) -> None:
    numbers = add_orders(shop, 2, total_idr=500_000)
    add_orders(shop, 2, total_idr=900_000)
    staff = Browser(office, "viewer")
    form = staff.page("/admin/orders/?status=pending&sort=total").form("/lists/orders/filter")
    typed = {"field": "total", "op": "between", "value": ["100.000", "600.000"]}

    answer = staff.client.get(form.action, query_string={"query": form.fields["query"], **typed})

    assert answer.location == (
        "/admin/orders/?total.between=100.000..600.000&status=pending&sort=total"
    )
    assert shown(staff.page(answer.location)) == sorted(numbers)


@pytest.mark.parametrize("sort", ["id", "created", "total", "status"])
@pytest.mark.parametrize("direction", ["", "-"])
def test_in_every_order_equal_values_and_new_rows_lose_and_double_nothing(
    office: Flask, shop: World, sort: str, direction: str
) -> None:
    old = set(add_orders(shop, 60, created_at=LONG_AGO) + add_orders(shop, 60))
    staff = Browser(office, "viewer")

    page = staff.page(f"/admin/orders/?sort={direction}{sort}")
    met = shown(page)
    while "next" in rel(page):
        add_orders(shop, 3)
        page = staff.page(follow(page, "next"))
        met += shown(page)

    assert len(met) == len(set(met))
    assert old <= set(met)


def test_a_heading_sorts_its_list_and_a_second_click_turns_it(office: Flask, shop: World) -> None:
    cheap, dear = add_orders(shop, 1, total_idr=1_000), add_orders(shop, 1, total_idr=9_000)
    staff = Browser(office, "viewer")

    def heading(page: Page) -> str:
        return next(link for link in page.links() if "sort=" in link and "total" in link)

    first = staff.page(heading(staff.page("/admin/orders/")))
    second = staff.page(heading(first))

    assert shown(first) == [*dear, *cheap]
    assert shown(second) == [*cheap, *dear]
    assert tuple(
        next(v["aria-sort"] for tag, v in page.tags if tag == "th" and "aria-sort" in v)
        for page in (first, second)
    ) == ("descending", "ascending")


def test_rows_are_counted_up_to_a_thousand(office: Flask, shop: World) -> None:
    add_orders(shop, 1_002)
    staff = Browser(office, "viewer")

    assert "1,000+ rows" in staff.page("/admin/orders/").text
    assert "0 rows" in staff.page("/admin/orders/?status=paid").text
