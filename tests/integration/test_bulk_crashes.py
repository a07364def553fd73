"""A job process that dies at any step of a bulk run: no row is done twice, and none is lost."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.core.bulk import BulkKind
from app.core.states import GatewayName
from app.db.models import AuditEntry, StatusCheck
from app.services.bulk import stop_run, submit_run
from app.services.payment_pages import PaymentPage
from tests.integration.bulk_scenes import (
    drafted,
    fill_shelves,
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
from tests.integration.deaths import Fate, deaths, doomed, live
from tests.integration.test_refunds import paid
from tests.world import World

# Longer than any lease: whoever comes next may take over.
_LATER_S = 61


def _finish(world: World, pages: Sequence[PaymentPage]) -> None:
    """Let the next process, the gateway and the other jobs do what is left."""
    for _ in range(2):
        world.clock.advance(_LATER_S)
        turn(world)
        turn(world)
        world.resolve()
        for page in pages:
            if world.attempt(page).gateway is GatewayName.XENDIT:
                world.deliver_all(page)
        world.confirm()


def _audited(world: World, run_id: int) -> list[str]:
    with world.session() as session:
        query = select(AuditEntry.why).where(AuditEntry.why.startswith(f"B{run_id}/"))
        return [why.split(":")[0] for why in session.scalars(query.order_by(AuditEntry.seq))]


def _assert_each_done_once(world: World, run_id: int, pages: Sequence[PaymentPage]) -> None:
    rows = rows_of(world, run_id)
    ids = [world.order(page).id for page in pages]
    refunds = refunds_of(world)
    assert run_of(world, run_id).state == "done"
    assert {row.state.value for row in rows} <= {"done", "open"}
    assert [refunds[order_id] for order_id in ids] == [1] * len(ids)
    assert given_back(world, pages) == [row.amount_idr for row in rows]
    assert [world.refunds(page)[0].form_key for page in pages] == [row.form_key for row in rows]
    assert [world.refunds(page)[0].state for page in pages] == ["succeeded"] * len(pages)
    assert _audited(world, run_id) == [f"B{run_id}/{row.seq}" for row in rows]


@pytest.mark.parametrize("gateway", list(GatewayName))
def test_a_run_whose_worker_dies_anywhere_refunds_each_order_once(
    world: World, gateway: GatewayName
) -> None:
    died: Counter[str] = Counter()
    for doomed_world, fate in deaths(world):
        # Xendit's answers come later, by notification; one row is enough to see them.
        pages = paid_orders(world, 1 if gateway is GatewayName.XENDIT else 2, gateway)
        run_id = started(world, pages)
        live(turn, doomed_world)
        if fate.has_struck:
            died[fate.crossed[-1]] += 1

        _finish(world, pages)

        _assert_each_done_once(world, run_id, pages)
    rows = 1 if gateway is GatewayName.XENDIT else 2
    # Before and after each: four commits and one call for every row, and those around them.
    assert died["refund"] == 2 * rows
    assert died["commit"] >= 2 * (4 * rows + 3)


def test_a_run_above_the_threshold_whose_worker_dies_is_approved_and_paid_once(
    world: World,
) -> None:
    for doomed_world, _fate in deaths(world):
        page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
        run_id = started(world, [page])
        live(turn, doomed_world)

        _finish(world, [page])

        _assert_each_done_once(world, run_id, [page])
        (refund,) = world.refunds(page)
        assert refund.approved_by_id == world.staff_id("approver")
        fill_shelves(world)


def test_a_run_of_checks_whose_worker_dies_has_one_result_for_each_order(world: World) -> None:
    for doomed_world, fate in deaths(world):
        fill_shelves(world)
        pages = [world.checkout(GatewayName.MIDTRANS, quantity=1) for _ in range(2)]
        run_id = drafted(world, pages, BulkKind.CHECK)
        submit_run(world.desk, run_id, submission(world, run_id))
        live(turn, doomed_world)

        _finish(world, [])

        assert run_of(world, run_id).state == "done"
        assert states_of(world, run_id) == ["done", "done"]
        asked = [_checks(world, page) for page in pages]
        assert max(asked) <= 2
        assert sum(asked) == 2 + (1 if fate.has_struck and sum(asked) == 3 else 0)


def _checks(world: World, page: PaymentPage) -> int:
    with world.session() as session:
        query = select(StatusCheck.id).where(StatusCheck.order_id == world.order(page).id)
        return len(session.scalars(query).all())


def test_a_run_that_is_stopped_after_its_worker_died_ends_the_row_that_was_begun(
    shop: World,
) -> None:
    world = shop
    for doomed_world, fate in deaths(world):
        pages = paid_orders(world, 2)
        run_id = started(world, pages)
        live(turn, doomed_world)
        if run_of(world, run_id).state == "running":
            stop_run(world.desk, run_id)

        _finish(world, pages)

        run, rows = run_of(world, run_id), rows_of(world, run_id)
        assert run.state in {"stopped", "done"}
        assert run.next_check_at is None
        assert {row.state.value for row in rows} <= {"done", "open", "not_done"}, fate.crossed
        tried = [row for row in rows if row.state != "not_done"]
        made = [page for page in pages if world.refunds(page)]
        assert len(made) == len(tried)
        assert sum(given_back(world, pages)) == sum(row.amount_idr for row in tried)


def test_twenty_kills_at_random_moments_of_one_run(shop: World) -> None:
    chance = random.Random(4711)  # noqa: S311 - moments to die at, always the same ones.
    pages = paid_orders(shop, 50)
    run_id = started(shop, pages)
    struck = 0

    while struck < 20:
        fate = Fate(chance.randrange(3, 14), after=chance.random() < 0.5)
        live(turn, doomed(shop, fate))
        struck += fate.has_struck
        shop.clock.advance(_LATER_S)
    assert run_of(shop, run_id).state == "running"
    while run_of(shop, run_id).state == "running":
        turn(shop)
    _finish(shop, pages)

    _assert_each_done_once(shop, run_id, pages)
