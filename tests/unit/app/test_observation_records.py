"""What is stored of an observation is all of it."""

import json
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from app.core.facts import OrderFacts
from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, PayCode
from app.core.replay import Grounds
from app.core.states import RefundState
from app.core.transitions import decide
from app.services.observation_records import observation_row, read_grounds, read_observation
from tests.unit.core.anything import moments, observations, orders

_texts = st.text(max_size=60)
_refunds = st.builds(
    ObservedRefund,
    st.integers(0, 10**12).map(Rupiah),
    st.sampled_from(RefundState),
    st.none() | _texts,
    st.none() | _texts,
    st.none() | moments(),
    _texts,
)
_more = st.fixed_dictionaries(
    {
        "raw_status": _texts,
        "currency": _texts,
        "provider_reference": st.none() | _texts,
        "pay_code": st.none() | st.builds(PayCode, _texts, _texts, _texts),
        "refunds": st.lists(_refunds, max_size=3).map(tuple),
        "is_test": st.booleans(),
        "dedupe_key": _texts,
    }
)
# Drawn by ``observations`` already.
_DRAWN = {
    "gateway",
    "reference",
    "seen",
    "source",
    "observed_at",
    "amount_idr",
    "gateway_transaction_id",
    "method",
    "paid_at",
    "signature_proves_payment",
    "fee_idr",
    "instrument",
    "page_ended",
}


def test_no_part_of_an_observation_is_forgotten_by_these_tests() -> None:
    drawn = {*_DRAWN, "raw_status", "currency", "provider_reference", "pay_code"}
    # ``document`` is kept to be shown to people; no rule reads it (test_order_page.py).
    drawn |= {"refunds", "is_test", "dedupe_key", "document"}
    # How it came is a link of the notification's chain (test_key_rotation.py).
    drawn |= {"by_previous_key"}

    assert {field.name for field in fields(Observation)} == drawn


@given(orders(), observations(), _more)
def test_an_observation_survives_being_stored(
    facts: OrderFacts, said: Observation, more: dict[str, object]
) -> None:
    said = replace(said, **more)

    row = observation_row(said, decide(facts, said), facts)
    row.details = json.loads(json.dumps(row.details))

    assert read_observation(row) == said


@given(orders(), observations())
def test_what_a_decision_rested_on_survives_too(facts: OrderFacts, said: Observation) -> None:
    row = observation_row(said, decide(facts, said), facts)
    row.details = json.loads(json.dumps(row.details))

    assert read_grounds(row) == Grounds(
        facts.attempts, facts.refunds, cancel_asked=facts.cancel_asked
    )


@given(orders(), observations())
def test_an_observation_of_before_is_known_as_such(facts: OrderFacts, said: Observation) -> None:
    row = observation_row(said, decide(facts, said), facts)
    row.details = {key: value for key, value in row.details.items() if key != "rests_on"}

    assert read_grounds(row) is None
