"""Days are days in Indonesia, and nonsense filters nothing."""

import pytest
from sqlalchemy.dialects import sqlite

from admin.filters import ChoiceFilter, DayFilter, equals
from app.core.states import PaymentStatus
from app.db.models import Order

FROM = DayFilter("from", "From", Order.created_at)
TO = DayFilter("to", "To", Order.created_at, is_last=True)
STATUS = ChoiceFilter(
    "status", "Status", [("paid", "Paid")], equals(Order.payment_status, PaymentStatus)
)


def sql(condition: object) -> str:
    compiled = condition.compile(  # type: ignore[attr-defined]
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(compiled)


def test_a_day_runs_from_midnight_to_midnight_in_wib() -> None:
    assert sql(FROM.condition("2026-11-23")) == "orders.created_at >= '2026-11-22 17:00:00.000000'"
    assert sql(TO.condition("2026-11-23")) == "orders.created_at < '2026-11-23 17:00:00.000000'"


@pytest.mark.parametrize("value", ["", "0001-01-01", "9999-12-31x", "2026-13-01", "\x00", "23/11"])
def test_what_is_no_day_filters_nothing(value: str) -> None:
    assert FROM.condition(value) is None


def test_the_last_day_of_the_calendar_breaks_nothing() -> None:
    assert TO.condition("9999-12-31") is None


def test_only_the_choices_that_were_offered_filter() -> None:
    assert sql(STATUS.condition("paid")) == "orders.payment_status = 'paid'"
    assert STATUS.condition("refunded") is None
    assert STATUS.condition("' OR 1=1") is None
