"""Replaying a life gives what was decided then; another rule shows exactly where it differs."""

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.core.facts import OrderFacts, put_on_attempt
from app.core.replay import Difference, Grounds, Heard, Record, Verdict, replay
from app.core.states import PaymentStatus
from app.core.transitions import decide, settle_status
from tests.unit.core.lives import Life, lives


def recorded(life: Life) -> Record:
    """Live a life as the product does, and keep what it would store."""
    facts: OrderFacts = life.placed
    heard: list[Heard] = []
    for number, said in enumerate(life.observations, 1):
        made = decide(facts, said)
        attention = made.attention.value if made.attention else None
        verdict = Verdict(made.before, made.after, made.why.value, made.evidence, attention)
        heard.append(
            Heard(
                number,
                said,
                verdict,
                Grounds(facts.attempts, facts.refunds, cancel_asked=facts.cancel_asked),
            )
        )
        facts = replace(facts, status=made.after)
        if made.transaction is not None:
            facts = put_on_attempt(facts, made.transaction, said.reference)
        if made.attempt is not None:
            attempts = tuple(
                made.attempt if a.reference == said.reference else a for a in facts.attempts
            )
            facts = replace(facts, attempts=attempts)
    now = replace(settle_status(facts), status=facts.status)
    grounds = Grounds(facts.attempts, facts.refunds, cancel_asked=facts.cancel_asked)
    return Record("LN-7Q2M4XK9TB", facts.total_idr, tuple(heard), grounds, now)


@given(lives())
def test_a_life_replayed_by_the_same_rules_is_the_same(life: Life) -> None:
    assert replay(recorded(life)) == ()


@given(lives())
def test_every_part_of_a_decision_and_of_the_end_is_compared(life: Life) -> None:
    record = recorded(life)
    now = record.now
    end = replace(now, captured_idr=now.captured_idr + 1, winner="somebody")

    differences = replay(replace(record, now=end))

    assert [(d.observation_id, d.what) for d in differences] == [
        (None, "captured"),
        (None, "winner"),
    ]
    for at, heard in enumerate(record.heard):
        changed = replace(heard, verdict=replace(heard.verdict, why="x", attention="y"))
        others = (*record.heard[:at], changed, *record.heard[at + 1 :])
        told = replay(replace(record, heard=others))
        assert [(d.observation_id, d.what, d.stored) for d in told] == [
            (heard.id, "why", "x"),
            (heard.id, "attention", "y"),
        ]


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(lives(st.just(True)))  # noqa: FBT003 - the value that is drawn: somebody may pay.
def test_a_recorded_step_that_is_no_edge_is_named(life: Life) -> None:
    record = recorded(life)
    impossible = PaymentStatus.PENDING
    reached = record.now.status
    assume(reached in {PaymentStatus.REFUNDED, PaymentStatus.CHARGED_BACK})

    (step, state) = replay(replace(record, now=replace(record.now, status=impossible)))

    assert step == Difference(None, "step", f"{reached}>pending", reached.value)
    assert state == Difference(None, "state", "pending", reached.value)
