"""Periods begin and end at midnight in WIB, and are compared with one that is as far gone."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.figures.periods import LONGEST_DAYS, NAMES, PeriodError, Span, read_period
from admin.lists.filters import Op, Question, TimeFilter
from app.core.wib import WIB
from app.db.models import Order

NOON = datetime(2026, 3, 10, 12, 30, 40, tzinfo=WIB)
# Hypothesis wants the bounds without a zone, and puts it on.
_FIRST, _LAST = (datetime.fromisoformat(f"{year}-01-01") for year in (2001, 2099))
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))


def asked(name: str, now: datetime = NOON, first: str = "", last: str = "") -> tuple[str, str]:
    period = read_period(name, first, last, now)
    return period.span.asked, period.before.asked


@pytest.mark.parametrize(
    ("name", "span", "before"),
    [
        ("today", "2026-03-10..2026-03-10", "2026-03-09..2026-03-09T12:30"),
        ("yesterday", "2026-03-09..2026-03-09", "2026-03-08..2026-03-08"),
        ("7d", "2026-03-04..2026-03-10", "2026-02-25..2026-03-03T12:30"),
        ("30d", "2026-02-09..2026-03-10", "2026-01-10..2026-02-08T12:30"),
        ("month", "2026-03-01..2026-03-10", "2026-02-01..2026-02-10T12:30"),
    ],
)
def test_each_name_means_days_in_wib(name: str, span: str, before: str) -> None:
    assert asked(name) == (span, before)


def test_the_day_changes_at_midnight_in_wib_and_not_in_utc() -> None:
    evening = datetime(2026, 3, 10, 16, 59, tzinfo=UTC)  # 23:59 WIB

    assert asked("today", evening) == ("2026-03-10..2026-03-10", "2026-03-09..2026-03-09T23:59")
    midnight = ("2026-03-11..2026-03-11", "2026-03-10..2026-03-09")  # Nothing has gone yet.
    assert asked("today", evening + timedelta(minutes=1)) == midnight
    assert asked("today", evening + timedelta(minutes=2))[1] == "2026-03-10..2026-03-10T00:01"


def test_a_long_month_is_compared_with_a_short_one_no_further_than_its_end() -> None:
    assert asked("month", datetime(2026, 3, 31, 12, tzinfo=WIB))[1] == "2026-02-01..2026-02-28"


def test_a_period_of_ones_own_is_compared_with_as_many_days_before() -> None:
    span, before = asked("custom", NOON, "2026-01-11", "2026-01-20")

    assert (span, before) == ("2026-01-11..2026-01-20", "2026-01-01..2026-01-10")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("", ""),
        ("2026-01-02", "2026-01-01"),
        ("2026-01-01", "2027-02-05"),
        ("1999-12-31", "2000-01-01"),
        ("2100-12-31", "2101-01-01"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("x", "\x00"),
    ],
)
def test_days_that_are_no_period_are_refused(first: str, last: str) -> None:
    with pytest.raises(PeriodError):
        read_period("custom", first, last, NOON)


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PeriodError):
        read_period("nonsense", "", "", NOON)


@given(st.sampled_from(NAMES), MOMENTS, DAYS, st.integers(min_value=0, max_value=LONGEST_DAYS - 1))
def test_parts_follow_each_other_and_fill_the_span(
    name: str, now: datetime, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    period = read_period(name, first.isoformat(), last.isoformat(), now)
    parts = period.span.parts()

    assert (parts[0].start, parts[-1].end) == (period.span.start, period.span.end)
    assert all(one.end == after.start for one, after in pairwise(parts))
    assert 1 <= len(parts) <= 62
    assert period.before.start <= period.before.end <= period.span.start
    assert period.span.start.time() == period.before.start.time() == datetime.min.time()


@given(MOMENTS, st.integers(min_value=0, max_value=10_000))
def test_what_a_span_asks_is_what_the_filter_of_the_lists_understands(
    start: datetime, minutes: int
) -> None:
    begins = start.astimezone(WIB).replace(second=0, microsecond=0)
    span = Span(begins, begins + timedelta(minutes=minutes))

    found = TimeFilter("paid", "Paid", Order.paid_at).condition(
        Question(Op.BETWEEN, span.asked, NOON)
    )

    values = [clause.right.value for clause in found.clauses]  # pyright: ignore[reportAttributeAccessIssue]
    assert values == [span.start.astimezone(UTC), span.end.astimezone(UTC)]
