from datetime import datetime

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop

HOURS = 3_600


def tries_in_minutes(sandbox: Sandbox) -> list[int]:
    [delivery] = sandbox.deliveries()
    times = [datetime.fromisoformat(attempt["at"]) for attempt in delivery["attempts"]]
    return [round((later - times[0]).total_seconds() / 60) for later in times]


def one_midtrans_delivery(sandbox: Sandbox) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", outcome="pending")
    sandbox.flush()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, [0, 2]),
        (503, [0, 2, 12, 42, 132]),
        (404, [0, 2, 12]),
        (400, [0, 2, 12]),
        (302, [0]),
        (401, [0, 2, 12, 42, 132, 342]),
        (502, [0, 2, 12, 42, 132, 342]),
    ],
)
def test_midtrans_climbs_its_ladder_by_the_answer(
    sandbox: Sandbox, shop: Shop, status: int, expected: list[int]
) -> None:
    shop.answers.extend([status] * 10)
    one_midtrans_delivery(sandbox)

    sandbox.advance(8 * HOURS)

    assert tries_in_minutes(sandbox) == expected
    [delivery] = sandbox.deliveries()
    assert (delivery["state"], delivery["next_at"]) == ("failed", None)


def test_a_retry_that_is_answered_ends_the_ladder(sandbox: Sandbox, shop: Shop) -> None:
    shop.answers.extend([503, 503])
    one_midtrans_delivery(sandbox)
    [before] = sandbox.deliveries()
    assert (before["state"], len(before["attempts"])) == ("waiting", 1)

    sandbox.advance(8 * HOURS)

    [after] = sandbox.deliveries()
    assert (after["state"], tries_in_minutes(sandbox)) == ("delivered", [0, 2, 12])
    assert shop.bodies()[0] == shop.bodies()[2]


def test_midtrans_follows_307_with_the_same_body(sandbox: Sandbox, shop: Shop) -> None:
    shop.answers.append(307)
    shop.redirect_to = "/elsewhere"
    one_midtrans_delivery(sandbox)

    assert [one.path for one in shop.received] == ["/notify", "/elsewhere"]
    assert shop.bodies()[0] == shop.bodies()[1]
    assert sandbox.deliveries()[0]["state"] == "delivered"


@pytest.mark.parametrize("status", [500, 404, 302])
def test_xendit_climbs_one_ladder_for_every_answer(
    sandbox: Sandbox, shop: Shop, status: int
) -> None:
    shop.answers.extend([status] * 10)
    sandbox.paid_invoice("X-1", "DANA")
    sandbox.flush()

    sandbox.advance(48 * HOURS)

    assert tries_in_minutes(sandbox) == [0, 15, 60, 180, 360, 720, 1440]
    assert sandbox.deliveries()[0]["state"] == "failed"


def test_a_delivery_can_be_sent_again_by_hand(sandbox: Sandbox, shop: Shop) -> None:
    shop.answers.append(302)
    one_midtrans_delivery(sandbox)
    assert sandbox.deliveries()[0]["state"] == "failed"

    sandbox.control("POST", "deliveries/1/resend")
    sandbox.flush()

    delivery = sandbox.control("GET", "deliveries/1")
    assert delivery["state"] == "delivered"
    assert [attempt["manual"] for attempt in delivery["attempts"]] == [False, True]
    assert len(shop.received) == 2


def on_deliveries(effect: str, **more: object) -> dict[str, object]:
    return {"match": {"operation": "delivery.midtrans"}, "effect": effect, **more}


def test_drop_loses_one_message(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("drop", times=1))
    sandbox.paid_order("A-1", "bca_va")
    sandbox.flush()

    assert [body["transaction_status"] for body in shop.bodies()] == ["settlement"]


def test_duplicate_sends_the_same_bytes_twice(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("duplicate", times=1))
    one_midtrans_delivery(sandbox)

    first, second = shop.bodies()
    assert first == second


def test_delay_waits_for_the_virtual_clock(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("delay", times=1, seconds=600))
    one_midtrans_delivery(sandbox)
    assert shop.received == []

    sandbox.advance(601)

    assert len(shop.received) == 1


def test_reorder_lets_the_later_message_overtake(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("reorder", times=1))
    sandbox.paid_order("A-1", "bca_va")
    sandbox.flush()

    assert [body["transaction_status"] for body in shop.bodies()] == ["settlement", "pending"]


def test_reorder_with_nothing_to_overtake_is_only_a_delay(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("reorder", times=1, seconds=30))
    one_midtrans_delivery(sandbox)
    assert shop.received == []

    sandbox.advance(31)

    assert len(shop.received) == 1


def test_forge_sends_a_false_settlement_before_the_true_message(
    sandbox: Sandbox, shop: Shop
) -> None:
    sandbox.faults(on_deliveries("forge", times=1))
    one_midtrans_delivery(sandbox)

    forged, true = shop.bodies()
    assert (forged["transaction_status"], forged["status_code"]) == ("settlement", "200")
    assert forged["signature_key"] != true["signature_key"]
    assert true["transaction_status"] == "pending"


def test_xendit_forgery_has_another_token(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults({"match": {"operation": "delivery.xendit"}, "effect": "forge"})
    sandbox.paid_invoice("X-1", "DANA")
    sandbox.flush()

    tokens = [one.headers["x-callback-token"] for one in shop.received]
    assert tokens == ["not-the-token-of-this-shop", "sandbox-suite-callback-token"]


def test_a_body_with_numbers_and_one_with_new_fields(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.faults(on_deliveries("numeric_types", times=1), on_deliveries("extra_fields", times=1))
    sandbox.paid_order("A-1", "bca_va")
    sandbox.flush()

    pending, settled = shop.bodies()
    assert (pending["status_code"], pending["gross_amount"]) == (201, 150_000)
    assert settled["sandbox_new_field"] == "unannounced"
    assert settled["gross_amount"] == "150000.00"
