from dataclasses import replace

import pytest

from app.core.facts import TransactionFact
from app.core.hearing import hear
from app.core.money import NO_MONEY
from app.core.observations import Evidence, Observation, ObservedRefund, Seen, Source
from app.core.reasons import Why
from app.core.states import Attention, PaymentStatus, RefundState
from app.core.transitions import Summary, decide, rests_on_a_message, settle_status, weigh
from tests.unit.core.orders import (
    FIRST,
    SECOND,
    TOTAL,
    assert_nothing_changed,
    attempt,
    in_state,
    listed_refund,
    observed,
    order,
    refund,
    signed,
    transaction,
    waiting,
)

_S = PaymentStatus


@pytest.mark.parametrize("seen", [Seen.PAID, Seen.CAPTURED])
def test_a_signed_payment_makes_a_pending_order_paid_and_is_still_checked(seen: Seen):
    decision = decide(order(waiting()), signed(seen))

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
    facts = order(waiting())

    decision = decide(facts, message)

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION
    assert decision.needs_confirmation is True


@pytest.mark.parametrize("status", sorted(set(PaymentStatus) - {_S.PENDING, _S.PAID}))
def test_a_signed_payment_of_an_order_that_is_not_pending_is_only_a_claim(status: PaymentStatus):
    facts = in_state(status)

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
def test_a_claim_about_a_refund_is_always_asked_about(listed: tuple[ObservedRefund, ...]):
    stage = Seen.REFUNDED if listed else Seen.PARTIALLY_REFUNDED
    facts = order(transaction(stage))

    decision = decide(facts, signed(stage, refunds=listed))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.CLAIM_AWAITS_CONFIRMATION


def test_a_forged_transaction_id_under_a_true_signature_does_not_count_twice():
    # The signature does not cover the id: a message may name a transaction that was never paid.
    facts = order(waiting("t-never-paid"))

    facts, proof = hear(facts, signed(Seen.PAID, gateway_transaction_id="t-never-paid"))
    facts, _ = hear(facts, observed(Seen.PENDING, "t-never-paid"))
    facts, decision = hear(facts, observed(Seen.PAID, "t-paid"))

    assert (proof.after, decision.after) == (_S.PAID, _S.PAID)
    assert decision.attention is None
    assert settle_status(facts) == Summary(_S.PAID, TOTAL, NO_MONEY, NO_MONEY, "t-paid")


@pytest.mark.parametrize("said", [Seen.PAID, Seen.CAPTURED])
def test_a_signature_does_not_tell_a_capture_from_a_settlement(said: Seen):
    facts, _ = hear(order(waiting()), signed(said))
    (proved,) = facts.transactions
    facts, _ = hear(facts, observed(Seen.CAPTURED))
    (confirmed,) = facts.transactions

    assert (proved.stage, proved.confirmed) == (Seen.CAPTURED, False)
    assert (confirmed.stage, confirmed.confirmed) == (Seen.CAPTURED, True)


@pytest.mark.parametrize("stage", [Seen.PAID, Seen.DENIED, Seen.REFUNDED])
def test_a_signed_payment_after_money_under_the_same_reference_is_only_a_claim(stage: Seen):
    # The old message sent again under another id: the order waits for its second try.
    facts = order(transaction(stage), attempts=(attempt(FIRST), attempt(SECOND)))
    facts = replace(facts, status=_S.PENDING)

    decision = decide(facts, signed(Seen.PAID, gateway_transaction_id="t-new"))

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS


def test_a_signed_payment_while_the_amount_is_only_held_is_only_a_claim():
    # "authorize" is signed with the same code 200 as a payment.
    facts = order(transaction(Seen.AUTHORIZED, ever_paid=False))

    decision = decide(facts, signed(Seen.PAID))

    assert_nothing_changed(facts, decision)
    assert decision.evidence is Evidence.CLAIMS


def test_a_signed_payment_that_would_lead_elsewhere_is_not_learnt_and_calls_a_person():
    facts = replace(order(waiting()), refunds=(refund(50_000),))

    decision = decide(facts, signed(Seen.PAID))

    assert_nothing_changed(facts, decision)
    assert decision.why is Why.STEP_NOT_ALLOWED
    assert decision.attention is Attention.UNKNOWN_TRANSITION
    assert decision.needs_confirmation is True


