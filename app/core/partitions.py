"""Where tables that grow for ever are cut: by month, or by ranges of orders; and what may leave.

A month begins at midnight UTC of its first day. See docs/adr/0023 for why notifications are cut by
the time at which they came, and timelines by the order that they are about.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from app.core.errors import PartitioningError

Bound: TypeAlias = datetime | int

# How many months, the present one not counted, stand ready; and how many stay in the table.
MONTHS_AHEAD: Final = 3
MONTHS_KEPT: Final = 3
# The table as it was becomes the first part, which ends only then: whoever begins to convert and
# is broken off has this long to go on before rows no longer fit.
_ROOM: Final = timedelta(days=14)
_LEAST_WIDTH: Final = 100_000
_WIDTHS_AHEAD: Final = 3
_STEPS: Final = (1, 2, 5, 10)
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})\Z", re.ASCII)
_HISTORY: Final = re.compile(r"before_(\d{4})_(\d{2})\Z|below_(\d+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a table: all from ``lower`` (None: from the beginning) to before ``upper``.

    ``name`` follows the table's name and an underscore.
    """

    name: str
    lower: Bound | None
    upper: Bound


class Step(StrEnum):
    """What a conversion does next; each step is done wholly or not at all."""

    FORGET = "forget"
    BOUND = "bound"
    PROVE_BOUND = "prove_bound"
    INDEX = "index"
    SWAP = "swap"
    PROVE_REFERENCES = "prove_references"
    ANALYZE = "analyze"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a conversion came, as the database tells it.

    ``bound``: the end of the first part, as a constraint holds it. ``references_proved``: what
    refers to the table was checked after the swap, or nothing has to be.
    """

    is_partitioned: bool
    bound: Part | None = None
    bound_proved: bool = False
    indexed: bool = False
    references_proved: bool = True
    analyzed: bool = False


def next_step(found: Progress, history: Part) -> Step | None:
    """Return what remains to be done first, or None; ``history``: the wanted first part."""
    if found.is_partitioned:
        if not found.references_proved:
            return Step.PROVE_REFERENCES
        return None if found.analyzed else Step.ANALYZE
    if found.bound is None:
        return Step.BOUND
    if found.bound != history:
        return Step.FORGET
    if not found.bound_proved:
        return Step.PROVE_BOUND
    return Step.SWAP if found.indexed else Step.INDEX


def month_of(moment: datetime) -> datetime:
    """Return the beginning of a moment's month."""
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, 1, tzinfo=UTC)


def later(month: datetime, count: int) -> datetime:
    """Return the beginning of the month so many months later (or earlier, below zero)."""
    years, index = divmod(month.month - 1 + count, 12)
    return month.replace(year=month.year + years, month=index + 1)


def read_month(words: str) -> datetime:
    """Return the beginning of a month such as 2026-01; PartitioningError if it is none."""
    found = _MONTH.match(words)
    try:
        return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC) if found else _no_month(words)
    except ValueError:
        return _no_month(words)


def _no_month(words: str) -> datetime:
    raise PartitioningError(f"{words!r} is no month such as 2026-01")


def month_part(month: datetime) -> Part:
    """Return the part of one month."""
    return Part(f"{month:%Y_%m}", month, later(month, 1))


def cut_by_month(now: datetime) -> tuple[Part, tuple[Part, ...]]:
    """Return the part that a table becomes which is converted now, and the months after it."""
    upper = later(month_of(now + _ROOM), 1)
    return Part(f"before_{upper:%Y_%m}", None, upper), _months_to_come(upper, now)


def cut_by_order(last: int, lately: int) -> tuple[Part, tuple[Part, ...]]:
    """Return the part that a table becomes while ``last`` is the newest order, and those after it.

    ``lately``: orders of the last 30 days; a part holds about as many.
    """
    width = _width_for(lately)
    upper = (last // width + 2) * width + 1
    return Part(f"below_{upper}", None, upper), _ranges_to_come(upper, width, last)


def parts_to_come(newest: Part, now: datetime, last: int) -> tuple[Part, ...]:
    """Return the parts that have to stand ready after ``newest``; ``last``: the newest order."""
    if isinstance(newest.upper, datetime):
        return _months_to_come(newest.upper, now)
    width = newest.upper - newest.lower if isinstance(newest.lower, int) else _LEAST_WIDTH
    return _ranges_to_come(newest.upper, width, last)


def read_history(name: str) -> Part | None:
    """Return the part of this name, if it is one that a whole table became."""
    found = _HISTORY.match(name)
    if found is None:
        return None
    if found[3]:
        return Part(name, None, int(found[3]))
    return Part(name, None, datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC))


def _months_to_come(begin: datetime, now: datetime) -> tuple[Part, ...]:
    end = later(month_of(now), MONTHS_AHEAD)
    count = (end.year - begin.year) * 12 + end.month - begin.month + 1
    return tuple(month_part(later(begin, nth)) for nth in range(count))


def _ranges_to_come(begin: int, width: int, last: int) -> tuple[Part, ...]:
    ends = range(begin, last + _WIDTHS_AHEAD * width, width)
    return tuple(Part(f"from_{lower}", lower, lower + width) for lower in ends)


def _width_for(lately: int) -> int:
    wanted = max(lately, _LEAST_WIDTH)
    power = 10 ** (len(str(wanted)) - 1)
    return next(step * power for step in _STEPS if step * power >= wanted)


def insist_on_leaving(part: Part, now: datetime, waiting: int) -> None:
    """Raise PartitioningError if a month is too young to leave, or holds what is not concluded.

    ``waiting``: its notifications that wait to be confirmed.
    """
    first_kept = later(month_of(now), -MONTHS_KEPT)
    if not isinstance(part.upper, datetime):
        raise PartitioningError("timelines stay as long as their orders")
    if part.upper > first_kept:
        raise PartitioningError(
            f"{MONTHS_KEPT} whole months stay beside the present one: from {first_kept:%Y-%m} on"
        )
    if waiting:
        raise PartitioningError(f"{waiting} of its notifications still wait to be confirmed")
