import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, Shop, sample

# Fields that Midtrans added after the old samples were published.
NEWER = {"merchant_id", "currency", "expiry_time", "fraud_status", "card_type"}

Scenario = Callable[[Sandbox], object]


def paying(method: str) -> Scenario:
    return lambda sandbox: sandbox.paid_order("A-1", method)


def waiting(method: str) -> Scenario:
    def run(sandbox: Sandbox) -> None:
        sandbox.token("A-1")
        sandbox.pay("A-1", method, outcome="pending")

    return run


def after(method: str, action: str) -> Scenario:
    def run(sandbox: Sandbox) -> None:
        waiting(method)(sandbox)
        sandbox.control("POST", f"midtrans/A-1/{action}")

    return run


def captured_then_canceled(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "credit_card")
    sandbox.core("POST", "A-1/cancel", {})


def last_body(sandbox: Sandbox, shop: Shop) -> dict[str, Any]:
    sandbox.flush()
    return shop.received[-1].body


def shape(body: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in body.items() if not name.startswith("_")}


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("notif_credit_card_capture", paying("credit_card")),
        ("notif_gopay_settlement", paying("gopay")),
        ("notif_qris_settlement_onus", paying("qris")),
        ("notif_bca_va_settlement", paying("bca_va")),
        ("notif_permata_va_settlement", paying("permata_va")),
        ("notif_indomaret_settlement_no_fraud_status", paying("indomaret")),
    ],
)
def test_a_payment_is_notified_exactly_as_published(
    sandbox: Sandbox, shop: Shop, name: str, scenario: Scenario
) -> None:
    published = sample("midtrans", name)
    scenario(sandbox)

    body = last_body(sandbox, shop)

    assert shape(body) == shape(published)
    fixed = ("transaction_status", "status_code", "status_message", "payment_type", "currency")
    assert {key: body[key] for key in fixed} == {key: published[key] for key in fixed}
    assert len(body["transaction_time"]) == len(published["transaction_time"])


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("notif_gopay_pending", waiting("gopay")),
        ("notif_qris_pending", waiting("qris")),
        ("notif_indomaret_pending", waiting("indomaret")),
        ("notif_permata_va_expire", after("permata_va", "expire")),
        ("notif_signed_qris_expire", after("qris", "expire")),
        ("notif_credit_card_cancel", captured_then_canceled),
    ],
)
def test_an_older_sample_lacks_only_what_came_later(
    sandbox: Sandbox, shop: Shop, name: str, scenario: Scenario
) -> None:
    published = sample("midtrans", name)
    scenario(sandbox)

    body = last_body(sandbox, shop)

    assert shape(published).items() <= shape(body).items()
    assert set(body) - set(published) <= NEWER
    fixed = ("transaction_status", "status_code", "status_message", "payment_type")
    assert {key: body[key] for key in fixed} == {key: published[key] for key in fixed}


def test_a_settled_card_is_notified_the_next_day_after_four_in_the_afternoon(
    sandbox: Sandbox, shop: Shop
) -> None:
    sandbox.paid_order("A-1", "credit_card")
    captured = last_body(sandbox, shop)

    sandbox.advance(2 * 86_400)

    settled = last_body(sandbox, shop)
    assert settled["transaction_status"] == "settlement"
    assert set(settled) == set(captured) | {"settlement_time"}
    assert settled["settlement_time"][11:13] == "16"
    assert settled["settlement_time"][:10] > captured["transaction_time"][:10]
    assert settled["signature_key"] == captured["signature_key"]


@pytest.mark.parametrize("method", ["credit_card", "gopay", "qris", "bca_va", "indomaret"])
def test_every_notification_is_signed(sandbox: Sandbox, shop: Shop, method: str) -> None:
    waiting(method)(sandbox)
    sandbox.pay("A-1", method)
    sandbox.flush()

    assert [body["status_code"] for body in shop.bodies()] == ["201", "200"]
    for body in shop.bodies():
        text = body["order_id"] + body["status_code"] + body["gross_amount"] + SERVER_KEY
        assert body["signature_key"] == hashlib.sha512(text.encode()).hexdigest()
        assert body["gross_amount"] == "150000.00"


