"""Several calls for a person on one order: claimed by one, settled one by one."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.errors import NotFoundError, RefusedError
from app.core.reasons import Why
from app.core.states import Attention, GatewayName
from app.db.locks import lock_order
from app.db.models import AttentionCall
from app.services.attention import (
    CLAIM_LASTS,
    claim_call,
    release_call,
    resolve_call,
)
from app.services.calls import Call, call_for_attention, end_call
from app.services.payment_pages import PaymentPage
from tests.calls import resolve_attention
from tests.world import World


@pytest.fixture
def page(world: World) -> PaymentPage:
    """Provide an order that waits for a person for two reasons, the less urgent one first."""
    page = world.checkout(GatewayName.MIDTRANS)
    call(world, page, Attention.DRIFT, Why.DRIFT_FOUND)
    call(world, page, Attention.PAID_TWICE, Why.PAID_TWICE)
    return page


def call(world: World, page: PaymentPage, code: Attention, why: Why) -> bool:
    with world.desk.sessions.begin() as session:
        order = lock_order(session, world.order(page).id)
        return call_for_attention(order, Call(code, why), world.clock())


def calls(world: World, page: PaymentPage) -> dict[Attention, AttentionCall]:
    with world.session() as session:
        query = select(AttentionCall).where(
            AttentionCall.order_id == world.order(page).id, AttentionCall.closed_at.is_(None)
        )
        return {row.code: row for row in session.scalars(query)}


def refused(work: Callable[[], object]) -> Why:
    with pytest.raises(RefusedError) as caught:
        work()
    return caught.value.why


def test_an_order_shows_the_most_urgent_of_its_calls_and_keeps_the_others(
    world: World, page: PaymentPage
) -> None:
    assert set(calls(world, page)) == {Attention.DRIFT, Attention.PAID_TWICE}
    assert world.order(page).attention is Attention.PAID_TWICE

    assert not call(world, page, Attention.DRIFT, Why.PAYMENT_NOT_CONFIRMED)

    assert calls(world, page)[Attention.DRIFT].why == "drift_found"


def test_settling_the_first_call_brings_up_the_next(world: World, page: PaymentPage) -> None:
    staff = world.staff_id("support")
    resolve_attention(world.desk, world.order(page).id, staff_id=staff, reason="Sudah dikembalikan")

    order = world.order(page)
    assert (order.attention, order.attention_text) == (
        Attention.DRIFT,
        "A routine look at the gateway found a change that nobody had told us of.",
    )
    assert set(calls(world, page)) == {Attention.DRIFT}
    resolve_attention(world.desk, world.order(page).id, staff_id=staff, reason="Cocok")
    assert (world.order(page).attention, world.order(page).attention_at) == (None, None)
    assert world.reasons(page).count("attention_resolved") == 2


def test_a_call_that_was_settled_may_come_again(world: World, page: PaymentPage) -> None:
    with world.desk.sessions.begin() as session:
        order = lock_order(session, world.order(page).id)
        assert end_call(order, Attention.DRIFT, world.clock())
        assert not end_call(order, Attention.DRIFT, world.clock())

    assert call(world, page, Attention.DRIFT, Why.DRIFT_FOUND)


def test_what_a_colleague_works_on_is_neither_claimed_nor_settled_by_others(
    world: World, page: PaymentPage
) -> None:
    desk, mine, theirs = world.desk, world.staff_id("support"), world.staff_id("refunder")
    row = calls(world, page)[Attention.PAID_TWICE]
    claim_call(desk, row.id, staff_id=mine)

    for work in (
        lambda: claim_call(desk, row.id, staff_id=theirs),
        lambda: release_call(desk, row.id, staff_id=theirs),
        lambda: resolve_call(desk, row.id, staff_id=theirs, reason="x"),
        lambda: resolve_attention(desk, world.order(page).id, staff_id=theirs, reason="x"),
    ):
        assert refused(work) is Why.CLAIMED_BY_ANOTHER
    kept = calls(world, page)[Attention.PAID_TWICE]
    assert (kept.claimed_by_id, kept.closed_at) == (mine, None)
    assert "attention_resolved" not in world.reasons(page)


def test_a_claim_is_given_back_or_runs_out(world: World, page: PaymentPage) -> None:
    desk, mine, theirs = world.desk, world.staff_id("support"), world.staff_id("refunder")
    row = calls(world, page)[Attention.DRIFT]
    claim_call(desk, row.id, staff_id=mine)
    release_call(desk, row.id, staff_id=mine)
    claim_call(desk, row.id, staff_id=theirs)

    world.clock.advance((CLAIM_LASTS + timedelta(seconds=1)).total_seconds())
    claim_call(desk, row.id, staff_id=mine)

    assert calls(world, page)[Attention.DRIFT].claimed_by_id == mine


def test_what_is_settled_can_neither_be_claimed_nor_settled_again(
    world: World, page: PaymentPage
) -> None:
    desk, staff = world.desk, world.staff_id("support")
    row = calls(world, page)[Attention.DRIFT]
    assert refused(lambda: resolve_call(desk, row.id, staff_id=staff, reason=" ")) is (
        Why.REASON_MISSING
    )
    resolve_call(desk, row.id, staff_id=staff, reason="Cocok")

    assert refused(lambda: claim_call(desk, row.id, staff_id=staff)) is Why.CALL_IS_OVER
    assert refused(lambda: resolve_call(desk, row.id, staff_id=staff, reason="x")) is (
        Why.CALL_IS_OVER
    )
    with pytest.raises(NotFoundError):
        claim_call(desk, 999_999, staff_id=staff)
    assert world.order(page).attention is Attention.PAID_TWICE


def test_of_two_people_who_claim_at_once_one_wins_and_the_other_is_told(
    world: World, page: PaymentPage
) -> None:
    row = calls(world, page)[Attention.DRIFT]
    people = (world.staff_id("support"), world.staff_id("refunder"))
    start, told = threading.Barrier(2), dict[int, Why]()

    def claim(staff_id: int) -> None:
        start.wait()
        try:
            claim_call(world.desk, row.id, staff_id=staff_id)
        except RefusedError as refusal:
            told[staff_id] = refusal.why

    threads = [threading.Thread(target=claim, args=(staff_id,)) for staff_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [(loser, why)] = told.items()
    assert why is Why.CLAIMED_BY_ANOTHER
    assert calls(world, page)[Attention.DRIFT].claimed_by_id == next(
        staff_id for staff_id in people if staff_id != loser
    )
