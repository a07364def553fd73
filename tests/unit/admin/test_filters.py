"""What each filter means, how it is said, and that nonsense is answered and not guessed at."""

from datetime import UTC, datetime

import pytest
from babel.support import LazyProxy
from flask import Flask
from flask_babel import Babel, lazy_gettext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from werkzeug.datastructures import MultiDict

from admin.lists.filters import (
    ChoiceFilter,
    DayFilter,
    Op,
    TextFilter,
    TimeFilter,
    count,
    equals,
    money,
)
from admin.lists.questions import MOST_FILTERS, Asked, one_question, read_asked
from app.core.states import Attention, PaymentStatus
from app.db.models import JobRun, Order

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILTERS = (
    ChoiceFilter(
        "status",
        "Status",
        [("paid", "Paid"), ("expired", "Expired")],
        equals(Order.payment_status, PaymentStatus),
    ),
    ChoiceFilter(
        "attention",
        "Attention",
        [("drift", "Gateway disagrees")],
        equals(Order.attention, Attention),
        empty=Order.attention,
    ),
    DayFilter("from", "From", Order.created_at),
    DayFilter("to", "To", Order.created_at, is_last=True),
    money("total", lazy_gettext("Total"), Order.total_idr),
    count("failed", lazy_gettext("Failed"), JobRun.failed),
    TimeFilter("created", "Created", Order.created_at),
    TimeFilter("paid", "Paid", Order.paid_at, may_be_empty=True),
    TextFilter("customer", "Customer", Order.customer_name),
)


@pytest.fixture(autouse=True, scope="module")
def texts() -> object:
    """Texts need an application, whatever it is."""
    app = Flask("texts")
    Babel(app)
    with app.test_request_context():
        yield


def asked(query: str) -> Asked:
    parts = (part.partition("=") for part in query.split("&"))
    return read_asked(FILTERS, MultiDict([(name, value) for name, _, value in parts]), NOW)


