from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop, sample, xendit_sdk


def refund(sandbox: Sandbox, invoice_id: str, key: str = "", **body: object) -> Any:
    headers = {"idempotency-key": key} if key else {}
    return sandbox.xendit("POST", "/refunds", {"invoice_id": invoice_id, **body}, **headers)


def test_a_wallet_refund_is_pending_and_then_succeeds(sandbox: Sandbox, shop: Shop) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    answer = refund(sandbox, paid["id"], reference_id="ours", amount=50_000, reason="OTHERS")

    body = answer.json()
    assert answer.status_code == 200
    assert set(sample("xendit", "refund_pending_grabpay")) == set(body)
    assert (body["status"], body["amount"], body["reference_id"]) == ("PENDING", 50_000, "ours")
    assert len(body["created"]) == len("2022-11-04T06:21:35.213018123Z")
    sandbox.advance(4)
    assert sandbox.xendit("GET", f"/refunds/{body['id']}").json()["status"] == "SUCCEEDED"
    callback = shop.received[-1].body
    published = sample("xendit", "refund_succeeded_callback_dana_odoo")
    assert set(callback) == set(published)
    assert set(published["data"]) <= set(callback["data"])
    assert (callback["event"], callback["data"]["id"]) == ("refund.succeeded", body["id"])
    # An invoice never shows a refund.
    assert sandbox.xendit("GET", f"/v2/invoices/{paid['id']}").json()["status"] == "PAID"


def test_a_card_refund_succeeds_at_once(sandbox: Sandbox, shop: Shop) -> None:
    paid = sandbox.paid_invoice("X-1", "CREDIT_CARD")

    body = refund(sandbox, paid["id"]).json()
    sandbox.advance(10)

    assert set(sample("xendit", "refund_card_succeeded_docs_2025")) - {"payment_request_id"} <= set(
        body
    )
    assert (body["status"], body["amount"], body["channel_code"]) == ("SUCCEEDED", 150_000, "")
    assert [one["event"] for one in shop.bodies() if "event" in one] == ["refund.succeeded"]


