"""Keys, headers, limits, filters and error names of the Xendit half."""

import re
from typing import Any

import pytest

from sandbox.xendit.errors import NAMES
from tests.contract.sandbox.bench import TOKEN, Sandbox, Shop, listening, running


def refuse(sandbox: Sandbox, operation: str, code: str) -> None:
    match = {"operation": operation}
    sandbox.faults({"match": match, "effect": "refuse", "code": code, "times": 1})


@pytest.mark.parametrize("code", NAMES)
def test_every_documented_error_can_be_had_by_name(sandbox: Sandbox, code: str) -> None:
    refuse(sandbox, "xendit.invoice.create", code)

    answer = sandbox.xendit("POST", "/v2/invoices", {"external_id": "X-1", "amount": 50_000})

    assert 400 <= answer.status_code <= 503
    assert set(answer.json()) == {"error_code", "message"}
    assert answer.json()["error_code"] == code
    assert sandbox.control("GET", "state")["invoices"] == []


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/v2/invoices", "xendit.invoice.list"),
        ("GET", "/v2/invoices/x", "xendit.invoice.get"),
        ("POST", "/invoices/x/expire!", "xendit.invoice.expire"),
        ("POST", "/refunds", "xendit.refund.create"),
        ("GET", "/refunds", "xendit.refund.list"),
        ("GET", "/refunds/x", "xendit.refund.get"),
        ("POST", "/refunds/x/cancel", "xendit.refund.cancel"),
        ("POST", "/callback_urls/invoice", "xendit.callback_url"),
    ],
)
def test_every_call_can_be_refused(
    sandbox: Sandbox, method: str, path: str, operation: str
) -> None:
    refuse(sandbox, operation, "ACCESS_SUSPENDED")

    answer = sandbox.xendit(method, path, {"url": "http://127.0.0.1:1/"})

    assert (answer.status_code, answer.json()["error_code"]) == (403, "ACCESS_SUSPENDED")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"reminder_time": 1, "reminder_time_unit": "weeks"}, 400, "INVALID_REMINDER_TIME"),
        ({"reminder_time": 2, "reminder_time_unit": "days"}, 400, "INVALID_REMINDER_TIME"),
        ({"reminder_time": 0}, 400, "API_VALIDATION_ERROR"),
        ({"customer": {"email": "nobody"}}, 400, "EMAIL_FORMAT_ERROR"),
        ({"payment_methods": ["KREDIVO"]}, 400, "API_VALIDATION_ERROR"),
        ({"payment_methods": []}, 400, "UNAVAILABLE_PAYMENT_METHOD_ERROR"),
        ({"callback_virtual_account_id": "x"}, 404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR"),
        ({"items": [{"name": "x", "price": 1, "quantity": 1}] * 76}, 400, "API_VALIDATION_ERROR"),
        ({"metadata": {str(key): "x" for key in range(51)}}, 400, "API_VALIDATION_ERROR"),
    ],
)
def test_rarer_rules_of_create_have_their_errors(
    sandbox: Sandbox, change: dict[str, object], status: int, code: str
) -> None:
    answer = sandbox.xendit("POST", "/v2/invoices", {"external_id": "X", "amount": 5e4, **change})

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"invoice_id": ""}, "invoice_id"),
        ({"reference_id": ""}, "reference_id"),
        ({"reference_id": "x" * 256}, "reference_id"),
        ({"amount": 0}, "amount"),
        ({"currency": "PHP"}, "currency"),
        ({"reason": "BECAUSE"}, "reason"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_a_wrong_refund_request_names_its_field(
    sandbox: Sandbox, change: dict[str, object], field: str
) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")

    answer = sandbox.xendit("POST", "/refunds", {"invoice_id": paid["id"], **change})

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [[field]]


def test_a_body_that_is_no_json_has_its_own_name(sandbox: Sandbox) -> None:
    answer = sandbox.xendit("POST", "/v2/invoices", None)
    broken = sandbox.request(
        "POST", "/xendit/v2/invoices", data=b"{", headers=dict(answer.request.headers)
    )

    assert (broken.status_code, broken.json()["error_code"]) == (400, "INVALID_JSON_FORMAT")


def test_a_wrong_key_is_refused_in_the_words_of_each_product(sandbox: Sandbox) -> None:
    other = ("xnd_development_other", "")
    invoices = sandbox.request("GET", "/xendit/v2/invoices", auth=other)
    refunds = sandbox.request("GET", "/xendit/refunds", auth=other)

    assert (invoices.status_code, invoices.json()["error_code"]) == (401, "INVALID_API_KEY")
    assert (refunds.status_code, refunds.json()["error_code"]) == (403, "UNAUTHORIZED")


def test_answers_carry_the_recorded_headers(sandbox: Sandbox) -> None:
    sandbox.advance(60)
    first, second = (sandbox.xendit("GET", "/v2/invoices").headers for _ in range(2))

    assert first["Content-Type"] == "application/json; charset=utf-8"
    assert first["Cache-Control"] == "no-store, no-cache, must-revalidate, proxy-revalidate"
    assert re.fullmatch(r'W/"[0-9a-f]+-[0-9a-f]+"', first["Etag"])
    assert re.fullmatch(r"\d{10,}", first["Request-Id"])
    assert first["Request-Id"] != second["Request-Id"]
    limits = [
        (one["Rate-Limit-Limit"], one["Rate-Limit-Remaining"], one["Rate-Limit-Reset"])
        for one in (first, second)
    ]
    assert limits == [("3000", "2999", "60"), ("3000", "2998", "60")]


def filters(sandbox: Sandbox, query: str) -> list[str]:
    answer = sandbox.xendit("GET", f"/v2/invoices?{query}")
    assert answer.status_code == 200, answer.text
    return [one["external_id"] for one in answer.json()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["QRIS", "DANA", "OPEN"]),
        ("external_id=DANA", ["DANA"]),
        ("limit=1", ["QRIS"]),
        ("statuses=PENDING&statuses=SETTLED", ["OPEN"]),
        ('statuses=["PENDING","PAID"]', ["QRIS", "DANA", "OPEN"]),
        ("statuses[]=PAID", ["QRIS", "DANA"]),
        ("payment_channels=DANA", ["DANA"]),
        ('payment_channels=["DANA","QRIS"]', ["QRIS", "DANA"]),
        ("client_types=API_GATEWAY", ["QRIS", "DANA", "OPEN"]),
        ('client_types=["DASHBOARD","MOBILE"]', []),
        ("on_demand_link=x", []),
        ("recurring_payment_id=x", []),
        ("created_after={later}", ["QRIS"]),
        ("created_before={later}", ["DANA", "OPEN"]),
        ("paid_after={later}", ["QRIS"]),
        ("paid_before={later}", ["DANA"]),
        ("expired_after={tomorrow}", ["QRIS"]),
        ("expired_before={tomorrow}", ["DANA", "OPEN"]),
    ],
)
def test_every_filter_of_the_list(sandbox: Sandbox, query: str, found: list[str]) -> None:
    sandbox.invoice("OPEN")
    sandbox.paid_invoice("DANA", "DANA")
    now = _now(sandbox)
    sandbox.advance(3_600)
    sandbox.paid_invoice("QRIS", "QRIS")
    moments = {"later": _shift(now, 60), "tomorrow": _shift(now, 86_460)}

    assert filters(sandbox, query.format(**moments) if "{" in query else query) == found


