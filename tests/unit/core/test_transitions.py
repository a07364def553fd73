from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from typing import Final

import pytest

from app.core.edges import EDGES
from app.core.facts import AttemptFact, OrderFacts
from app.core.hearing import hear
from app.core.observations import Evidence, Seen
from app.core.reasons import Why
from app.core.states import UNPAID_CLOSED, Attention, PaymentStatus
from app.core.transitions import decide, settle_status
from tests.unit.core.orders import (
    FIRST,
    LIFETIME,
    SECOND,
    TOTAL,
    assert_nothing_changed,
    attempt,
    in_state,
    observed,
    order,
    transaction,
    waiting,
)

_S = PaymentStatus
# What took money away again leaves a trace that no later news can take back.
_IMPOSSIBLE: Final = frozenset(
    {
        *product([_S.PARTIALLY_REFUNDED, _S.REFUNDED], {*UNPAID_CLOSED, _S.PENDING, _S.IN_REVIEW}),
        *product([_S.CHARGED_BACK], set(_S) - {_S.CHARGED_BACK}),
    }
)


@pytest.mark.parametrize("status", PaymentStatus)
def test_every_state_follows_from_some_facts(status: PaymentStatus):
    assert in_state(status).status is status


@pytest.mark.parametrize(("before", "after"), list(product(PaymentStatus, PaymentStatus)))
def test_every_step_is_an_edge_or_no_step_or_listed_as_impossible(
    before: PaymentStatus, after: PaymentStatus
):
    named = [(before, after) in EDGES, before is after, (before, after) in _IMPOSSIBLE]

    assert named.count(True) == 1


@pytest.mark.parametrize(("before", "reached"), sorted(_IMPOSSIBLE))
def test_a_step_that_no_edge_names_keeps_the_state_and_calls_a_person(
    before: PaymentStatus, reached: PaymentStatus
):
    # The stored state contradicts the facts: only damage could bring this about.
    facts = replace(in_state(reached), status=before)

    decision = decide(facts, observed(Seen.NOTHING))

    assert (decision.before, decision.after) == (before, before)
    assert decision.why is Why.UNKNOWN_TRANSITION
    assert decision.attention is Attention.UNKNOWN_TRANSITION


@pytest.mark.parametrize(
    ("before", "seen", "after", "why", "attention"),
    [
        (_S.PENDING, Seen.PAID, _S.PAID, Why.SHOPPER_PAID, None),
        (_S.PENDING, Seen.CAPTURED, _S.PAID, Why.SHOPPER_PAID, None),
        (_S.PENDING, Seen.IN_REVIEW, _S.IN_REVIEW, Why.FRAUD_REVIEW, None),
        (_S.PENDING, Seen.EXPIRED, _S.EXPIRED, Why.NOT_PAID_IN_TIME, None),
        (_S.PENDING, Seen.CANCELLED, _S.CANCELLED, Why.CANCELLED_AT_GATEWAY, None),
        (_S.PENDING, Seen.REFUNDED, _S.REFUNDED, Why.REFUNDED_IN_FULL, None),
        (_S.PENDING, Seen.CHARGED_BACK, _S.CHARGED_BACK, Why.CHARGED_BACK, Attention.CHARGED_BACK),
        (_S.IN_REVIEW, Seen.CAPTURED, _S.PAID, Why.REVIEW_ACCEPTED, None),
        (_S.IN_REVIEW, Seen.DENIED, _S.PENDING, Why.REVIEW_DENIED, None),
        (_S.IN_REVIEW, Seen.CANCELLED, _S.CANCELLED, Why.CANCELLED_AT_GATEWAY, None),
        (_S.PAID, Seen.DENIED, _S.FAILED, Why.PAYMENT_REVERSED, Attention.PAYMENT_REVERSED),
        (_S.PAID, Seen.REFUNDED, _S.REFUNDED, Why.REFUNDED_IN_FULL, None),
        (_S.PAID, Seen.CHARGED_BACK, _S.CHARGED_BACK, Why.CHARGED_BACK, Attention.CHARGED_BACK),
        (_S.REFUNDED, Seen.CHARGED_BACK, _S.CHARGED_BACK, Why.CHARGED_BACK, Attention.CHARGED_BACK),
        (_S.EXPIRED, Seen.PAID, _S.PAID, Why.PAID_AFTER_CLOSE, Attention.PAID_AFTER_CLOSE),
        (_S.CANCELLED, Seen.PAID, _S.PAID, Why.PAID_AFTER_CLOSE, Attention.PAID_AFTER_CLOSE),
    ],
)  # fmt: skip
def test_a_confirmed_stage_moves_the_order_along_its_edge(
    before: PaymentStatus, seen: Seen, after: PaymentStatus, why: Why, attention: Attention | None
):
    facts = in_state(before)

    decision = decide(facts, observed(seen))

    assert (decision.before, decision.after) == (before, after)
    assert (decision.why, decision.attention) == (why, attention)
    assert decision.changed is True
    assert decision.evidence is Evidence.CONFIRMED
    assert decision.needs_confirmation is False
    assert decision.transaction is not None
    assert decision.transaction.stage is seen


