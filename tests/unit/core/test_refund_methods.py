from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.observations import Instrument
from app.core.reasons import Why
from app.core.refunds import (
    RefundVerdict,
)
from app.core.states import RefundRoute, RefundState
from app.core.wib import WIB
from tests.unit.core.orders import (
    TOTAL,
    XENDIT,
    order,
    refund,
    transaction,
)
from tests.unit.core.refund_questions import NOON, PAID_AT, judge, paid_order


@pytest.mark.parametrize("method", ["new_wallet", "bri_epay", "dd_mandiri", None])
def test_a_payment_without_a_rule_is_paid_back_by_hand(method: str | None):
    verdict = judge(paid_order(method))

    assert verdict == RefundVerdict(
        allowed=False,
        why=Why.METHOD_UNKNOWN,
        refundable_idr=TOTAL,
        route=RefundRoute.MANUAL,
    )
    assert verdict.endpoint is None


@pytest.mark.parametrize("method", ["gopay", "bca_va", None])
def test_what_the_gateway_has_refused_goes_by_hand_within_the_rules_of_the_order(
    method: str | None,
):
    refused = refund(TOTAL, RefundState.FAILED)

    verdict = judge(paid_order(method, refused), gateway_refused=True)
    too_much = judge(paid_order(method, refused), gateway_refused=True, amount_idr=TOTAL + 1)

    assert (verdict.allowed, verdict.why, verdict.route) == (
        False,
        Why.GATEWAY_REFUSED,
        RefundRoute.MANUAL,
    )
    assert (too_much.why, too_much.route) == (Why.MORE_THAN_LEFT, None)


@pytest.mark.parametrize("route", RefundRoute)
def test_a_verdict_allows_one_route_only(route: RefundRoute):
    by_gateway = judge(paid_order("gopay"))
    by_hand = judge(paid_order("bca_va"))
    not_now = judge(paid_order("gopay"), amount_idr=0)

    assert by_gateway.allows(route) is (route is RefundRoute.REFUND)
    assert by_hand.allows(route) is (route is RefundRoute.MANUAL)
    assert not_now.allows(route) is False


def test_past_the_window_that_is_certain_the_gateway_is_asked_with_a_caution():
    last_certain = judge(paid_order("gopay"), now=NOON + timedelta(days=44))
    first_doubtful = judge(paid_order("gopay"), now=NOON + timedelta(days=45))

    assert (last_certain.days_left, last_certain.cautions) == (0, (Why.MAY_LACK_BALANCE,))
    assert (first_doubtful.days_left, first_doubtful.allowed) == (134, True)
    assert first_doubtful.cautions == (Why.MAY_BE_TOO_LATE, Why.MAY_LACK_BALANCE)


def test_a_refusal_carries_no_cautions():
    assert judge(paid_order("shopeepay"), gateway=XENDIT, amount_idr=0).cautions == ()
    assert judge(paid_order("linkaja"), gateway=XENDIT).cautions == ()


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 3, 3, 23, 56, tzinfo=WIB), datetime(2026, 3, 4, 6, 0, tzinfo=WIB)),
        (datetime(2026, 3, 4, 0, 0, tzinfo=WIB), datetime(2026, 3, 4, 6, 0, tzinfo=WIB)),
        (datetime(2026, 3, 4, 5, 59, tzinfo=WIB), datetime(2026, 3, 4, 6, 0, tzinfo=WIB)),
        (datetime(2026, 3, 4, 6, 0, tzinfo=WIB), None),
    ],
)
def test_a_closed_provider_says_when_it_opens(now: datetime, opens: datetime | None):
    verdict = judge(paid_order("shopeepay"), amount_idr=TOTAL, now=now)

    assert verdict.closed_until == opens


@pytest.mark.parametrize(
    ("hours", "amount_idr", "why"),
    [
        (23, TOTAL, Why.WHOLE_NOT_YET),
        (24, TOTAL, Why.REFUNDABLE),
        (23, TOTAL - 1, Why.REFUNDABLE),
    ],
)
def test_one_qris_bank_gives_the_whole_back_only_after_a_day(hours: int, amount_idr: int, why: Why):
    facts = paid_order("qris", instrument=Instrument(issuer="cimb"))
    now = PAID_AT + timedelta(hours=hours)

    verdict = judge(facts, gateway=XENDIT, amount_idr=amount_idr, now=now)

    assert (verdict.allowed, verdict.why) == (why is Why.REFUNDABLE, why)
    assert verdict.route is RefundRoute.REFUND


@pytest.mark.parametrize("method", ["bca_va", "permata_va", "echannel", "indomaret", "alfamart"])
def test_accounts_and_counters_are_paid_back_by_hand(method: str):
    verdict = judge(paid_order(method))

    assert (verdict.allowed, verdict.why) == (False, Why.MANUAL_ONLY)
    assert verdict.route is RefundRoute.MANUAL
    assert verdict.refundable_idr == TOTAL


