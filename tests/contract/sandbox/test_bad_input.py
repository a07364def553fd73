import http.client
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.sandbox.bench import SERVER_KEY, XENDIT_KEY, Sandbox

POSTS = (
    ("/midtrans/snap/v1/transactions", SERVER_KEY),
    ("/midtrans/v2/A-1/refund", SERVER_KEY),
    ("/midtrans/v2/A-1/refund/online/direct", SERVER_KEY),
    ("/xendit/v2/invoices", XENDIT_KEY),
    ("/xendit/refunds", XENDIT_KEY),
    ("/xendit/pool_virtual_accounts/simulate_payment", XENDIT_KEY),
    ("/_sandbox/clock", ""),
    ("/_sandbox/midtrans/A-1/pay", ""),
    ("/_sandbox/xendit/X-1/pay", ""),
    ("/_sandbox/deliveries/test", ""),
)
BROKEN = (
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"NaN",
    b'{"amount": Infinity, "external_id": "X"}',
    b'{"amount": 1e999, "external_id": "X"}',
    b"[" * 5_000,
    b'{"a":' * 3_000,
    b'{"amount": ' + b"9" * 5_000 + b"}",
    b"{" + b" " * 20_000 + b"}",
)


def post(sandbox: Sandbox, path: str, key: str, raw: bytes) -> int:
    headers = {"Content-Type": "application/json"}
    auth = (key, "") if key else None
    answer = sandbox.request("POST", path, data=raw, headers=headers, auth=auth)
    if answer.content:
        json.loads(answer.content)
    return answer.status_code


@pytest.mark.parametrize(("path", "key"), POSTS)
@pytest.mark.parametrize("raw", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_body_is_a_4xx(sandbox: Sandbox, path: str, key: str, raw: bytes) -> None:
    status = post(sandbox, path, key, raw)

    # Core answers carry their code in the body of an HTTP 200.
    assert 400 <= status < 500 or (status == 200 and "/v2/A-1/" in path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)
field_names = st.sampled_from(
    [
        *("transaction_details", "item_details", "customer_details", "enabled_payments", "expiry"),
        *("page_expiry", "callbacks", "custom_field1", "bca_va", "amount", "refund_key", "reason"),
        *("external_id", "payment_methods", "items", "fees", "metadata", "invoice_duration"),
        *("invoice_id", "reference_id", "advance_s", "payment_type", "outcome", "channel", "late"),
        *("payer_email", "success_redirect_url", "locale", "gateway", "bank_account_number"),
    ]
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    target=st.sampled_from(POSTS),
    body=st.dictionaries(field_names, json_values, max_size=6),
    order=st.fixed_dictionaries({"order_id": json_values, "gross_amount": json_values}),
)
def test_no_json_object_makes_it_fail(
    sandbox: Sandbox, target: tuple[str, str], body: dict[str, object], order: dict[str, object]
) -> None:
    if "snap" in target[0]:
        body["transaction_details"] = order

    assert post(sandbox, *target, json.dumps(body).encode()) < 500


@pytest.mark.parametrize(
    "path",
    [
        "/midtrans/v2/%00/status",
        "/midtrans/v2/..%2f..%2fetc/status",
        "/midtrans/v2/" + "a" * 4_000 + "/status",
        "/midtrans/v2/%ff%fe/status",
        "/midtrans/snap/v2/vtweb/%3Cscript%3E",
        "/midtrans/snap/page/nothing/qr.svg",
        "/xendit/v2/invoices/%00",
        "/xendit/v2/invoices?limit=nan",
        "/xendit/v2/invoices?limit=1e999",
        "/xendit/v2/invoices?created_after=yesterday",
        "/xendit/v2/invoices?statuses=[[[",
        "/xendit/web/nothing",
        "/static/../settings.py",
        "/_sandbox/state?limit=-5",
        "/_sandbox/deliveries?limit=abc",
        "/_sandbox/deliveries/99999999999999999999",
        "/nothing/here",
    ],
)
def test_no_path_makes_it_fail(sandbox: Sandbox, path: str) -> None:
    address = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0))
    key = XENDIT_KEY if path.startswith("/xendit") else SERVER_KEY
    try:
        # http.client sends the path as it is, dots and all.
        connection.request("GET", path, headers=_basic(key))
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()

    assert answer.status < 500
    assert b"<script>" not in body
    assert b"class Settings" not in body


def _basic(key: str) -> dict[str, str]:
    import base64

    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def test_a_large_midtrans_body_is_refused(sandbox: Sandbox) -> None:
    body = {
        "transaction_details": {"order_id": "A-1", "gross_amount": 1_000},
        "padding": "x" * 16_384,
    }

    answer = sandbox.snap_call(body)

    assert answer.status_code == 413
    assert sandbox.control("GET", "state")["tokens"] == []


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic ***", "Bearer x", "Basic /w==", "Basic \xe9"]
)
def test_no_authorization_header_makes_it_fail(sandbox: Sandbox, authorization: str) -> None:
    headers = {"Authorization": authorization}

    core = sandbox.request("GET", "/midtrans/v2/A-1/status", headers=headers)
    invoices = sandbox.request("GET", "/xendit/v2/invoices", headers=headers)

    assert core.status_code == 401
    assert invoices.status_code == 401


def test_a_wrong_method_is_a_405_in_each_dress(sandbox: Sandbox) -> None:
    core = sandbox.request("DELETE", "/midtrans/v2/A-1/status", auth=(SERVER_KEY, ""))
    invoices = sandbox.request("DELETE", "/xendit/v2/invoices", auth=(XENDIT_KEY, ""))

    assert (core.status_code, core.json()["status_code"]) == (405, "405")
    assert (invoices.status_code, invoices.json()["error_code"]) == (405, "METHOD_NOT_ALLOWED")


def test_pages_of_other_sites_cannot_press_the_buttons(sandbox: Sandbox) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    answer = sandbox.request("POST", "/_sandbox/reset", headers=headers)

    assert answer.status_code == 403
