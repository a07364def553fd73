"""How much one person may give back on one day, counted in WIB."""

from datetime import UTC, datetime

import pytest

from app.core.money import Rupiah
from app.core.refund_limits import Allowance, daily_limit_idr, day_began_at


@pytest.mark.parametrize(
    ("role", "own", "limit"),
    [
        ("refunder", None, 10_000_000),
        ("finance", None, 50_000_000),
        ("refunder", 250_000, 250_000),
        ("refunder", 0, 0),
        ("viewer", None, 0),
        ("nobody knows this role", None, 0),
    ],
)
def test_a_persons_own_limit_comes_before_that_of_the_role(
    role: str, own: int | None, limit: int
) -> None:
    assert daily_limit_idr(role, own) == limit


def test_what_is_left_is_never_below_zero() -> None:
    assert Allowance(Rupiah(100), Rupiah(30)).left_idr == 70
    assert Allowance(Rupiah(100), Rupiah(130)).left_idr == 0


@pytest.mark.parametrize(("amount", "covered"), [(69, True), (70, True), (71, False)])
def test_exactly_what_is_left_is_covered(amount: int, covered: bool) -> None:
    assert Allowance(Rupiah(100), Rupiah(30)).covers(amount) is covered


@pytest.mark.parametrize(
    ("now", "began"),
    [
        # 23:59:59 in Jakarta is still the day that began at 17:00 UTC the day before.
        (datetime(2026, 5, 31, 16, 59, 59, tzinfo=UTC), datetime(2026, 5, 30, 17, tzinfo=UTC)),
        (datetime(2026, 5, 31, 17, 0, 0, tzinfo=UTC), datetime(2026, 5, 31, 17, tzinfo=UTC)),
    ],
)
def test_the_day_begins_at_midnight_in_jakarta(now: datetime, began: datetime) -> None:
    assert day_began_at(now) == began
