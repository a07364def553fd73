"""``flask lunas partitions …``: cut tables that have grown, keep them cut, archive old months."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy import Engine

from app.core.errors import PartitioningError
from app.core.partitions import Step
from app.db.partition_layouts import LAYOUTS, NOTIFICATIONS
from app.services.desk import Desk
from app.services.partition_upkeep import attach_month, detach_month, make_parts_ahead
from app.services.partitions import TablePlan, abandon, convert, plan_tables

_MIB: Final = 1024 * 1024
_WORDS: Final = {
    Step.FORGET: "drop the bound of an earlier try",
    Step.BOUND: "hold new rows to a bound (a lock for a moment)",
    Step.PROVE_BOUND: "check all rows against it (nobody waits)",
    Step.INDEX: "build the index of the new primary key (nobody waits)",
    Step.SWAP: "put the partitioned table in its place (everybody waits for a moment)",
    Step.PROVE_REFERENCES: "check what refers to it (nobody waits)",
    Step.ANALYZE: "count its rows for the planner (nobody waits)",
}
_TABLE: Final = click.Argument(
    ["table"], type=click.Choice(sorted(LAYOUTS)), default=NOTIFICATIONS.table
)


def partitions_group(desk: Desk) -> AppGroup:
    """Return the commands about partitions; all of PostgreSQL only."""
    group = AppGroup("partitions", help="Tables that have grown, in parts (docs/partitions.md).")
    _add_conversion(group, desk)
    _add_upkeep(group, desk)
    return group


def _add_conversion(group: AppGroup, desk: Desk) -> None:
    @group.command("plan")
    @click.option("--sql", is_flag=True, help="Show every statement.")
    def plan(*, sql: bool) -> None:
        """Tell how large the tables are, what parts they have, and what converting would do."""
        with _in_words():
            for found in plan_tables(_engine(desk), desk.clock()):
                _tell(found, with_statements=sql)

    @group.command("convert", params=[_TABLE])
    @click.option("--abandon", "give_up", is_flag=True, help="Take back what was prepared only.")
    def run(table: str, *, give_up: bool) -> None:
        """Turn a table into a partitioned one while the shop works; go on where it was broken off.

        TABLE: notifications (the default) or order_events.
        """
        with _in_words():
            if give_up:
                abandon(_engine(desk), table)
                click.echo(f"{table}: nothing is prepared any more.")
                return
            for done in convert(_engine(desk), table, desk.clock()):
                kept_out = f", locked {done.locked_s * 1000:.0f} ms" if done.locked_s else ""
                click.echo(f"{table}: {_WORDS[Step(done.what)]}: {done.took_s:.1f} s{kept_out}")
            click.echo(f"{table} is partitioned.")


def _add_upkeep(group: AppGroup, desk: Desk) -> None:
    @group.command("ahead")
    def ahead() -> None:
        """Make the parts that have to stand ready; run once a day (lunas-partitions.timer)."""
        with _in_words():
            made = make_parts_ahead(_engine(desk), desk.clock())
        click.echo(f"made {', '.join(made)}" if made else "Nothing is missing.")

    @group.command("detach")
    @click.argument("month")
    def detach(month: str) -> None:
        """Take a month of notifications (2026-01) out of the table and keep it in the archive.

        All from before the conversion leave together: before-2026-01.
        """
        with _in_words():
            click.echo(f"moved to {detach_month(_engine(desk), month, desk.clock())}")

    @group.command("attach")
    @click.argument("month")
    def attach(month: str) -> None:
        """Put a month from the archive back."""
        with _in_words():
            click.echo(f"back as {attach_month(_engine(desk), month)}")


def _engine(desk: Desk) -> Engine:
    bind = desk.sessions.kw["bind"]
    return bind if isinstance(bind, Engine) else bind.engine


@contextmanager
def _in_words() -> Generator[None]:
    try:
        yield
    except PartitioningError as error:
        raise click.ClickException(f"{error}.") from None


def _tell(found: TablePlan, *, with_statements: bool) -> None:
    size = f"about {found.extent.rows:,} rows, {found.extent.size_b / _MIB:,.0f} MiB"
    if found.cut is not None:
        click.echo(f"{found.table}: partitioned; {size}")
        for part, extent in found.cut.parts.items():
            told = f"about {extent.rows:,} rows, {extent.size_b / _MIB:,.0f} MiB"
            click.echo(f"  {found.table}_{part.name}  {told}")
        return
    click.echo(f"{found.table}: in one piece; {size}; converting it would")
    for number, (step, statements) in enumerate(found.steps, start=1):
        click.echo(f"  {number}. {_WORDS[step]}")
        for statement in statements if with_statements else ():
            click.echo(f"     {statement};")
