from concurrent.futures import ThreadPoolExecutor

import midtransclient.error_midtrans
import pytest

from tests.contract.sandbox.bench import Sandbox, Shop, sample

CANNOT_MODIFY = {
    "status_code": "412",
    "status_message": "Merchant cannot modify the status of the transaction",
}


def settled_card(sandbox: Sandbox, order_id: str = "A-1", amount: int = 150_000) -> None:
    sandbox.paid_order(order_id, "credit_card", amount)
    sandbox.control("POST", f"midtrans/{order_id}/settle")


def refund(sandbox: Sandbox, order_id: str = "A-1", **body: object) -> dict[str, object]:
    return sandbox.core("POST", f"{order_id}/refund", body)


@pytest.mark.parametrize("action", ["status", "cancel", "expire", "approve", "deny", "refund"])
def test_an_unknown_id_is_http_200_with_code_404(sandbox: Sandbox, action: str) -> None:
    published = sample("midtrans", "error_core_404_transaction_doesnt_exist_recorded")
    method = "GET" if action == "status" else "POST"
    auth = ("SB-Mid-server-sandbox-suite", "")

    answer = sandbox.request(method, f"/midtrans/v2/nothing/{action}", auth=auth)

    assert answer.status_code == 200
    assert answer.json() | {"id": ""} == published | {"id": ""}
    assert len(answer.json()["id"]) == 36


def test_status_by_order_id_and_by_transaction_id_agree(sandbox: Sandbox) -> None:
    paid = sandbox.paid_order("A-1", "bca_va")

    by_order = sandbox.core_sdk().transactions.status("A-1")
    by_id = sandbox.core_sdk().transactions.status(paid["transaction_id"])

    assert by_order == by_id
    assert (by_order["status_code"], by_order["transaction_status"]) == ("200", "settlement")
    assert by_order["status_message"] == "Success, transaction is found"


def test_a_pending_status_has_every_published_field(sandbox: Sandbox) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", "permata_va", outcome="pending")

    status = sandbox.core("GET", "A-1/status")

    published = sample("midtrans", "status_permata_va_pending_recorded")
    assert set(published) <= set(status)
    assert status["status_code"] == published["status_code"] == "201"


def test_a_settled_card_status_has_every_published_field(sandbox: Sandbox) -> None:
    settled_card(sandbox)

    status = sandbox.core("GET", "A-1/status")

    published = sample("midtrans", "status_credit_card_settlement_3ds2")
    assert set(published) <= set(status)
    assert {key: type(status[key]) for key in published} == {
        key: type(value) for key, value in published.items()
    }


