"""Every use case stops with its order in its hands, and every other one comes upon it.

If the second held anything that the first still needs, the two would wait for each other: then
PostgreSQL ends one of them with "deadlock detected", and the test fails.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from app.core.errors import LunasError
from app.core.observations import Source
from app.core.ports import RawNotification
from app.core.reasons import Why
from app.core.states import Attention, GatewayName
from app.db.locks import lock_order
from app.services.attention import claim_call
from app.services.calls import Call, call_for_attention
from app.services.checkout import retry_payment
from app.services.notifications import Receipt, confirm_notification
from app.services.payment_pages import PaymentPage
from app.services.refund_sending import resolve_refund
from app.services.restocking import restock_refund
from app.services.status import check_attempt
from tests.integration.meetings import How, Step, after, meet
from tests.integration.test_refunds import paid
from tests.world import World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

UseCases = dict[str, Callable[[], object]]
HAS_THE_ORDER = after("FROM orders WHERE orders.id = .* FOR ")


def of_any_order(world: World, page: PaymentPage, genuine: RawNotification) -> UseCases:
    """Return what can happen to every order; each takes the order's lock."""
    desk, order_id, attempt = world.desk, world.order(page).id, world.attempt(page)

    def hear() -> Receipt:
        # The token covers no body: this says of any order, again and again, that it was paid.
        news = {"id": attempt.provider_reference, "external_id": attempt.reference}
        body = json.dumps(json.loads(genuine.body) | news).encode()
        headers = {**genuine.headers, "webhook-id": secrets.token_hex(12)}
        return world.receive(replace(genuine, headers=headers, body=body))

    claim_id, call_id = hear().notification_id, called(world, order_id)
    return {
        "hear": hear,
        "confirm": partial(confirm_notification, desk, claim_id),
        "check": partial(check_attempt, desk, attempt.id, source=Source.JOB),
        "retry": partial(retry_payment, desk, page.order_id, None),
        "take up": partial(claim_call, desk, call_id, staff_id=1),
    }


def called(world: World, order_id: int) -> int:
    """Call for a person, and return the call."""
    with world.desk.sessions.begin() as session:
        order = lock_order(session, order_id)
        call_for_attention(order, Call(Attention.DRIFT, Why.DRIFT_FOUND), world.clock())
        session.flush()
        return order.calls[-1].id


def of_a_refund(world: World, page: PaymentPage) -> UseCases:
    """Return what can happen to an order that was refunded in part."""
    refund_id = world.refund(page, 10_000).refund_id
    return {
        "request": lambda: world.refund(page, 1_000),
        "resolve": partial(resolve_refund, world.desk, refund_id),
        "restock": partial(restock_refund, world.desk, refund_id, staff_id=world.staff_id()),
    }


def test_no_pair_of_use_cases_of_an_open_order_waits_for_each_other(
    postgres_world: World,
) -> None:
    world = postgres_world
    genuine = world.sent(paid(world, GatewayName.XENDIT))[-1]
    page = world.checkout(GatewayName.XENDIT)

    cases = of_any_order(world, page, genuine)

    assert_no_pair_is_stuck(world, cases, [(one, other) for one in cases for other in cases])


def test_no_pair_of_use_cases_of_a_paid_order_waits_for_each_other(postgres_world: World) -> None:
    world = postgres_world
    page = paid(world, GatewayName.XENDIT)
    genuine = world.sent(page)[-1]

    of_refund = of_a_refund(world, page)
    cases = {**of_any_order(world, page, genuine), **of_refund}
    pairs = [(one, other) for one in cases for other in cases]

    assert_no_pair_is_stuck(world, cases, [pair for pair in pairs if {*pair} & {*of_refund}])


def assert_no_pair_is_stuck(
    world: World, cases: UseCases, pairs: Sequence[tuple[str, str]]
) -> None:
    for one, other in pairs:
        # Time passes, so that whoever looks at the order also sets when to look again.
        world.clock.advance(60)
        holder, comer = meet(world, *[Step(cases[name], HAS_THE_ORDER) for name in (one, other)])

        assert (holder.how, comer.how) == (How.MET, How.WAITED), (one, other, holder, comer)
        for result in (holder.result, comer.result):
            # A refusal of ours is an answer; whatever the database throws is not.
            assert not isinstance(result, Exception) or isinstance(result, LunasError), (one, other)
