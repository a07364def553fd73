"""Bulk runs: what is frozen, who must agree, what is done, and when a run waits for a person."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.bulk import BulkKind, BulkState
from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute, RefundState
from app.db.models import AuditEntry, BulkRow, BulkRun, Staff
from app.services.audit import verify_audit
from app.services.bulk import (
    NewRun,
    approve_run,
    draft_run,
    pause_run,
    reject_run,
    resume_run,
    stop_run,
    submit_run,
    withdraw_run,
)
from tests.integration.bulk_scenes import (
    WORKER,
    dear_orders,
    drafted,
    given_back,
    paid_orders,
    refunds_of,
    rows_of,
    run_of,
    started,
    states_of,
    submission,
    turn,
)
from tests.integration.test_dry_run import settlement
from tests.integration.test_refunds import paid
from tests.world import World


def refused(world: World, why: Why, act: object) -> None:
    before = [run_of(world, 1).state, states_of(world, 1), refunds_of(world)]
    with pytest.raises(RefusedError) as refusal:
        act()  # type: ignore[operator]
    assert refusal.value.why is why
    assert [run_of(world, 1).state, states_of(world, 1), refunds_of(world)] == before


def test_a_draft_says_what_each_order_would_become_and_its_totals_add_up(world: World) -> None:
    good = paid_orders(world, 2)
    by_hand = paid(world, GatewayName.MIDTRANS, "bca_va", quantity=1)
    unpaid = world.checkout(GatewayName.MIDTRANS, quantity=1)

    run_id = drafted(world, [*good, by_hand, unpaid])

    rows = rows_of(world, run_id)
    assert [(row.state, row.amount_idr, row.why) for row in rows] == [
        ("waiting", 100_000, "refundable"),
        ("waiting", 100_000, "refundable"),
        ("by_hand", 100_000, "manual_only"),
        ("skipped", 0, "not_paid"),
    ]
    run = run_of(world, run_id)
    assert (run.state, run.row_count, run.eligible_count, run.sum_idr) == ("draft", 4, 2, 200_000)
    assert refunds_of(world) == {}
    turn(world)
    assert run_of(world, run_id).state == "draft"


def test_a_run_below_the_threshold_starts_at_once_and_refunds_each_order_once(
    world: World,
) -> None:
    pages = paid_orders(world, 3)
    run_id = started(world, pages)
    assert run_of(world, run_id).state == "running"

    report = turn(world)
    turn(world)

    assert (report.claimed, report.changed, report.failed) == (3, 3, 0)
    assert run_of(world, run_id).state == "done"
    assert states_of(world, run_id) == ["done"] * 3
    assert set(refunds_of(world).values()) == {1}
    assert given_back(world, pages) == [100_000] * 3


def test_status_checks_of_many_orders_need_neither_reason_nor_approval(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS, quantity=1)
    world.pay(page, "gopay")
    support = world.staff_id("support")
    run_id = drafted(world, [page, *paid_orders(world, 1)], BulkKind.CHECK, "support")

    form = submission(world, run_id, reason="", note="", staff_id=support)
    assert submit_run(world.desk, run_id, form) is BulkState.RUNNING
    turn(world)
    turn(world)

    first, second = rows_of(world, run_id)
    assert (first.state, first.before, first.after, first.why) == (
        *("done", "pending", "paid"),
        "shopper_paid",
    )
    assert (second.state, second.before, second.after) == ("done", "paid", "paid")
    assert run_of(world, run_id).state == "done"


def test_a_gateway_that_is_silent_fails_a_check_and_changes_nothing(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS, quantity=1)
    run_id = drafted(world, [page], BulkKind.CHECK)
    submit_run(world.desk, run_id, submission(world, run_id))

    with world.program.fault("midtrans.status", "*", "html_502", times=3):
        turn(world)

    (row,) = rows_of(world, run_id)
    assert (row.state, row.why) == ("failed", "gateway_silent")
    assert world.status(page) == "pending"


def test_the_same_click_twice_is_one_run(world: World) -> None:
    ids = [world.order(page).id for page in paid_orders(world, 1)]
    new = NewRun("the-same-click", BulkKind.REFUND, ids, "", world.staff_id())

    assert draft_run(world.desk, new) == draft_run(world.desk, new)
    assert len(rows_of(world, 1)) == 1


def test_no_orders_and_too_many_are_no_run(world: World) -> None:
    for ids, why in (([], Why.NOTHING_CHOSEN), ([10**6], Why.NOTHING_CHOSEN)):
        with pytest.raises(RefusedError) as refusal:
            draft_run(world.desk, NewRun("k", BulkKind.CHECK, ids, "", world.staff_id()))
        assert refusal.value.why is why
    with world.session() as session:
        assert session.get(BulkRun, 1) is None


def test_what_a_submission_must_hold(world: World) -> None:
    run_id = drafted(world, paid_orders(world, 1))

    def submit(**changes: object) -> object:
        return lambda: submit_run(world.desk, run_id, submission(world, run_id, **changes))

    refused(world, Why.REASON_MISSING, submit(reason=" "))
    refused(world, Why.REASON_MISSING, submit(note=""))
    refused(world, Why.TOTAL_MISTYPED, submit(typed_total_idr=99_999))
    refused(world, Why.NOT_ALLOWED, submit(staff_id=world.staff_id("finance")))
    assert run_of(world, run_id).state == "draft"


def test_a_run_of_nothing_that_can_be_refunded_is_not_started(world: World) -> None:
    run_id = drafted(world, [world.checkout(GatewayName.MIDTRANS, quantity=1)])

    refused(
        world,
        Why.NOTHING_CHOSEN,
        lambda: submit_run(world.desk, run_id, submission(world, run_id)),
    )


def test_many_small_refunds_above_the_threshold_need_a_second_person(world: World) -> None:
    pages = dear_orders(world)
    run_id = drafted(world, pages)
    state = submit_run(world.desk, run_id, submission(world, run_id))
    assert state is BulkState.AWAITING_APPROVAL
    turn(world)
    assert refunds_of(world) == {}
    shown = run_of(world, run_id).approval_hash or ""

    def approve(role: str, approval_hash: str) -> object:
        staff_id = world.staff_id(role)
        return lambda: approve_run(
            world.desk, run_id, staff_id=staff_id, approval_hash=approval_hash
        )

    refused(world, Why.SAME_PERSON, approve("refunder", shown))
    refused(world, Why.REQUEST_CHANGED, approve("approver", "0" * 64))
    approve("approver", shown)()  # type: ignore[operator]
    refused(world, Why.WRONG_RUN_STATE, approve("finance", shown))
    turn(world)
    turn(world)

    assert run_of(world, run_id).state == "done"
    assert given_back(world, pages) == [500_000] * 3


def test_an_approval_that_comes_after_72_hours_starts_nothing(world: World) -> None:
    run_id = drafted(world, dear_orders(world))
    submit_run(world.desk, run_id, submission(world, run_id))
    shown = run_of(world, run_id).approval_hash or ""
    world.clock.advance(72 * 3600 + 1)

    refused(
        world,
        Why.APPROVAL_EXPIRED,
        lambda: approve_run(
            world.desk, run_id, staff_id=world.staff_id("approver"), approval_hash=shown
        ),
    )
    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why) == ("withdrawn", "approval_expired")
    assert set(states_of(world, run_id)) == {"not_done"}


@pytest.mark.parametrize("column", ["amount_idr", "order_id", "reason"])
def test_a_run_that_was_altered_after_it_was_asked_for_is_not_approved(
    world: World, column: str
) -> None:
    pages = dear_orders(world, 4)
    run_id = drafted(world, pages[:3])
    submit_run(world.desk, run_id, submission(world, run_id))
    _alter(world, run_id, column, world.order(pages[3]).id)
    shown = run_of(world, run_id).approval_hash or ""

    refused(
        world,
        Why.REQUEST_CHANGED,
        lambda: approve_run(
            world.desk, run_id, staff_id=world.staff_id("approver"), approval_hash=shown
        ),
    )


@pytest.mark.parametrize("column", ["amount_idr", "order_id", "reason"])
def test_a_run_that_was_altered_while_it_ran_waits_and_refunds_nothing(
    world: World, column: str
) -> None:
    pages = dear_orders(world, 4)
    run_id = started(world, pages[:3])
    _alter(world, run_id, column, world.order(pages[3]).id)

    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why) == ("paused", "manifest_changed")
    assert refunds_of(world) == {}


def _alter(world: World, run_id: int, column: str, order_id: int) -> None:
    changed = {"amount_idr": 490_000, "order_id": order_id, "reason": "other"}[column]
    first = BulkRow.run_id == run_id, BulkRow.seq == 1
    with world.desk.sessions.begin() as session:
        if column == "reason":
            session.execute(update(BulkRun).where(BulkRun.id == run_id).values(reason=changed))
        else:
            session.execute(update(BulkRow).where(*first).values({column: changed}))


def test_the_approval_of_a_run_counts_for_its_large_refunds_in_the_approvers_name(
    world: World,
) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    run_id = started(world, [page])

    turn(world)

    (refund,) = world.refunds(page)
    assert (refund.state, refund.needs_approval) == (RefundState.SUCCEEDED, True)
    assert refund.approved_by_id == world.staff_id("approver")
    assert states_of(world, run_id) == ["done"]
    assert given_back(world, [page]) == [1_500_000]


def test_a_rejected_and_a_withdrawn_run_do_nothing(world: World) -> None:
    pages = dear_orders(world)
    run_id = drafted(world, pages)
    submit_run(world.desk, run_id, submission(world, run_id))
    finance = world.staff_id("finance")
    refused(
        world,
        Why.REASON_MISSING,
        lambda: reject_run(world.desk, run_id, staff_id=finance, reason=" "),
    )
    refused(
        world,
        Why.SAME_PERSON,
        lambda: reject_run(world.desk, run_id, staff_id=world.staff_id(), reason="no"),
    )

    reject_run(world.desk, run_id, staff_id=finance, reason="Salah daftar")
    second = drafted(world, pages)
    withdraw_run(world.desk, second)
    turn(world)

    assert (run_of(world, run_id).state, run_of(world, second).state) == ("rejected", "withdrawn")
    assert set(states_of(world, run_id)) == {"not_done"}
    assert refunds_of(world) == {}


def test_an_order_that_changed_since_the_dry_run_is_left_out_with_the_reason(
    world: World,
) -> None:
    pages = paid_orders(world, 3)
    run_id = started(world, pages)
    world.refund(pages[1], 40_000)

    turn(world)

    rows = rows_of(world, run_id)
    assert [row.state for row in rows] == ["done", "failed", "done"]
    assert rows[1].why == "more_than_left"
    assert given_back(world, pages) == [100_000, 40_000, 100_000]


def test_a_card_charge_that_settles_after_the_dry_run_goes_back_no_other_way_than_agreed(
    world: World,
) -> None:
    page = paid(world, GatewayName.MIDTRANS, "credit_card", quantity=1)
    run_id = started(world, [page])
    assert rows_of(world, run_id)[0].route is RefundRoute.VOID
    settlement(world, page)

    turn(world)

    (row,) = rows_of(world, run_id)
    assert (row.state, row.why) == ("failed", "route_changed")
    assert refunds_of(world) == {}


def test_a_run_waits_after_n_failures_in_a_row_and_goes_on_when_told(world: World) -> None:
    pages = paid_orders(world, 6)
    run_id = started(world, pages, stop_after=2)

    with world.program.fault("midtrans.refund", "*", "html_502", times=2):
        turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why, run.failures_in_row) == ("paused", "too_many_failures", 2)
    assert states_of(world, run_id) == ["open", "open", *["waiting"] * 4]
    turn(world)
    assert states_of(world, run_id) == ["open", "open", *["waiting"] * 4]
    resume_run(world.desk, run_id)
    turn(world)
    turn(world)
    for _ in range(2):
        world.clock.advance(120)
        world.resolve()

    assert run_of(world, run_id).state == "done"
    assert given_back(world, pages) == [100_000] * 6
    assert set(refunds_of(world).values()) == {1}


def test_a_failure_between_successes_does_not_stop_the_run(world: World) -> None:
    pages = paid_orders(world, 4)
    run_id = started(world, pages, stop_after=2)
    world.refund(pages[0], 1_000)
    world.refund(pages[2], 1_000)

    turn(world)
    turn(world)

    assert run_of(world, run_id).state == "done"
    assert states_of(world, run_id) == ["failed", "done", "failed", "done"]


def test_paused_stopped_and_resumed_by_people(world: World) -> None:
    run_id = started(world, paid_orders(world, 3))
    one = replace(WORKER, batch=1)
    turn(world, one)
    pause_run(world.desk, run_id)
    turn(world)
    assert states_of(world, run_id) == ["done", "waiting", "waiting"]
    refused(world, Why.WRONG_RUN_STATE, lambda: pause_run(world.desk, run_id))
    resume_run(world.desk, run_id)
    turn(world, one)

    stop_run(world.desk, run_id)
    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.next_check_at) == ("stopped", None)
    assert states_of(world, run_id) == ["done", "done", "not_done"]
    assert sum(refunds_of(world).values()) == 2
    refused(world, Why.WRONG_RUN_STATE, lambda: resume_run(world.desk, run_id))


def test_a_run_beyond_the_days_limit_is_not_submitted(world: World) -> None:
    run_id = drafted(world, paid_orders(world, 3))
    _limit(world, 299_999)

    refused(
        world,
        Why.DAILY_LIMIT_REACHED,
        lambda: submit_run(world.desk, run_id, submission(world, run_id)),
    )


def test_a_run_that_reaches_the_days_limit_waits_for_the_next_day(world: World) -> None:
    run_id = started(world, paid_orders(world, 3))
    _limit(world, 200_000)

    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why) == ("paused", "daily_limit_reached")
    assert states_of(world, run_id) == ["done", "done", "waiting"]
    world.clock.advance(24 * 3600)
    resume_run(world.desk, run_id)
    turn(world)
    turn(world)
    assert states_of(world, run_id) == ["done"] * 3
    assert run_of(world, run_id).state == "done"


def _limit(world: World, limit_idr: int) -> None:
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, world.staff_id()).daily_refund_limit_idr = limit_idr


def test_a_run_of_somebody_who_has_left_waits(world: World) -> None:
    run_id = started(world, paid_orders(world, 2))
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, world.staff_id()).active = False

    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why) == ("paused", "account_closed")
    assert refunds_of(world) == {}


def test_an_error_of_our_own_is_tried_again_and_then_left_to_a_person(world: World) -> None:
    pages = paid_orders(world, 2)
    run_id = drafted(world, pages, BulkKind.CHECK)
    submit_run(world.desk, run_id, submission(world, run_id))
    broken: dict[GatewayName, Any] = {GatewayName.MIDTRANS: object()}
    hurt = replace(world, desk=replace(world.desk, gateways=broken))

    for _ in range(2):
        turn(hurt)
    assert states_of(world, run_id) == ["working", "waiting"]
    turn(hurt)
    assert rows_of(world, run_id)[0].why == "row_broken"
    turn(world)
    turn(world)

    assert states_of(world, run_id) == ["open", "done"]
    assert run_of(world, run_id).state == "done"


def test_a_refund_whose_call_broke_is_open_and_the_jobs_bring_it_to_its_end(world: World) -> None:
    pages = paid_orders(world, 1)
    run_id = started(world, pages)
    broken: dict[GatewayName, Any] = {GatewayName.MIDTRANS: object()}
    turn(replace(world, desk=replace(world.desk, gateways=broken)))
    assert states_of(world, run_id) == ["working"]

    turn(world)
    world.clock.advance(120)
    world.resolve()
    world.clock.advance(120)
    world.resolve()

    assert states_of(world, run_id) == ["open"]
    assert given_back(world, pages) == [100_000]
    assert world.refunds(pages[0])[0].state == "succeeded"


def test_each_row_that_was_done_or_refused_is_in_the_audit_log_once(world: World) -> None:
    pages = paid_orders(world, 2)
    run_id = started(world, pages)
    world.refund(pages[0], 1_000)
    turn(world)
    turn(world)

    with world.session() as session:
        entries = list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
    assert [(e.action, e.target, e.done, e.why) for e in entries] == [
        ("bulk_refund_row", world.order(pages[0]).number, False, f"B{run_id}/1: more_than_left"),
        ("bulk_refund_row", world.order(pages[1]).number, True, f"B{run_id}/2: refund_succeeded"),
    ]
    assert verify_audit(world.desk.reads).damage == ""


def test_the_database_itself_refuses_a_run_that_nobody_else_agreed_to(world: World) -> None:
    run_id = drafted(world, dear_orders(world))
    submit_run(world.desk, run_id, submission(world, run_id))

    for values in ({"state": BulkState.RUNNING}, {"approved_by_id": world.staff_id()}):
        with pytest.raises(IntegrityError), world.desk.sessions.begin() as session:
            session.execute(update(BulkRun).where(BulkRun.id == run_id).values(**values))
    assert run_of(world, run_id).state == "awaiting_approval"
