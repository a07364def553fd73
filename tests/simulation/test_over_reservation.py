"""Two people ask for the same money while the order's lock is gone: what holds then?"""

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.errors import RefusedError
from app.core.reasons import Why
from app.core.states import GatewayName
from app.services.refunds import RefundForm, request_refund
from tests.simulation.boundaries import Boundary, Fair
from tests.simulation.databank import REFUNDERS, SqliteBank
from tests.simulation.mutations import MUTATIONS, mutated
from tests.simulation.records import read_records
from tests.simulation.scenes import Scene, scene
from tests.simulation.violation import ViolationError

(NO_LOCK,) = (mutation for mutation in MUTATIONS if mutation.name == "no lock on requests")


@dataclass
class _SomebodyElseFirst(Fair):
    """Others act once, right before a transaction begins."""

    done: bool = False

    def interrupted(self, at: Boundary) -> bool:
        come, self.done = not self.done and at is Boundary.BEFORE_TRANSACTION, True
        return come


def _form(told: Scene, staff_id: int) -> RefundForm:
    order = told.order()
    return RefundForm(
        order.id, order.total_idr, "Salah ukuran", staff_id, f"form-{staff_id}", order.total_idr
    )


def _ask_for_all_twice(told: Scene) -> None:
    """Let the second person ask while the first one's request is on its way to the database."""
    # So dear that both wait for a second person: nothing is sent meanwhile.
    page = told.buy(GatewayName.MIDTRANS, sku="TENUN")
    told.act(page, "pay", payment_type="gopay")
    one, other = (_form(told, staff_id) for staff_id in REFUNDERS)
    told.stage.boundaries.meanwhile = lambda: request_refund(told.stage.desk, other)
    with told.stage.under(_SomebodyElseFirst()):
        request_refund(told.stage.desk, one)


def _asked(bank: SqliteBank, told: Scene) -> list[int]:
    refunds = read_records(bank.engine).refunds_of(told.order().id)
    return [refund.amount_idr for refund in refunds]


def test_the_second_person_is_told_that_nothing_is_left(bank: SqliteBank) -> None:
    with scene(bank) as told:
        with pytest.raises(RefusedError) as refused:
            _ask_for_all_twice(told)
        told.carry_on()

        assert (refused.value.why, _asked(bank, told)) == (Why.NOTHING_LEFT, [1_500_000])


def test_without_the_lock_the_database_refuses_the_second_request(bank: SqliteBank) -> None:
    with scene(bank) as told:
        with mutated(NO_LOCK), pytest.raises(IntegrityError, match="more refunds asked for"):
            _ask_for_all_twice(told)
        told.carry_on()

        assert _asked(bank, told) == [1_500_000]


def test_without_lock_and_wall_the_judge_sees_what_the_sums_hide(bank: SqliteBank) -> None:
    with scene(bank) as told:
        with bank.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER refunds_within_capture_when_asked"))
        with mutated(NO_LOCK):
            _ask_for_all_twice(told)

        assert _asked(bank, told) == [1_500_000] * 2
        assert told.order().reserved_idr == 1_500_000
        with pytest.raises(ViolationError, match="no more asked back than was paid"):
            told.carry_on()
