"""Bulk runs in tests: many paid orders, a run over them, and what came of it everywhere."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.core.bulk import BulkKind, BulkState
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName
from app.db.models import (
    Attempt,
    BulkRow,
    BulkRun,
    GatewayTransaction,
    Order,
    Product,
    Refund,
)
from app.services.bulk import NewRun, Submission, approve_run, draft_run, submit_run
from app.services.bulk_work import work_on_runs
from app.services.payment_pages import PaymentPage
from app.services.reconciliation import Crew, RunReport
from tests.integration.test_refunds import at_gateway, paid
from tests.world import World

WORKER = Crew(owner="worker", threads=1, batch=50, limits={})


def fill_shelves(world: World) -> None:
    with world.desk.sessions.begin() as session:
        session.execute(update(Product).values(on_hand=2_000))


def paid_orders(
    world: World, count: int, gateway: GatewayName = GatewayName.MIDTRANS, quantity: int = 1
) -> list[PaymentPage]:
    """Return paid orders of Rp 100.000 for each piece."""
    fill_shelves(world)
    return [paid(world, gateway, quantity=quantity) for _ in range(count)]


def likenesses(world: World, page: PaymentPage, count: int) -> list[int]:
    """Return the ids of so many orders that are like this one, written straight into the tables.

    Hundreds of them cost no time that way; no gateway knows them, and no books are kept.
    """
    world.damaged = True
    order_id = world.order(page).id
    with world.desk.sessions.begin() as session:
        return [_likeness(session, order_id, f"{number:04d}") for number in range(count)]


def _likeness(session: Session, order_id: int, mark: str) -> int:
    names = {"public_id": mark, "number": f"LN-COPY-{mark}"}
    copy_id = _copied(session, Order, Order.id == order_id, **names)
    attempt_id = _copied(
        session, Attempt, Attempt.order_id == order_id, order_id=copy_id, reference=f"copy-{mark}"
    )
    of_order = GatewayTransaction.order_id == order_id
    owner = {"order_id": copy_id, "attempt_id": attempt_id}
    _copied(session, GatewayTransaction, of_order, **owner)
    return copy_id


def _copied(
    session: Session,
    kind: type[Order | Attempt | GatewayTransaction],
    which: ColumnElement[bool],
    **changes: object,
) -> int:
    columns = [column for column in kind.__table__.columns if column.name != "id"]
    row = session.execute(select(*columns).where(which)).mappings().one()
    made = kind(**{**row, **changes})
    session.add(made)
    session.flush()
    return made.id


def dear_orders(world: World, count: int = 3) -> list[PaymentPage]:
    """Return paid orders of which none needs a second person, but three together do."""
    return paid_orders(world, count, quantity=5)


def drafted(
    world: World,
    pages: Sequence[PaymentPage],
    kind: BulkKind = BulkKind.REFUND,
    role: str = "refunder",
) -> int:
    ids = [world.order(page).id for page in pages]
    new = NewRun(secrets.token_hex(8), kind, ids, "", world.staff_id(role))
    return draft_run(world.desk, new)


def submission(world: World, run_id: int, **changes: object) -> Submission:
    form = Submission(
        reason_code=RefundReason.DAMAGED,
        reason="Batch cacat",
        note="Tiket 4711",
        stop_after=3,
        typed_total_idr=run_of(world, run_id).sum_idr,
        staff_id=world.staff_id(),
    )
    return replace(form, **changes)  # type: ignore[arg-type]


def started(world: World, pages: Sequence[PaymentPage], **changes: object) -> int:
    """Return a run of refunds that is running, approved where it must be."""
    run_id = drafted(world, pages)
    state = submit_run(world.desk, run_id, submission(world, run_id, **changes))
    if state is BulkState.AWAITING_APPROVAL:
        shown = run_of(world, run_id).approval_hash or ""
        approve_run(world.desk, run_id, staff_id=world.staff_id("approver"), approval_hash=shown)
    return run_id


def turn(world: World, crew: Crew = WORKER) -> RunReport:
    return work_on_runs(world.desk, crew)


def run_of(world: World, run_id: int) -> BulkRun:
    with world.session() as session:
        return session.get_one(BulkRun, run_id)


def rows_of(world: World, run_id: int) -> list[BulkRow]:
    with world.session() as session:
        query = select(BulkRow).where(BulkRow.run_id == run_id).order_by(BulkRow.seq)
        return list(session.scalars(query))


def states_of(world: World, run_id: int) -> list[str]:
    return [row.state.value for row in rows_of(world, run_id)]


def refunds_of(world: World) -> Counter[int]:
    """Return how many refunds each order has."""
    with world.session() as session:
        return Counter(session.scalars(select(Refund.order_id)))


def given_back(world: World, pages: Sequence[PaymentPage]) -> list[int]:
    """Return what the gateway itself has paid back for each order."""
    return [at_gateway(world, page) for page in pages]