def test_cancel_is_202_in_the_notification_and_200_elsewhere(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", "permata_va", outcome="pending")

    answer = sandbox.core_sdk().transactions.cancel("A-1")
    sandbox.flush()

    assert set(sample("midtrans", "cancel_permata_va_recorded")) == set(answer)
    assert (answer["status_code"], answer["transaction_status"]) == ("200", "cancel")
    assert sandbox.core("GET", "A-1/status")["status_code"] == "200"
    assert shop.received[-1].body["status_code"] == "202"


def test_expire_answers_407_and_the_sdk_does_not_raise(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", "bca_va", outcome="pending")

    answer = sandbox.core_sdk().transactions.expire("A-1")
    sandbox.flush()

    assert (answer["status_code"], answer["transaction_status"]) == ("407", "expire")
    assert sandbox.core_sdk().transactions.status("A-1")["status_code"] == "407"
    assert shop.received[-1].body["status_code"] == "202"


def test_what_is_paid_cannot_be_expired_or_canceled(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "gopay")

    assert sandbox.core("POST", "A-1/expire", {}) == CANNOT_MODIFY
    assert sandbox.core("POST", "A-1/cancel", {}) == CANNOT_MODIFY
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "settlement"


def test_a_capture_is_canceled_not_refunded(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "credit_card")

    assert refund(sandbox, amount=1_000) == CANNOT_MODIFY
    assert sandbox.core("POST", "A-1/cancel", {})["transaction_status"] == "cancel"


@pytest.mark.parametrize(
    ("action", "status", "fraud"), [("approve", "capture", "accept"), ("deny", "cancel", "deny")]
)
def test_a_challenge_is_decided_once(
    sandbox: Sandbox, action: str, status: str, fraud: str
) -> None:
    sandbox.token("A-1")
    sandbox.control("POST", "midtrans/A-1/challenge")

    answer = sandbox.core("POST", f"A-1/{action}", {})

    assert (answer["transaction_status"], answer["fraud_status"]) == (status, fraud)
    assert sandbox.core("POST", f"A-1/{action}", {}) == CANNOT_MODIFY


def test_an_undecided_challenge_is_given_back_at_settlement_time(sandbox: Sandbox) -> None:
    sandbox.token("A-1")
    sandbox.control("POST", "midtrans/A-1/challenge")

    sandbox.advance(2 * 86_400)

    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "cancel"


def test_partial_refunds_add_up_to_a_full_one(sandbox: Sandbox) -> None:
    settled_card(sandbox)

    first = refund(sandbox, refund_key="r1", amount=50_000, reason="Barang rusak")
    second = refund(sandbox, refund_key="r2")

    assert set(sample("midtrans", "refund_credit_card_partial")) <= set(first)
    assert (first["transaction_status"], first["refund_amount"]) == ("partial_refund", "50000.00")
    assert (second["transaction_status"], second["refund_amount"]) == ("refund", "100000.00")
    status = sandbox.core("GET", "A-1/status")
    assert (status["transaction_status"], status["refund_amount"]) == ("refund", "150000.00")
    amounts = [(one["refund_key"], one["refund_amount"]) for one in status["refunds"]]
    assert amounts == [("r1", "50000.00"), ("r2", "100000.00")]
    assert status["refunds"][0]["reason"] == "Barang rusak"
    assert isinstance(status["refunds"][0]["refund_chargeback_id"], int)


def test_the_direct_endpoint_counts_all_refunds_so_far(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "gopay")
    transactions = sandbox.core_sdk().transactions

    transactions.refundDirect("A-1", {"refund_key": "r1", "amount": 40_000})
    second = transactions.refundDirect("A-1", {"refund_key": "r2", "amount": 30_000})

    assert second["status_message"] == "Success, refund request is approved by the bank"
    assert second["refund_amount"] == "70000.00"


def test_each_refund_is_notified_twice_and_only_then_confirmed(
    sandbox: Sandbox, shop: Shop
) -> None:
    settled_card(sandbox)
    refund(sandbox, refund_key="r1", amount=50_000)
    sandbox.flush()
    first = shop.received[-1].body
    count = len(shop.received)

    sandbox.advance(6)

    second = shop.received[-1].body
    published = sample("midtrans", "notif_credit_card_partial_refund_with_refunds")
    assert set(published) <= set(first)
    assert len(shop.received) == count + 1
    assert "bank_confirmed_at" not in first["refunds"][0]
    assert len(second["refunds"][0]["bank_confirmed_at"]) == len("2026-01-01 00:00:00")
    for body in (first, second):
        assert (body["transaction_status"], body["status_code"]) == ("partial_refund", "200")
        assert (body["gross_amount"], body["refund_amount"]) == ("150000.00", "50000.00")
    sandbox.advance(60)
    assert len(shop.received) == count + 1


def test_a_key_never_refunds_twice(sandbox: Sandbox) -> None:
    settled_card(sandbox)
    refund(sandbox, refund_key="r1", amount=50_000)

    again = refund(sandbox, refund_key="r1", amount=50_000)
    other_amount = refund(sandbox, refund_key="r1", amount=1)

    assert again == other_amount == sample("midtrans", "error_refund_406_duplicate_key")
    assert len(sandbox.core("GET", "A-1/status")["refunds"]) == 1


def test_the_key_of_a_failed_try_may_be_used_again(sandbox: Sandbox) -> None:
    settled_card(sandbox)

    refused = refund(sandbox, refund_key="r1", amount=150_001)
    accepted = refund(sandbox, refund_key="r1", amount=150_000)

    assert refused == sample("midtrans", "error_refund_414_invalid_amount")
    assert accepted["status_code"] == "200"


@pytest.mark.parametrize("amount", [0, -1, 1.5, "10000", True])
def test_an_impossible_amount_is_414(sandbox: Sandbox, amount: object) -> None:
    settled_card(sandbox)

    assert refund(sandbox, amount=amount)["status_code"] == "414"
    assert "refunds" not in sandbox.core("GET", "A-1/status")


@pytest.mark.parametrize("method", ["bca_va", "permata_va", "indomaret"])
def test_transfers_and_counters_cannot_be_refunded(sandbox: Sandbox, method: str) -> None:
    sandbox.paid_order("A-1", method)

    with pytest.raises(midtransclient.error_midtrans.MidtransAPIError) as caught:
        sandbox.core_sdk().transactions.refund("A-1", {"refund_key": "r1", "amount": 1_000})

    assert caught.value.api_response_dict == CANNOT_MODIFY


def test_the_refund_window_closes(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "gopay")
    sandbox.advance(45 * 86_400 + 1)

    assert refund(sandbox, refund_key="r1", amount=1_000) == CANNOT_MODIFY


def test_parallel_refunds_never_exceed_what_was_paid(sandbox: Sandbox) -> None:
    settled_card(sandbox, amount=100_000)

    def one(number: int) -> dict[str, object]:
        return refund(sandbox, refund_key=f"r{number}", amount=30_000)

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(str(answer["status_code"]) for answer in pool.map(one, range(20)))

    assert codes == ["200"] * 3 + ["414"] * 17
    assert sandbox.core("GET", "A-1/status")["refund_amount"] == "90000.00"


def test_one_key_sent_in_parallel_refunds_once(sandbox: Sandbox) -> None:
    settled_card(sandbox, amount=100_000)

    def one(_: int) -> dict[str, object]:
        return refund(sandbox, refund_key="same", amount=30_000)

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(str(answer["status_code"]) for answer in pool.map(one, range(20)))

    assert codes == ["200"] + ["406"] * 19
    assert sandbox.core("GET", "A-1/status")["refund_amount"] == "30000.00"


def test_without_a_key_a_blind_retry_refunds_twice(sandbox: Sandbox) -> None:
    settled_card(sandbox)

    keys = {str(refund(sandbox, amount=10_000)["refund_key"]) for _ in range(2)}

    assert len(keys) == 2
    assert sandbox.core("GET", "A-1/status")["refund_amount"] == "20000.00"


def test_a_bank_may_refuse_without_an_error_in_the_sdk(sandbox: Sandbox) -> None:
    settled_card(sandbox)
    match = {"operation": "midtrans.refund_direct"}
    sandbox.faults({"match": match, "effect": "refuse", "code": "202", "times": 1})
    transactions = sandbox.core_sdk().transactions

    refused = transactions.refundDirect("A-1", {"refund_key": "r1", "amount": 1_000})
    accepted = transactions.refundDirect("A-1", {"refund_key": "r1", "amount": 1_000})

    assert (refused["status_code"], refused["refund_amount"]) == ("202", "0.00")
    assert refused["transaction_status"] == "settlement"
    assert accepted["status_code"] == "200"


def test_money_may_arrive_after_expiry(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", "bca_va", outcome="pending")
    sandbox.advance(2 * 86_400)

    sandbox.control("POST", "midtrans/A-1/pay", {"late": True})
    sandbox.flush()

    states = [body["transaction_status"] for body in shop.bodies()]
    assert states == ["pending", "expire", "settlement"]


def test_a_chargeback_is_for_cards_only(sandbox: Sandbox) -> None:
    settled_card(sandbox)
    sandbox.paid_order("A-2", "gopay")

    taken = sandbox.control("POST", "midtrans/A-1/chargeback")
    refused = sandbox.request("POST", "/_sandbox/midtrans/A-2/chargeback", json={})

    assert taken["transaction_status"] == "chargeback"
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "only card payments are charged back"},
    )


def charge_card(sandbox: Sandbox, number: str) -> None:
    token = sandbox.token("A-1")
    body = {"method": "credit_card", "card": {"number": number}}
    answer = sandbox.request("POST", f"/midtrans/snap/page/{token}/charge", json=body)
    assert answer.status_code == 200, answer.text


def test_a_slow_bank_answers_after_a_minute(sandbox: Sandbox) -> None:
    charge_card(sandbox, "4024007176265022")
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "pending"

    sandbox.advance(61)

    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "capture"


def test_an_empty_account_is_code_51(sandbox: Sandbox) -> None:
    charge_card(sandbox, "4472429869996670")

    status = sandbox.core("GET", "A-1/status")
    assert (status["transaction_status"], status["channel_response_code"]) == ("deny", "51")


def test_an_abandoned_3ds_page_expires(sandbox: Sandbox, shop: Shop) -> None:
    charge_card(sandbox, "4811111111111114")
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "pending"

    sandbox.advance(601)

    states = [body["transaction_status"] for body in shop.bodies()]
    assert states == ["pending", "expire"]


@pytest.mark.parametrize(("action", "state"), [("cancel", "canceled"), ("expire", "expired")])
def test_what_the_merchant_gives_up_cannot_be_paid_on_the_page(
    sandbox: Sandbox, action: str, state: str
) -> None:
    token = sandbox.token("A-1")
    sandbox.pay("A-1", "bca_va", outcome="pending")
    sandbox.core("POST", f"A-1/{action}", {})

    page = sandbox.request("GET", f"/midtrans/snap/page/{token}/state").json()
    charge = sandbox.request(
        "POST", f"/midtrans/snap/page/{token}/charge", json={"method": "gopay"}
    )

    assert page["page_state"] == state
    assert (charge.status_code, charge.json()) == (409, {"error": "page_ended"})


def test_the_control_api_takes_a_token_for_its_order(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1")
    waiting = sandbox.control("POST", f"midtrans/{token}/pay", {"outcome": "pending"})

    paid = sandbox.control("POST", f"midtrans/{token}/pay")

    assert paid["transaction_id"] == waiting["transaction_id"]
    assert paid["transaction_status"] == "settlement"
