from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given, settings

from app.core.facts import EXPIRY_GRACE, OrderFacts
from app.core.observations import Seen
from app.core.reconciliation import WATCH_PAST_EXPIRY, NextLook, next_look, next_refund_look
from app.core.wib import WIB
from tests.unit.core import anything
from tests.unit.core.orders import EXPIRY, FIRST, PLACED, XENDIT, attempt, order, transaction

_WATCHED_UNTIL: Final = EXPIRY + WATCH_PAST_EXPIRY
_PAID_AT: Final = PLACED + timedelta(hours=1)


def _next(facts: OrderFacts, now: datetime) -> NextLook:
    return next_look(facts, FIRST, PLACED, now)


def _looks(facts: OrderFacts, count: int) -> list[int]:
    """Return the seconds after the placing at which the first questions are asked."""
    now, seconds = PLACED, list[int]()
    for _ in range(count):
        at = _next(facts, now).at
        assert at is not None
        seconds.append(int((at - PLACED).total_seconds()))
        now = at
    return seconds


def _waiting(method: str | None) -> OrderFacts:
    return order(replace(transaction(Seen.PENDING, ever_paid=False), method=method))


@pytest.mark.parametrize(
    "facts",
    [
        order(),
        order(attempts=(attempt(gateway=XENDIT),)),
        _waiting("gopay"),
        _waiting("qris"),
        _waiting("shopeepay"),
    ],
)
def test_a_fresh_page_and_a_wallet_are_asked_about_within_seconds(facts: OrderFacts):
    assert _looks(facts, 13) == [5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 540]


@pytest.mark.parametrize("method", ["bca_va", "indomaret", "credit_card", None])
def test_slow_methods_are_asked_about_less_often(method: str | None):
    facts = _waiting(method or "new_wallet")

    assert _looks(facts, 10) == [10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800]


@pytest.mark.parametrize("facts", [order(), _waiting("gopay"), _waiting("bca_va")])
def test_looks_go_on_forward_until_a_person_takes_over(facts: OrderFacts):
    now, looks = PLACED, [PLACED]
    while (look := _next(facts, now)).at is not None:
        looks.append(look.at)
        now = look.at

    assert all(earlier < later for earlier, later in pairwise(looks))
    assert EXPIRY + EXPIRY_GRACE in looks
    assert look.ended is True
    assert _WATCHED_UNTIL <= looks[-1] < _WATCHED_UNTIL + timedelta(minutes=15)
    # One order costs the gateway no more than this: a bound on what a schedule may ask.
    assert len(looks) < 1_100


def test_an_unpaid_page_is_asked_about_exactly_a_minute_after_its_deadline():
    shortly_before = EXPIRY + EXPIRY_GRACE - timedelta(seconds=1)

    assert timedelta(seconds=60) == EXPIRY_GRACE
    assert _next(_waiting("bca_va"), shortly_before) == NextLook(EXPIRY + EXPIRY_GRACE)


def test_after_the_deadline_we_ask_every_quarter_of_an_hour():
    now = EXPIRY + EXPIRY_GRACE

    assert _next(_waiting("bca_va"), now) == NextLook(now + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("now", "look"),
    [
        (
            _WATCHED_UNTIL - timedelta(seconds=1),
            NextLook(_WATCHED_UNTIL - timedelta(seconds=1) + timedelta(minutes=15)),
        ),
        (_WATCHED_UNTIL, NextLook(None, ended=True)),
        (_WATCHED_UNTIL + timedelta(days=30), NextLook(None, ended=True)),
    ],
)
def test_watching_ends_three_days_after_the_deadline_without_an_answer(
    now: datetime, look: NextLook
):
    assert timedelta(days=3) == WATCH_PAST_EXPIRY
    assert _next(_waiting("bca_va"), now) == look


