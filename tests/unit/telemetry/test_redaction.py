import base64
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.telemetry.redaction import Redactor

SECRET = "Q1w2E3r4T5y6"


def told(text: str) -> str:
    return Redactor([SECRET]).text(text)


@pytest.mark.parametrize(
    "private",
    [
        "rina@contoh.example",
        "rina.wijaya+toko@mail.contoh.example",
        "+6281234567890",
        "081234567890",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "62812345678901",
        "4811111111111114",
        "SB-Mid-server-abc_DEF-123",
        "Mid-client-abcDEF",
        "xnd_production_abcDEF123",
        "f" * 128,
        "Basic c29tZWJvZHk6c2VjcmV0",
        "Bearer abc.def-ghi",
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"{SECRET}:".encode()).decode(),
    ],
)
def test_what_looks_private_or_is_a_secret_is_taken_out_of_any_text(private: str) -> None:
    text = told(f"before {private}, after")

    assert private.rsplit(maxsplit=1)[-1] not in text
    assert text.startswith("before ")
    assert text.endswith(", after")
    assert "***" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/api/orders/Q7v4IoXlVPVuZ_MWfU6gSOrD/retry", "/api/orders/Q7v4…/retry"),
        ("GET /admin/welcome/abcdef failed", "GET /admin/welcome/… failed"),
        ("/orders/finish?order_id=LN-1&x=y went", "/orders/fini…?… went"),
        ("postgresql://lunas:geheim@db/lunas", "postgresql://***@db/lunas"),
        ("redis://:geheim@cache:6379/0 failed", "redis://***@cache:6379/0 failed"),
        ("rediss://:g:h!@[::1]/0 failed", "rediss://***@[::1]/0 failed"),
        ("http://[::1]:8000/api", "http://[::1]:8000/api"),
        ("see https://shop.example:8000/a, b", "see https://shop.example:8000/a, b"),
        ('{"customer_name": "Rina Wijaya", "n": 2}', '{"customer_name": ***, "n": 2}'),
        ("signature_key='abc def' x", "signature_key=*** x"),
        ("token: abcdef, next", "token: ***, next"),
        (
            "1 failed\nDETAIL:  Failing row contains (1, Rina\n).\n[SQL: x]",
            "1 failed\nDETAIL: ***\n[SQL: x]",
        ),
        (
            "bad [type=int, input_value='Rina', input_type=str]",
            "bad [type=int, input_value=***, input_type=str]",
        ),
        ("[SQL: x]\n[parameters: {'n': 'Rina [x]'}]\nmore", "[SQL: x]\n[parameters: ***]\nmore"),
    ],
)
def test_known_forms_keep_what_helps(text: str, expected: str) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "harmless",
    [
        "order LN-7Q2M4XK9TB-1 moved from pending to paid",
        "2026-11-23T22:56:39.123456Z",
        "job poll_orders failed",
        "app/services/observations.py:61 apply_observation",
        "rc16eea42f49eccf8",
        "UNIQUE constraint failed: orders.number",
        "Rp 150.000 in 8 rows",
        "column name is missing",
    ],
)
def test_what_helps_to_find_a_fault_stays(harmless: str) -> None:
    assert told(harmless) == harmless


# What the forms are made of, in every order: whatever a shortcut must not overlook.
_PIECES = st.one_of(
    st.sampled_from(
        (
            *(
                "name",
                "token",
                "phone",
                "email",
                "basic",
                "Bearer",
                "Mid-",
                "SB-Mid-",
                "mid-server-",
            ),
            *("xnd_", "client-", ":", "=", "://", "@", "?", "/", "[parameters: ", "]", "DETAIL:"),
            *("input_value=", ", input_type=", "62", "08", "8", "+6", "-", "(", ")", " ", ".", "_"),
            *("0812-3456-7890", "62 8", "4811111111111114", "f" * 64, "abcdef", "ABCDEF", "1", "٣"),
            *("/api/orders/", "/orders/", "/admin/welcome/", "2026-11-23T22:56:39.1Z", "'", '"'),
        )
    ),
    st.text("0123456789 -", max_size=16),
    st.text(max_size=3),
)


@given(st.lists(_PIECES, max_size=6))
@example(["bearer", " ", "abcdef"])
@example(["Mid-", "client-", "abcdef"])
@example(["xnd_", "abcdef"])
@example(["0812", "34567890"])
@example(["62 8 ", "1234-5678"])
@example(["4811111111", "11111114"])
@example(["f" * 64])
@example(["name", ":", "abcdef"])
@example(["1:1", "@", "abcdef.abcdef"])
def test_a_text_alone_is_cleaned_as_it_is_amid_others(pieces: list[str]) -> None:
    text = "".join(pieces)

    # A line break is in nothing that is let through at a glance.
    assert "\n" + told(text) == told("\n" + text)


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Cookie",
        "x-callback-token",
        "signature_key",
        "customer_email",
        "phone",
        "customer_name",
        "name",
        "password",
        "transfer_holder",
        "remote_address",
    ],
)
def test_a_field_with_a_private_name_is_masked_whatever_it_holds(name: str) -> None:
    event: dict[str, Any] = {"event": "x", name: "plain", "deep": {name: ["plain"]}}

    assert Redactor()(None, "info", event) == {"event": "x", name: "***", "deep": {name: "***"}}


def test_values_of_every_kind_become_something_small() -> None:
    deep: Any = {"a": {"a": {"a": {"a": {"a": {"a": SECRET}}}}}}
    event = {
        "n": 3,
        "none": None,
        "yes": True,
        "raw": b"secret",
        "many": list(range(99)),
        "long": "x" * 9000,
        "deep": deep,
        "odd": {1: SECRET},
    }

    clean = Redactor([SECRET])(None, "info", event)

    assert (clean["n"], clean["none"], clean["yes"], clean["raw"]) == (3, None, True, "6 bytes")
    assert (len(clean["many"]), len(clean["long"])) == (50, 2000)
    assert clean["odd"] == {"1": "***"}
    assert SECRET not in str(clean)


def test_a_word_that_is_too_short_to_be_a_secret_blacks_nothing_out() -> None:
    assert Redactor(["db", ""]).text("the db is down") == "the db is down"
