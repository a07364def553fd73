from typing import Any

import midtransclient.error_midtrans
import pytest

from tests.contract.sandbox.bench import Sandbox

USED = "transaction_details.order_id has been paid and utilized, please use another order ID"


def details(order_id: str, amount: object = 150_000) -> dict[str, Any]:
    return {"transaction_details": {"order_id": order_id, "gross_amount": amount}}


def page_state(sandbox: Sandbox, token: str) -> str:
    return sandbox.request("GET", f"/midtrans/snap/page/{token}/state").json()["page_state"]


def test_the_sdk_gets_a_token_and_the_page_opens(sandbox: Sandbox) -> None:
    answer = sandbox.snap_sdk().create_transaction(details("A-1"))

    assert set(answer) == {"token", "redirect_url"}
    assert len(answer["token"]) == 36
    assert answer["redirect_url"] == f"{sandbox.url}/midtrans/snap/v2/vtweb/{answer['token']}"
    page = sandbox.request("GET", answer["redirect_url"].removeprefix(sandbox.url))
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def test_a_token_is_not_a_transaction(sandbox: Sandbox) -> None:
    sandbox.token("A-1")

    assert sandbox.core("GET", "A-1/status")["status_code"] == "404"
    with pytest.raises(midtransclient.error_midtrans.MidtransAPIError) as caught:
        sandbox.core_sdk().transactions.status("A-1")
    body = caught.value.api_response_dict
    assert body is not None
    assert body["status_message"] == "Transaction doesn't exist."


def test_a_second_token_for_an_unpaid_order_ends_the_first(sandbox: Sandbox) -> None:
    first = sandbox.token("A-1")
    second = sandbox.token("A-1", 160_000)

    assert first != second
    assert page_state(sandbox, first) == "replaced"
    assert page_state(sandbox, second) == "open"
    charged = sandbox.request(
        "POST", f"/midtrans/snap/page/{first}/charge", json={"method": "bca_va"}
    )
    assert (charged.status_code, charged.json()) == (409, {"error": "page_ended"})
    assert sandbox.core("GET", "A-1/status")["status_code"] == "404"


@pytest.mark.parametrize("outcome", ["pending", "success"])
def test_an_order_id_is_used_up_once_a_method_is_confirmed(sandbox: Sandbox, outcome: str) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", outcome=outcome)

    answer = sandbox.snap_call(details("A-1"))

    assert answer.status_code == 400
    assert answer.json() == {"error_messages": [USED]}


def test_a_session_can_be_canceled_until_a_method_is_confirmed(sandbox: Sandbox) -> None:
    path = "/midtrans/snap/v1/transactions/{}/cancel"
    auth = ("SB-Mid-server-sandbox-suite", "")
    unused, used = sandbox.token("A-1"), sandbox.token("A-2")
    sandbox.pay("A-2", outcome="pending")

    canceled = sandbox.request("POST", path.format(unused), auth=auth)
    again = sandbox.request("POST", path.format(unused), auth=auth)
    busy = sandbox.request("POST", path.format(used), auth=auth)
    unknown = sandbox.request("POST", path.format("nothing"), auth=auth)

    assert canceled.json()["canceled_at"].endswith("Z")
    assert again.json() == {"error_messages": ["token already canceled"]}
    assert busy.json() == {"error_messages": ["Transaction is on progress"]}
    assert unknown.json() == {"error_messages": ["token not found"]}
    assert page_state(sandbox, unused) == "canceled"


def test_a_page_that_ends_unused_sends_nothing(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1", page_expiry={"duration": 5, "unit": "minutes"})
    sandbox.advance(299)
    assert page_state(sandbox, token) == "open"

    sandbox.advance(2)

    assert page_state(sandbox, token) == "expired"
    assert sandbox.deliveries() == []


def test_expiry_holds_for_page_and_method(sandbox: Sandbox) -> None:
    sandbox.token("A-1", expiry={"duration": 2, "unit": "hour"})
    sandbox.pay("A-1", outcome="pending")

    sandbox.advance(7_199)
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "pending"
    sandbox.advance(2)
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "expire"


def test_enabled_payments_narrows_the_page(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1", enabled_payments=["permata_va", "gopay", "store"])

    state = sandbox.request("GET", f"/midtrans/snap/page/{token}/state").json()

    assert [one["key"] for one in state["methods"]] == [
        *("gopay", "permata_va", "indomaret", "alfamart")
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "transaction_details.order_id is required"),
        (details("A-1", None), "transaction_details.gross_amount is required"),
        (details("A-1", "many"), "transaction_details.gross_amount is not a number"),
        (details("A-1", 0.5), "transaction_details.gross_amount is not a number"),
        (
            {**details("A-1"), "item_details": [{"price": 1, "quantity": 1, "name": "a"}]},
            "transaction_details.gross_amount is not equal to the sum of item_details",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_providers_words(
    sandbox: Sandbox, body: object, message: str
) -> None:
    answer = sandbox.snap_call(body)

    assert answer.status_code == 400
    assert message in answer.json()["error_messages"]
    assert sandbox.control("GET", "state")["tokens"] == []


def test_a_discount_line_counts_into_the_sum(sandbox: Sandbox) -> None:
    items = [
        {"id": "a", "price": 100_000, "quantity": 2, "name": "Batik"},
        {"id": "d", "price": -50_000, "quantity": 1, "name": "Diskon"},
    ]

    assert sandbox.snap_call({**details("A-1"), "item_details": items}).status_code == 201


def test_a_wrong_key_is_refused_with_http_401(sandbox: Sandbox) -> None:
    wrong = ("SB-Mid-server-someone-else", "")
    snap = sandbox.request(
        "POST", "/midtrans/snap/v1/transactions", json=details("A-1"), auth=wrong
    )
    core = sandbox.request("GET", "/midtrans/v2/A-1/status", auth=wrong)

    assert snap.status_code == 401
    assert snap.json()["error_messages"][0].startswith("Access denied due to unauthorized")
    assert core.status_code == 401
    assert core.json()["status_code"] == "401"