def sql(query: str) -> list[str]:
    found = asked(query)
    assert found.errors == []
    return [
        str(condition.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        for condition in found.conditions
    ]


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("status=paid", "orders.payment_status = 'paid'"),
        ("status.not=paid", "orders.payment_status != 'paid'"),
        (
            "status.in=paid,expired",
            "orders.payment_status = 'paid' OR orders.payment_status = 'expired'",
        ),
        ("attention.empty=1", "orders.attention IS NULL"),
        ("attention.filled=1", "orders.attention IS NOT NULL"),
        # What has no reason is not this reason: without the second half it would be left out.
        ("attention.not=drift", "orders.attention != 'drift' OR orders.attention IS NULL"),
        ("total=150.000", "orders.total_idr = 150000"),
        ("total.min=Rp 150.000", "orders.total_idr >= 150000"),
        ("total.max=150000", "orders.total_idr <= 150000"),
        (
            "total.between=100.000..200.000",
            "orders.total_idr >= 100000 AND orders.total_idr <= 200000",
        ),
        ("failed.min=2", "job_runs.failed >= 2"),
        ("from=2026-11-23", "orders.created_at >= '2026-11-22 17:00:00.000000'"),
        ("to=2026-11-23", "orders.created_at < '2026-11-23 17:00:00.000000'"),
        ("created.from=2026-11-23", "orders.created_at >= '2026-11-22 17:00:00.000000'"),
        ("created.to=2026-11-23", "orders.created_at < '2026-11-23 17:00:00.000000'"),
        (
            "created=2026-11-23",
            (
                "orders.created_at >= '2026-11-22 17:00:00.000000'"
                " AND orders.created_at < '2026-11-23 17:00:00.000000'"
            ),
        ),
        (
            "created.between=2026-11-01..2026-11-23",
            (
                "orders.created_at >= '2026-10-31 17:00:00.000000'"
                " AND orders.created_at < '2026-11-23 17:00:00.000000'"
            ),
        ),
        ("created.older=24h", "orders.created_at < '2026-11-22 12:00:00.000000'"),
        ("created.older=90m", "orders.created_at < '2026-11-23 10:30:00.000000'"),
        ("created.newer=7d", "orders.created_at >= '2026-11-16 12:00:00.000000'"),
        ("created.newer=2w", "orders.created_at >= '2026-11-09 12:00:00.000000'"),
        ("paid.empty=1", "orders.paid_at IS NULL"),
        ("customer=Rina", "lower(orders.customer_name) = 'rina'"),
        (
            "customer.contains=50%_off",
            "lower(orders.customer_name) LIKE '%' || '50/%/_off' || '%' ESCAPE '/'",
        ),
    ],
)
def test_a_filter_means_what_it_says(query: str, meaning: str) -> None:
    assert sql(query) == [meaning]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status.in=paid,expired", "Status is one of Paid, Expired"),
        ("attention.empty=1", "Attention is empty "),
        ("total.between=100000..200000", "Total between Rp 100.000 … Rp 200.000"),
        ("created.older=24h", "Created older than 1 day"),
        ("created.older=36h", "Created older than 36 hours"),
        ("created.older=90m", "Created older than 90 minutes"),
        ("created.newer=2w", "Created within the last 14 days"),
        ("created.from=2026-11-23", "Created from 23 Nov 2026"),
        ("customer.contains=Rina", "Customer contains “Rina”"),
    ],
)
def test_a_filter_is_said_in_words(query: str, words: str) -> None:
    [chip] = asked(query).chips

    assert f"{chip.label} {chip.operator} {chip.words}" == words


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("status=refunded", "“refunded” is none of the choices."),
        ("status=' OR 1=1", "“' OR 1=1” is none of the choices."),
        ("status.in=paid,nonsense", "“nonsense” is none of the choices."),
        ("status.contains=paid", "This cannot be asked here."),
        ("status.empty=1", "This cannot be asked here."),
        ("total.min=1,5", "“1,5” is no number. Write 150.000."),
        ("total.between=1000", "“Between” needs a first and a last value."),
        ("total.between=1000..", "“Between” needs a first and a last value."),
        ("failed.min=99999999999", "“99999999999” is no number. Write 150.000."),
        ("created.from=23/11/2026", "“23/11/2026” is no day. Write 2026-11-23."),
        ("created.from=0001-01-01", "“0001-01-01” is no day. Write 2026-11-23."),
        ("to=9999-12-31", "“9999-12-31” is no day. Write 2026-11-23."),
        ("created.older=soon", "“soon” is no age. Write 90m, 24h, 7d or 2w."),
        ("created.older=99999d", "“99999d” is no age. Write 90m, 24h, 7d or 2w."),
        ("customer=a\x00b", "This value is too long, or holds characters nobody can see."),
        ("customer=" + "x" * 301, "This value is too long, or holds characters nobody can see."),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_how_to_write_it(query: str, error: str) -> None:
    found = asked(query)

    assert [chip.error for chip in found.errors] == [error]
    assert found.conditions == []


def test_an_empty_field_asks_nothing_and_an_unknown_name_is_left_alone() -> None:
    assert asked("status=&from=&page=3&flt0_0=1&other.min=5").chips == []


def test_filters_are_asked_together_and_a_repeated_one_once() -> None:
    assert len(sql("status=paid&total.min=1&total.max=9&total.min=1")) == 3


def test_no_address_asks_more_than_twenty_things() -> None:
    found = asked("&".join(f"total.min={amount}" for amount in range(60)))

    assert len(found.conditions) == MOST_FILTERS


def test_what_the_form_says_stands_in_the_address() -> None:
    by_name = {each.name: each for each in FILTERS}

    assert one_question(by_name["status"], Op.IS, ["paid"]) == ("status", "paid")
    assert one_question(by_name["status"], Op.IN, ["paid", "expired"]) == (
        "status.in",
        "paid,expired",
    )
    assert one_question(by_name["total"], Op.BETWEEN, [" 1000 ", "2000"]) == (
        "total.between",
        "1000..2000",
    )
    assert one_question(by_name["paid"], Op.EMPTY, []) == ("paid.empty", "1")


@given(
    st.sampled_from([each.name for each in FILTERS]),
    st.sampled_from(["", *(f".{op.value}" for op in Op), ".x"]),
    st.text(max_size=40),
)
def test_any_text_either_means_something_or_is_an_error(name: str, op: str, value: str) -> None:
    found = read_asked(FILTERS, MultiDict([(name + op, value)]), NOW)

    assert len(found.chips) == (1 if value.strip() else 0)
    assert len(found.conditions) + len(found.errors) == len(found.chips)
    for chip in found.chips:
        assert not isinstance(chip.words, LazyProxy)
