"""Laws that hold for every order, whatever its gateways say and in whatever order."""

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.core.facts import MONEY_SEEN, RANK, TAKEN_BACK, OrderFacts
from app.core.hearing import hear
from app.core.observations import Evidence, Observation, Seen
from app.core.reasons import Why
from app.core.states import HOLDS_MONEY, Attention, PaymentStatus
from app.core.transitions import Decision, counted, decide, settle_status, weigh
from tests.unit.core import anything
from tests.unit.core.lives import Life, lives
from tests.unit.core.orders import TOTAL, assert_nothing_changed

_HELD = HOLDS_MONEY | {PaymentStatus.REFUNDED, PaymentStatus.CHARGED_BACK}
_often = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
_more_often = settings(_often, max_examples=200)


def _live(
    placed: OrderFacts, observations: tuple[Observation, ...]
) -> tuple[OrderFacts, list[Decision]]:
    facts, decisions = placed, list[Decision]()
    for observation in observations:
        facts, decision = hear(facts, observation)
        decisions.append(decision)
    return facts, decisions


@st.composite
def _retold(draw: st.DrawFn) -> tuple[Life, tuple[Observation, ...]]:
    """Draw a life, and the same messages in another order with some of them repeated."""
    life = draw(lives())
    repeated = (
        draw(st.lists(st.sampled_from(life.observations), max_size=4)) if life.observations else []
    )
    return life, tuple(draw(st.permutations([*life.observations, *repeated])))


@_more_often
@given(_retold())
def test_the_order_and_the_repetition_of_messages_do_not_matter_in_the_end(
    retold: tuple[Life, tuple[Observation, ...]],
):
    life, other_telling = retold

    straight, _ = _live(life.placed, life.observations)
    jumbled, _ = _live(life.placed, other_telling)

    assert settle_status(jumbled) == settle_status(straight)
    assert jumbled.status is straight.status
    assert jumbled.attempts == straight.attempts


@_more_often
@given(_retold())
def test_the_state_reached_step_by_step_is_the_one_that_follows_from_the_facts(
    retold: tuple[Life, tuple[Observation, ...]],
):
    life, telling = retold

    facts, decisions = _live(life.placed, telling)

    assert facts.status is settle_status(facts).status
    assert Why.UNKNOWN_TRANSITION not in {d.why for d in decisions}


@_often
@given(_retold())
def test_money_that_came_twice_calls_a_person_whatever_was_heard_first(
    retold: tuple[Life, tuple[Observation, ...]],
):
    life, telling = retold

    facts, decisions = _live(life.placed, telling)

    paid = [t for t in counted(facts) if t.ever_paid and t.stage not in TAKEN_BACK]
    called = any(d.attention is Attention.PAID_TWICE for d in decisions)
    assert called or len(paid) < 2


@_often
@given(lives())
def test_what_the_gateway_confirmed_is_never_held_for_confirmation(life: Life):
    _, decisions = _live(life.placed, life.observations)

    assert {d.evidence for d in decisions} <= {Evidence.CONFIRMED}
    assert not any(d.needs_confirmation for d in decisions)


@_often
@given(lives(st.just(value=True)), st.sampled_from([Seen.PENDING, Seen.EXPIRED]), st.data())
def test_money_is_not_unseen_when_another_transaction_waits_or_expires(
    life: Life, seen: Seen, data: st.DataObject
):
    facts, _ = _live(life.placed, life.observations)
    assume(facts.status in _HELD)
    newcomer = data.draw(anything.observations())
    newcomer = replace(newcomer, seen=seen, gateway_transaction_id="t-new")

    decision = decide(facts, newcomer)

    assert decision.after is facts.status


@_often
@given(anything.orders())
def test_refunded_and_reserved_never_exceed_captured(facts: OrderFacts):
    summary = settle_status(facts)

    assert summary.refunded_idr >= 0
    assert summary.reserved_idr >= 0
    assert summary.refunded_idr + summary.reserved_idr <= summary.captured_idr
    assert summary.captured_idr % TOTAL == 0


@_more_often
@given(anything.orders(), anything.observations())
def test_any_observation_of_any_order_gets_a_decision(facts: OrderFacts, observation: Observation):
    decision = decide(facts, observation)

    assert decision.before is facts.status
    assert decision.evidence is weigh(facts, observation)
    assert decide(facts, observation) == decision


@_often
@given(anything.orders(), anything.notifications())
def test_a_claim_changes_nothing(facts: OrderFacts, notification: Observation):
    decision = decide(facts, notification)

    if decision.evidence is Evidence.CLAIMS:
        assert_nothing_changed(facts, decision)
        assert decision.attention is None
    assert decision.evidence is not Evidence.CONFIRMED


@_often
@given(lives(), anything.notifications(), st.sampled_from([Seen.PAID, Seen.CAPTURED]))
def test_a_proof_only_ever_makes_a_pending_order_paid(
    life: Life, notification: Observation, seen: Seen
):
    heard = life.observations[: len(life.observations) // 2]
    facts, _ = _live(life.placed, heard)
    proof = replace(
        notification,
        seen=seen,
        amount_idr=TOTAL,
        currency="IDR",
        reference=life.placed.attempts[0].reference,
        signature_proves_payment=True,
    )

    decision = decide(facts, proof)

    if decision.evidence is Evidence.PROVES:
        assert decision.before is PaymentStatus.PENDING
        assert decision.after in {PaymentStatus.PENDING, PaymentStatus.PAID}
        assert decision.needs_confirmation is True
    else:
        assert_nothing_changed(facts, decision)


def test_every_stage_that_holds_money_ranks_above_every_stage_that_waits():
    waiting = max(RANK[s] for s in (Seen.PENDING, Seen.AUTHORIZED, Seen.IN_REVIEW, Seen.EXPIRED))

    assert waiting < min(RANK[s] for s in MONEY_SEEN)
