"""Two processes at one run: the slower one changes nothing, and nobody is refunded twice."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from app.core.ports import Gateway, RefundAnswer, RefundRequest
from app.core.states import GatewayName
from app.db.models import AuditEntry, BulkRun
from app.services.bulk import pause_run, stop_run
from tests.integration.bulk_scenes import (
    WORKER,
    given_back,
    paid_orders,
    refunds_of,
    run_of,
    started,
    states_of,
    turn,
)
from tests.world import World


@dataclass
class Meanwhile:
    """A real gateway that lets something else happen once, while a refund is on its way."""

    real: Gateway
    act: Any
    happened: list[bool] = field(default_factory=list[bool])

    def refund(self, request: RefundRequest) -> RefundAnswer:
        if not self.happened:
            self.happened.append(True)
            self.act()
        return self.real.refund(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def during_the_first_refund(world: World, act: Any) -> World:
    gateway: Any = Meanwhile(world.desk.gateways[GatewayName.MIDTRANS], act)
    gateways = {**world.desk.gateways, GatewayName.MIDTRANS: gateway}
    return replace(world, desk=replace(world.desk, gateways=gateways))


def test_a_worker_that_lost_its_lease_adds_nothing_to_what_the_next_one_did(world: World) -> None:
    pages = paid_orders(world, 3)
    run_id = started(world, pages)
    second = replace(WORKER, owner="second")

    def take_over() -> None:
        world.clock.advance(61)
        turn(world, second)
        world.clock.advance(61)
        turn(world, second)

    turn(during_the_first_refund(world, take_over))

    assert run_of(world, run_id).state == "done"
    # The second found the first row's refund under way, and left its outcome open.
    assert states_of(world, run_id) == ["open", "done", "done"]
    assert set(refunds_of(world).values()) == {1}
    assert given_back(world, pages) == [100_000] * 3
    assert [world.refunds(page)[0].state for page in pages] == ["succeeded"] * 3
    with world.session() as session:
        entries = select(func.count()).where(AuditEntry.action == "bulk_refund_row")
        assert session.scalar(entries) == 3


def test_a_worker_that_lost_its_lease_begins_no_other_row(world: World) -> None:
    run_id = started(world, paid_orders(world, 3))
    second = replace(WORKER, owner="second", batch=1)

    def take_over() -> None:
        # Without waiting: else the first worker's own turn would be over too.
        with world.desk.sessions.begin() as session:
            session.execute(update(BulkRun).values(lease_until=world.clock() - timedelta(hours=1)))
        turn(world, second)

    turn(during_the_first_refund(world, take_over))

    assert states_of(world, run_id) == ["open", "waiting", "waiting"]
    assert sum(refunds_of(world).values()) == 1
    turn(world, second)
    assert states_of(world, run_id) == ["open", "done", "waiting"]


def test_a_pause_or_a_stop_lets_the_row_under_way_end_and_no_other_begin(world: World) -> None:
    for act, state, rest in ((pause_run, "paused", "waiting"), (stop_run, "stopped", "not_done")):
        pages = paid_orders(world, 2)
        run_id = started(world, pages)

        def interrupt(act: Any = act, run_id: int = run_id) -> None:
            act(world.desk, run_id)

        turn(during_the_first_refund(world, interrupt))
        turn(world)

        assert run_of(world, run_id).state == state
        assert states_of(world, run_id) == ["done", rest]
        assert given_back(world, pages) == [100_000, 0]
