"""What changed about a bulk run since it was asked for: which rows fall out, why, and the sums."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bulk import PlannedRow, RowState, RunSums
from app.core.bulk_changes import LeftOut, RowChange, compare_plans
from app.core.reasons import Why
from app.core.refund_changes import Change
from app.core.states import RefundRoute

ROW = PlannedRow("LN-1", 100, RefundRoute.REFUND, RowState.WAITING, Why.REFUNDABLE)
OUT = PlannedRow("LN-2", 70, None, RowState.SKIPPED, Why.NOT_PAID)

answers = st.builds(
    PlannedRow,
    order=st.just("LN-1"),
    amount_idr=st.integers(0, 10**9),
    route=st.none() | st.sampled_from(RefundRoute),
    state=st.sampled_from((RowState.WAITING, RowState.SKIPPED, RowState.BY_HAND)),
    why=st.sampled_from(Why),
)


@pytest.mark.parametrize(
    ("now", "parts", "left_out"),
    [
        (
            replace(OUT, order="LN-1", amount_idr=0),
            (
                Change("answer", "refundable", "not_paid"),
                Change("route", "refund", ""),
                Change("left", "100", "0"),
            ),
            Why.NOT_PAID,
        ),
        (replace(ROW, amount_idr=99), (Change("left", "100", "99"),), Why.AMOUNT_CHANGED),
        (replace(ROW, amount_idr=101), (Change("left", "100", "101"),), Why.AMOUNT_CHANGED),
        (
            replace(ROW, route=RefundRoute.VOID, why=Why.VOIDABLE),
            (Change("answer", "refundable", "voidable"), Change("route", "refund", "void")),
            Why.ROUTE_CHANGED,
        ),
        (
            replace(ROW, state=RowState.BY_HAND, why=Why.REFUND_WINDOW_OVER),
            (Change("answer", "refundable", "refund_window_over"),),
            Why.REFUND_WINDOW_OVER,
        ),
    ],
)
def test_a_row_that_its_request_would_refuse_is_left_out_with_the_reason(
    now: PlannedRow, parts: tuple[Change, ...], left_out: Why
) -> None:
    changes = compare_plans([ROW], {"LN-1": now})

    assert changes.rows == (RowChange("LN-1", 100, True, parts, left_out),)  # noqa: FBT003
    assert changes.left_out == [LeftOut(left_out, 1, 100)]
    assert (changes.then, changes.now) == (RunSums(1, 100), RunSums(0, 0))


def test_a_row_that_was_left_out_stays_so_although_it_would_be_possible_now() -> None:
    changes = compare_plans([ROW, OUT], {"LN-1": ROW, "LN-2": replace(ROW, order="LN-2")})

    assert [(row.order, row.was_eligible, row.left_out) for row in changes.rows] == [
        ("LN-2", False, None)
    ]
    assert changes.left_out == []
    assert changes.then == changes.now == RunSums(1, 100)


def test_rows_that_fall_out_come_first_and_are_added_up_by_reason() -> None:
    asked = [OUT, *(replace(ROW, order=f"LN-{n}", amount_idr=n) for n in range(3, 7))]
    now = {row.order: row for row in asked} | {
        "LN-2": replace(OUT, why=Why.IN_DISPUTE),
        "LN-3": replace(asked[1], state=RowState.SKIPPED, why=Why.REFUND_OPEN),
        "LN-5": replace(asked[3], amount_idr=1),
        "LN-6": replace(asked[4], amount_idr=1),
    }

    changes = compare_plans(asked, now)

    assert [row.order for row in changes.rows] == ["LN-3", "LN-5", "LN-6", "LN-2"]
    assert changes.left_out == [
        LeftOut(Why.AMOUNT_CHANGED, 2, 11),
        LeftOut(Why.REFUND_OPEN, 1, 3),
    ]
    assert (changes.then, changes.now) == (RunSums(4, 18), RunSums(1, 4))


@given(answers)
def test_the_same_answer_is_no_change(row: PlannedRow) -> None:
    changes = compare_plans([row], {row.order: row})

    assert changes.rows == ()
    assert changes.now == changes.then


@given(answers, answers)
def test_what_would_be_refunded_and_what_is_left_out_add_up_to_what_was_asked(
    asked: PlannedRow, now: PlannedRow
) -> None:
    changes = compare_plans([asked], {asked.order: now})

    lost = sum(one.sum_idr for one in changes.left_out)
    assert changes.now.sum_idr + lost == changes.then.sum_idr
    assert sum(one.count for one in changes.left_out) + changes.now.count == changes.then.count