def test_the_request_carries_the_documented_headers(sandbox: Sandbox, shop: Shop) -> None:
    waiting("gopay")(sandbox)
    sandbox.flush()

    headers = shop.received[0].headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"] == "Veritrans"
    assert "authorization" not in headers


def test_custom_fields_come_back(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1", custom_field1="satu", custom_field3="tiga")
    sandbox.pay("A-1")

    body = last_body(sandbox, shop)
    status = sandbox.core("GET", "A-1/status")

    for answer in (body, status):
        assert (answer["custom_field1"], answer["custom_field3"]) == ("satu", "tiga")
        assert "custom_field2" not in answer


def test_a_challenge_is_not_a_success(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1")
    sandbox.control("POST", "midtrans/A-1/challenge")

    body = last_body(sandbox, shop)

    assert (body["transaction_status"], body["fraud_status"]) == ("capture", "challenge")
    assert body["status_code"] == "201"


def test_a_reversal_turns_a_settled_payment_into_deny(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.paid_order("A-1", "permata_va")
    settled = last_body(sandbox, shop)
    sandbox.control("POST", "midtrans/A-1/reverse")

    denied = last_body(sandbox, shop)

    assert (denied["transaction_status"], denied["status_code"]) == ("deny", "202")
    assert denied["transaction_id"] == settled["transaction_id"]


def test_a_denied_attempt_is_followed_by_another_transaction(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1")
    denied = sandbox.control("POST", "midtrans/A-1/deny")
    paid = sandbox.pay("A-1", "qris")
    sandbox.flush()

    assert denied["transaction_id"] != paid["transaction_id"]
    # What the bank refused keeps fraud_status accept.
    assert (denied["transaction_status"], denied["fraud_status"]) == ("deny", "accept")
    states = [body["transaction_status"] for body in shop.bodies()]
    assert states == ["deny", "pending", "settlement"]
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "settlement"
    by_id = sandbox.core("GET", f"{denied['transaction_id']}/status")
    assert by_id["transaction_status"] == "deny"


def test_override_replaces_and_append_adds_addresses(sandbox: Sandbox, shop: Shop) -> None:
    own = sandbox.deliveries()
    assert own == []
    other = "http://127.0.0.1:9/a, http://127.0.0.1:9/b,http://127.0.0.1:9/c,http://127.0.0.1:9/d"
    body = {"transaction_details": {"order_id": "A-1", "gross_amount": 5_000}}
    sandbox.snap_call(body, **{"X-Override-Notification": other})
    body["transaction_details"]["order_id"] = "A-2"
    sandbox.snap_call(body, **{"X-Append-Notification": "http://127.0.0.1:9/x"})
    sandbox.pay("A-1", outcome="pending")
    sandbox.pay("A-2", outcome="pending")
    sandbox.flush()

    sent = [(one["reference"], one["url"].rpartition("/")[2]) for one in sandbox.deliveries()]

    # At most three addresses count.
    assert sent == [("A-1", "a"), ("A-1", "b"), ("A-1", "c"), ("A-2", "notify"), ("A-2", "x")]
    assert [one["order_id"] for one in shop.bodies()] == ["A-2"]


def test_the_dashboard_test_message_is_signed_but_unknown(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.control("POST", "deliveries/test", {"gateway": "midtrans"})

    body = last_body(sandbox, shop)

    assert body["order_id"].startswith("payment_notif_test_")
    text = body["order_id"] + body["status_code"] + body["gross_amount"] + SERVER_KEY
    assert body["signature_key"] == hashlib.sha512(text.encode()).hexdigest()
    assert sandbox.core("GET", f"{body['order_id']}/status")["status_code"] == "404"


def test_with_notifications_switched_off_nothing_is_sent(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.control("PUT", "notifications", {"midtrans": False})
    sandbox.paid_order("A-1", "gopay")
    sandbox.flush()

    assert shop.received == []
    assert [one["state"] for one in sandbox.deliveries()] == ["dropped", "dropped"]

    sandbox.control("POST", "deliveries/2/resend")
    sandbox.flush()
    assert [body["transaction_status"] for body in shop.bodies()] == ["settlement"]
