from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product
from typing import Final

import pytest

from app.core.facts import AttemptFact, OrderFacts, TransactionFact
from app.core.money import NO_MONEY, Rupiah
from app.core.observations import Evidence, Observation, Seen, Source
from app.core.reasons import Why
from app.core.states import UNPAID_CLOSED, Attention, PaymentStatus, RefundState
from app.core.transitions import EDGES, Summary, counted, decide, settle_status, weigh
from tests.unit.core.orders import (
    FIRST,
    LIFETIME,
    SECOND,
    TOTAL,
    assert_nothing_changed,
    attempt,
    learn,
    listed_refund,
    observed,
    order,
    refund,
    signed,
    transaction,
)

_S = PaymentStatus
# What took money away again leaves a trace that no later news can take back.
_IMPOSSIBLE: Final = frozenset(
    {
        *product([_S.PARTIALLY_REFUNDED, _S.REFUNDED], {*UNPAID_CLOSED, _S.PENDING, _S.IN_REVIEW}),
        *product([_S.CHARGED_BACK], set(_S) - {_S.CHARGED_BACK}),
    }
)


def _waiting(gateway_transaction_id: str = "t-1", reference: str = FIRST) -> TransactionFact:
    return transaction(Seen.PENDING, gateway_transaction_id, reference, ever_paid=False)


def _in_state(status: PaymentStatus) -> OrderFacts:
    """Return an order that is in this state because of what is known of it."""
    dead = (replace(attempt(), dead=True),)
    return {
        _S.PENDING: order(_waiting()),
        _S.IN_REVIEW: order(transaction(Seen.IN_REVIEW, ever_paid=False)),
        _S.PAID: order(transaction()),
        _S.PARTIALLY_REFUNDED: order(transaction(), refunds=(refund(50_000),)),
        _S.REFUNDED: order(transaction(Seen.REFUNDED)),
        _S.FAILED: order(transaction(Seen.DENIED, ever_paid=False), attempts=dead),
        _S.EXPIRED: order(transaction(Seen.EXPIRED, ever_paid=False)),
        _S.CANCELLED: order(transaction(Seen.CANCELLED, ever_paid=False)),
        _S.CHARGED_BACK: order(transaction(Seen.CHARGED_BACK)),
    }[status]


@pytest.mark.parametrize("status", PaymentStatus)
def test_every_state_follows_from_some_facts(status: PaymentStatus):
    assert _in_state(status).status is status


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
    facts = replace(_in_state(reached), status=before)

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
    facts = _in_state(before)

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
    decision = decide(_in_state(status), observed(Seen.PENDING, "t-2"))

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
    decision = decide(_in_state(status), observed(seen))

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
    facts = order(_waiting(), attempts=(attempt(FIRST), attempt(SECOND)))

    decision = decide(facts, observed(Seen.EXPIRED))

    assert (decision.before, decision.after) == (_S.PENDING, _S.PENDING)
    assert decision.why is Why.DECLINED_MAY_RETRY


def test_the_name_of_a_closed_order_does_not_depend_on_what_was_heard_first():
    tries = (attempt(FIRST), attempt(SECOND))
    news = (
        observed(Seen.EXPIRED, "t-1", FIRST),
        observed(Seen.CANCELLED, "t-2", SECOND),
        observed(Seen.EXPIRED, "t-3", SECOND),
    )
    ends: set[PaymentStatus] = set()
    for telling in permutations(news):
        facts = order(attempts=tries)
        for observation in telling:
            facts, _ = learn(facts, observation)
        ends.add(facts.status)

    assert ends == {_S.CANCELLED}


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


def test_a_second_payment_is_noticed_although_its_transaction_was_seen_waiting():
    facts = order(
        transaction(), _waiting("t-2", SECOND), attempts=(attempt(FIRST), attempt(SECOND))
    )

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


