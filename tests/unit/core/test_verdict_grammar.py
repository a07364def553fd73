"""Complete chains are accepted; a chain with anything missing, doubled or swapped is not."""

from dataclasses import replace

import pytest

from app.core.observations import Evidence
from app.core.reasons import Why
from app.core.verdict_grammar import check_chain, check_status_chain
from app.core.verdicts import (
    Asked,
    Authenticity,
    Chain,
    Checked,
    LeftOut,
    Matched,
    Read,
    Received,
    Repeats,
)
from tests.unit.core.chains import (
    AT,
    AUTHENTIC,
    CLAIM,
    CONFIRMED,
    END,
    MATCHED,
    NOT_YET,
    ON_ITS_WAY,
    PAID,
    PAYS,
    RECEIVED,
    ROUND,
    SILENCE,
    WAITS,
)

COMPLETE: dict[str, Chain] = {
    "too large": (Received(70_000, 4096, Why.TOO_LARGE),),
    "forged": (RECEIVED, Checked(Authenticity.NO, why=Why.BAD_SIGNATURE)),
    "unknown gateway": (
        RECEIVED,
        Checked(Authenticity.CANNOT_TELL, why=Why.GATEWAY_NOT_CONFIGURED),
    ),
    "no JSON": (RECEIVED, Checked(Authenticity.CANNOT_TELL), Read(why=Why.MALFORMED)),
    "odd": (RECEIVED, AUTHENTIC, Read(why=Why.MALFORMED)),
    "unknown order": (RECEIVED, AUTHENTIC, PAID, Matched("x", why=Why.UNKNOWN_ORDER)),
    "duplicate": (*ON_ITS_WAY, Repeats(1)),
    "known": (*ON_ITS_WAY, WAITS),
    "waiting": (*ON_ITS_WAY, CLAIM),
    "asked in vain": (*ON_ITS_WAY, CLAIM, SILENCE, SILENCE),
    "answered about another": (*ON_ITS_WAY, CLAIM, Asked(AT, answers=0)),
    "concluded": (*ON_ITS_WAY, CLAIM, SILENCE, *ROUND, *CONFIRMED, END),
    "concluded by two answers": (
        *ON_ITS_WAY,
        CLAIM,
        Asked(AT, answers=2),
        NOT_YET,
        WAITS,
        PAID,
        PAYS,
        END,
    ),
    "shortened": (*ON_ITS_WAY, CLAIM, SILENCE, LeftOut(70), WAITS, *ROUND, END),
    "cut between answer and judgement": (*ON_ITS_WAY, CLAIM, *ROUND[:2], LeftOut(9), *ROUND),
}
CHECKS: dict[str, Chain] = {
    "answered": (MATCHED, *CONFIRMED),
    "silent": (MATCHED, SILENCE),
    "about another": (MATCHED, Asked(AT, answers=0)),
    "two transactions": (MATCHED, Asked(AT, answers=2), NOT_YET, WAITS, PAID, PAYS),
    "many transactions": (MATCHED, Asked(AT, answers=30), NOT_YET, LeftOut(50), PAID, PAYS),
}


@pytest.mark.parametrize("chain", COMPLETE.values(), ids=COMPLETE)
def test_a_complete_chain_of_a_notification_is_accepted(chain: Chain) -> None:
    assert check_chain(chain) == []


@pytest.mark.parametrize("chain", CHECKS.values(), ids=CHECKS)
def test_a_complete_chain_of_a_status_check_is_accepted(chain: Chain) -> None:
    assert check_status_chain(chain) == []


@pytest.mark.parametrize("chain", [*COMPLETE.values(), *CHECKS.values()])
def test_no_chain_passes_for_the_other_kind(chain: Chain) -> None:
    assert bool(check_chain(chain)) is not bool(check_status_chain(chain))


def test_nothing_at_all_is_no_chain() -> None:
    assert check_chain(()) == ["the links do not follow: "]
    assert check_status_chain(()) == ["the links do not follow: "]


FULL = COMPLETE["concluded"]


@pytest.mark.parametrize("at", range(len(FULL)))
def test_no_link_can_be_missing(at: int) -> None:
    without = FULL[:at] + FULL[at + 1 :]

    # That a question was asked in vain, or that the end is still to come, is nobody's loss.
    assert bool(check_chain(without)) is (FULL[at] not in {SILENCE, END})


@pytest.mark.parametrize("at", range(len(FULL) - 1))
def test_no_two_links_can_be_swapped(at: int) -> None:
    swapped = (*FULL[:at], FULL[at + 1], FULL[at], *FULL[at + 2 :])

    assert check_chain(swapped) != []


@pytest.mark.parametrize("length", range(1, len(ON_ITS_WAY) + 1))
def test_a_chain_that_stops_on_its_way_is_not_complete(length: int) -> None:
    assert check_chain(ON_ITS_WAY[:length]) != []


@pytest.mark.parametrize(
    ("chain", "problem"),
    [
        ((*ON_ITS_WAY, CLAIM, Asked(AT, answers=2), PAID, PAYS), "2 answers are announced, 1 are"),
        ((*ON_ITS_WAY, replace(PAYS, rule="pending>expired")), "the rule pending>expired does not"),
        ((*ON_ITS_WAY, replace(PAYS, given=Evidence.CLAIMS)), "pending>paid was taken on claims"),
        ((*ON_ITS_WAY, replace(PAYS, needed=None)), "pending>paid was taken on confirmed"),
        (
            (*ON_ITS_WAY, replace(PAYS, given=Evidence.PROVES, needed=Evidence.CONFIRMED)),
            "pending>paid was taken on proves",
        ),
        ((RECEIVED, AUTHENTIC, Read(), MATCHED, WAITS), "a message is either read or it is not"),
        (
            (RECEIVED, replace(AUTHENTIC, why=Why.BAD_SIGNATURE)),
            "the links do not follow: R?",
        ),
        ((RECEIVED, Checked(Authenticity.NO)), "the links do not follow: R?"),
        ((*ON_ITS_WAY, CLAIM, *(SILENCE,) * 40), "45 links are more than 40"),
        ((*ON_ITS_WAY, WAITS, END), "the links do not follow: RAPMJC"),
        ((*ON_ITS_WAY, CLAIM, END, SILENCE), "the links do not follow: RAPMjCq"),
    ],
)
def test_what_is_wrong_is_named(chain: Chain, problem: str) -> None:
    found = check_chain(chain)

    assert [text for text in found if text.startswith(problem)] != [], found
