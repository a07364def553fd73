"""Everybody at once, again and again: PostgreSQL itself says whether two wait for each other."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Final

import pytest
from sqlalchemy import text

from app.core.errors import LunasError
from app.core.observations import Source
from app.core.states import GatewayName
from app.core.transitions import settle_status
from app.db.models import Order
from app.services.attention import resolve_attention
from app.services.checkout import retry_payment
from app.services.facts import load_facts
from app.services.payment_pages import PageNotOpenedError, PaymentPage
from app.services.reconciliation import (
    RunReport,
    confirm_claims,
    expire_approvals,
    poll_attempts,
    resolve_refunds,
)
from app.services.refunds import restock_refund, withdraw_refund
from app.services.status import check_status
from tests.integration.meetings import engine_of
from tests.integration.test_refunds import paid
from tests.world import CREW, World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

_WRITERS: Final = 4
_ROUNDS: Final = 25


@pytest.fixture
def quick_to_see_deadlocks(postgres_world: World) -> World:
    """Provide a desk whose database looks for deadlocks at once, not after a second's patience."""
    engine = engine_of(postgres_world)
    with engine.connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'"))
        connection.commit()
    engine.dispose()
    return postgres_world


def test_all_use_cases_at_once_never_wait_for_each_other(quick_to_see_deadlocks: World) -> None:
    """Two orders that share their goods, and everybody who may want something of them."""
    world = quick_to_see_deadlocks
    pages = [paid(world, GatewayName.MIDTRANS), paid(world, GatewayName.XENDIT)]
    deliveries = [delivery for page in pages for delivery in world.sent(page)]
    deeds = [deed for page in pages for deed in everything(world, page)]
    deeds += [partial(world.receive, delivery) for delivery in deliveries]

    def act(writer: int) -> list[object]:
        mine = [*deeds, *jobs_of(world, f"process-{writer}")]
        chosen = random.Random(writer).choices(mine, k=_ROUNDS)  # noqa: S311 - repeatable.
        return [outcome(deed) for deed in chosen]

    with ThreadPoolExecutor(_WRITERS) as pool:
        outcomes = [one for many in pool.map(act, range(_WRITERS)) for one in many]

    reports = [one for one in outcomes if isinstance(one, RunReport)]
    assert reports
    assert sum(report.failed for report in reports) == 0
    for page in pages:
        assert_sums_follow_from_the_facts(world, page)


def jobs_of(world: World, owner: str) -> list[Callable[[], object]]:
    crew = replace(CREW, owner=owner)
    jobs = (confirm_claims, poll_attempts, resolve_refunds)
    return [
        *(partial(job, world.desk, crew) for job in jobs),
        partial(expire_approvals, world.desk),
    ]


def everything(world: World, page: PaymentPage) -> list[Callable[[], object]]:
    """Return what people and gateways may want of one paid order."""
    order_id, staff_id = world.order(page).id, world.staff_id()

    def refund() -> object:
        return world.refund(page, 10_000)

    def restock() -> object:
        return restock_refund(world.desk, world.refunds(page)[-1].id, staff_id=staff_id)

    def withdraw() -> object:
        last = world.refunds(page)[-1].id
        return withdraw_refund(world.desk, last, staff_id=staff_id, reason="Salah")

    return [
        refund,
        restock,
        withdraw,
        partial(check_status, world.desk, order_id, source=Source.STATUS_CHECK),
        partial(retry_payment, world.desk, page.order_id, None),
        partial(resolve_attention, world.desk, order_id, staff_id=staff_id, reason="Sudah"),
        partial(world.checkout, GatewayName.MIDTRANS, quantity=1),
    ]


def outcome(deed: Callable[[], object]) -> object:
    """Do it; a refusal of ours is an answer, whatever the database throws is not."""
    try:
        return deed()
    except (LunasError, PageNotOpenedError, IndexError) as refusal:
        return refusal


def assert_sums_follow_from_the_facts(world: World, page: PaymentPage) -> None:
    with world.session() as session:
        order = session.get_one(Order, world.order(page).id)
        summary = settle_status(load_facts(session, order))
        held = (order.captured_idr, order.refunded_idr, order.reserved_idr)
        assert held == (summary.captured_idr, summary.refunded_idr, summary.reserved_idr)
        assert order.payment_status is summary.status
