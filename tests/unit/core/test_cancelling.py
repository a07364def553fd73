"""What a person's wish to end an order does to the decisions about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.facts import AttemptFact, OrderFacts, is_closed, page_is_over
from app.core.hearing import hear
from app.core.observations import Seen
from app.core.reasons import Why
from app.core.reconciliation import next_look
from app.core.states import Attention, PaymentStatus
from app.core.transitions import decide
from tests.unit.core.orders import EXPIRY, FIRST, PLACED, attempt, observed, order, waiting


def _cancelled(*, asked: bool = True) -> OrderFacts:
    return replace(order(waiting()), cancel_asked=asked)


@pytest.mark.parametrize(
    ("asked", "status"), [(True, PaymentStatus.CANCELLED), (False, PaymentStatus.EXPIRED)]
)
def test_an_order_whose_page_we_ended_ends_by_what_was_asked(status: PaymentStatus, *, asked: bool):
    _, decision = hear(_cancelled(asked=asked), observed(Seen.EXPIRED))

    assert (decision.before, decision.after) == (PaymentStatus.PENDING, status)


def test_the_wish_alone_ends_nothing():
    facts = _cancelled()

    assert decide(facts, observed(Seen.PENDING)).after is PaymentStatus.PENDING
    assert decide(replace(facts, transactions=()), observed(Seen.NOTHING)).changed is False


def test_a_page_that_the_gateway_ended_at_our_word_is_over_before_its_deadline():
    facts = replace(order(), cancel_asked=True)
    ended = replace(observed(Seen.NOTHING), page_ended=True)

    after, decision = hear(facts, ended)

    assert page_is_over(attempt(), ended) is True
    assert page_is_over(attempt(), replace(ended, page_ended=False)) is False
    assert decision.after is PaymentStatus.CANCELLED
    assert is_closed(after, after.attempts[0]) is True


def test_an_ended_page_on_which_a_payment_still_waits_is_not_closed():
    after, decision = hear(_cancelled(), replace(observed(Seen.PENDING), page_ended=True))

    assert decision.after is PaymentStatus.PENDING
    assert is_closed(after, after.attempts[0]) is False


@pytest.mark.parametrize(
    ("asked", "attention"), [(True, Attention.PAID_AFTER_CLOSE), (False, None)]
)
def test_money_that_comes_while_we_end_the_order_is_kept_and_calls_a_person(
    attention: Attention | None, *, asked: bool
):
    paid, decision = hear(_cancelled(asked=asked), observed(Seen.PAID))

    assert (decision.after, decision.why) == (PaymentStatus.PAID, Why.SHOPPER_PAID)
    assert decision.attention is attention
    # Said once: what happens to the money afterwards is no longer about the cancelling.
    assert decide(paid, observed(Seen.REFUNDED)).attention is None


def test_an_order_that_is_being_ended_is_asked_about_every_two_minutes():
    now = PLACED + timedelta(hours=3)
    dead = AttemptFact(FIRST, attempt().gateway, EXPIRY, dead=True)

    look = next_look(_cancelled(), FIRST, PLACED, now)
    closed = next_look(order(attempts=(dead,)), FIRST, PLACED, now)

    assert look.at == now + timedelta(minutes=2)
    assert closed.at == EXPIRY + timedelta(hours=1)
