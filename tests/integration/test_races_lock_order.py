"""No two use cases can wait for each other, because all of them lock in one order.

Recorded from the statements as they reach the database, not from the code that means them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from sqlalchemy import Connection, event

from app.core.observations import Source
from app.core.states import GatewayName, RefundRoute
from app.services.bulk import pause_run, reject_run, resume_run, stop_run, submit_run
from app.services.checkout import retry_payment
from app.services.reconciliation import expire_approvals
from app.services.refunds import (
    approve_refund,
    mark_transferred,
    reject_refund,
    withdraw_refund,
)
from app.services.restocking import restock_refund
from app.services.status import check_status
from tests.calls import resolve_attention
from tests.integration.bulk_scenes import (
    WORKER,
    drafted,
    started,
    submission,
    turn,
)
from tests.integration.meetings import engine_of, one_line
from tests.integration.test_refunds import paid
from tests.world import World

pytestmark = [pytest.mark.race, pytest.mark.postgres]

_LOCKED: Final = re.compile(r"FROM (\w+) .*FOR (?:NO KEY )?UPDATE( SKIP LOCKED)?")
_UPDATED: Final = re.compile(r"^UPDATE (\w+)")
_INSERTED: Final = re.compile(r"^INSERT INTO (\w+)")
# Where one of several writes begins that are sent as one statement (app/db/writes.py).
_PART: Final = re.compile(r"(?:WITH|,) (?:part|goods)_[\d_]+ AS \(")
_RANK: Final = (*("bulk_runs", "orders", "attempts", "refunds", "staff", "products", "audit_head"),)


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows of one table that a transaction holds from one statement on."""

    verb: str
    table: str
    rows: int
    waits: bool = True


@dataclass
class Transaction:
    """What one transaction asked of the database, and the orders that it locked."""

    statements: list[str] = field(default_factory=list[str])
    inserted: set[str] = field(default_factory=set[str])
    held: list[Hold] = field(default_factory=list[Hold])
    orders: set[object] = field(default_factory=set[object])

    def add(self, statement: str, parameters: Any, rows: int) -> None:
        for part in _PART.split(statement):
            self._add(part, parameters, rows)

    def _add(self, statement: str, parameters: Any, rows: int) -> None:
        self.statements.append(statement)
        if inserted := _INSERTED.search(statement):
            self.inserted.add(inserted[1])
        elif locked := _LOCKED.search(statement):
            self._hold(Hold("lock", locked[1], rows, waits=locked[2] is None))
            if locked[1] == "orders":
                self.orders.add(parameters[0])
        elif updated := _UPDATED.search(statement):
            self._hold(Hold("update", updated[1], rows))

    def _hold(self, hold: Hold) -> None:
        # What it inserted itself, nobody else sees before it ends.
        if hold.table not in self.inserted:
            self.held.append(hold)

    @property
    def locks(self) -> list[str]:
        """The tables of which it locks rows by name, in the order in which it first does."""
        return list(dict.fromkeys(hold.table for hold in self.held if hold.verb == "lock"))


@contextmanager
def recorded(world: World) -> Iterator[list[Transaction]]:
    """Record every transaction until the end of the block."""
    done: list[Transaction] = []
    engine = engine_of(world)

    def begin(connection: Connection) -> None:
        connection.info["recorded"] = Transaction()

    def note(
        connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object
    ) -> None:
        transaction = connection.info["recorded"]
        transaction.add(one_line(statement), parameters, cursor.rowcount)

    def commit(connection: Connection) -> None:
        done.append(connection.info["recorded"])

    listeners = (("begin", begin), ("after_cursor_execute", note), ("commit", commit))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield done
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


def live_through_everything(world: World) -> None:
    """Let every use case that writes happen at least once."""
    page = world.checkout(GatewayName.MIDTRANS)
    retry_payment(world.desk, page.order_id, GatewayName.XENDIT)
    world.pay(page, "DANA")
    world.deliver_all(page)
    world.confirm()
    _refund_with_two_people(world)
    _refund_by_transfer(world)
    whole = paid(world, GatewayName.MIDTRANS)
    refund = world.refund(whole, 200_000)
    restock_refund(world.desk, refund.refund_id, staff_id=world.staff_id())
    _run_in_bulk(world)
    lost = paid(world, GatewayName.XENDIT)
    with world.program.fault("xendit.refund.create", "*", "html_502", times=1):
        world.refund(lost, 50_000)
    late = world.checkout(GatewayName.XENDIT)
    world.act(late, "expire")
    world.clock.advance(120)
    world.resolve()
    world.poll()
    world.deliver_all(late)
    world.confirm()
    retry_payment(world.desk, late.order_id, None)
    world.act(late, "pay", "QRIS")
    reversed_page = paid(world, GatewayName.MIDTRANS, "permata_va")
    world.act(reversed_page, "reverse")
    check_status(world.desk, world.order(reversed_page).id, source=Source.STATUS_CHECK)
    resolve_attention(
        world.desk, world.order(reversed_page).id, staff_id=world.staff_id(), reason="Sudah"
    )


