"""Chains are read back as they were written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.verdict_records import load_chain, store_chain
from app.core.verdicts import Link
from tests.unit.core.chains import CLAIM, END, MATCHED, links


@given(st.lists(links(), max_size=6))
def test_every_chain_survives_being_stored(chain: list[Link]) -> None:
    written = json.dumps(store_chain(tuple(chain)))

    assert load_chain(json.loads(written)) == tuple(chain)


def test_stored_links_can_be_read_by_eye() -> None:
    assert store_chain((MATCHED, CLAIM, END)) == [
        {"step": "matched", "reference": "LN-7Q2M4XK9TB-1", "try_number": 1},
        {
            "step": "judged",
            "rule": "claim_awaits_confirmation",
            "why": "claim_awaits_confirmation",
            "before": "pending",
            "after": "pending",
            "given": "claims",
            "needed": "confirmed",
            "asks": True,
        },
        {"step": "concluded", "at": "2026-05-31T10:00:00+00:00", "why": "shopper_paid"},
    ]


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"step": "dreamt"},
        {"step": "received"},
        {"step": "repeats", "notification_id": "one"},
        {"step": "judged", "rule": "x", "why": "shopper_paid"},
        {"step": "concluded", "at": "yesterday", "why": "shopper_paid"},
    ],
)
def test_what_is_no_link_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no link|not a valid|invalid literal|Invalid isoformat"):
        load_chain([stored])
