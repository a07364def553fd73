"""Bulk runs: totals and seals of the list, who must agree, how runs and rows move."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bulk import (
    NEVER_TRIED,
    BulkEvent,
    BulkKind,
    BulkState,
    PlannedRow,
    RowState,
    RunSubject,
    failures_after,
    is_expired,
    manifest_hash,
    move_run,
    plan_check,
    plan_refund,
    row_state_of,
    run_hash,
    sums_of,
)
from app.core.money import Rupiah
from app.core.reasons import Why
from app.core.refund_reasons import RefundReason
from app.core.refunds import RefundVerdict
from app.core.states import RefundRoute, RefundState

ROW = PlannedRow("LN-1", 100, RefundRoute.REFUND, RowState.WAITING, Why.REFUNDABLE)
SUBJECT = RunSubject(
    "B1", BulkKind.REFUND, "a" * 64, 2, 200, RefundReason.DAMAGED, "reason", "note", 7
)

planned = st.lists(
    st.builds(
        PlannedRow,
        order=st.text(),
        amount_idr=st.integers(0, 10**9),
        route=st.none() | st.sampled_from(RefundRoute),
        state=st.sampled_from(RowState),
        why=st.sampled_from(Why),
    )
)


@given(planned)
def test_the_totals_are_those_of_the_rows_that_will_be_tried(rows: list[PlannedRow]):
    tried = [row for row in rows if row.state not in NEVER_TRIED]

    sums = sums_of(rows)

    assert (sums.count, sums.sum_idr) == (len(tried), sum(row.amount_idr for row in tried))


@given(planned, st.integers(0, 10**9))
def test_no_row_above_the_threshold_is_in_a_run_that_needs_nobody(
    rows: list[PlannedRow], threshold: int
):
    largest = max((row.amount_idr for row in rows if row.is_eligible), default=0)

    assert largest <= threshold or sums_of(rows).needs_approval(threshold)


@given(planned)
def test_what_comes_of_rows_does_not_change_the_seal(rows: list[PlannedRow]):
    after = [
        replace(row, state=RowState.DONE, why=Why.REFUND_SUCCEEDED) if row.is_eligible else row
        for row in rows
    ]

    assert manifest_hash(after) == manifest_hash(rows)


@pytest.mark.parametrize(
    "changed",
    [
        [],
        [replace(ROW, order="LN-2")],
        [replace(ROW, amount_idr=101)],
        [replace(ROW, route=RefundRoute.VOID)],
        [replace(ROW, state=RowState.SKIPPED)],
        [ROW, ROW],
    ],
)
def test_any_other_list_has_another_seal(changed: list[PlannedRow]):
    assert manifest_hash(changed) != manifest_hash([ROW])


@pytest.mark.parametrize(
    "changed",
    [
        replace(SUBJECT, run="B2"),
        replace(SUBJECT, kind=BulkKind.CHECK),
        replace(SUBJECT, manifest_hash="b" * 64),
        replace(SUBJECT, count=3),
        replace(SUBJECT, sum_idr=201),
        replace(SUBJECT, reason="reason "),
        replace(SUBJECT, reason_code=None),
        replace(SUBJECT, reason_code=RefundReason.OTHER),
        replace(SUBJECT, reason="reasonn", note="ote"),
        replace(SUBJECT, requested_by=8),
    ],
)
def test_an_approval_of_one_run_fits_no_other(changed: RunSubject):
    assert run_hash(changed) != run_hash(SUBJECT)


@pytest.mark.parametrize(
    ("why", "route", "state"),
    [
        (Why.REFUNDABLE, RefundRoute.REFUND, RowState.WAITING),
        (Why.VOIDABLE, RefundRoute.VOID, RowState.WAITING),
        (Why.MANUAL_ONLY, RefundRoute.MANUAL, RowState.BY_HAND),
        (Why.CLOSED_HOURS, RefundRoute.REFUND, RowState.SKIPPED),
        (Why.NOT_PAID, None, RowState.SKIPPED),
    ],
)
def test_the_dry_run_decides_what_becomes_of_a_row(
    why: Why, route: RefundRoute | None, state: RowState
):
    allowed = state is RowState.WAITING
    verdict = RefundVerdict(allowed=allowed, why=why, refundable_idr=Rupiah(5), route=route)

    assert plan_refund("LN-1", verdict) == PlannedRow("LN-1", 5, route, state, why)


def test_any_order_may_be_asked_about():
    assert plan_check("LN-1").is_eligible


def test_only_the_moves_of_the_table_are_possible():
    moves = {(s, e): move_run(s, e) for s in BulkState for e in BulkEvent if move_run(s, e)}

    assert moves == {
        (BulkState.DRAFT, BulkEvent.SUBMIT): BulkState.RUNNING,
        (BulkState.DRAFT, BulkEvent.ASK): BulkState.AWAITING_APPROVAL,
        (BulkState.DRAFT, BulkEvent.WITHDRAW): BulkState.WITHDRAWN,
        (BulkState.AWAITING_APPROVAL, BulkEvent.APPROVE): BulkState.RUNNING,
        (BulkState.AWAITING_APPROVAL, BulkEvent.REJECT): BulkState.REJECTED,
        (BulkState.AWAITING_APPROVAL, BulkEvent.WITHDRAW): BulkState.WITHDRAWN,
        (BulkState.RUNNING, BulkEvent.PAUSE): BulkState.PAUSED,
        (BulkState.RUNNING, BulkEvent.STOP): BulkState.STOPPED,
        (BulkState.RUNNING, BulkEvent.FINISH): BulkState.DONE,
        (BulkState.PAUSED, BulkEvent.RESUME): BulkState.RUNNING,
        (BulkState.PAUSED, BulkEvent.STOP): BulkState.STOPPED,
    }


def test_an_unknown_refund_is_never_called_failed():
    of = {state: row_state_of(state) for state in RefundState}

    assert {s for s, row in of.items() if row is RowState.FAILED} == {
        RefundState.FAILED,
        RefundState.REJECTED,
        RefundState.WITHDRAWN,
    }
    assert of[RefundState.UNKNOWN] is of[RefundState.SENDING] is RowState.OPEN


def test_failures_are_counted_until_a_row_is_done():
    assert failures_after(2, RowState.FAILED) == 3
    assert failures_after(2, RowState.OPEN) == 3
    assert failures_after(2, RowState.DONE) == 0


def test_a_request_is_good_for_72_hours():
    asked = datetime(2026, 11, 1, tzinfo=UTC)

    assert not is_expired(asked, asked + timedelta(hours=72))
    assert is_expired(asked, asked + timedelta(hours=72, seconds=1))