def test_money_rests_on_a_message_until_the_gateway_confirms_it():
    told, _ = hear(order(waiting()), signed(Seen.PAID))
    confirmed, _ = hear(told, observed(Seen.PAID))
    denied, _ = hear(told, observed(Seen.DENIED))
    other, _ = hear(told, observed(Seen.DENIED, "t-2"))

    resting = [rests_on_a_message(facts, FIRST) for facts in (told, confirmed, denied, other)]

    assert resting == [True, False, False, True]
    assert rests_on_a_message(told, SECOND) is False


def test_a_payment_on_a_try_that_was_declined_is_not_learnt_and_calls_a_person():
    facts = order(transaction(Seen.DENIED, ever_paid=False))

    decision = decide(facts, observed(Seen.PAID))

    assert (decision.before, decision.after) == (_S.PENDING, _S.PENDING)
    assert decision.why is Why.CONTRADICTS_EARLIER
    assert decision.attention is Attention.UNKNOWN_TRANSITION
    assert decision.transaction == facts.transactions[0]


@pytest.mark.parametrize("status", [_S.PENDING, _S.IN_REVIEW, _S.PAID])
def test_a_part_refunded_of_unknown_size_calls_a_person(status: PaymentStatus):
    decision = decide(in_state(status), observed(Seen.PARTIALLY_REFUNDED))

    assert decision.after is _S.PAID
    assert (decision.why, decision.attention) == (Why.REFUND_UNLISTED, Attention.DRIFT)


@pytest.mark.parametrize("status", [_S.PENDING, _S.EXPIRED])
def test_a_part_charged_back_is_told_also_when_it_is_the_first_that_is_heard(
    status: PaymentStatus,
):
    decision = decide(in_state(status), observed(Seen.PARTIALLY_CHARGED_BACK))

    assert (decision.before, decision.after) == (status, _S.PAID)
    assert (decision.why, decision.attention) == (Why.PARTLY_CHARGED_BACK, Attention.CHARGED_BACK)


@pytest.mark.parametrize("status", [_S.PARTIALLY_REFUNDED, _S.REFUNDED])
@pytest.mark.parametrize(
    ("seen", "call"),
    [
        (Seen.PAID, Attention.PAID_AFTER_CLOSE),
        (Seen.PARTIALLY_CHARGED_BACK, Attention.CHARGED_BACK),
    ],
)
def test_a_payment_after_what_was_given_back_was_taken_back_too_is_told_as_new_money(
    status: PaymentStatus, seen: Seen, call: Attention
):
    given_back = refund(TOTAL, RefundState.TRANSFERRED)
    facts = replace(order(transaction(Seen.DENIED), refunds=(given_back,)), status=status)

    decision = decide(facts, observed(seen, "t-2"))

    assert (decision.before, decision.after) == (status, _S.PAID)
    assert (decision.why, decision.attention) == (Why.PAID_AFTER_CLOSE, call)


def test_a_refund_that_came_to_nothing_is_no_new_money():
    undone = refund(TOTAL, RefundState.FAILED)
    facts = replace(order(transaction(), refunds=(undone,)), status=_S.REFUNDED)

    decision = decide(facts, observed(Seen.PAID))

    assert (decision.before, decision.after) == (_S.REFUNDED, _S.PAID)
    assert (decision.why, decision.attention) == (Why.REFUND_REVERSED, Attention.DRIFT)


def test_new_money_that_was_charged_back_before_we_heard_of_it_is_a_chargeback():
    given_back = refund(TOTAL, RefundState.TRANSFERRED)
    facts = replace(order(transaction(Seen.DENIED), refunds=(given_back,)), status=_S.REFUNDED)

    decision = decide(facts, observed(Seen.CHARGED_BACK, "t-2"))

    assert (decision.before, decision.after) == (_S.REFUNDED, _S.CHARGED_BACK)
    assert (decision.why, decision.attention) == (Why.CHARGED_BACK, Attention.CHARGED_BACK)