def test_a_forged_transaction_id_under_a_true_signature_does_not_count_twice():
    # The signature does not cover the id: a message may name a transaction that was never paid.
    facts = order(_waiting("t-never-paid"))

    facts, proof = learn(facts, signed(Seen.PAID, gateway_transaction_id="t-never-paid"))
    facts, _ = learn(facts, observed(Seen.PENDING, "t-never-paid"))
    facts, decision = learn(facts, observed(Seen.PAID, "t-paid"))

    assert (proof.after, decision.after) == (_S.PAID, _S.PAID)
    assert decision.attention is None
    assert settle_status(facts) == Summary(_S.PAID, TOTAL, NO_MONEY, NO_MONEY, "t-paid")


def test_what_was_only_proved_may_be_contradicted_quietly():
    proved = transaction(confirmed=False)

    decision = decide(order(proved), observed(Seen.PENDING, after=timedelta(hours=3)))

    assert (decision.after, decision.why, decision.attention) == (_S.PAID, Why.STALE, None)


@pytest.mark.parametrize("status", PaymentStatus)
def test_a_status_that_nobody_knows_changes_nothing_and_calls_a_person(status: PaymentStatus):
    facts = _in_state(status)

    decision = decide(facts, observed(Seen.UNRECOGNISED))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.UNRECOGNISED_STATUS
    assert decision.attention is Attention.UNKNOWN_TRANSITION


@pytest.mark.parametrize("amount_idr", [0, TOTAL - 1, TOTAL + 1, None])
@pytest.mark.parametrize("seen", [Seen.PAID, Seen.CAPTURED, Seen.REFUNDED, Seen.CHARGED_BACK])
def test_money_in_another_amount_changes_nothing_and_calls_a_person(
    seen: Seen, amount_idr: int | None
):
    facts = order(_waiting())

    decision = decide(facts, observed(seen, amount_idr=amount_idr))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.AMOUNT_DIFFERS
    assert decision.attention is Attention.AMOUNT_DIFFERS


def test_money_in_another_currency_changes_nothing_and_calls_a_person():
    facts = order(_waiting())

    decision = decide(facts, replace(observed(Seen.PAID), currency="USD"))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.CURRENCY_DIFFERS
    assert decision.attention is Attention.AMOUNT_DIFFERS


@pytest.mark.parametrize("seen", [Seen.PAID, Seen.CAPTURED])
def test_a_signed_payment_makes_a_pending_order_paid_and_is_still_checked(seen: Seen):
    decision = decide(order(_waiting()), signed(seen))

    assert (decision.before, decision.after) == (_S.PENDING, _S.PAID)
    assert (decision.why, decision.evidence) == (Why.SHOPPER_PAID, Evidence.PROVES)
    assert decision.needs_confirmation is True
    assert decision.transaction is not None
    assert (decision.transaction.ever_paid, decision.transaction.confirmed) == (True, False)


@pytest.mark.parametrize("source", sorted(set(Source) - {Source.NOTIFICATION}))
def test_an_answer_to_a_question_of_ours_is_confirmed(source: Source):
    assert weigh(order(), replace(observed(Seen.PAID), source=source)) is Evidence.CONFIRMED


@pytest.mark.parametrize(
    "message",
    [
        signed(Seen.PAID, signature_proves_payment=False),
        signed(Seen.REFUNDED),
        signed(Seen.EXPIRED),
        signed(Seen.DENIED),
        signed(Seen.PAID, amount_idr=TOTAL - 1),
        signed(Seen.PAID, amount_idr=None),
    ],
)
def test_a_message_whose_signature_does_not_cover_a_payment_is_only_a_claim(message: Observation):
    facts = order(_waiting())

    decision = decide(facts, message)

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION
    assert decision.needs_confirmation is True


@pytest.mark.parametrize("status", sorted(set(PaymentStatus) - {_S.PENDING, _S.PAID}))
def test_a_signed_payment_of_an_order_that_is_not_pending_is_only_a_claim(status: PaymentStatus):
    facts = _in_state(status)

    decision = decide(facts, signed(Seen.PAID, gateway_transaction_id="t-2"))

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION


@pytest.mark.parametrize("stage", [Seen.EXPIRED, Seen.CANCELLED, Seen.DENIED, Seen.IN_REVIEW])
def test_a_signed_payment_of_a_transaction_seen_closed_or_held_is_only_a_claim(stage: Seen):
    facts = order(transaction(stage, ever_paid=False), attempts=(attempt(FIRST), attempt(SECOND)))
    facts = replace(facts, status=_S.PENDING)

    decision = decide(facts, signed(Seen.PAID))

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS


def test_a_claim_of_what_is_confirmed_already_needs_no_question():
    facts = order(transaction())

    decision = decide(facts, signed(Seen.PAID))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.ALREADY_KNOWN
    assert decision.needs_confirmation is False


@pytest.mark.parametrize(
    "known",
    [
        transaction(confirmed=False),
        transaction(reference=SECOND),
        transaction(Seen.CAPTURED),
        transaction(gateway_transaction_id="t-2"),
    ],
)
def test_a_claim_that_differs_from_what_is_confirmed_is_asked_about(known: TransactionFact):
    facts = order(known)

    decision = decide(facts, signed(Seen.PAID))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION


@pytest.mark.parametrize("listed", [(), (listed_refund("rf-1", 1),)])
def test_a_claim_about_a_refund_is_always_asked_about(listed: tuple[object, ...]):
    stage = Seen.REFUNDED if listed else Seen.PARTIALLY_REFUNDED
    facts = order(transaction(stage))

    decision = decide(facts, signed(stage, refunds=listed))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION


def test_the_sums_of_a_refunded_part_and_a_reserved_part():
    facts = order(
        transaction(Seen.PARTIALLY_REFUNDED),
        refunds=(
            refund(50_000, RefundState.SUCCEEDED, key="rf-1"),
            refund(30_000, RefundState.UNKNOWN, key="rf-2"),
            refund(40_000, RefundState.FAILED, key="rf-3"),
        ),
    )

    assert settle_status(facts) == Summary(
        _S.PARTIALLY_REFUNDED, TOTAL, Rupiah(50_000), Rupiah(30_000), "t-1"
    )


@pytest.mark.parametrize(
    ("state", "refunded_idr", "reserved_idr"),
    [
        (RefundState.AWAITING_APPROVAL, 0, 60_000),
        (RefundState.APPROVED, 0, 60_000),
        (RefundState.SENDING, 0, 60_000),
        (RefundState.UNKNOWN, 0, 60_000),
        (RefundState.ACCEPTED, 0, 60_000),
        (RefundState.TO_TRANSFER, 0, 60_000),
        (RefundState.SUCCEEDED, 60_000, 0),
        (RefundState.TRANSFERRED, 60_000, 0),
        (RefundState.FAILED, 0, 0),
        (RefundState.REJECTED, 0, 0),
        (RefundState.WITHDRAWN, 0, 0),
    ],
)
def test_a_refund_reserves_its_amount_until_it_is_over(
    state: RefundState, refunded_idr: int, reserved_idr: int
):
    summary = settle_status(order(transaction(), refunds=(refund(60_000, state),)))

    assert (summary.refunded_idr, summary.reserved_idr) == (refunded_idr, reserved_idr)


def test_a_cancelled_capture_gave_all_its_money_back():
    summary = settle_status(order(transaction(Seen.CANCELLED)))

    assert (summary.status, summary.captured_idr, summary.refunded_idr) == (
        _S.REFUNDED,
        TOTAL,
        TOTAL,
    )


def test_a_refund_of_a_transaction_that_never_paid_does_not_count():
    summary = settle_status(
        order(transaction(), refunds=(refund(60_000, gateway_transaction_id="t-9"),))
    )

    assert (summary.status, summary.refunded_idr) == (_S.PAID, 0)


def test_a_transaction_in_another_amount_does_not_count():
    other = replace(transaction(), amount_idr=TOTAL - 1)

    assert counted(order(other)) == ()
    assert settle_status(order(other)).captured_idr == 0


def test_what_a_message_said_of_the_transaction_gives_way_to_the_gateways_answer():
    claimed = transaction(gateway_transaction_id="t-forged", confirmed=False)
    confirmed = transaction(gateway_transaction_id="t-real")

    summary = settle_status(order(claimed, confirmed))

    assert counted(order(claimed)) == (claimed,)
    assert counted(order(claimed, confirmed)) == (confirmed,)
    assert (summary.winner, summary.captured_idr) == ("t-real", TOTAL)