def test_a_closed_page_is_looked_at_a_few_more_times_for_money_that_comes_late():
    facts = order(transaction(Seen.EXPIRED, ever_paid=False))
    now, hours = EXPIRY, list[float]()
    while (at := _next(facts, now).at) is not None:
        hours.append((at - EXPIRY) / timedelta(hours=1))
        now = at

    assert hours == [1, 6, 24, 72]
    assert _next(facts, now) == NextLook(None, ended=False)


def test_a_payment_that_only_a_message_told_of_is_asked_about_until_watching_ends():
    facts = order(transaction(confirmed=False))

    assert _next(facts, _PAID_AT) == NextLook(_PAID_AT + timedelta(minutes=2))
    far = facts.attempts[0].expires_at + timedelta(days=3)
    assert _next(facts, far) == NextLook(None, ended=True)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (datetime(2026, 3, 2, 16, 44, tzinfo=WIB), datetime(2026, 3, 2, 16, 45, tzinfo=WIB)),
        (datetime(2026, 3, 2, 16, 45, tzinfo=WIB), datetime(2026, 3, 3, 16, 45, tzinfo=WIB)),
        (datetime(2026, 3, 2, 18, 0, tzinfo=UTC), datetime(2026, 3, 3, 16, 45, tzinfo=WIB)),
    ],
)
def test_a_capture_is_asked_about_when_cards_should_have_settled(now: datetime, at: datetime):
    assert _next(order(transaction(Seen.CAPTURED)), now) == NextLook(at)


@pytest.mark.parametrize("method", ["permata_va", "echannel", "indomaret"])
def test_a_payment_that_may_be_taken_back_is_looked_at_twice_more(method: str):
    facts = order(replace(transaction(), method=method, paid_at=_PAID_AT))

    first = _next(facts, _PAID_AT)
    second = _next(facts, _PAID_AT + timedelta(minutes=2))
    third = _next(facts, _PAID_AT + timedelta(minutes=6))

    assert first == NextLook(_PAID_AT + timedelta(minutes=2))
    assert second == NextLook(_PAID_AT + timedelta(minutes=6))
    assert third == NextLook(None)


@pytest.mark.parametrize(
    "paid",
    [
        transaction(),
        replace(transaction(), method="bca_va"),
        replace(transaction(), method="permata_va", paid_at=None),
        transaction(Seen.REFUNDED),
        transaction(Seen.CHARGED_BACK),
        transaction(Seen.CANCELLED),
    ],
)
def test_a_settled_payment_is_not_asked_about_again(paid: Any):
    assert _next(order(paid), _PAID_AT) == NextLook(None, ended=False)


def test_a_payment_that_was_taken_back_does_not_end_the_watch_over_the_next_try():
    taken_back = transaction(Seen.DENIED)
    waiting = replace(
        transaction(Seen.PENDING, ever_paid=False), gateway_transaction_id="b", method="bca_va"
    )

    assert _next(order(taken_back), _PAID_AT).at == EXPIRY + timedelta(hours=1)
    assert _looks(order(taken_back, waiting), 3) == [10, 20, 30]


def test_an_attempt_that_is_not_the_orders_is_never_asked_about():
    assert next_look(order(), "LN-0000000000-1", PLACED, PLACED) == NextLook(None)


@settings(deadline=None, max_examples=100)
@given(anything.orders(), anything.moments())
def test_the_next_look_is_always_later_than_this_one(facts: OrderFacts, now: datetime):
    look = _next(facts, now)

    assert look.at is None or look.at > now
    assert not (look.ended and look.at)


@pytest.mark.parametrize(
    ("looks_done", "seconds"),
    [(0, 5), (1, 15), (2, 60), (3, 300), (4, 900), (5, 3_600), (6, 21_600), (1_000, 21_600)],
)
def test_an_unfinished_refund_is_looked_at_for_ever_but_less_and_less(
    looks_done: int, seconds: int
):
    assert next_refund_look(looks_done, PLACED) == PLACED + timedelta(seconds=seconds)
