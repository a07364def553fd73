"""Idempotency-Key on the Core API (Midtrans docs, "API headers")."""

import threading

import pytest

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, Shop, running
from tests.contract.sandbox.midtrans_scenes import card_token, charge, order, settled_card

QRIS = order("A-1", "qris")


def test_a_successful_answer_comes_again_whatever_the_second_body_says(
    sandbox: Sandbox, shop: Shop
) -> None:
    first = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})

    same = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})
    other = charge(sandbox, order("A-2", "gopay", 7), **{"Idempotency-Key": "k-1"})

    sandbox.flush()
    assert first["status_code"] == "201"
    assert same == other == first
    assert len(shop.received) == 1


def test_keys_are_global_over_all_endpoints(sandbox: Sandbox) -> None:
    settled_card(sandbox, "A-2")
    first = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})

    refund = sandbox.core("POST", "A-2/refund", {"amount": 1}, **{"Idempotency-Key": "k-1"})

    assert refund == first
    assert sandbox.core("GET", "A-2/status")["transaction_status"] == "settlement"


def test_a_key_is_good_for_five_minutes(sandbox: Sandbox) -> None:
    first = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})
    sandbox.advance(299)
    in_time = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})
    sandbox.advance(2)

    late = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})

    assert in_time == first
    assert late["status_code"] == "406"


def test_a_failed_answer_is_not_kept(sandbox: Sandbox) -> None:
    wrong = charge(sandbox, order("A-1", "bank_transfer"), **{"Idempotency-Key": "k-1"})
    right = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})

    assert (wrong["status_code"], right["status_code"]) == ("400", "201")


def test_a_refused_refund_is_not_kept(sandbox: Sandbox) -> None:
    key = {"Idempotency-Key": "k-1"}
    sandbox.paid_order("A-1", "credit_card")
    early = sandbox.core("POST", "A-1/refund", {"refund_key": "r-1"}, **key)
    sandbox.control("POST", "midtrans/A-1/settle")

    done = sandbox.core("POST", "A-1/refund", {"refund_key": "r-1"}, **key)
    again = sandbox.core("POST", "A-1/refund", {"refund_key": "r-1"}, **key)

    assert (early["status_code"], done["status_code"]) == ("412", "200")
    assert again == done


def test_an_expire_counts_as_a_success(sandbox: Sandbox) -> None:
    charge(sandbox, QRIS)
    key = {"Idempotency-Key": "k-1"}

    first = sandbox.core("POST", "A-1/expire", **key)
    again = sandbox.core("POST", "A-1/expire", **key)

    assert first["status_code"] == "407"
    assert again == first


@pytest.mark.parametrize(("length", "code"), [(46, "201"), (47, "406")])
def test_a_key_beyond_46_characters_is_ignored(sandbox: Sandbox, length: int, code: str) -> None:
    key = {"Idempotency-Key": "k" * length}
    charge(sandbox, QRIS, **key)

    assert charge(sandbox, QRIS, **key)["status_code"] == code


@pytest.mark.parametrize(
    "body",
    [
        order("A-1", "bank_transfer", bank_transfer={"bank": "permata"}),
        order("A-1", "cimb_clicks"),
        order("A-1", "bca_klikbca"),
        order("A-1", "cstore", cstore={"store": "indomaret"}),
    ],
    ids=["permata", "cimb_clicks", "klikbca", "indomaret"],
)
def test_some_methods_do_not_keep_keys(sandbox: Sandbox, body: dict[str, object]) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = charge(sandbox, body, **key)

    assert first["status_code"] == "201"
    assert charge(sandbox, body, **key)["status_code"] == "406"


def test_a_repeat_while_the_first_is_busy_is_202(sandbox: Sandbox) -> None:
    match = {"operation": "midtrans.charge", "order": "A-1"}
    sandbox.faults({"match": match, "effect": "slow", "seconds": 3, "times": 1})
    answers: list[dict[str, str]] = []
    key = {"Idempotency-Key": "k-1"}
    first = threading.Thread(target=lambda: answers.append(charge(sandbox, QRIS, **key)))
    first.start()
    sandbox.wait_for_fault()

    busy = sandbox.request(
        "POST", "/midtrans/v2/charge", json=QRIS, auth=(SERVER_KEY, ""), headers=key
    )
    first.join()
    after = charge(sandbox, QRIS, **key)

    assert (busy.status_code, busy.json()["status_code"]) == (202, "202")
    assert answers == [after]
    assert after["status_code"] == "201"


def test_an_answer_that_got_lost_is_given_to_the_retry(sandbox: Sandbox) -> None:
    settled_card(sandbox, "A-1")
    match = {"operation": "midtrans.refund", "order": "A-1"}
    effect = {"effect": "timeout_after_success", "seconds": 0.1, "times": 1}
    sandbox.faults({"match": match, **effect})
    body, key = {"refund_key": "r-1", "amount": 50_000}, {"Idempotency-Key": "k-1"}

    with pytest.raises(OSError):  # noqa: PT011 - the connection is cut
        sandbox.core("POST", "A-1/refund", body, **key)
    retried = sandbox.core("POST", "A-1/refund", body, **key)

    assert retried["status_code"] == "200"
    assert len(sandbox.core("GET", "A-1/status")["refunds"]) == 1


def test_keys_and_tokens_survive_a_restart(tmp_path: object) -> None:
    state = f"{tmp_path}/state.db"
    with running("--state", state, "--seed", "3") as (sandbox, _):
        token = card_token(sandbox)
        first = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})
    with running("--state", state, "--seed", "3") as (sandbox, _):
        again = charge(sandbox, QRIS, **{"Idempotency-Key": "k-1"})
        card = {"token_id": token}
        paid = charge(sandbox, order("A-2", "credit_card", credit_card=card))

    assert again == first
    assert paid["transaction_status"] == "capture"
