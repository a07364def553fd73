"""The notification endpoints: what is stored, what is answered, and what is never believed."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core.ports import RawNotification
from app.core.states import GatewayName
from app.services.payment_pages import PaymentPage
from tests.contract.gateway_bench import XENDIT_TOKEN
from tests.world import World

ANY = "/api/payments/notification"


def post(client: FlaskClient, delivery: RawNotification, path: str = ANY) -> TestResponse:
    return client.post(path, data=delivery.body, headers=dict(delivery.headers))


def settlement(shop: World) -> tuple[PaymentPage, RawNotification]:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    return page, shop.sent(page)[-1]


@pytest.mark.parametrize(
    "path",
    [ANY, f"{ANY}/", f"{ANY}/midtrans", f"{ANY}/midtrans/"],
    ids=["", "/", "named", "named/"],
)
def test_a_genuine_notification_is_acknowledged_without_any_redirect(
    client: FlaskClient, shop: World, path: str
) -> None:
    page, delivery = settlement(shop)

    answer = post(client, delivery, path)

    assert (answer.status_code, answer.get_json()["result"]) == (200, "shopper_paid")
    assert shop.status(page) == "paid"


def test_the_common_address_recognises_xendit(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "DANA")
    (delivery,) = shop.sent(page)

    answer = post(client, delivery)

    assert (answer.status_code, answer.get_json()["result"]) == (200, "claim_awaits_confirmation")
    assert shop.status(page) == "pending"


def test_a_wrong_signature_is_refused_and_logged(client: FlaskClient, shop: World) -> None:
    page, delivery = settlement(shop)
    body = json.loads(delivery.body) | {"signature_key": "0" * 128}

    answer = post(client, replace(delivery, body=json.dumps(body).encode()))

    assert answer.status_code == 401
    assert shop.status(page) == "pending"
    (stored,) = shop.notifications()
    assert (stored.state, stored.verdict) == ("refused", "bad_signature")


@pytest.mark.parametrize("token", ["", "wrong", XENDIT_TOKEN + "x"])
def test_a_wrong_callback_token_is_refused(client: FlaskClient, shop: World, token: str) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "DANA")
    (delivery,) = shop.sent(page)
    headers = dict(delivery.headers) | {"x-callback-token": token}

    answer = post(client, replace(delivery, headers=headers), f"{ANY}/xendit")

    assert answer.status_code == 401
    assert shop.confirm().claimed == 0
    assert shop.status(page) == "pending"


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b'"text"', b"{", b"\xff\xfe", b"[" * 5000, b"null"]
)
def test_what_is_no_notification_is_refused_and_kept(
    client: FlaskClient, shop: World, body: bytes
) -> None:
    answer = client.post(ANY, data=body, headers={"content-type": "application/json"})

    assert answer.status_code in {400, 401}
    (stored,) = shop.notifications()
    assert (stored.state, stored.body) == ("refused", body[:4096])


@pytest.mark.parametrize("size", [64 * 1024 + 1, 200_000, 3_000_000])
def test_a_huge_body_is_refused_and_kept_in_bounded_form(
    client: FlaskClient, shop: World, size: int
) -> None:
    answer = client.post(ANY, data=b"x" * size)

    assert answer.status_code == 413
    (stored,) = shop.notifications()
    assert (stored.verdict, len(stored.body)) == ("too_large", 4096)


def test_an_order_that_we_do_not_know_is_acknowledged_and_kept(
    client: FlaskClient, shop: World
) -> None:
    page, delivery = settlement(shop)
    with shop.desk.sessions.begin() as session:
        session.execute(text("UPDATE attempts SET reference = 'LN-0000000000-9'"))

    answer = post(client, delivery)

    assert (answer.status_code, answer.get_json()["result"]) == (200, "unknown_order")
    assert shop.status(page) == "pending"


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_the_dashboards_test_message_is_acknowledged_and_changes_nothing(
    client: FlaskClient, shop: World, gateway: GatewayName
) -> None:
    before = len(shop.program.inbox.about("_test_", "579c8d61"))
    shop.program.control("POST", "deliveries/test", {"gateway": gateway.value})
    shop.program.control("POST", "flush")
    delivery = shop.program.inbox.about("_test_", "579c8d61")[before]

    answer = post(client, replace(delivery, received_at=shop.clock()))

    assert (answer.status_code, answer.get_json()["result"]) == (200, "test_message")


def test_what_cannot_be_stored_is_not_acknowledged(client: FlaskClient, shop: World) -> None:
    page, delivery = settlement(shop)
    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE notifications RENAME TO notifications_gone"))

    answer = post(client, delivery)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert shop.status(page) == "pending"
    with shop.desk.sessions.begin() as session:
        session.execute(text("ALTER TABLE notifications_gone RENAME TO notifications"))
    assert shop.notifications() == []


def test_an_unknown_gateway_is_not_found(client: FlaskClient, shop: World) -> None:
    assert client.post(f"{ANY}/doku", data=b"{}").status_code == 404
    assert shop.notifications() == []


def test_reading_the_address_is_answered_in_words(client: FlaskClient) -> None:
    answer = client.get(ANY)

    assert (answer.status_code, answer.get_json()["result"]) == (405, "post_only")


def test_no_secret_is_kept_with_a_notification(client: FlaskClient, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "DANA")
    (delivery,) = shop.sent(page)

    post(client, delivery)

    assert XENDIT_TOKEN not in str(shop.notifications()[0].headers)
