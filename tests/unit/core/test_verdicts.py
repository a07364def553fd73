"""What links tell, how chains grow and stay short, and what follows from them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.facts import OrderFacts
from app.core.observations import Evidence, Observation, Seen
from app.core.reasons import Why
from app.core.states import Attention, NotificationState, PaymentStatus
from app.core.transitions import Decision, decide
from app.core.verdict_grammar import check_chain
from app.core.verdicts import (
    MOST_LINKS,
    Authenticity,
    Chain,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Link,
    Matched,
    Read,
    Received,
    Repeats,
    asked_link,
    claim_of,
    extend_chain,
    judged_link,
    read_link,
    state_of,
    verdict_of,
)
from tests.unit.core.anything import observations, orders
from tests.unit.core.chains import (
    AT,
    AUTHENTIC,
    CLAIM,
    CONFIRMED,
    END,
    MATCHED,
    ON_ITS_WAY,
    PAID,
    PAYS,
    RECEIVED,
    ROUND,
    SILENCE,
)

_S = PaymentStatus


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            Decision(
                _S.PENDING,
                _S.PAID,
                Why.SHOPPER_PAID,
                Evidence.PROVES,
                needs_confirmation=True,
            ),
            Judged(
                "pending>paid",
                Why.SHOPPER_PAID,
                _S.PENDING,
                _S.PAID,
                Evidence.PROVES,
                Evidence.PROVES,
                asks=True,
            ),
        ),
        (
            Decision(
                _S.EXPIRED,
                _S.PAID,
                Why.PAID_AFTER_CLOSE,
                Evidence.CONFIRMED,
                attention=Attention.PAID_AFTER_CLOSE,
            ),
            Judged(
                "expired>paid",
                Why.PAID_AFTER_CLOSE,
                _S.EXPIRED,
                _S.PAID,
                Evidence.CONFIRMED,
                Evidence.CONFIRMED,
                attention=Attention.PAID_AFTER_CLOSE,
            ),
        ),
        (
            Decision(
                _S.PAID,
                _S.PAID,
                Why.CLAIM_AWAITS_CONFIRMATION,
                Evidence.CLAIMS,
                needs_confirmation=True,
            ),
            Judged(
                "claim_awaits_confirmation",
                Why.CLAIM_AWAITS_CONFIRMATION,
                _S.PAID,
                _S.PAID,
                Evidence.CLAIMS,
                Evidence.CONFIRMED,
                asks=True,
            ),
        ),
        (
            Decision(_S.PAID, _S.PAID, Why.STALE, Evidence.CONFIRMED),
            Judged("stale", Why.STALE, _S.PAID, _S.PAID, Evidence.CONFIRMED),
        ),
    ],
    ids=["proved", "confirmed", "claimed", "unchanged"],
)
def test_a_judgement_names_its_rule_and_its_evidence(made: Decision, told: Judged) -> None:
    assert judged_link(made) == told


@given(orders(), observations())
def test_every_decision_makes_a_judgement_that_holds(facts: OrderFacts, said: Observation) -> None:
    made = decide(facts, said)

    chain = (*ON_ITS_WAY, judged_link(made))

    assert check_chain(chain) == []
    waits = state_of(chain) is NotificationState.AWAITING_CONFIRMATION
    assert waits is made.needs_confirmation
    assert verdict_of(chain) is made.why


@given(observations())
def test_what_was_said_is_told_in_bounded_form(said: Observation) -> None:
    link = read_link(replace(said, raw_status="x" * 500, gateway_transaction_id="t" * 500))

    assert (len(link.raw_status), len(link.transaction_id or "")) == (60, 80)


def test_an_error_is_told_in_bounded_form() -> None:
    assert asked_link(AT, error="x" * 5000).error == "x" * 200


ENDS: list[tuple[Chain, NotificationState, Why]] = [
    ((Received(70_000, 4096, Why.TOO_LARGE),), NotificationState.REFUSED, Why.TOO_LARGE),
    (
        (RECEIVED, Checked(Authenticity.NO, why=Why.BAD_SIGNATURE)),
        NotificationState.REFUSED,
        Why.BAD_SIGNATURE,
    ),
    (
        (RECEIVED, Checked(Authenticity.CANNOT_TELL), Read(why=Why.MALFORMED)),
        NotificationState.REFUSED,
        Why.MALFORMED,
    ),
    (
        (RECEIVED, AUTHENTIC, PAID, Matched("x", why=Why.UNKNOWN_ORDER)),
        NotificationState.DONE,
        Why.UNKNOWN_ORDER,
    ),
    ((*ON_ITS_WAY, Repeats(3)), NotificationState.DONE, Why.DUPLICATE),
    ((*ON_ITS_WAY, PAYS), NotificationState.DONE, Why.SHOPPER_PAID),
    (
        (*ON_ITS_WAY, CLAIM),
        NotificationState.AWAITING_CONFIRMATION,
        Why.CLAIM_AWAITS_CONFIRMATION,
    ),
    (
        (*ON_ITS_WAY, CLAIM, SILENCE, *ROUND),
        NotificationState.AWAITING_CONFIRMATION,
        Why.CLAIM_AWAITS_CONFIRMATION,
    ),
    ((*ON_ITS_WAY, CLAIM, *CONFIRMED, END), NotificationState.DONE, Why.SHOPPER_PAID),
    (
        (*ON_ITS_WAY, CLAIM, *ROUND, Concluded(AT, Why.CLAIM_NOT_CONFIRMED)),
        NotificationState.DONE,
        Why.CLAIM_NOT_CONFIRMED,
    ),
]


@pytest.mark.parametrize(("chain", "state", "why"), ENDS, ids=[str(end[2]) for end in ENDS])
def test_state_and_verdict_follow_from_the_chain(
    chain: Chain, state: NotificationState, why: Why
) -> None:
    assert (state_of(chain), verdict_of(chain), check_chain(chain)) == (state, why, [])


def test_the_claim_is_what_the_message_said_not_what_was_answered() -> None:
    assert claim_of((*ON_ITS_WAY, CLAIM, *ROUND)) == (Seen.PAID, Evidence.CLAIMS)


@given(st.lists(st.sampled_from([(SILENCE,), ROUND, (*ROUND, *ROUND[1:])]), max_size=60))
def test_a_chain_stays_short_and_counts_what_it_leaves_out(rounds: list[tuple[Link, ...]]) -> None:
    chain: Chain = (*ON_ITS_WAY, CLAIM)
    for links in rounds:
        answers = len(links) // 2
        asked = SILENCE if links == (SILENCE,) else replace(ROUND[0], answers=answers)
        chain = extend_chain(chain, asked, *links[1:])
        assert check_chain(chain) == []

    chain = extend_chain(chain, END)

    assert check_chain(chain) == []
    assert len(chain) <= MOST_LINKS
    assert (chain[:5], chain[-1]) == ((*ON_ITS_WAY, CLAIM), END)
    left_out = sum(link.links for link in chain if isinstance(link, LeftOut))
    written = len(chain) - any(isinstance(link, LeftOut) for link in chain)
    assert written + left_out == 5 + sum(len(links) for links in rounds) + 1
    assert state_of(chain) is NotificationState.DONE
    assert MATCHED in chain
