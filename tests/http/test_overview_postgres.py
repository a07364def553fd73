"""On PostgreSQL the figures are the same, and large tables are asked by their indexes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from admin.figures.of_now import read_ageing, read_health, read_heard
from admin.figures.of_period import read_takings
from admin.figures.periods import read_period
from app.core.states import GatewayName
from tests.http.test_find_speed import full
from tests.http.test_overview import Books, fill_march
from tests.world import World

__all__ = ["full"]

pytestmark = pytest.mark.postgres


def test_the_figures_are_those_worked_out_by_hand(postgres_world: World) -> None:
    books = Books(postgres_world)
    fill_march(books)
    period = read_period("custom", "2026-03-09", "2026-03-10", postgres_world.clock())

    with postgres_world.session() as session:
        takings = read_takings(session, period)
        [midtrans, xendit] = read_health(session, period.span, list(GatewayName))

    flows = [(flow.paid.idr, flow.refunded.idr) for flow in takings.flows]
    assert flows == [(300_000, 0), (300_000, 80_000)]
    assert takings.before.paid.idr == 150_000
    assert (takings.times.median_s, takings.times.p90_s) == (40, 100)
    assert [
        (one.method, one.paid.rows, one.lost.rows, one.open.rows) for one in takings.methods
    ] == [
        ("bca_va", 1, 1, 1),
        ("gopay", 2, 1, 0),
        (None, 0, 1, 0),
    ]
    assert [(one.refunded.idr, one.refunded.rows) for one in takings.reasons] == [(80_000, 2)]
    assert (midtrans.asked, midtrans.failed, xendit.asked) == (2, 1, 0)


@contextmanager
def plans(session: Session) -> Iterator[list[str]]:
    """Collect how the database means to answer each question."""
    found: list[str] = []
    asked: list[tuple[str, Any]] = []
    bind = session.get_bind()

    def keep(*args: Any) -> None:
        asked.append((args[2], args[3]))

    event.listen(bind, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(bind, "before_cursor_execute", keep)
    driver: Any = session.connection().connection.driver_connection
    for statement, values in asked:
        rows = driver.execute(f"EXPLAIN {statement}", values).fetchall()
        found.append("\n".join(row[0] for row in rows))


def test_a_week_is_found_by_indexes_among_many_orders(full: Session, postgres_world: World) -> None:
    with postgres_world.desk.sessions.begin() as session:
        session.execute(
            text("UPDATE orders SET paid_at = created_at WHERE payment_status = 'paid'")
        )
        session.execute(text("UPDATE refunds SET finished_at = requested_at"))
    with postgres_world.desk.sessions() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        session.execute(text("VACUUM ANALYZE orders, refunds, attempts, notifications"))
    period = read_period("7d", "", "", postgres_world.clock())

    with plans(full) as found:
        takings = read_takings(full, period)
        read_ageing(full, postgres_world.clock())
        read_health(full, period.span, list(GatewayName))
        read_heard(full, list(GatewayName))

    assert takings.now.paid.rows > 1000
    # All open orders are counted by age: that is a third of this table, and may be read wholly.
    whole = [
        plan for plan in found if "Seq Scan on" in plan and "Seq Scan on status_checks" not in plan
    ]
    assert [plan for plan in whole if "payment_status" not in plan] == []
    assert len(found) <= 20
