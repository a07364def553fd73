"""``flask lunas verify``: recompute orders from their facts and tell what does not agree."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import click

from app.core.errors import NotFoundError
from app.core.finding_words import FINDING_WORDS
from app.services.desk import Desk
from app.services.verification import Reported, verify_all, verify_order, verify_recent

_DIFFERS: Final = 1
_LATELY: Final = timedelta(hours=24)


def verify_command(desk: Desk) -> click.Command:
    """Return the command; its exit code is 1 if anything does not agree."""

    @click.command("verify")
    @click.option("--order", "number", help="Only the order with this number.")
    @click.option("--all", "everything", is_flag=True, help="Every order there is.")
    def verify(number: str | None, everything: bool) -> None:  # noqa: FBT001 - click passes it so.
        """Recompute orders from their payments and refunds and compare with what is recorded.

        Without an option: the orders changed in the last 24 hours and those with open findings.
        """
        if number is not None and everything:
            raise click.UsageError("Choose --order or --all, not both.")
        differ = [_told(one) for one in _found(desk, number, everything=everything)]
        click.echo(f"{len(differ)} differ." if differ else "Everything agrees.")
        if differ:
            raise SystemExit(_DIFFERS)

    return verify


def _found(desk: Desk, number: str | None, *, everything: bool) -> Iterable[Reported]:
    if everything:
        return verify_all(desk)
    if number is None:
        return verify_recent(desk, desk.clock() - _LATELY)
    try:
        return verify_order(desk, number.upper())
    except NotFoundError:
        raise click.ClickException(f"there is no order {number}.") from None


def _told(one: Reported) -> Reported:
    found = one.difference
    click.echo(f"{one.order or found.subject}  {found.code}  {FINDING_WORDS[found.code].en}")
    click.echo(f"  {found.subject}: expected {found.expected}; found {found.found}")
    return one