def _now(sandbox: Sandbox) -> str:
    return sandbox.control("GET", "clock")["now"]


def _shift(moment: str, seconds: float) -> str:
    from datetime import datetime, timedelta

    moved = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    return moved.isoformat().replace("+00:00", "Z")


def test_a_callback_url_can_be_set_over_the_api(sandbox: Sandbox, shop: Shop) -> None:
    other = Shop()
    with listening(other) as url:
        answer = sandbox.xendit("POST", "/callback_urls/invoice", {"url": url})
        paid = sandbox.paid_invoice("X-1", "CREDIT_CARD")
        sandbox.xendit("POST", "/refunds", {"invoice_id": paid["id"]})
        sandbox.flush()

    assert answer.status_code == 200
    body: Any = answer.json()
    assert (body["status"], body["url"], body["callback_token"]) == ("SUCCESSFUL", url, TOKEN)
    assert [one["status"] for one in other.bodies()] == ["PAID"]
    # Refunds have an address of their own.
    assert [one["event"] for one in shop.bodies()] == ["refund.succeeded"]


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://x/", "http://", "http://[", 5, None])
def test_a_wrong_callback_url_is_refused(sandbox: Sandbox, url: object) -> None:
    answer = sandbox.xendit("POST", "/callback_urls/invoice", {"url": url})

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_URL_FORMAT")
    assert all(isinstance(one, str) for one in answer.json()["errors"])


def test_the_account_can_be_narrowed_and_limited() -> None:
    options = ("--xendit-channels", "BCA,QRIS", "--xendit-rate-limit", "3", "--seed", "1")
    with running(*options) as (sandbox, _):
        invoice = sandbox.invoice("X-1")
        inactive = sandbox.invoice("X-2", payment_methods=["DANA"])
        codes = [sandbox.xendit("GET", "/refunds").status_code for _ in range(4)]
        sandbox.advance(60)
        again = sandbox.xendit("GET", "/refunds")

    assert [bank["bank_code"] for bank in invoice["available_banks"]] == ["BCA"]
    assert invoice["available_ewallets"] == []
    assert inactive["error_code"] == "UNAVAILABLE_PAYMENT_METHOD_ERROR"
    assert codes == [200, 200, 200, 429]
    assert (again.status_code, again.headers["Rate-Limit-Remaining"]) == (200, "2")


def test_an_account_without_channels_collects_nothing() -> None:
    with running("--xendit-channels", "") as (sandbox, _):
        assert sandbox.invoice("X-1")["error_code"] == "NO_COLLECTION_METHODS_ERROR"


def test_refusals_can_wear_the_newer_names() -> None:
    with running("--xendit-newer-refund-errors") as (sandbox, _):
        unpaid, dana = sandbox.invoice("X-1"), sandbox.paid_invoice("X-2", "DANA")
        bank, linkaja = sandbox.paid_invoice("X-3", "BCA"), sandbox.paid_invoice("X-4", "LINKAJA")
        asked = [
            ({"invoice_id": unpaid["id"]}, (400, "INELIGIBLE_TRANSACTION_STATUS")),
            ({"invoice_id": dana["id"], "amount": 150_001}, (400, "REFUND_AMOUNT_EXCEEDED")),
            ({"invoice_id": bank["id"]}, (403, "REFUND_NOT_SUPPORTED")),
            ({"invoice_id": linkaja["id"], "amount": 1}, (403, "PARTIAL_REFUND_NOT_SUPPORTED")),
        ]
        answers = [sandbox.xendit("POST", "/refunds", body) for body, _ in asked]

    got = [(answer.status_code, answer.json()["error_code"]) for answer in answers]
    assert got == [expected for _, expected in asked]
