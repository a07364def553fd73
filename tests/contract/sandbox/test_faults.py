import re
import time
from typing import Any

import midtransclient
import midtransclient.error_midtrans
import pytest
import requests
import urllib3

from sandbox.faults import OPERATIONS, Effect
from tests.contract.sandbox.bench import ROOT, XENDIT_KEY, Sandbox, Shop, xendit_sdk

REFUND = "midtrans.refund"


def rule(operation: str, effect: str, **more: Any) -> dict[str, Any]:
    order = more.pop("order", "*")
    return {"match": {"operation": operation, "order": order}, "effect": effect, **more}


def settled(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "gopay")


def test_an_html_answer_is_no_json_for_the_sdk(sandbox: Sandbox) -> None:
    sandbox.faults(rule("midtrans.status", "html_502", times=1))
    transactions = sandbox.core_sdk().transactions
    settled(sandbox)

    with pytest.raises(midtransclient.JSONDecodeError):
        transactions.status("A-1")

    assert transactions.status("A-1")["transaction_status"] == "settlement"


def test_a_reset_leaves_nothing_done(sandbox: Sandbox) -> None:
    settled(sandbox)
    sandbox.faults(rule(REFUND, "reset", times=1))

    with pytest.raises(requests.ConnectionError):
        sandbox.core("POST", "A-1/refund", {"refund_key": "r1", "amount": 1_000})

    assert "refunds" not in sandbox.core("GET", "A-1/status")


def test_a_hang_ends_without_an_answer_and_without_effect(sandbox: Sandbox) -> None:
    settled(sandbox)
    sandbox.faults(rule(REFUND, "hang", seconds=0.3, times=1))
    started = time.monotonic()

    with pytest.raises(requests.ConnectionError):
        sandbox.core("POST", "A-1/refund", {"refund_key": "r1", "amount": 1_000})

    assert time.monotonic() - started >= 0.3
    assert "refunds" not in sandbox.core("GET", "A-1/status")


def test_a_timeout_after_success_has_done_its_work(sandbox: Sandbox) -> None:
    settled(sandbox)
    sandbox.faults(rule(REFUND, "timeout_after_success", seconds=0.2, times=1))

    with pytest.raises(requests.ConnectionError):
        sandbox.core("POST", "A-1/refund", {"refund_key": "r1", "amount": 1_000})

    assert sandbox.core("GET", "A-1/status")["refunds"][0]["refund_key"] == "r1"
    again = sandbox.core("POST", "A-1/refund", {"refund_key": "r1", "amount": 1_000})
    assert again["status_code"] == "406"


