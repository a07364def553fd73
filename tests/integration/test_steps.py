"""A step that the table gives to others is not taken, whoever asks for it."""

import pytest
from sqlalchemy import update

from app.core.observations import Seen, Source
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.locks import lock_order
from app.db.models import Actor, GatewayTransaction
from app.services.observations import refresh_order
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from app.services.timeline import Happening
from tests.world import STOCK, World


@pytest.fixture
def page(world: World) -> PaymentPage:
    """Provide a paid order whose facts say that the payment was taken back."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "permata_va")
    world.clock.advance(30)
    world.poll()
    assert world.status(page) == "paid"
    world.damaged = True
    with world.desk.sessions.begin() as session:
        session.execute(update(GatewayTransaction).values(stage=Seen.DENIED))
    return page


def _refresh(world: World, page: PaymentPage, actor: Actor) -> None:
    with world.desk.sessions.begin() as session:
        order = lock_order(session, world.order(page).id)
        refresh_order(session, order, Happening(Why.REFUND_TRANSFERRED, actor, world.clock()))


@pytest.mark.parametrize("actor", [Actor.STAFF, Actor.SHOPPER])
def test_a_step_for_which_people_are_no_cause_keeps_the_state_and_calls_a_person(
    world: World, page: PaymentPage, actor: Actor
) -> None:
    _refresh(world, page, actor)

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("paid", "unknown_transition")
    assert world.reasons(page)[-2:] == ["refund_transferred", "step_not_allowed"]
    assert world.stock() == (STOCK - 2, 0)


@pytest.mark.parametrize("actor", [Actor.JOB, Actor.GATEWAY])
def test_the_same_step_is_taken_for_those_who_may_cause_it(
    world: World, page: PaymentPage, actor: Actor
) -> None:
    _refresh(world, page, actor)

    order = world.order(page)
    assert (order.payment_status, order.attention) == ("failed", None)
    assert world.stock() == (STOCK, 0)


def test_the_next_answer_of_the_gateway_takes_the_step_that_was_refused(
    world: World, page: PaymentPage
) -> None:
    _refresh(world, page, Actor.STAFF)
    world.act(page, "reverse")

    check_status(world.desk, world.order(page).id, source=Source.JOB)

    assert world.status(page) == "failed"
    assert world.stock() == (STOCK, 0)
