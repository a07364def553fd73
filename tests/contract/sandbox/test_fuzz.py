"""Anything at all, sent to every route there is: a 4xx or the documented error, never a 5xx.

The routes are read from the program's own URL map, so that no new one can be forgotten.
"""

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sandbox.settings import DEMO_MIDTRANS_SERVER_KEY, DEMO_XENDIT_SECRET_KEY
from tests.unit.sandbox.inprocess import Inside, inside

_LONGEST_S = 20.0


def _routes() -> list[tuple[str, Rule]]:
    with inside() as sandbox:
        rules = list(sandbox.client.application.url_map.iter_rules())
    return [
        (method, rule)
        for rule in sorted(rules, key=str)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


ROUTES = _routes()
# Ids of what every test has made beforehand, and what nobody would expect in a path.
_KNOWN = ("A-1", "A-2", "X-1", "X-2", "TOKEN", "TRANSACTION", "INVOICE", "REFUND", "1")
_ACTIONS = ("pay", "pick", "deny", "challenge", "approve", "expire", "cancel", "settle", "reverse")
_ODD = (
    "..",
    "%",
    "inf",
    "%00",
    "\x00",
    "<script>",
    "'\"",
    "٣",
    "-1",
    "9" * 40,
    "a" * 3_000,
    "\ud7ff",
)
_NAMES = (
    *("transaction_details", "order_id", "gross_amount", "item_details", "customer_details"),
    *("enabled_payments", "expiry", "page_expiry", "callbacks", "custom_field1", "bca_va"),
    *("payment_type", "bank_transfer", "echannel", "cstore", "gopay", "qris", "shopeepay"),
    *("credit_card", "token_id", "bank", "store", "ovo", "phone_number", "kredivo", "dana"),
    *("transaction_id", "refund_key", "reason", "amount", "currency", "external_id", "items"),
    *("payment_methods", "fees", "metadata", "invoice_duration", "reminder_time", "customer"),
    *("payer_email", "invoice_id", "payment_request_id", "reference_id", "bank_code", "url"),
    *("bank_account_number", "payment_code", "transfer_amount", "retail_outlet_name"),
    *("channel", "issuer", "late", "linked", "outcome", "advance_s", "rules", "match"),
    *("effect", "seconds", "chance", "times", "gateway", "midtrans", "xendit", "limit"),
    *("card_number", "card_cvv", "card_exp_month", "card_exp_year", "client_key", "card"),
    *("method", "number", "token", "language", "statuses", "created_after", "last_invoice"),
)
_names = st.sampled_from(_NAMES)
_QUERY_NAMES = (
    *("limit", "statuses", "payment_channels", "client_types", "created_after", "paid_before"),
    *("last_invoice", "after_id", "external_id", "invoice_id", "language", "card_number"),
    *("card_exp_month", "client_key", "token_id", "gross_amount", "callback"),
)
_ODD_QUERIES = ("", "-1", "inf", "[[", "\x00")
_ODD_FIELDS: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**30, 1e308, "", "0", "inf", "nan", "1e999", "\x00", "[[", "x" * 3_000),
    *([], {}, [[]], [{}], {"a": None}),
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 2**63, 10**400, 1e308, "", "0", "NaN", "BCA", "gopay", "drop"])
    | st.sampled_from([*_KNOWN, *_ODD])
    | st.text(max_size=20)
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=10,
)
_ORDER = {"order_id": "A-9", "gross_amount": 20_000}
# Right bodies, of which one or two fields are then replaced: most checks lie behind others.
_RIGHT: list[dict[str, Any]] = [
    {"transaction_details": _ORDER},
    *(
        {"transaction_details": _ORDER, "payment_type": kind}
        for kind in ("gopay", "qris", "shopeepay", "akulaku", "kredivo", "dana", "echannel")
    ),
    {
        "transaction_details": _ORDER,
        "payment_type": "bank_transfer",
        "bank_transfer": {"bank": "bca"},
    },
    {"transaction_details": _ORDER, "payment_type": "cstore", "cstore": {"store": "alfamart"}},
    {
        "transaction_details": _ORDER,
        "payment_type": "credit_card",
        "credit_card": {"token_id": "TOKEN"},
    },
    {"external_id": "X-9", "amount": 50_000},
    {"invoice_id": "INVOICE", "amount": 1_000},
    {"refund_key": "r", "amount": 1_000, "reason": "x"},
    {"rules": [{"match": {"operation": "*"}, "effect": "429"}]},
    {"advance_s": 60},
    {"channel": "BCA", "card": {"number": "4000000000001000"}},
]


def _nearly_right(right: dict[str, Any], odd: dict[str, Any]) -> dict[str, Any]:
    """Put the odd values into a right body, beside its fields or inside its objects."""
    inner = {key: {**value, **odd} for key, value in right.items() if isinstance(value, dict)}
    return {**right, **(inner or odd)} if len(odd) % 2 else {**right, **odd}


