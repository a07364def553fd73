"""Where tables are cut, what is made ahead, what may leave, and what a conversion does next."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import PartitioningError
from app.core.partitions import (
    MONTHS_AHEAD,
    Part,
    Progress,
    Step,
    cut_by_month,
    cut_by_order,
    insist_on_leaving,
    later,
    month_of,
    month_part,
    next_step,
    parts_to_come,
    read_history,
    read_month,
)

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
BOUND = Part("before_2027_01", None, datetime(2027, 1, 1, tzinfo=UTC))


def day(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


def test_the_first_part_ends_with_a_month_that_is_at_least_two_weeks_away() -> None:
    history, coming = cut_by_month(NOW)

    assert history == BOUND
    assert coming == (
        Part("2027_01", day(2027, 1), day(2027, 2)),
        Part("2027_02", day(2027, 2), day(2027, 3)),
    )
    assert cut_by_month(day(2026, 12))[0] == BOUND
    assert cut_by_month(datetime(2026, 12, 17, 23, 59, tzinfo=UTC))[0] == BOUND
    assert cut_by_month(datetime(2026, 12, 18, tzinfo=UTC))[0].name == "before_2027_02"


@given(TIMES)
def test_parts_of_months_join_and_reach_far_enough(now: datetime) -> None:
    history, coming = cut_by_month(now)

    assert isinstance(history.upper, datetime)
    assert history.upper - now > timedelta(days=14)
    for one, after in pairwise((history, *coming)):
        assert one.upper == after.lower
    assert (history, *coming)[-1].upper == later(month_of(now), MONTHS_AHEAD + 1)
    assert parts_to_come((history, *coming)[-1], now, 0) == ()
    assert read_history(history.name) == history


@given(TIMES, st.integers(1, 40))
def test_whoever_comes_late_makes_all_that_is_missing(now: datetime, months: int) -> None:
    newest = cut_by_month(now)[1][-1]

    made = parts_to_come(newest, later(month_of(now), months), 0)

    assert len(made) == months
    for one, after in pairwise((newest, *made)):
        assert one.upper == after.lower


@given(st.integers(0, 10**9), st.integers(0, 10**7))
def test_ranges_of_orders_join_and_are_of_one_width(last: int, lately: int) -> None:
    history, coming = cut_by_order(last, lately)

    assert isinstance(history.upper, int)
    widths = {
        part.upper - part.lower
        for part in coming
        if isinstance(part.upper, int) and isinstance(part.lower, int)
    }
    (width,) = widths
    assert max(lately, 100_000) <= width <= max(100_000, 2.5 * lately)
    # As far away as the orders of a month: the shop goes on while it is converted.
    assert history.upper - last > width
    for one, after in pairwise((history, *coming)):
        assert one.upper == after.lower
    assert read_history(history.name) == history
    assert parts_to_come(coming[-1], NOW, last) == ()
    assert len(parts_to_come(coming[-1], NOW, last + width)) == 1


def test_a_width_is_a_round_number() -> None:
    widths = {
        lately: cut_by_order(0, lately)[1][0].lower for lately in (0, 100_001, 400_000, 800_000)
    }

    assert widths == {0: 200_001, 100_001: 400_001, 400_000: 1_000_001, 800_000: 2_000_001}


def test_a_range_after_the_first_part_alone_has_the_least_width() -> None:
    (made, *_) = parts_to_come(Part("below_200001", None, 200_001), NOW, 1)

    assert made == Part("from_200001", 200_001, 300_001)


@pytest.mark.parametrize(
    "name", ["rest", "2026_01", "before_2026_1", "below_", "below_x", "xbefore_2026_01"]
)
def test_other_names_are_no_first_part(name: str) -> None:
    assert read_history(name) is None


def test_a_month_begins_at_midnight_utc() -> None:
    wib = timezone(timedelta(hours=7))

    assert month_of(datetime(2026, 12, 1, 6, 59, tzinfo=wib)) == day(2026, 11)
    assert month_of(datetime(2026, 12, 1, 7, tzinfo=wib)) == day(2026, 12)
    assert later(day(2026, 1), -1) == day(2025, 12)
    assert read_month("2026-02") == day(2026, 2)


@pytest.mark.parametrize("words", ["2026-13", "2026-00", "2026-1", "26-01", "", "2026-01-01", "x"])
def test_what_is_no_month_is_refused(words: str) -> None:
    with pytest.raises(PartitioningError, match="is no month such as 2026-01"):
        read_month(words)


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (Progress(is_partitioned=False), Step.BOUND),
        (Progress(is_partitioned=False, bound=month_part(day(2026, 1))), Step.FORGET),
        (Progress(is_partitioned=False, bound=BOUND), Step.PROVE_BOUND),
        (Progress(is_partitioned=False, bound=BOUND, bound_proved=True), Step.INDEX),
        (Progress(is_partitioned=False, bound=BOUND, bound_proved=True, indexed=True), Step.SWAP),
        (Progress(is_partitioned=True, references_proved=False), Step.PROVE_REFERENCES),
        (Progress(is_partitioned=True), Step.ANALYZE),
        (Progress(is_partitioned=True, analyzed=True), None),
    ],
)
def test_a_conversion_goes_on_with_what_is_not_done(found: Progress, step: Step | None) -> None:
    assert next_step(found, BOUND) is step


def test_only_whole_months_that_are_old_and_concluded_leave() -> None:
    insist_on_leaving(month_part(day(2026, 7)), NOW, waiting=0)
    insist_on_leaving(Part("before_2026_08", None, day(2026, 8)), NOW, waiting=0)

    refused = {
        "3 whole months stay beside the present one: from 2026-08 on": (day(2026, 8), 0),
        "2 of its notifications still wait": (day(2026, 7), 2),
    }
    for words, (month, waiting) in refused.items():
        with pytest.raises(PartitioningError, match=words):
            insist_on_leaving(month_part(month), NOW, waiting)
    with pytest.raises(PartitioningError, match="as long as their orders"):
        insist_on_leaving(Part("from_1", 1, 100_001), NOW, waiting=0)
