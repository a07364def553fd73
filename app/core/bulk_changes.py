"""What the rules say of a bulk run now, beside what they said when it was asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.bulk import PlannedRow, RunSums, sums_of
from app.core.reasons import Why
from app.core.refund_changes import Change


@dataclass(frozen=True, slots=True)
class RowChange:
    """One order of which the rules say something else now; ``amount_idr`` is what was asked for.

    ``left_out``: why the run would leave it out now, although it was to be refunded; None where it
    was left out already, and stays so, because the list is frozen (``was_eligible``).
    """

    order: str
    amount_idr: int
    was_eligible: bool
    parts: tuple[Change, ...]
    left_out: Why | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many orders would be left out now for one reason, and what they come to in rupiah."""

    why: Why
    count: int
    sum_idr: int


@dataclass(frozen=True, slots=True)
class RunChanges:
    """What is another now: totals then and now, and the orders, those left out first."""

    then: RunSums
    now: RunSums
    rows: tuple[RowChange, ...]

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What would be left out now, by reason, the most orders first."""
        amounts: defaultdict[Why, list[int]] = defaultdict(list)
        for row in self.rows:
            if row.left_out is not None:
                amounts[row.left_out].append(row.amount_idr)
        found = [LeftOut(why, len(idr), sum(idr)) for why, idr in amounts.items()]
        return sorted(found, key=lambda one: (-one.count, one.why))


def compare_plans(asked: Sequence[PlannedRow], now: Mapping[str, PlannedRow]) -> RunChanges:
    """Compare the rows of a run with what the same dry run says of their orders now."""
    changed = [_row_change(row, now[row.order]) for row in asked]
    lost = {row.order for row in changed if row.left_out is not None}
    return RunChanges(
        then=sums_of(asked),
        now=sums_of(row for row in asked if row.order not in lost),
        rows=tuple(
            sorted((row for row in changed if row.parts or row.left_out), key=_stays_as_it_was)
        ),
    )


def _stays_as_it_was(row: RowChange) -> bool:
    return row.left_out is None


def _row_change(asked: PlannedRow, now: PlannedRow) -> RowChange:
    return RowChange(
        order=asked.order,
        amount_idr=asked.amount_idr,
        was_eligible=asked.is_eligible,
        parts=tuple(_parts(asked, now)),
        left_out=_why_left_out(asked, now),
    )


def _why_left_out(asked: PlannedRow, now: PlannedRow) -> Why | None:
    """Name what would refuse the row, as its request will (``expected_refundable_idr``, route)."""
    if not asked.is_eligible:
        return None
    checks = (
        (not now.is_eligible, now.why),
        (now.route is not asked.route, Why.ROUTE_CHANGED),
        (now.amount_idr != asked.amount_idr, Why.AMOUNT_CHANGED),
    )
    return next((why for refused, why in checks if refused), None)


def _parts(asked: PlannedRow, now: PlannedRow) -> Iterable[Change]:
    for (part, then), (_, today) in zip(_told(asked), _told(now), strict=True):
        if then != today:
            yield Change(part, then, today)


def _told(row: PlannedRow) -> tuple[tuple[str, str], ...]:
    return (
        ("answer", row.why.value),
        ("route", row.route.value if row.route else ""),
        ("left", str(row.amount_idr)),
    )