_bodies = (
    st.builds(_nearly_right, st.sampled_from(_RIGHT), st.dictionaries(_names, _values, max_size=2))
    .map(json.dumps)
    .map(str.encode)
    | st.dictionaries(_names, _values, max_size=8).map(json.dumps).map(str.encode)
    | _values.map(json.dumps).map(str.encode)
    | st.binary(max_size=40)
    | st.sampled_from([b"", b"[" * 100_000, b'{"a":' * 50_000, b"{" + b" " * 2_000_000 + b"}"])
    | st.sampled_from([b'{"amount":' + b"9" * 5_000 + b"}", b'{"\xff":1}', b'{"a":1,"a":2}'])
)


@dataclass(frozen=True)
class Call:
    """One request; None stands for what is right: an id that exists, the key of the API."""

    values: list[str | None]
    query: dict[str, str]
    body: bytes
    authorization: str | None
    headers: dict[str, str]


def _mostly_right(odd: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.none(), st.none(), odd)


_ODD_AUTHORIZATIONS = ("", "Basic", "Basic Og==", "Basic \xe9", "Bearer x")
_odd_texts = st.sampled_from([*_KNOWN, *_ACTIONS, *_ODD]) | st.text(max_size=12)
_calls = st.builds(
    Call,
    values=st.lists(_mostly_right(_odd_texts), min_size=2, max_size=2),
    query=st.dictionaries(st.sampled_from(_QUERY_NAMES), _odd_texts, max_size=3),
    body=_bodies,
    authorization=_mostly_right(st.sampled_from(_ODD_AUTHORIZATIONS)),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "X-Override-Notification": st.sampled_from(["http://127.0.0.1:1/", "http://[", ",,"]),
            "Idempotency-Key": st.sampled_from(["k", "k" * 300, "\xe9"]),
            "Content-Type": st.sampled_from(["application/json", "text/plain", "x", ""]),
        },
    ),
)


@pytest.fixture
def sandbox() -> Iterator[Inside]:
    """One of everything: open and paid orders and invoices, a refund, a delivery."""
    with inside() as sandbox:
        yield sandbox


def _right_values(sandbox: Inside) -> dict[str, str]:
    """Make what the example needs, if an earlier one has used it up, and name its ids."""
    sandbox.control("reset")
    sandbox.token("A-1")
    paid = sandbox.pay("A-2", "gopay")
    invoice = sandbox.invoice("X-2", "DANA")
    body = {"invoice_id": invoice["id"], "amount": 1_000}
    refund = sandbox.call("POST", "/xendit/refunds", body)
    return {
        "any_id": paid["transaction_id"],
        "order_id": "A-1",
        "action": "pay",
        "token": sandbox.token("A-3"),
        "transaction_id": paid["transaction_id"],
        "invoice_id": sandbox.invoice("X-1")["id"],
        "refund_id": refund["id"],
        "delivery_id": "1",
        "kind": "invoice",
        "filename": "merchant.svg",
    }


def _path(rule: Rule, right: dict[str, str], odd: list[str | None]) -> str:
    """Fill the rule's variables with what is right, or odd where the example says so."""
    path = str(rule)
    for name, value in zip(sorted(rule.arguments), [*odd, None, None, None], strict=False):
        text = right.get(name, "gopay") if value is None else value
        safe = quote(text.encode("utf-8", "surrogatepass"), safe="/%")
        path = re.sub(rf"<(\w+:)?{name}>", lambda _, safe=safe: safe, path)
    return path


def _send(sandbox: Inside, method: str, path: str, call: Call) -> TestResponse:
    key = DEMO_XENDIT_SECRET_KEY if path.startswith("/xendit") else DEMO_MIDTRANS_SERVER_KEY
    right = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    authorization = right if call.authorization is None else call.authorization
    answer = sandbox.client.open(
        f"{path}?{urlencode(call.query, errors='surrogatepass')}",
        method=method,
        data=call.body,
        headers={**call.headers, "Authorization": authorization},
    )
    # A rule that this very call has set must not spoil the next one.
    sandbox.world.engine.faults.clear()
    answer.close()
    return answer


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=str)
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(call=_calls)
def test_nothing_makes_a_route_fail_or_hang(
    sandbox: Inside, method: str, rule: Rule, call: Call
) -> None:
    path = _path(rule, _right_values(sandbox), call.values)
    started = time.monotonic()

    answer = _send(sandbox, method, path, call)

    assert answer.status_code < 500, answer.text
    assert time.monotonic() - started < _LONGEST_S


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=str)
def test_no_odd_value_in_any_parameter_makes_a_route_fail(
    sandbox: Inside, method: str, rule: Rule
) -> None:
    """Each query parameter with each odd value, or a body that has it in every field."""
    path = _path(rule, _right_values(sandbox), [])
    failed: list[str] = []
    queries: list[dict[str, str]] = [{name: odd} for name in _QUERY_NAMES for odd in _ODD_QUERIES]
    bodies = [json.dumps(dict.fromkeys(_NAMES, odd)).encode() for odd in _ODD_FIELDS]
    calls = product(queries, [b""]) if method == "GET" else product([dict[str, str]()], bodies)
    for query, body in calls:
        answer = _send(sandbox, method, path, Call([], query, body, None, {}))
        if answer.status_code >= 500:
            failed.append(f"{query} {body[:200]!r}: {answer.text}")

    assert failed == []
