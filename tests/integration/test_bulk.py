"""Bulk runs: what is frozen, who must agree, what is done, and when a run waits for a person."""

import pytest
from sqlalchemy import update

from app.core.bulk import BulkKind, BulkState
from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName, RefundState
from app.db.models import BulkRow, BulkRun
from app.services.bulk import (
    NewRun,
    approve_run,
    draft_run,
    reject_run,
    submit_run,
    withdraw_run,
)
from tests.integration.bulk_scenes import (
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
    refused(world, Why.REASON_MISSING, submit(reason_code=None))
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