@pytest.mark.parametrize("status", sorted(UNPAID_CLOSED))
def test_a_try_on_a_closed_order_opens_it_again_without_calling_a_person(status: PaymentStatus):
    decision = decide(in_state(status), observed(Seen.PENDING, "t-2"))

    assert (decision.before, decision.after) == (status, _S.PENDING)
    assert (decision.why, decision.attention) == (Why.TRIED_AFTER_CLOSE, None)


@pytest.mark.parametrize(
    ("status", "seen", "why"),
    [
        (_S.PENDING, Seen.NOTHING, Why.NOTHING_AT_GATEWAY),
        (_S.PENDING, Seen.PENDING, Why.STILL_WAITING),
        (_S.PENDING, Seen.AUTHORIZED, Why.STILL_WAITING),
        (_S.PENDING, Seen.DENIED, Why.DECLINED_MAY_RETRY),
        (_S.PENDING, Seen.FAILED, Why.DECLINED_MAY_RETRY),
        (_S.IN_REVIEW, Seen.IN_REVIEW, Why.STILL_WAITING),
        (_S.IN_REVIEW, Seen.PENDING, Why.STALE),
        (_S.PAID, Seen.PAID, Why.ALREADY_KNOWN),
        (_S.REFUNDED, Seen.REFUNDED, Why.ALREADY_KNOWN),
        (_S.EXPIRED, Seen.EXPIRED, Why.ALREADY_CLOSED),
        (_S.CANCELLED, Seen.CANCELLED, Why.ALREADY_CLOSED),
    ],
)
def test_news_that_is_no_news_keeps_the_state_and_says_why(
    status: PaymentStatus, seen: Seen, why: Why
):
    decision = decide(in_state(status), observed(seen))

    assert (decision.before, decision.after) == (status, status)
    assert (decision.why, decision.attention) == (why, None)


def test_a_declined_page_that_has_run_out_fails_the_order():
    facts = order(transaction(Seen.DENIED, ever_paid=False))

    decision = decide(facts, observed(Seen.DENIED, after=LIFETIME + timedelta(minutes=1)))

    assert (decision.before, decision.after) == (_S.PENDING, _S.FAILED)
    assert decision.why is Why.PAYMENT_DECLINED
    assert decision.attempt == replace(attempt(), dead=True)


def test_a_page_that_nobody_used_expires_only_after_its_deadline():
    early = decide(order(), observed(Seen.NOTHING))
    late = decide(order(), observed(Seen.NOTHING, after=LIFETIME + timedelta(minutes=1)))

    assert (early.after, early.why) == (_S.PENDING, Why.NOTHING_AT_GATEWAY)
    assert (late.after, late.why) == (_S.EXPIRED, Why.NOT_PAID_IN_TIME)
    assert early.attempt == attempt()
    assert late.attempt == replace(attempt(), dead=True)


def test_an_order_whose_page_was_never_opened_has_failed():
    rejected = AttemptFact(FIRST, attempt().gateway, attempt().expires_at, rejected=True)

    assert order(attempts=(rejected,)).status is _S.FAILED


def test_an_order_without_any_try_is_pending():
    facts = OrderFacts(_S.PENDING, TOTAL, attempts=())

    assert settle_status(facts).status is _S.PENDING


def test_an_order_stays_open_while_one_of_its_tries_is_open():
    facts = order(waiting(), attempts=(attempt(FIRST), attempt(SECOND)))

    decision = decide(facts, observed(Seen.EXPIRED))

    assert (decision.before, decision.after) == (_S.PENDING, _S.PENDING)
    assert decision.why is Why.DECLINED_MAY_RETRY


@pytest.mark.parametrize(
    "ends", list(product([Seen.EXPIRED, Seen.CANCELLED, Seen.DENIED, Seen.FAILED], repeat=3))
)
def test_the_name_of_a_closed_order_does_not_depend_on_what_was_heard_first(
    ends: tuple[Seen, Seen, Seen],
):
    names = ("t-1", "t-2", "t-3")
    too_late = LIFETIME + timedelta(minutes=5)
    news = [observed(end, name, after=too_late) for end, name in zip(ends, names, strict=True)]
    reached: set[PaymentStatus] = set()
    for telling in permutations(news):
        facts = order()
        for observation in telling:
            facts, _ = hear(facts, observation)
        reached.add(facts.status)

    declined = _S.EXPIRED if Seen.EXPIRED in ends else _S.FAILED
    assert reached == {_S.CANCELLED if Seen.CANCELLED in ends else declined}


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (_S.EXPIRED, Why.NOT_PAID_IN_TIME),
        (_S.FAILED, Why.PAYMENT_DECLINED),
        (_S.CANCELLED, Why.CANCELLED_AT_GATEWAY),
    ],
)
def test_a_closed_order_takes_the_better_name_quietly(status: PaymentStatus, why: Why):
    for other in UNPAID_CLOSED - {status}:
        edge = EDGES[other, status]

        assert (edge.why, edge.attention) == (why, None)