def _run_in_bulk(world: World) -> None:
    pages = [paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1) for _ in range(2)]
    first = drafted(world, pages)
    submit_run(world.desk, first, submission(world, first))
    reject_run(world.desk, first, staff_id=world.staff_id("finance"), reason="x")
    run_id = started(world, pages)
    turn(world, replace(WORKER, batch=1))
    pause_run(world.desk, run_id)
    resume_run(world.desk, run_id)
    turn(world, replace(WORKER, batch=1))
    stop_run(world.desk, run_id)
    turn(world)


def _refund_with_two_people(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, sku="BATIK", quantity=1)
    refused = world.refund(page, 1_500_000)
    finance = world.staff_id("finance")
    reject_refund(world.desk, refused.refund_id, staff_id=finance, reason="Salah")
    forgotten = world.refund(page, 1_500_000)
    world.clock.advance(73 * 3600)
    assert expire_approvals(world.desk).changed == 1
    asked = world.refund(page, 1_500_000)
    shown = world.refunds(page)[-1].approval_hash or ""
    approve_refund(world.desk, asked.refund_id, staff_id=finance, approval_hash=shown)
    assert forgotten.refund_id != asked.refund_id


def _refund_by_transfer(world: World) -> None:
    page = paid(world, GatewayName.MIDTRANS, "bca_va")
    finance = world.staff_id("finance")
    wrong = world.refund(page, 50_000, route=RefundRoute.MANUAL)
    withdraw_refund(world.desk, wrong.refund_id, staff_id=finance, reason="Salah")
    right = world.refund(page, 60_000, route=RefundRoute.MANUAL)
    mark_transferred(world.desk, right.refund_id, staff_id=finance, proof="BCA 123")


def test_no_transaction_waits_while_it_holds_what_others_wait_for(postgres_world: World) -> None:
    world = postgres_world

    with recorded(world) as transactions:
        live_through_everything(world)

    under_an_order = [t for t in transactions if t.orders]
    new_orders = [t for t in transactions if "orders" in t.inserted]
    under_a_run = [t for t in transactions if Hold("lock", "bulk_runs", 1) in t.held]
    others = under_an_order + new_orders + under_a_run
    jobs = [t for t in transactions if t.held and t not in others]
    assert_all_was_seen(under_an_order, jobs)
    for transaction in transactions:
        assert_products_are_locked_by_id(transaction)
    for transaction in under_an_order:
        assert_the_order_comes_first(transaction)
    assert under_a_run
    for transaction in under_a_run:
        assert_the_run_comes_first(transaction)
    for transaction in new_orders:
        # Nobody else can reach a new order; its products are all that it may wait for.
        assert transaction.locks == ["products"], transaction
    for transaction in jobs:
        (hold,) = transaction.held
        assert hold.rows <= 1 or not hold.waits, transaction


def assert_all_was_seen(under_an_order: list[Transaction], jobs: list[Transaction]) -> None:
    """Fail if a use case no longer happens in the life that was recorded."""
    assert {hold.table for t in under_an_order for hold in t.held} >= {
        *("orders", "attempts", "refunds", "products", "notifications", "gateway_transactions")
    }
    claimed = {t.held[0].table for t in jobs if not t.held[0].waits}
    assert claimed == {"attempts", "refunds", "notifications", "bulk_runs"}


def assert_products_are_locked_by_id(transaction: Transaction) -> None:
    for statement in transaction.statements:
        if "FROM products" in statement and _LOCKED.search(statement):
            assert "ORDER BY products.id FOR" in statement
    changed = [hold.table for hold in transaction.held if hold.verb == "update"]
    assert "products" in transaction.locks or "products" not in changed, transaction


def assert_the_order_comes_first(transaction: Transaction) -> None:
    assert len(transaction.orders) == 1, transaction
    assert transaction.held[0] == Hold("lock", "orders", 1), transaction
    assert transaction.locks == [name for name in _RANK if name in transaction.locks], transaction


def assert_the_run_comes_first(transaction: Transaction) -> None:
    assert transaction.orders == set(), transaction
    assert transaction.held[0] == Hold("lock", "bulk_runs", 1), transaction
    assert transaction.locks == [name for name in _RANK if name in transaction.locks], transaction
    assert {hold.table for hold in transaction.held} <= {"bulk_runs", "bulk_rows", "audit_head"}
