"""Two processes that confirm one claim, because the lease of the first ran out meanwhile."""

from functools import partial

import pytest

from app.core.states import GatewayName, NotificationState
from app.services.notifications import confirm_notification
from tests.integration.meetings import Step, before, collide, take_turns, without_locks
from tests.world import World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

ORDER_LOCK = "FROM orders WHERE orders.id ="


def asked_in_vain_and_asked_again(world: World) -> tuple[Step, Step]:
    """Return a process whose question about a claim is not answered, and one that hears "paid"."""
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    world.deliver_all(page)
    (claim,) = world.notifications()
    confirm = partial(confirm_notification, world.desk, claim.id)

    def in_vain() -> object:
        with world.program.fault("xendit.invoice.*", "*", "html_502", times=1):
            return confirm()

    written = before("UPDATE notifications")
    return Step(in_vain, written), Step(confirm, written)


def test_a_slow_process_makes_a_closed_claim_due_again_without_the_lock(
    postgres_world: World,
) -> None:
    world = postgres_world

    with without_locks(world, "orders"):
        collide(world, *asked_in_vain_and_asked_again(world), ends_first=1)

    (claim,) = world.notifications()
    assert claim.state is NotificationState.DONE
    assert claim.due_at is not None


def test_a_claim_that_was_closed_stays_closed(postgres_world: World) -> None:
    world = postgres_world

    take_turns(world, *asked_in_vain_and_asked_again(world), waiting_at=ORDER_LOCK)

    (claim,) = world.notifications()
    assert claim.state is NotificationState.DONE
    assert (claim.due_at, claim.tries) == (None, 1)
