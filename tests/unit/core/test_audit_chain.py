"""Each entry of the audit log vouches for all before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.audit_chain import GENESIS, AuditFacts, chain_hash

FACTS = AuditFacts(
    seq=1,
    at=datetime(2026, 5, 31, 3, 4, 5, 6, tzinfo=UTC),
    staff_id=7,
    who="budi@toko.example",
    action="request_refund",
    target="LN-7Q2M4XK9TB",
    done=True,
    why="",
    remote_address="127.0.0.1",
)


def test_the_hash_is_fixed_for_ever_because_stored_chains_depend_on_it() -> None:
    assert chain_hash(GENESIS, FACTS) == (
        "8db603b06ecbe14eb4b8c823c6691fea964b2d5384610d4329551e6e80d7eebe"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"at": FACTS.at + timedelta(microseconds=1)},
        {"staff_id": None},
        {"who": "budi@toko.exampl"},
        {"action": "request_refunds"},
        {"target": ""},
        {"done": False},
        {"why": "x"},
        {"remote_address": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_word_gives_another_hash(change: dict[str, object]) -> None:
    assert chain_hash(GENESIS, replace(FACTS, **change)) != chain_hash(GENESIS, FACTS)


def test_another_entry_before_it_gives_another_hash() -> None:
    assert chain_hash("1" * 64, FACTS) != chain_hash(GENESIS, FACTS)


def test_words_do_not_flow_from_one_column_into_the_next() -> None:
    first = replace(FACTS, action="ab", target="c")

    assert chain_hash(GENESIS, first) != chain_hash(
        GENESIS, replace(FACTS, action="a", target="bc")
    )


def test_the_zone_in_which_a_time_is_given_does_not_matter() -> None:
    in_jakarta = replace(FACTS, at=FACTS.at.astimezone(timezone(timedelta(hours=7))))

    assert chain_hash(GENESIS, in_jakarta) == chain_hash(GENESIS, FACTS)
