"""A process that dies at any step of applying again: it goes on, and nothing is applied twice."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select

from app.core.states import PaymentStatus
from app.db.models import LedgerEntry, ReapplyRun, ReapplyStep, StatusCheck
from app.services.payment_pages import PaymentPage
from app.services.reapply import apply_further, look_further
from tests.integration.bulk_scenes import fill_shelves
from tests.integration.deaths import deaths, live
from tests.integration.reapply_scenes import begin, steps, told_but_not_paid, written
from tests.world import World

_ENDED = {ReapplyStep.CHANGED, ReapplyStep.UNCHANGED}
# What the run of a person who is not disturbed leaves in an order's story.
_STORY = ["order_placed", "charge_created", "fraud_review", "review_accepted"]


def _runs(world: World) -> list[int]:
    with world.session() as session:
        return list(session.scalars(select(ReapplyRun.id).order_by(ReapplyRun.id)))


def _look_all(world: World, run_id: int) -> None:
    while look_further(world.desk, run_id):
        pass


def _apply_all(world: World, run_id: int) -> None:
    while apply_further(world.desk, run_id, staff_id=world.staff_id()):
        pass


def _captures(world: World, page: PaymentPage) -> list[tuple[str, int]]:
    with world.session() as session:
        query = select(LedgerEntry).where(LedgerEntry.order_id == world.order(page).id)
        return [(entry.kind.value, entry.amount_idr) for entry in session.scalars(query)]


def _changes_by_checks(world: World, page: PaymentPage) -> list[tuple[int | None, PaymentStatus]]:
    """Return who changed the order by asking, and to what; a check that changed nothing is none."""
    with world.session() as session:
        query = select(StatusCheck).where(StatusCheck.order_id == world.order(page).id)
        changed = [check for check in session.scalars(query) if check.before is not check.after]
        return [(check.staff_id, check.after) for check in changed if check.after]


def _assert_each_applied_once(world: World, pages: Sequence[PaymentPage]) -> None:
    for page in pages:
        assert world.status(page) == "paid"
        assert _captures(world, page) == [("capture", world.order(page).total_idr)]
        assert world.reasons(page) == _STORY
        assert _changes_by_checks(world, page) == [(world.staff_id(), PaymentStatus.PAID)]


def test_whoever_dies_while_looking_has_changed_nothing_and_the_next_one_looks_on(
    world: World,
) -> None:
    died: Counter[str] = Counter()
    for doomed_world, fate in deaths(world):
        fill_shelves(world)
        pages = [told_but_not_paid(world) for _ in range(2)]
        before, known = written(world), _runs(world)
        live(lambda w, pages=pages: _look_all(w, begin(w, pages)), doomed_world)
        if fate.has_struck:
            died[fate.crossed[-1]] += 1
        assert written(world) == before

        # Whoever finds no run of theirs presses again.
        run_id = next(iter(set(_runs(world)) - set(known)), 0) or begin(world, pages)
        _look_all(world, run_id)

        assert len(_runs(world)) == len(known) + 1
        assert steps(world, run_id) == [ReapplyStep.WOULD_CHANGE] * 2
        assert written(world) == before
    # Before and after each: the run, and for both rows the question and the outcome.
    assert died == {"commit": 2 * 3, "fetch_status": 2 * 2}


def test_whoever_dies_while_applying_has_each_payment_applied_once_by_the_next_one(
    world: World,
) -> None:
    died: Counter[str] = Counter()
    for doomed_world, fate in deaths(world):
        fill_shelves(world)
        pages = [told_but_not_paid(world) for _ in range(2)]
        run_id = begin(world, pages)
        _look_all(world, run_id)
        live(lambda w, run_id=run_id: _apply_all(w, run_id), doomed_world)
        if fate.has_struck:
            died[fate.crossed[-1]] += 1

        world.clock.advance(1)
        _apply_all(world, run_id)

        _assert_each_applied_once(world, pages)
        assert set(steps(world, run_id)) <= _ENDED
        again = written(world)
        _apply_all(world, run_id)
        assert written(world) == again
    # Before and after each: the agreement, and for both rows the answer and the outcome.
    assert died == {"commit": 2 * 5, "fetch_status": 2 * 2}


def test_a_message_that_comes_after_a_death_changes_nothing_more(world: World) -> None:
    for doomed_world, _fate in deaths(world):
        fill_shelves(world)
        page = told_but_not_paid(world)
        run_id = begin(world, [page])
        _look_all(world, run_id)
        live(lambda w, run_id=run_id: _apply_all(w, run_id), doomed_world)

        world.deliver_all(page)
        world.confirm()
        _apply_all(world, run_id)

        assert world.status(page) == "paid"
        assert _captures(world, page) == [("capture", world.order(page).total_idr)]
        assert world.reasons(page) == _STORY
        assert set(steps(world, run_id)) <= _ENDED
