"""Charts stay within their frame, keep proportions, and comparisons say more or less in words."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from admin.figures.charts import HEIGHT, WIDTH, draw_flows, draw_shares
from admin.figures.differences import (
    compare_net,
    compare_rates,
    compare_sums,
    compare_times,
    short_duration,
)
from admin.figures.of_period import Figure, Flow, add_flows
from admin.figures.periods import read_period
from tests.unit.admin.moments import NOW

AMOUNTS = st.integers(min_value=0, max_value=10**14)
SPAN = read_period("today", "", "", NOW).span


def flow(paid: int, refunded: int) -> Flow:
    return Flow(SPAN, Figure(paid, 1, ()), Figure(refunded, 1, ()))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=62))
def test_no_bar_leaves_the_frame(pairs: list[tuple[int, int]]) -> None:
    chart = draw_flows([flow(*pair) for pair in pairs])

    assert len(chart.bars) == len(pairs)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert bar.up <= chart.zero + 0.02
        assert chart.zero + bar.down <= HEIGHT + 0.02


def test_bars_are_in_proportion_on_one_scale() -> None:
    chart = draw_flows([flow(300, 100), flow(150, 0)])

    assert [(bar.up, bar.down) for bar in chart.bars] == [(90.0, 30.0), (45.0, 0.0)]
    assert chart.zero == 90.0


def test_without_money_the_line_lies_at_the_bottom() -> None:
    assert draw_flows([flow(0, 0)]).zero == HEIGHT


@given(st.lists(st.integers(min_value=0, max_value=10**6), max_size=4), st.integers(0, 10**6))
def test_pieces_of_a_bar_follow_each_other_and_never_exceed_it(
    counts: list[int], more: int
) -> None:
    whole = sum(counts) + more
    pieces = draw_shares([(str(i), count) for i, count in enumerate(counts)], whole)

    assert all(piece.x + piece.width <= 100.05 for piece in pieces)
    assert all(one.x <= after.x for one, after in pairwise(pieces))


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=20))
def test_the_whole_is_the_sum_of_its_parts(pairs: list[tuple[int, int]]) -> None:
    whole = add_flows(SPAN, [flow(*pair) for pair in pairs])

    assert whole.paid.idr == sum(paid for paid, _ in pairs)
    assert whole.net_idr == sum(paid - refunded for paid, refunded in pairs)
    assert whole.paid.rows == len(pairs)


@pytest.mark.parametrize(
    ("now", "before", "sign", "words"),
    [
        (150, 100, 1, "+50%, more"),
        (100, 300, -1, "-66.7%, less"),
        (100, 100, 0, "the same"),
        (0, 0, 0, "the same"),
        (5, 0, 1, "more; nothing before"),
        (0, 5, -1, "-100%, less"),
    ],
)
def test_sums_are_compared_with_sign_and_word(now: int, before: int, sign: int, words: str) -> None:
    found = compare_sums(now, before)

    assert (found.sign, found.words) == (sign, words)


def test_net_is_compared_in_rupiah_also_below_zero() -> None:
    assert compare_net(-50_000, 25_000).words == "-Rp 75.000, less"
    assert compare_net(25_000, -50_000).words == "+Rp 75.000, more"
    assert compare_net(-5, -5).words == "the same"


def test_rates_are_compared_in_points_if_there_are_two() -> None:
    better, worse = compare_rates(0.75, 0.5), compare_rates(0.5, 0.755)
    same = compare_rates(0.50001, 0.5)

    assert better is not None
    assert worse is not None
    assert same is not None
    assert (better.words, worse.words) == ("+25 points, higher", "-25.5 points, lower")
    assert same.words == "the same"
    assert compare_rates(None, 0.5) is compare_rates(0.5, None) is None


def test_times_are_compared_as_slower_and_faster() -> None:
    slower, faster = compare_times(200, 100), compare_times(100, 4000)

    assert slower is not None
    assert faster is not None
    assert (slower.words, faster.words) == ("+1 min 40 s, slower", "-1 h 5 min, faster")
    assert compare_times(None, 5) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_are_written_in_two_units(seconds: int, words: str) -> None:
    assert short_duration(seconds) == words