@pytest.mark.parametrize(
    ("now", "days_left", "why"),
    [
        # The day turns in WIB, seven hours before it turns in UTC.
        (datetime(2026, 4, 16, 0, 0, tzinfo=WIB), 0, Why.REFUNDABLE),
        (datetime(2026, 4, 16, 23, 59, tzinfo=WIB), 0, Why.REFUNDABLE),
        (datetime(2026, 4, 17, 0, 0, tzinfo=WIB), -1, Why.REFUND_WINDOW_OVER),
        (datetime(2026, 4, 16, 16, 59, tzinfo=UTC), 0, Why.REFUNDABLE),
        (datetime(2026, 4, 16, 17, 0, tzinfo=UTC), -1, Why.REFUND_WINDOW_OVER),
    ],
)
def test_the_window_closes_at_the_end_of_its_last_day_in_wib(
    now: datetime, days_left: int, why: Why
):
    verdict = judge(paid_order("dana"), now=now)

    allowed = why is Why.REFUNDABLE
    assert (verdict.allowed, verdict.why, verdict.days_left) == (allowed, why, days_left)
    # After the window the money still goes back: by hand.
    assert verdict.route is (RefundRoute.REFUND if allowed else RefundRoute.MANUAL)


def test_a_window_of_no_days_is_the_day_of_payment_only():
    facts = paid_order("jeniuspay")

    same_day = judge(facts, gateway=XENDIT, now=datetime(2026, 3, 2, 23, 59, tzinfo=WIB))
    next_day = judge(facts, gateway=XENDIT, now=datetime(2026, 3, 3, 0, 0, tzinfo=WIB))

    assert (same_day.allowed, same_day.days_left) == (True, 0)
    assert (next_day.why, next_day.days_left) == (Why.REFUND_WINDOW_OVER, -1)


def test_a_method_without_a_window_is_refundable_for_ever():
    years_later = NOON + timedelta(days=3_650)

    verdict = judge(paid_order("akulaku"), gateway=XENDIT, now=years_later)

    assert (verdict.allowed, verdict.days_left) == (True, None)


def test_the_gateway_judges_the_window_of_a_payment_whose_time_we_do_not_know():
    years_later = NOON + timedelta(days=3_650)
    facts = order(replace(transaction(), method="gopay", paid_at=None))

    verdict = judge(facts, now=years_later)

    assert (verdict.allowed, verdict.days_left) == (True, None)


@pytest.mark.parametrize(
    ("hour", "minute", "why"),
    [
        (23, 54, Why.REFUNDABLE),
        (23, 55, Why.CLOSED_HOURS),
        (0, 0, Why.CLOSED_HOURS),
        (5, 59, Why.CLOSED_HOURS),
        (6, 0, Why.REFUNDABLE),
    ],
)
def test_shopeepay_takes_no_refunds_at_night_in_wib(hour: int, minute: int, why: Why):
    now = datetime(2026, 3, 3, hour, minute, tzinfo=WIB).astimezone(UTC)

    verdict = judge(paid_order("shopeepay"), amount_idr=TOTAL, now=now)

    assert (verdict.allowed, verdict.why) == (why is Why.REFUNDABLE, why)
    assert verdict.route is RefundRoute.REFUND


def test_other_methods_are_refunded_at_night():
    night = datetime(2026, 3, 3, 0, 0, tzinfo=WIB)

    assert judge(paid_order("gopay"), now=night).why is Why.REFUNDABLE


@pytest.mark.parametrize(
    ("amount_idr", "why"), [(TOTAL - 1, Why.PARTIAL_NOT_SUPPORTED), (TOTAL, Why.REFUNDABLE)]
)
def test_a_method_without_partial_refunds_is_refunded_whole(amount_idr: int, why: Why):
    verdict = judge(paid_order("ovo"), amount_idr=amount_idr)

    assert (verdict.allowed, verdict.why) == (why is Why.REFUNDABLE, why)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RefundState.SUCCEEDED, Why.SEVERAL_NOT_SUPPORTED),
        (RefundState.AWAITING_APPROVAL, Why.SEVERAL_NOT_SUPPORTED),
        (RefundState.FAILED, Why.REFUNDABLE),
        (RefundState.REJECTED, Why.REFUNDABLE),
        (RefundState.WITHDRAWN, Why.REFUNDABLE),
    ],
)
def test_a_method_with_one_refund_only_is_not_refunded_twice(state: RefundState, why: Why):
    verdict = judge(paid_order("akulaku", refund(10_000, state)), gateway=XENDIT)

    assert (verdict.allowed, verdict.why) == (why is Why.REFUNDABLE, why)
