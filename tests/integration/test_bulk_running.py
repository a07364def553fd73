"""Bulk runs at work: what a row leaves out, and when a run waits for a person or ends."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.bulk import BulkKind, BulkState
from app.core.reasons import Why
from app.core.states import GatewayName, RefundRoute
from app.db.models import AuditEntry, BulkRun, Staff
from app.services.audit import verify_audit
from app.services.bulk import (
    pause_run,
    resume_run,
    stop_run,
    submit_run,
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
from tests.integration.test_bulk import refused
from tests.integration.test_dry_run import settlement
from tests.integration.test_refunds import paid
from tests.world import World


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


def test_a_run_of_somebody_who_may_not_refund_any_more_waits(world: World) -> None:
    run_id = started(world, paid_orders(world, 2))
    with world.desk.sessions.begin() as session:
        viewer = session.get_one(Staff, world.staff_id("viewer")).role_id
        person = session.get_one(Staff, world.staff_id())
        refunder, person.role_id = person.role_id, viewer

    turn(world)

    run = run_of(world, run_id)
    assert (run.state, run.why) == ("paused", "not_allowed")
    assert refunds_of(world) == {}
    with world.desk.sessions.begin() as session:
        session.get_one(Staff, run.requested_by_id).role_id = refunder
    resume_run(world.desk, run_id)
    turn(world)
    turn(world)
    assert states_of(world, run_id) == ["done"] * 2


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
