"""What a bulk run would do with many orders: the dry run of each, in a few statements for all."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.bulk import BulkKind, PlannedRow, plan_check, plan_refund
from app.core.bulk_changes import RunChanges, compare_plans
from app.core.reasons import Why
from app.db.models import BulkRow, BulkRun, Order
from app.db.session import read_one_moment
from app.services.desk import Desk
from app.services.facts import load_facts_of_all
from app.services.findings import frozen_among
from app.services.refunds import judge_refund


def plan_orders(desk: Desk, kind: BulkKind, order_ids: Sequence[int]) -> dict[int, PlannedRow]:
    """Return what a run would do with each of these orders that there is, the oldest first.

    Nothing is asked of a gateway. The number of statements does not depend on that of the orders.
    """
    with desk.reads() as session:
        read_one_moment(session)
        query = select(Order).where(Order.id.in_(order_ids)).order_by(Order.id)
        orders = session.scalars(query).all()
        if kind is BulkKind.CHECK:
            return {order.id: plan_check(order.number) for order in orders}
        return _plan_refunds(desk, session, orders)


def _plan_refunds(desk: Desk, session: Session, orders: Sequence[Order]) -> dict[int, PlannedRow]:
    facts = load_facts_of_all(session, orders)
    frozen = frozen_among(session, facts)
    return {
        one.id: plan_refund(
            one.number, judge_refund(desk, facts[one.id], None, frozen=one.id in frozen)
        )
        for one in orders
    }


def changes_of_run(desk: Desk, run: BulkRun) -> RunChanges:
    """Return what the dry run of a run's orders says otherwise now than when it was made."""
    with desk.reads() as session:
        asked = stored_manifest(session, run.id)
        ids = session.scalars(select(BulkRow.order_id).where(BulkRow.run_id == run.id)).all()
    now: Mapping[int, PlannedRow] = plan_orders(desk, run.kind, ids)
    return compare_plans(asked, {row.order: row for row in now.values()})


def stored_manifest(session: Session, run_id: int) -> list[PlannedRow]:
    """Return the rows of a run as they stand in the database, as they were planned."""
    query = (
        select(Order.number, BulkRow.amount_idr, BulkRow.route, BulkRow.state, BulkRow.why)
        .join(Order, Order.id == BulkRow.order_id)
        .where(BulkRow.run_id == run_id)
        .order_by(BulkRow.seq)
    )
    return [
        PlannedRow(number, amount, route, state, Why(why))
        for number, amount, route, state, why in session.execute(query)
    ]
