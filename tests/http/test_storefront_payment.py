"""What the storefront is told for paying and for after: prices, bills, pictures, refunds."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import Order, Product, Refund
from app.services.payment_pages import PaymentPage
from app.services.refunds import reject_refund, request_refund
from tests.http.test_storefront_api import create, problem
from tests.world import PRICE, STOCK, World


def told(client: FlaskClient, order_id: str) -> dict[str, Any]:
    return client.get(f"/api/orders/{order_id}").get_json()


def item(**more: object) -> list[dict[str, object]]:
    return [{"sku": "KOPI", "quantity": 2, **more}]


def paid_order(shop: World, method: str = "gopay") -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, method)
    shop.deliver_all(page)
    shop.confirm()
    return page


@pytest.mark.parametrize("seen", [PRICE - 1, PRICE + 1, 0])
def test_a_price_that_the_shopper_did_not_see_is_refused_and_nothing_is_ordered(
    client: FlaskClient, shop: World, seen: int
) -> None:
    answer = create(client, items=item(expected_price_idr=seen))

    assert problem(answer) == (409, "price_changed")
    (error,) = answer.get_json()["errors"]
    assert (error["sku"], error["price_idr"]) == ("KOPI", PRICE)
    assert shop.stock() == (STOCK, 0)
    with shop.session() as session:
        assert session.scalars(select(Order)).all() == []


def test_the_same_key_is_free_for_the_new_price(client: FlaskClient, shop: World) -> None:
    create(client, items=item(expected_price_idr=1))

    assert create(client, items=item(expected_price_idr=PRICE)).status_code == 201
    assert shop.stock() == (STOCK, 2)


def test_an_order_that_was_placed_is_replayed_at_its_price_after_the_price_rose(
    client: FlaskClient, shop: World
) -> None:
    first = create(client, items=item(expected_price_idr=PRICE)).get_json()
    with shop.desk.sessions.begin() as session:
        session.scalars(select(Product).where(Product.sku == "KOPI")).one().price_idr = PRICE * 2

    second = create(client, items=item(expected_price_idr=PRICE))

    assert (second.status_code, second.get_json()) == (201, first)
    assert told(client, first["order_id"])["total_idr"] == PRICE * 2
    assert shop.stock() == (STOCK, 2)


def test_a_bill_has_its_company_code_and_its_number_apart(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "pay", "echannel", outcome="pending")
    shop.deliver_all(page)
    shop.confirm()

    payment = told(client, page.order_id)["payment"]["instructions"]
    assert payment["kind"] == "bill"
    assert payment["company_code"].isdigit()
    assert payment["number"].isdigit()
    assert f"{payment['company_code']} / {payment['number']}" == shop.attempt(page).pay_code_number


def test_the_open_page_is_drawn_and_a_closed_one_is_not(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    address = told(client, page.order_id)["payment"]["qr_url"]

    picture = client.get(address)
    assert picture.content_type == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert ET.fromstring(picture.data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - ours.
    shop.pay(page, "gopay")
    shop.deliver_all(page)

    assert told(client, page.order_id)["payment"]["qr_url"] is None
    assert problem(client.get(address)) == (409, "order_not_payable")
    assert problem(client.get(f"/api/orders/{'x' * 24}/page.svg")) == (404, "order_not_found")


def test_a_refund_is_told_with_its_step_and_when_to_expect_it(
    client: FlaskClient, shop: World
) -> None:
    page = paid_order(shop)
    assert told(client, page.order_id)["refunds"] == []
    shop.refund(page, 50_000)

    (refund,) = told(client, page.order_id)["refunds"]
    times = [refund.pop(name) for name in ("requested_at", "sent_at", "finished_at")]
    assert all(times)
    assert refund == {
        "number": 1,
        "amount_idr": 50_000,
        "step": "succeeded",
        "method_label": "GoPay",
        "least_days": 0,
        "most_days": 1,
    }


def test_a_transfer_by_hand_is_approved_until_it_is_made(client: FlaskClient, shop: World) -> None:
    page = paid_order(shop, "bca_va")
    shop.refund(page, 50_000, route=RefundRoute.MANUAL)

    (refund,) = told(client, page.order_id)["refunds"]
    assert (refund["step"], refund["method_label"], refund["sent_at"]) == ("approved", None, None)
    assert (refund["least_days"], refund["most_days"]) == (1, 3)


def test_a_request_that_was_rejected_is_not_told(client: FlaskClient, shop: World) -> None:
    careful = replace(shop.desk, policy=replace(shop.desk.policy, approval_threshold_idr=0))
    page = paid_order(shop)
    asked = request_refund(careful, shop.refund_form(page, 50_000))
    (refund,) = told(client, page.order_id)["refunds"]
    assert refund["step"] == "requested"

    reject_refund(shop.desk, asked.refund_id, staff_id=shop.staff_id("approver"), reason="Keliru")

    assert told(client, page.order_id)["refunds"] == []


def test_a_failed_refund_is_told_until_another_goes_on_from_it(
    client: FlaskClient, shop: World
) -> None:
    page = paid_order(shop)
    shop.refund(page, 50_000)
    with shop.desk.sessions.begin() as session:
        first = session.scalars(select(Refund)).one()
        first.state = RefundState.FAILED
    shop.damaged = True
    (refund,) = told(client, page.order_id)["refunds"]
    assert refund["step"] == "failed"
    shop.refund(page, 50_000)
    with shop.desk.sessions.begin() as session:
        second = session.scalars(select(Refund).order_by(Refund.id.desc()).limit(1)).one()
        second.replaces_id = first.id

    assert [refund["number"] for refund in told(client, page.order_id)["refunds"]] == [2]
