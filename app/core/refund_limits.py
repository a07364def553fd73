"""How much one person may ask to give back on one day, counted in WIB."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.core.money import Rupiah
from app.core.wib import WIB

# By role; a person may have a limit of their own. Roles without the right to refund have none.
DAILY_LIMIT_IDR: Final[Mapping[str, int]] = {
    "refunder": 10_000_000,
    "finance": 50_000_000,
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """A person's limit of the day and what is left of it, in rupiah."""

    limit_idr: Rupiah
    spent_idr: Rupiah

    @property
    def left_idr(self) -> Rupiah:
        """What the person may still ask for today; never below zero."""
        return Rupiah(max(self.limit_idr - self.spent_idr, 0))

    def covers(self, amount_idr: int) -> bool:
        """Tell whether a refund of this amount is within what is left."""
        return amount_idr <= self.left_idr


def daily_limit_idr(role: str, own_limit_idr: int | None) -> Rupiah:
    """Return a person's limit of the day: their own if they have one, else that of the role."""
    return Rupiah(DAILY_LIMIT_IDR.get(role, 0) if own_limit_idr is None else own_limit_idr)


def day_began_at(now: datetime) -> datetime:
    """Return when the present day began in WIB, in UTC."""
    midnight = now.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC)
