"""Shops whose notifications and timelines are cut into parts, and what tests ask of them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, event, text

from app.core.partitions import later, month_of
from app.core.states import GatewayName, RefundRoute
from app.services.partition_upkeep import make_parts_ahead
from app.services.partitions import Done, convert
from app.services.payment_pages import PaymentPage
from tests.integration.deaths import ProcessDiedError
from tests.integration.meetings import engine_of
from tests.world import World

TABLES: Final = ("notifications", "order_events")


def cut(world: World, *tables: str) -> list[Done]:
    """Convert tables, all that can be unless told which."""
    return [
        done
        for table in tables or TABLES
        for done in convert(engine_of(world), table, world.clock())
    ]


def live(world: World) -> list[PaymentPage]:
    """Let there be payments twice told, refunds by the gateway and by hand, and one that waits."""
    do(world, "UPDATE products SET on_hand = 1000")
    paid = world.checkout(GatewayName.MIDTRANS)
    world.pay(paid, "gopay")
    world.deliver_all(paid)
    world.deliver_all(paid)
    world.confirm()
    world.refund(paid, 50_000)
    world.resolve()
    by_hand = world.checkout(GatewayName.MIDTRANS)
    world.pay(by_hand, "bca_va")
    world.deliver_all(by_hand)
    world.confirm()
    world.refund(by_hand, 30_000, route=RefundRoute.MANUAL)
    return [paid, by_hand, world.checkout(GatewayName.XENDIT, quantity=1)]


def paid_today(world: World) -> PaymentPage:
    """Let one order be placed, paid and told of."""
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    return page


def age(world: World, months: int) -> datetime:
    """Let the whole log have come so many months ago; return the beginning of its newest month."""
    # Behind the application's back, and before the table is cut: rows do not move afterwards.
    do(world, f"UPDATE notifications SET received_at = received_at - interval '{months} months'")
    return month_of(ask(world, "SELECT max(received_at) FROM notifications"))


def aged_and_cut(world: World) -> str:
    """Return the word for a first part that is old enough to leave, and has successors."""
    live(world)
    month = age(world, 8)
    cut_as_of(world, month)
    assert make_parts_ahead(engine_of(world), world.clock())
    return f"before-{later(month, 1):%Y-%m}"


def cut_as_of(world: World, month: datetime) -> None:
    """Cut the log as if that had been done in this month: its first part ends with the month."""
    steps = [done.what for done in convert(engine_of(world), "notifications", month)]
    assert steps[-1] == "analyze"


def ask(world: World, statement: str, **values: object) -> Any:
    """Return the one value that a statement answers."""
    with engine_of(world).connect() as connection:
        return connection.execute(text(statement), values).scalar()


def told(world: World, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """Return all that a statement answers."""
    with engine_of(world).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def do(world: World, *statements: str) -> None:
    """Run statements as a person with a console would, in one transaction."""
    with engine_of(world).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows_of(world: World, table: str) -> list[str]:
    """Return every row of a table as text."""
    return [row[0] for row in told(world, f"SELECT t::text FROM {table} t ORDER BY id")]


def parts_of(world: World, table: str) -> list[str]:
    """Return the names of a table's parts, the empty ones too."""
    return [
        row[0]
        for row in told(
            world,
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = to_regclass(:table) ORDER BY 1",
            table=table,
        )
    ]


def is_cut(world: World, table: str) -> bool:
    """Tell whether a table is partitioned."""
    return bool(
        ask(world, "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:t)", t=table)
    )


def plan_of(world: World, statement: str) -> str:
    """Return PostgreSQL's plan of a statement."""
    return "\n".join(row[0] for row in told(world, f"EXPLAIN (COSTS OFF) {statement}"))


def die_at_each(
    world: World, points: Iterable[int], act: Callable[[], object], check: Callable[[], object]
) -> int:
    """Do something, dying at each point in turn, until it comes to its end; return how far that is.

    ``check`` looks at what each death left.
    """
    for nth in points:
        with suppress(ProcessDiedError), dying_at(engine_of(world), nth):
            act()
            return nth
        check()
    raise AssertionError("it never came to its end")


@contextmanager
def dying_at(engine: Engine, nth: int) -> Iterator[list[str]]:
    """End the process before its ``nth`` statement that changes anything; yield those it sent."""
    sent: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("SELECT", "SET", "ROLLBACK")):
            return
        if len(sent) == nth:
            raise ProcessDiedError(statement)
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)
