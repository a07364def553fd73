"""Hearing observations one after another without a database: for the book of states and its tests.

The services do the same with rows: refunds that the gateway lists are learnt first, then the
decision is made, then its facts are kept.
"""

from dataclasses import replace
from typing import Final

from app.core.facts import OrderFacts, RefundFact, put_attempt, put_transaction
from app.core.observations import Evidence, Observation, ObservedRefund
from app.core.states import RefundState
from app.core.transitions import Decision, decide, weigh

# A refund that the gateway is still working on may yet come to either end.
_UNDECIDED: Final = frozenset({RefundState.ACCEPTED, RefundState.UNKNOWN})


def hear(facts: OrderFacts, observation: Observation) -> tuple[OrderFacts, Decision]:
    """Return the order after one observation, as the desk keeps it, and the decision."""
    if weigh(facts, observation) is Evidence.CONFIRMED:
        facts = _with_listed_refunds(facts, observation)
    decision = decide(facts, observation)
    if decision.transaction is not None:
        facts = put_transaction(facts, decision.transaction)
    if decision.attempt is not None:
        facts = put_attempt(facts, decision.attempt)
    return replace(facts, status=decision.after), decision


def hear_all(facts: OrderFacts, observations: tuple[Observation, ...]) -> OrderFacts:
    """Return the order after all observations, in the order given."""
    for observation in observations:
        facts, _ = hear(facts, observation)
    return facts


def _with_listed_refunds(facts: OrderFacts, observation: Observation) -> OrderFacts:
    for listed in observation.refunds:
        facts = _with_refund(facts, observation.gateway_transaction_id, listed)
    return facts


def _with_refund(
    facts: OrderFacts, transaction_id: str | None, listed: ObservedRefund
) -> OrderFacts:
    key = listed.key or ""
    known = {refund.key: refund for refund in facts.refunds}
    if key not in known or known[key].state in _UNDECIDED:
        known[key] = RefundFact(key, transaction_id, listed.amount_idr, listed.state)
    return replace(facts, refunds=tuple(known.values()))
