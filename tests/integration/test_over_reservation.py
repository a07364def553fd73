"""The database itself refuses to set more aside for refunds of a payment than was captured."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.states import GatewayName
from app.db.models import GatewayTransaction
from app.services.payment_pages import PaymentPage
from tests.integration.test_refunds import paid
from tests.world import World

REFUSAL: Final = "more refunds asked for than was captured"
_ASK = text(
    """INSERT INTO refunds (order_id, number, key, gateway, gateway_transaction_id, attempt_id,
         amount_idr, route, state, reason, requested_at, looks_done, needs_approval,
         transfer_account)
       SELECT order_id, :number, :key, gateway, :paid_by, id, :amount_idr, :route, :state, 'r',
         created_at, 0, false, :account
       FROM attempts WHERE order_id = :order_id"""
)
_PLAIN: Final[Mapping[str, Any]] = {
    "number": 8,
    "amount_idr": 100_000,
    "route": "refund",
    "state": "awaiting_approval",
}


def ask(world: World, page: PaymentPage, **changes: object) -> None:
    """Add a refund behind the application's back, as a person with a console could."""
    # The order's sums know nothing of it.
    world.damaged = True
    order, told = world.order(page), {**_PLAIN, **changes}
    values = {
        "order_id": order.id,
        "key": f"by-hand-{told['number']}",
        "paid_by": order.payment_gateway_transaction_id,
        "account": "123" if told["route"] == "manual" else None,
    }
    with world.desk.sessions.begin() as session:
        session.execute(_ASK, values | told)


def change(world: World, statement: str, **values: object) -> None:
    world.damaged = True
    with world.desk.sessions.begin() as session:
        done: Any = session.execute(text(f"UPDATE refunds SET {statement}"), values)
        assert done.rowcount == 1, (statement, done.rowcount)


def rows(world: World, page: PaymentPage) -> list[tuple[int, str, str]]:
    return [(r.amount_idr, r.route.value, r.state.value) for r in world.refunds(page)]


def of_two_hundred(world: World) -> PaymentPage:
    """Return an order of Rp 200.000 of which Rp 150.000 have gone back."""
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 150_000)
    return page


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_idr": 50_001},
        {"amount_idr": 50_001, "route": "manual", "state": "to_transfer"},
        {"amount_idr": 50_001, "route": "void", "state": "approved"},
        {"amount_idr": 50_001, "state": "succeeded"},
        {"amount_idr": 1, "paid_by": None},
        {"amount_idr": 1, "paid_by": "somebody else's"},
    ],
)
def test_what_was_not_captured_is_not_set_aside(world: World, changes: dict[str, object]) -> None:
    page = of_two_hundred(world)
    before = rows(world, page)

    with pytest.raises(IntegrityError, match=REFUSAL):
        ask(world, page, **changes)

    assert rows(world, page) == before == [(150_000, "refund", "succeeded")]


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_idr": 50_000},
        # What does not hold its amount takes nothing from anybody.
        {"amount_idr": 200_000, "state": "rejected"},
        # A fact: somebody refunded in the gateway's dashboard, whatever we had set aside.
        {"amount_idr": 200_000, "route": "outside", "state": "succeeded"},
    ],
)
def test_what_was_captured_and_what_is_a_fact_is_written(
    world: World, changes: dict[str, object]
) -> None:
    page = of_two_hundred(world)

    ask(world, page, **changes)

    told = {**_PLAIN, **changes}
    assert rows(world, page)[1:] == [(told["amount_idr"], told["route"], told["state"])]


def test_a_refund_made_elsewhere_counts_for_those_asked_for_later(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    ask(world, page, route="outside", state="succeeded", amount_idr=150_000)

    with pytest.raises(IntegrityError, match=REFUSAL):
        ask(world, page, number=9, amount_idr=50_001)
    ask(world, page, number=9, amount_idr=50_000)

    assert [amount for amount, *_ in rows(world, page)] == [150_000, 50_000]


def test_a_payment_that_never_came_is_not_refunded(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "deny", "credit_card")
    world.deliver_all(page)
    world.confirm()
    with world.session() as session:
        declined = session.scalars(select(GatewayTransaction.gateway_transaction_id)).one()

    with pytest.raises(IntegrityError, match=REFUSAL):
        ask(world, page, amount_idr=1, paid_by=declined)

    assert rows(world, page) == []


@pytest.mark.parametrize(
    "statement",
    [
        "amount_idr = amount_idr + 1 WHERE number = 1",
        "state = 'awaiting_approval' WHERE number = 8",
        "state = 'succeeded' WHERE number = 8",
        "route = 'refund' WHERE number = 9",
        "gateway_transaction_id = NULL WHERE number = 1",
    ],
)
def test_no_change_sets_more_aside_than_was_captured(world: World, statement: str) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    world.refund(page, 200_000)
    ask(world, page, state="withdrawn")
    ask(world, page, number=9, route="outside", state="succeeded")
    before = rows(world, page)

    with pytest.raises(IntegrityError, match=REFUSAL):
        change(world, statement)

    assert rows(world, page) == before


def test_what_the_gateway_pays_after_all_is_written_whatever_it_comes_to(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS)
    ask(world, page, state="failed", amount_idr=200_000)
    ask(world, page, number=9, amount_idr=200_000)

    change(world, "state = 'succeeded' WHERE number = 8")
    change(world, "state = 'approved' WHERE number = 9")

    assert [state for *_, state in rows(world, page)] == ["succeeded", "approved"]
