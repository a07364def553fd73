"""``flask lunas replay``: which orders today's rules would see otherwise."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from app.core.wib import WIB
from app.services.desk import Desk
from app.services.replay import Replayed, replay_orders

_SOME_DIFFER: Final = 1
_AGO: Final = re.compile(r"(\d{1,5})([dh])")
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def replay_command(desk: Desk) -> click.Command:
    """Return the command."""

    @click.command("replay")
    @click.option("--since", default="30d", help="A date (in WIB) or so long ago: 2026-05-31, 30d.")
    @click.option("--order", help="Only this order, such as LN-7Q2M4XK9TB.")
    @click.option("--limit", type=click.IntRange(1), help="Stop after so many that differ.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object per order that differs.")
    def command(since: str, order: str | None, limit: int | None, *, as_json: bool) -> None:
        """Run what the gateways said through today's rules and list the orders that would differ.

        Changes nothing. Exit code 1: some differ.
        """
        start = None if order else _moment(since, desk.clock())
        replayed = replay_orders(desk, since=start, number=order)
        tally = _tell(replayed, limit, as_json=as_json)
        if not as_json:
            click.echo(tally.words)
        if tally.differ:
            raise SystemExit(_SOME_DIFFER)

    return command


def _moment(text: str, now: datetime) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is neither a date such as 2026-05-31 nor a time ago such as 30d."
        raise click.BadParameter(message, param_hint="--since") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).astimezone(UTC)


class _Tally:
    """What was counted on the way."""

    orders = observations = differ = incomplete = 0

    @property
    def words(self) -> str:
        """Return the closing line."""
        left = f" {self.incomplete} could not be replayed: they were heard before this was kept."
        return (
            f"{self.orders} orders, {self.observations} observations: {self.differ} would differ."
            f"{left if self.incomplete else ''}"
        )


def _tell(replayed: Iterable[Replayed], limit: int | None, *, as_json: bool) -> _Tally:
    tally = _Tally()
    for one in replayed:
        tally.orders += 1
        tally.observations += one.observations
        tally.incomplete += not one.is_complete
        if one.differences:
            tally.differ += 1
            click.echo(json.dumps(asdict(one)) if as_json else _lines(one))
        if tally.differ == limit:
            break
    return tally


def _lines(one: Replayed) -> str:
    lines = [
        f"  {'observation ' + str(d.observation_id) if d.observation_id else 'end'}: "
        f"{d.what} was {d.stored}, today {d.today}"
        for d in one.differences
    ]
    return "\n".join([one.number, *lines])
