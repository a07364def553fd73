"""The storefront's API: documented names, prices of the database, errors that say what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.api import make_blueprint
from app.core.states import GatewayName
from tests.world import CUSTOMER, STOCK, World

CREATE = "/api/payments/create-transaction"
BODY: dict[str, Any] = {
    "items": [{"sku": "KOPI", "quantity": 2}],
    "customer": {"name": CUSTOMER.name, "email": CUSTOMER.email, "phone": "0812-3456-7890"},
}


def create(client: FlaskClient, *, key: str = "key-0001", **changes: Any) -> TestResponse:
    return client.post(CREATE, json=BODY | changes, headers={"Idempotency-Key": key})


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["code"]


def test_midtrans_gives_a_token_and_its_page(client: FlaskClient, shop: World) -> None:
    answer = create(client, gateway="midtrans")

    body = answer.get_json()
    assert answer.status_code == 201
    assert set(body) == {
        "order_id",
        "order_number",
        "gateway",
        "transaction_token",
        "redirect_url",
        "client_key",
        "expires_at",
    }
    assert body["transaction_token"] in body["redirect_url"]
    assert shop.stock() == (STOCK, 2)


def test_xendit_gives_an_invoice(client: FlaskClient) -> None:
    body = create(client, gateway="xendit").get_json()

    assert set(body) == {"order_id", "order_number", "gateway", "invoice_url", "expires_at"}


def test_the_first_gateway_is_the_default(client: FlaskClient) -> None:
    assert create(client).get_json()["gateway"] == "midtrans"


def test_the_price_is_ours_whatever_the_client_sends(client: FlaskClient, shop: World) -> None:
    cheap = [{"sku": "KOPI", "quantity": 2, "price_idr": 1}]

    assert problem(create(client, items=cheap)) == (422, "validation_failed")
    assert shop.stock() == (STOCK, 0)


def test_the_phone_is_kept_in_international_form(client: FlaskClient, shop: World) -> None:
    order_id = create(client).get_json()["order_id"]

    with shop.desk.reads() as session:
        query = text("SELECT customer_phone FROM orders WHERE public_id = :id")
        assert session.execute(query, {"id": order_id}).scalar() == "+6281234567890"


def test_the_same_key_and_body_replay_the_first_answer(client: FlaskClient, shop: World) -> None:
    first, second = create(client), create(client)

    assert first.get_json() == second.get_json()
    assert shop.stock() == (STOCK, 2)


@pytest.mark.parametrize("second_of_the_span", [0, 1, 599])
def test_without_a_key_the_same_body_is_the_same_intent_for_at_least_ten_minutes(
    shop: World, second_of_the_span: int
) -> None:
    begun = int(shop.clock().timestamp()) // 600 * 600
    moments = [datetime.fromtimestamp(begun + second_of_the_span, UTC)]
    desk = replace(shop.desk, clock=lambda: moments[-1])
    app = Flask("shop")
    app.register_blueprint(make_blueprint(desk, shop.settings))

    def order_after(seconds: int) -> str:
        moments.append(moments[-1] + timedelta(seconds=seconds))
        return app.test_client().post(CREATE, json=BODY).get_json()["order_id"]

    first = order_after(0)
    assert order_after(1) == first
    assert order_after(598) == first
    assert shop.stock() == (STOCK, 2)
    assert order_after(601) != first
    assert shop.stock() == (STOCK, 4)


@pytest.mark.parametrize("other", [{"gateway": "xendit"}, {"locale": "en"}])
def test_without_a_key_another_body_is_another_intent(
    client: FlaskClient, shop: World, other: dict[str, Any]
) -> None:
    orders = {client.post(CREATE, json=BODY | more).get_json()["order_id"] for more in ({}, other)}

    assert len(orders) == 2
    assert shop.stock() == (STOCK, 4)


def test_the_same_key_with_another_body_is_refused(client: FlaskClient, shop: World) -> None:
    create(client)

    answer = create(client, items=[{"sku": "KOPI", "quantity": 3}])

    assert problem(answer) == (422, "idempotency_key_reused")
    assert shop.stock() == (STOCK, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"sku": "KOPI", "quantity": 0}]}, "items.0.quantity"),
        ({"items": [{"sku": "KOPI", "quantity": "2"}]}, "items.0.quantity"),
        ({"customer": {**BODY["customer"], "email": "rina"}}, "customer.email"),
        ({"customer": {**BODY["customer"], "phone": "12"}}, "customer.phone"),
        ({"customer": {**BODY["customer"], "name": " "}}, "customer.name"),
        ({"gateway": "doku"}, "gateway"),
        ({"locale": {}}, "locale"),
        ({"locale": ["id"]}, "locale"),
        ({"locale": "su"}, "locale"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_kept(
    client: FlaskClient, shop: World, changes: dict[str, Any], field: str
) -> None:
    answer = create(client, **changes)

    assert problem(answer) == (422, "validation_failed")
    assert [e["field"] for e in answer.get_json()["errors"]] == [field]
    assert shop.stock() == (STOCK, 0)


@pytest.mark.parametrize(("locale", "words"), [("id", "Isi alamat email"), ("en", "Enter a valid")])
def test_a_bad_field_is_explained_in_the_shoppers_language(
    client: FlaskClient, locale: str, words: str
) -> None:
    customer = {"name": "Rina", "email": "rina", "phone": "081234567890"}

    answer = create(client, customer=customer, locale=locale)

    assert answer.get_json()["errors"][0]["message"].startswith(words)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_json_object_is_refused(client: FlaskClient, body: bytes) -> None:
    assert problem(client.post(CREATE, data=body)) == (400, "malformed_json")


def test_a_huge_cart_is_refused(client: FlaskClient, shop: World) -> None:
    assert problem(client.post(CREATE, data=b"[" + b" " * 2_000_000)) == (413, "too_large")
    assert shop.stock() == (STOCK, 0)


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space", "semi;colon"])
def test_an_unusable_key_is_refused(client: FlaskClient, shop: World, key: str) -> None:
    assert problem(create(client, key=key)) == (400, "idempotency_key_invalid")
    assert shop.stock() == (STOCK, 0)


def test_too_much_is_refused_with_what_is_left(client: FlaskClient, shop: World) -> None:
    answer = create(client, items=[{"sku": "KOPI", "quantity": STOCK + 1}])

    assert problem(answer) == (409, "out_of_stock")
    (error,) = answer.get_json()["errors"]
    assert (error["sku"], error["available"]) == ("KOPI", STOCK)
    assert shop.stock() == (STOCK, 0)


def test_an_unknown_product_is_refused(client: FlaskClient) -> None:
    answer = create(client, items=[{"sku": "SABUN", "quantity": 1}])

    assert problem(answer) == (422, "unknown_product")
    assert "SABUN" in answer.get_json()["detail"]


def test_a_gateway_that_is_down_keeps_the_order_and_the_same_key_goes_on(
    client: FlaskClient, shop: World
) -> None:
    with shop.program.fault("midtrans.snap.create", "*", "html_502", times=1):
        failed = create(client)
    assert problem(failed) == (503, "gateway_unavailable")
    assert failed.headers["Retry-After"]

    answer = create(client)

    assert answer.status_code == 201
    assert answer.get_json()["order_id"] == failed.get_json()["order_id"]
    assert shop.stock() == (STOCK, 2)


def test_the_order_tells_its_state_to_who_holds_the_link(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)

    waiting = client.get(f"/api/orders/{page.order_id}").get_json()
    assert (waiting["status"], waiting["final"], waiting["confirming"]) == ("pending", False, False)
    assert waiting["payment"]["continue"]["transaction_token"] == page.token
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    paid = client.get(f"/api/orders/{page.order_id}").get_json()

    assert (paid["status"], paid["final"]) == ("paid", True)
    assert paid["payment"]["method_label"] == "GoPay"
    assert paid["payment"]["continue"] is None
    assert CUSTOMER.email not in str(paid)
    assert CUSTOMER.phone not in str(paid)


def test_a_claim_that_is_being_confirmed_is_said_so(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "DANA")
    shop.deliver_all(page)

    assert client.get(f"/api/orders/{page.order_id}").get_json()["confirming"] is True


@pytest.mark.parametrize("order_id", ["1", "nobody", "%00", "x" * 300, "..%2f..%2fetc"])
def test_an_unknown_order_is_not_found(client: FlaskClient, order_id: str) -> None:
    assert client.get(f"/api/orders/{order_id}").status_code == 404


def test_a_declined_card_may_be_tried_again(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "deny", "credit_card")
    shop.deliver_all(page)
    shop.confirm()

    payment = client.get(f"/api/orders/{page.order_id}").get_json()["payment"]
    assert (payment["last_outcome"], payment["can_retry"]) == ("denied", True)
    retried = client.post(f"/api/orders/{page.order_id}/retry", json={})

    assert retried.status_code == 201
    assert retried.get_json()["transaction_token"] == page.token


def test_paying_again_elsewhere_closes_the_first_page(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    first = shop.attempt(page)

    answer = client.post(f"/api/orders/{page.order_id}/retry", json={"gateway": "midtrans"})

    assert answer.get_json()["gateway"] == "midtrans"
    state = shop.program.control("GET", "state")
    (invoice,) = [i for i in state["invoices"] if i["id"] == first.provider_reference]
    assert invoice["status"] == "EXPIRED"
    assert shop.status(page) == "pending"
    assert shop.stock() == (STOCK, 2)


def test_a_paid_order_is_not_paid_again(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)

    answer = client.post(f"/api/orders/{page.order_id}/retry", json={})

    assert problem(answer) == (409, "order_not_payable")


def test_the_configuration_holds_no_secret(client: FlaskClient, shop: World) -> None:
    body = client.get("/api/config").get_data(as_text=True)
    settings = shop.settings
    assert settings.midtrans is not None
    assert settings.xendit is not None

    assert settings.midtrans.client_key in body
    for secret in (
        settings.midtrans.server_key,
        settings.xendit.secret_key,
        settings.xendit.callback_token,
        settings.secret_key,
    ):
        assert secret not in body


def test_products_show_what_can_still_be_sold(client: FlaskClient, shop: World) -> None:
    shop.checkout(GatewayName.MIDTRANS)

    listed = {p["sku"]: p for p in client.get("/api/products").get_json()["products"]}

    assert (listed["KOPI"]["available"], listed["KOPI"]["price_idr"]) == (STOCK - 2, 100_000)


def test_an_unknown_address_of_the_api_is_a_problem_and_not_a_page(client: FlaskClient) -> None:
    assert problem(client.get("/api/nothing")) == (404, "not_found")


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/orders/abc", "GET, HEAD, OPTIONS"),
        ("GET", "/api/orders/abc/retry", "OPTIONS, POST"),
        ("GET", "/api/payments/create-transaction", "OPTIONS, POST"),
        ("PUT", "/api/config", "GET, HEAD, OPTIONS"),
    ],
)
def test_the_wrong_method_is_told_the_right_one(
    client: FlaskClient, method: str, path: str, allowed: str
) -> None:
    answer = client.open(path, method=method)

    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


def test_options_name_the_methods_of_the_document(client: FlaskClient) -> None:
    answer = client.options("/api/orders/abc/retry")

    assert (answer.status_code, answer.headers["Allow"]) == (204, "OPTIONS, POST")
    assert "GET" in client.options("/cart").headers["Allow"]


def test_another_method_at_no_address_is_no_address(client: FlaskClient) -> None:
    assert problem(client.post("/api/nothing", json={})) == (404, "not_found")


def test_a_page_of_the_shop_keeps_its_own_refusal(client: FlaskClient) -> None:
    answer = client.post("/cart")

    assert (answer.status_code, answer.mimetype) == (405, "text/html")
