"""Writes that belong together: as parts of one statement and one by one they do the same."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.ledger import LEGS, PostingKind
from app.core.reasons import Why
from app.core.states import GatewayName
from app.core.stock import StockStep
from app.db.arrivals import ENTRIES, EVENTS, NOTIFICATIONS, ORDERS, columns_of
from app.db.models import Base, Notification
from app.db.writes import ChangedRow, IdOf, NewRow, TakenGoods, Write, write_all, write_apart
from app.services.payment_pages import PaymentPage
from tests.world import World

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WriteAll = Callable[[Connection, Sequence[Write]], int]
MOVEMENTS = Base.metadata.tables["stock_movements"]
ITEMS = Base.metadata.tables["order_items"]


@pytest.fixture(params=[write_all, write_apart], ids=["as shipped", "one by one"])
def write(request: pytest.FixtureRequest) -> WriteAll:
    return request.param


@pytest.fixture
def page(world: World) -> PaymentPage:
    # What is written here is no life that an order could have.
    world.damaged = True
    return world.checkout(GatewayName.MIDTRANS)


def told(world: World, page: PaymentPage) -> NewRow:
    """Return a message to be stored, with nothing said of its order but whose it is."""
    row = Notification(
        gateway=GatewayName.MIDTRANS,
        state="done",
        verdict=Why.UNKNOWN_ORDER.value,
        chain=[],
        headers={},
        body=b"{}",
        body_size=2,
        order_id=world.order(page).id,
        received_at=NOW,
        tries=0,
    )
    return NewRow(NOTIFICATIONS, columns_of(row))


def entry(order_id: int, seq: int, kind: PostingKind, amount: int) -> NewRow:
    debit, credit = LEGS[kind]
    return NewRow(
        ENTRIES,
        {
            "order_id": order_id,
            "seq": seq,
            "kind": kind,
            "subject": f"s{seq}",
            "nth": 1,
            "debit": debit,
            "credit": credit,
            "amount_idr": amount,
            "event_id": None,
            "observation_id": None,
            "at": NOW,
        },
    )


def rows(world: World, table: Table) -> list[dict[str, Any]]:
    with world.session() as session:
        found = session.execute(select(table).order_by(table.c.id))
        return [dict(row._mapping) for row in found]


def test_the_id_of_the_first_row_is_returned_and_used_by_others(
    world: World, page: PaymentPage, write: WriteAll
) -> None:
    observations = Base.metadata.tables["observations"]
    said = {
        "order_id": world.order(page).id,
        "notification_id": IdOf(NOTIFICATIONS),
        "source": "notification",
        "gateway": GatewayName.MIDTRANS,
        "reference": "R",
        "seen": "paid",
        "raw_status": "x",
        "details": {},
        "evidence": "claims",
        "why": "x",
        "before": "pending",
        "after": "pending",
        "observed_at": NOW,
        "recorded_at": NOW,
    }
    booked = entry(world.order(page).id, 1, PostingKind.CAPTURE, 5)
    cause = NewRow(ENTRIES, {**booked.values, "observation_id": IdOf(observations)})

    with world.desk.sessions.begin() as session:
        # Ids of different tables must not be equal by chance.
        write(session.connection(), [told(world, page)])
        first, another = told(world, page), told(world, page)
        number = write(session.connection(), [first, another, NewRow(observations, said), cause])

    assert [row["id"] for row in rows(world, NOTIFICATIONS)][-2] == number
    observation = rows(world, observations)[-1]
    assert observation["notification_id"] == number
    assert observation["id"] != number
    assert rows(world, ENTRIES)[-1]["observation_id"] == observation["id"]


def test_the_books_wall_counts_entries_of_the_same_list(
    world: World, page: PaymentPage, write: WriteAll
) -> None:
    order_id = world.order(page).id
    lists = [
        entry(order_id, 1, PostingKind.CAPTURE, 100),
        entry(order_id, 2, PostingKind.REFUND_OUTSIDE, 60),
    ]
    with world.desk.sessions.begin() as session:
        write(session.connection(), [told(world, page), *lists])
    before = (rows(world, NOTIFICATIONS), rows(world, ENTRIES), rows(world, ORDERS))

    more = [
        entry(order_id, 3, PostingKind.REFUND_OUTSIDE, 20),
        entry(order_id, 4, PostingKind.REFUND_OUTSIDE, 21),
    ]
    change = ChangedRow(ORDERS, order_id, {"updated_at": NOW})
    with (
        pytest.raises(DBAPIError, match="more given back than taken"),
        world.desk.sessions.begin() as session,
    ):
        write(session.connection(), [told(world, page), *more, change])

    assert (rows(world, NOTIFICATIONS), rows(world, ENTRIES), rows(world, ORDERS)) == before


def test_what_is_append_only_stays_so(world: World, page: PaymentPage, write: WriteAll) -> None:
    events = rows(world, EVENTS)
    before = rows(world, NOTIFICATIONS)
    rewrite = ChangedRow(EVENTS, events[-1]["id"], {"why": "shopper_paid"})

    with (
        pytest.raises(DBAPIError, match="append-only"),
        world.desk.sessions.begin() as session,
    ):
        write(session.connection(), [told(world, page), rewrite])

    assert rows(world, EVENTS) == events
    assert rows(world, NOTIFICATIONS) == before


def test_a_row_about_no_order_is_refused_with_all_others(
    world: World, page: PaymentPage, write: WriteAll
) -> None:
    before = rows(world, NOTIFICATIONS)
    stray = entry(999_999, 1, PostingKind.CAPTURE, 100)

    with pytest.raises(IntegrityError), world.desk.sessions.begin() as session:
        write(session.connection(), [told(world, page), stray])

    assert rows(world, NOTIFICATIONS) == before
    assert rows(world, ENTRIES) == []


def test_goods_of_every_product_leave_once_and_are_noted(
    world: World, page: PaymentPage, write: WriteAll
) -> None:
    order_id = world.order(page).id
    products = Base.metadata.tables["products"]
    had = {row["id"]: row for row in rows(world, products)}
    items = [row for row in rows(world, ITEMS) if row["order_id"] == order_id]
    wanted = {row["product_id"]: row["quantity"] for row in items}
    other = next(key for key in had if key not in wanted)
    with world.desk.sessions.begin() as session:
        more = {**items[0], "product_id": other, "quantity": 3, "id": items[-1]["id"] + 100}
        session.execute(insert(ITEMS), more)
        session.execute(products.update().where(products.c.id == other).values(reserved=3))

    with world.desk.sessions.begin() as session:
        write(session.connection(), [told(world, page), TakenGoods(order_id, NOW)])

    wanted[other] = 3
    for row in rows(world, products):
        count = wanted.get(row["id"], 0)
        reserved = 3 if row["id"] == other else had[row["id"]]["reserved"]
        assert row["on_hand"] == had[row["id"]]["on_hand"] - count
        assert row["reserved"] == reserved - count
    noted = {
        (row["product_id"], row["quantity"], row["order_id"], row["step"], row["at"])
        for row in rows(world, MOVEMENTS)
        if row["step"] is StockStep.TAKE
    }
    assert noted == {(key, n, order_id, StockStep.TAKE, NOW) for key, n in wanted.items()}