def test_the_sdk_refunds_reads_lists_and_cancels(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")
    request = {"invoice_id": paid["id"], "amount": 20_000, "reason": "DUPLICATE"}

    with xendit_sdk(sandbox) as (_, refunds):
        created = refunds.create_refund(idempotency_key="k-1", create_refund=request)
        read = refunds.get_refund(created.id)
        listed = refunds.get_all_refunds(invoice_id=paid["id"])
        canceled = refunds.cancel_refund(created.id)

    assert read.id == created.id
    assert [one.id for one in listed.data] == [created.id]
    assert listed.has_more is False
    assert canceled.status == "CANCELLED"


def test_a_cancelled_refund_gives_its_amount_free(sandbox: Sandbox, shop: Shop) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")
    first = refund(sandbox, paid["id"]).json()
    sandbox.xendit("POST", f"/refunds/{first['id']}/cancel")

    second = refund(sandbox, paid["id"])
    sandbox.advance(10)

    assert second.status_code == 200
    ended = [body["data"]["id"] for body in shop.bodies() if "event" in body]
    assert ended == [second.json()["id"]]


def test_the_same_key_replays_and_another_body_is_refused(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    first = refund(sandbox, paid["id"], "k-1", amount=30_000)
    again = refund(sandbox, paid["id"], "k-1", amount=30_000)
    other = refund(sandbox, paid["id"], "k-1", amount=30_001)

    assert again.json() == first.json()
    assert (other.status_code, other.json()["error_code"]) == (409, "DUPLICATE_ERROR")
    assert len(sandbox.xendit("GET", "/refunds").json()["data"]) == 1


def test_one_key_sent_in_parallel_refunds_once(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    with ThreadPoolExecutor(20) as pool:
        ids = set(
            pool.map(
                lambda _: refund(sandbox, paid["id"], "k-1", amount=30_000).json()["id"], range(20)
            )
        )

    assert len(ids) == 1


def test_parallel_refunds_never_exceed_what_was_paid(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA", 100_000)

    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda n: refund(sandbox, paid["id"], f"k-{n}", amount=30_000), range(20))
        )

    assert sorted(one.status_code for one in answers) == [200] * 3 + [400] * 17
    refused = next(one for one in answers if one.status_code == 400)
    assert refused.json() == sample("xendit", "error_refund_400_maximum_amount_reached")


@pytest.mark.parametrize("channel", ["BCA", "ALFAMART", "OVO"])
def test_some_channels_cannot_be_refunded(sandbox: Sandbox, channel: str) -> None:
    paid = sandbox.paid_invoice("X-1", channel)

    answer = refund(sandbox, paid["id"], amount=1_000)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "REFUND_NOT_SUPPORTED")
    assert sandbox.xendit("GET", "/refunds").json() == {"data": [], "has_more": False}


def test_linkaja_refunds_in_full_only(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "LINKAJA")

    partial = refund(sandbox, paid["id"], amount=1_000)
    full = refund(sandbox, paid["id"], amount=150_000)

    assert partial.json()["error_code"] == "PARTIAL_REFUND_NOT_SUPPORTED"
    assert full.status_code == 200


def test_an_unpaid_invoice_cannot_be_refunded(sandbox: Sandbox) -> None:
    invoice = sandbox.invoice("X-1")

    assert refund(sandbox, invoice["id"]).json()["error_code"] == "INELIGIBLE_TRANSACTION"
    missing = refund(sandbox, "0" * 24)
    assert (missing.status_code, missing.json()) == (
        404,
        sample("xendit", "error_refund_404_data_not_found"),
    )


@pytest.mark.parametrize(
    ("amount", "code"),
    [(20_300, "INELIGIBLE_TRANSACTION"), (20_301, "INSUFFICIENT_BALANCE")],
)
def test_some_amounts_fail_later(sandbox: Sandbox, shop: Shop, amount: int, code: str) -> None:
    paid = sandbox.paid_invoice("X-1", "QRIS")
    created = refund(sandbox, paid["id"], amount=amount).json()
    assert created["status"] == "PENDING"

    sandbox.advance(4)

    callback = shop.received[-1].body
    published = sample("xendit", "refund_failed_callback_derived")
    assert set(published["data"]) <= set(callback["data"])
    assert callback["event"] == "refund.failed"
    assert (callback["data"]["status"], callback["data"]["failure_code"]) == ("FAILED", code)
    # What failed gives its amount free again.
    assert refund(sandbox, paid["id"], amount=150_000).status_code == 200


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        (10_304, 400, "REFUND_IN_PROGRESS"),
        (10_305, 403, "INELIGIBLE_TRANSACTION"),
        (150_001, 400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
        (-1, 400, "API_VALIDATION_ERROR"),
        ("1000", 400, "API_VALIDATION_ERROR"),
    ],
)
def test_some_amounts_are_refused_at_once(
    sandbox: Sandbox, amount: object, status: int, code: str
) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    answer = refund(sandbox, paid["id"], amount=amount)

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


def test_the_list_pages_from_newest_to_oldest(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")
    ids = [refund(sandbox, paid["id"], amount=1_000).json()["id"] for _ in range(3)]

    page = sandbox.xendit("GET", f"/refunds?invoice_id={paid['id']}&limit=2").json()
    rest = sandbox.xendit("GET", f"/refunds?limit=2&after_id={ids[1]}").json()

    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([ids[2], ids[1]], True)
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ids[0]], False)


@pytest.mark.parametrize("reason", ["BECAUSE", [], {}, 1])
def test_an_unknown_reason_is_a_validation_error(sandbox: Sandbox, reason: object) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    answer = refund(sandbox, paid["id"], reason=reason)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "API_VALIDATION_ERROR")
    assert answer.json()["errors"][0]["field"] == ["reason"]
