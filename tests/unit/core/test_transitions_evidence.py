from dataclasses import replace

import pytest

from app.core.facts import TransactionFact
from app.core.hearing import hear
from app.core.money import NO_MONEY
from app.core.observations import Evidence, Observation, ObservedRefund, Seen, Source
from app.core.reasons import Why
from app.core.states import PaymentStatus
from app.core.transitions import Summary, decide, settle_status, weigh
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