def test_a_lost_invoice_answer_is_found_by_external_id(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.invoice.create", "timeout_after_success", seconds=30, times=1))

    with (
        xendit_sdk(sandbox) as (invoices, _),
        pytest.raises(urllib3.exceptions.HTTPError),
    ):
        invoices.create_invoice({"external_id": "X-1", "amount": 50_000}, _request_timeout=1.5)

    listed = sandbox.xendit("GET", "/v2/invoices?external_id=X-1").json()
    assert [one["external_id"] for one in listed] == ["X-1"]


def test_a_slow_answer_is_a_right_one(sandbox: Sandbox) -> None:
    settled(sandbox)
    sandbox.faults(rule("midtrans.status", "slow", seconds=0.2))
    started = time.monotonic()

    status = sandbox.core("GET", "A-1/status")

    assert time.monotonic() - started >= 0.2
    assert status["transaction_status"] == "settlement"


def test_429_wears_each_gateways_dress(sandbox: Sandbox) -> None:
    sandbox.faults(rule("*", "429"))
    body = {"transaction_details": {"order_id": "A-1", "gross_amount": 1_000}}

    core = sandbox.core("GET", "A-1/status")
    snap = sandbox.snap_call(body)
    xendit = sandbox.xendit("GET", "/v2/invoices")

    assert core["status_code"] == "429"
    assert (snap.status_code, list(snap.json())) == (429, ["error_messages"])
    assert (xendit.status_code, xendit.json()["error_code"]) == (429, "RATE_LIMIT_EXCEEDED")


def test_numbers_and_new_fields_in_answers(sandbox: Sandbox) -> None:
    settled(sandbox)
    sandbox.faults(
        rule("midtrans.status", "numeric_types", times=1),
        rule("midtrans.status", "extra_fields", times=1),
    )

    numbers = sandbox.core("GET", "A-1/status")
    extra = sandbox.core("GET", "A-1/status")

    assert (numbers["status_code"], numbers["gross_amount"]) == (200, 150_000)
    assert extra["sandbox_new_field"] == "unannounced"


def test_the_sdk_survives_new_fields_of_xendit(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.*", "extra_fields"))

    with xendit_sdk(sandbox) as (invoices, _):
        created = invoices.create_invoice({"external_id": "X-1", "amount": 50_000})

    assert created.get("sandbox_new_field") == "unannounced"


def test_an_empty_answer_has_done_nothing(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.invoice.create", "empty", times=1))

    answer = sandbox.xendit("POST", "/v2/invoices", {"external_id": "X-1", "amount": 50_000})

    assert (answer.status_code, answer.content) == (502, b"")
    assert sandbox.xendit("GET", "/v2/invoices?external_id=X-1").json() == []


@pytest.mark.parametrize(("seconds", "header"), [(0, None), (7, "7")])
def test_429_tells_when_to_come_back_only_if_asked(
    sandbox: Sandbox, seconds: float, header: str | None
) -> None:
    sandbox.faults(rule("xendit.invoice.list", "429", seconds=seconds))

    assert sandbox.xendit("GET", "/v2/invoices").headers.get("Retry-After") == header


def test_the_sdk_meets_values_it_has_never_heard_of(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.invoice.create", "unknown_values"))

    with xendit_sdk(sandbox) as (invoices, _):
        created = invoices.create_invoice({"external_id": "X-1", "amount": 50_000})

    assert str(created.status) == "UNKNOWN_ENUM_VALUE"
    assert created.available_banks[-1].bank_code.value == "UNKNOWN_ENUM_VALUE"


def test_the_sdk_stumbles_over_a_missing_field_of_an_invoice_that_exists(
    sandbox: Sandbox,
) -> None:
    sandbox.faults(rule("xendit.invoice.create", "missing_field", code="user_id"))

    with xendit_sdk(sandbox) as (invoices, _), pytest.raises(TypeError):
        invoices.create_invoice({"external_id": "X-1", "amount": 50_000})

    assert len(sandbox.xendit("GET", "/v2/invoices?external_id=X-1").json()) == 1


def test_notifications_can_lack_a_field_or_carry_unknown_values(
    sandbox: Sandbox, shop: Shop
) -> None:
    sandbox.faults(
        rule("delivery.xendit", "missing_field", code="paid_amount", times=1),
        rule("delivery.xendit", "unknown_values", times=1),
    )
    for number in range(2):
        sandbox.paid_invoice(f"X-{number}", "BCA")
        sandbox.flush()

    lacking, unknown = shop.bodies()
    assert "paid_amount" not in lacking
    assert (lacking["status"], unknown["status"]) == ("PAID", "SANDBOX_NEVER_HEARD_OF")


def test_a_chance_rolls_the_seeded_dice(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.invoice.list", "429", chance=0.5))

    codes = [sandbox.xendit("GET", "/v2/invoices").status_code for _ in range(40)]

    assert set(codes) == {200, 429}
    assert 5 <= codes.count(429) <= 35


def test_rules_match_by_order_and_run_out(sandbox: Sandbox) -> None:
    sandbox.paid_order("A-1", "gopay")
    sandbox.paid_order("B-1", "gopay")
    sandbox.faults(rule("midtrans.status", "429", order="B-*", times=2))

    codes = [
        sandbox.core("GET", f"{order}/status")["status_code"]
        for order in ("A-1", "B-1", "B-1", "B-1")
    ]

    assert codes == ["200", "429", "429", "200"]
    assert sandbox.control("GET", "faults")["rules"][0]["hits"] == 2


def test_a_rule_for_an_order_also_meets_its_transaction_id(sandbox: Sandbox) -> None:
    paid = sandbox.paid_order("B-1", "gopay")
    sandbox.faults(rule("midtrans.status", "429", order="B-1"))

    assert sandbox.core("GET", f"{paid['transaction_id']}/status")["status_code"] == "429"


def test_a_refused_refund_of_xendit_names_its_code(sandbox: Sandbox) -> None:
    paid = sandbox.paid_invoice("X-1", "DANA")
    sandbox.faults(rule("xendit.refund.create", "refuse", code="INSUFFICIENT_BALANCE", times=1))

    answer = sandbox.xendit("POST", "/refunds", {"invoice_id": paid["id"]})

    assert (answer.status_code, answer.json()["error_code"]) == (400, "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"rules": {}},
        {"rules": [{}]},
        {"rules": [{"effect": "explode"}]},
        {"rules": [{"effect": "drop", "times": 0}]},
        {"rules": [{"effect": "slow", "seconds": -1}]},
        {"rules": [{"effect": "slow", "match": {"order": 1}}]},
        {"rules": [{"effect": "slow", "match": {"operation": "midtrans.staus"}}]},
    ],
)
def test_a_wrong_rule_is_refused_and_the_old_ones_stay(
    sandbox: Sandbox, document: dict[str, Any]
) -> None:
    sandbox.faults(rule("midtrans.status", "429"))

    answer = sandbox.request("PUT", "/_sandbox/faults", json=document)

    assert answer.status_code == 422
    assert len(sandbox.control("GET", "faults")["rules"]) == 1


def test_a_hang_holds_nobody_else_up(sandbox: Sandbox) -> None:
    sandbox.faults(rule("xendit.invoice.list", "hang", seconds=30))
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.Timeout):
            session.get(f"{sandbox.url}/xendit/v2/invoices", auth=(XENDIT_KEY, ""), timeout=0.2)

    started = time.monotonic()
    settled(sandbox)

    assert time.monotonic() - started < 15


def test_every_operation_of_the_program_can_be_named_in_a_rule() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "sandbox").rglob("routes.py"))
    used = set(re.findall(r'"((?:midtrans|xendit)\.[a-z_.]+)"', sources))

    assert len(used) > 15
    assert used - set(OPERATIONS) == set()


def test_every_operation_and_effect_is_documented() -> None:
    document = (ROOT / "docs" / "sandbox.md").read_text()

    missing = [name for name in (*OPERATIONS, *Effect) if f"`{name}`" not in document]
    assert missing == []