def test_a_second_payment_on_a_new_transaction_calls_a_person():
    facts = order(transaction(), attempts=(attempt(FIRST), attempt(SECOND)))

    decision = decide(facts, observed(Seen.PAID, "t-2", SECOND))

    assert (decision.before, decision.after) == (_S.PAID, _S.PAID)
    assert (decision.why, decision.attention) == (Why.PAID_TWICE, Attention.PAID_TWICE)
    assert decision.transaction is not None
    assert decision.transaction.gateway_transaction_id == "t-2"


def test_a_second_payment_is_noticed_although_its_transaction_was_seenwaiting():
    facts = order(transaction(), waiting("t-2", SECOND), attempts=(attempt(FIRST), attempt(SECOND)))

    decision = decide(facts, observed(Seen.PAID, "t-2", SECOND))

    assert (decision.before, decision.after) == (_S.PAID, _S.PAID)
    assert (decision.why, decision.attention) == (Why.PAID_TWICE, Attention.PAID_TWICE)


def test_a_second_payment_on_a_refunded_order_is_not_called_a_refund_undone():
    facts = order(transaction(Seen.REFUNDED), attempts=(attempt(FIRST), attempt(SECOND)))

    decision = decide(facts, observed(Seen.PAID, "t-2", SECOND))

    assert (decision.before, decision.after) == (_S.REFUNDED, _S.PARTIALLY_REFUNDED)
    assert (decision.why, decision.attention) == (Why.PAID_TWICE, Attention.PAID_TWICE)


def test_a_second_payment_calls_a_person_once_only():
    facts = order(
        transaction(),
        transaction(gateway_transaction_id="t-2", reference=SECOND),
        attempts=(attempt(FIRST), attempt(SECOND)),
    )

    decision = decide(facts, observed(Seen.PAID, "t-2", SECOND))

    assert (decision.after, decision.why) == (_S.PAID, Why.ALREADY_KNOWN)
    assert decision.attention is None


def test_a_part_charged_back_keeps_the_order_paid_and_calls_a_person():
    decision = decide(order(transaction()), observed(Seen.PARTIALLY_CHARGED_BACK))

    assert (decision.before, decision.after) == (_S.PAID, _S.PAID)
    assert decision.why is Why.PARTLY_CHARGED_BACK
    assert decision.attention is Attention.CHARGED_BACK


def test_a_slow_answer_is_stale():
    slow = observed(Seen.PENDING, after=timedelta(minutes=30))

    decision = decide(order(transaction()), slow)

    assert (decision.after, decision.why, decision.attention) == (_S.PAID, Why.STALE, None)
    assert decision.transaction == transaction()


def test_a_gateway_that_takes_back_what_it_said_calls_a_person():
    later = observed(Seen.PENDING, after=timedelta(hours=3))

    decision = decide(order(transaction()), later)

    assert (decision.before, decision.after) == (_S.PAID, _S.PAID)
    assert decision.why is Why.CONTRADICTS_EARLIER
    assert decision.attention is Attention.UNKNOWN_TRANSITION


def test_what_was_only_proved_may_be_contradicted_quietly():
    proved = transaction(confirmed=False)

    decision = decide(order(proved), observed(Seen.PENDING, after=timedelta(hours=3)))

    assert (decision.after, decision.why, decision.attention) == (_S.PAID, Why.STALE, None)


@pytest.mark.parametrize("status", PaymentStatus)
def test_a_status_that_nobody_knows_changes_nothing_and_calls_a_person(status: PaymentStatus):
    facts = in_state(status)

    decision = decide(facts, observed(Seen.UNRECOGNISED))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.UNRECOGNISED_STATUS
    assert decision.attention is Attention.UNKNOWN_TRANSITION


@pytest.mark.parametrize("amount_idr", [0, TOTAL - 1, TOTAL + 1, None])
@pytest.mark.parametrize("seen", [Seen.PAID, Seen.CAPTURED, Seen.REFUNDED, Seen.CHARGED_BACK])
def test_money_in_another_amount_changes_nothing_and_calls_a_person(
    seen: Seen, amount_idr: int | None
):
    facts = order(waiting())

    decision = decide(facts, observed(seen, amount_idr=amount_idr))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.AMOUNT_DIFFERS
    assert decision.attention is Attention.AMOUNT_DIFFERS


def test_money_in_another_currency_changes_nothing_and_calls_a_person():
    facts = order(waiting())

    decision = decide(facts, replace(observed(Seen.PAID), currency="USD"))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.CURRENCY_DIFFERS
    assert decision.attention is Attention.AMOUNT_DIFFERS
