"""Every state, every gateway, everything it can say, on every evidence."""

from dataclasses import replace
from itertools import product
from typing import Final

import pytest

from app.commands.state_examples import LIVES, OTHER, SAME, an_order, news
from app.core.edges import ASKED, EDGES, WEIGHT, Cause, find_edge
from app.core.hearing import hear
from app.core.observations import SAYS, Evidence, Observation, Seen, Source
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, PaymentStatus
from app.core.transitions import decide
from tests.unit.core.orders import assert_nothing_changed, in_state, observed
from tests.unit.core.state_table import TABLE

_PAYMENTS: Final = {"same": SAME, "other": OTHER}
_ORDERS: Final = [(gateway, label) for gateway in GatewayName for label in LIVES[gateway]]
_PAIRS: Final = [(*order, which, seen) for order, which, seen in product(_ORDERS, _PAYMENTS, Seen)]
_every_pair = pytest.mark.parametrize(("gateway", "label", "which", "seen"), _PAIRS)

# A message that says of the same payment what the gateway has confirmed already.
_NO_NEWS: Final = {
    "pending": Seen.PENDING,
    "pending, one try declined": Seen.DENIED,
    "in_review": Seen.IN_REVIEW,
    "paid": Seen.PAID,
    "paid, card not yet settled": Seen.CAPTURED,
    "failed": Seen.DENIED,
    "failed, payment taken back": Seen.DENIED,
    "expired": Seen.EXPIRED,
    "cancelled": Seen.CANCELLED,
    "charged_back": Seen.CHARGED_BACK,
}
# The orders and payments for which a signed "paid" is a proof; for all others it is a claim.
_PROVABLE: Final = {
    ("pending", "same"),
    ("pending", "other"),
    ("pending, one try declined", "other"),
}


def _message(gateway: GatewayName, label: str, which: str, seen: Seen) -> Observation:
    answer = news(gateway, label, seen, _PAYMENTS[which])
    return replace(answer, source=Source.NOTIFICATION)


@_every_pair
def test_the_gateways_own_answer(gateway: GatewayName, label: str, which: str, seen: Seen) -> None:
    facts = an_order(gateway, label)
    answer = news(gateway, label, seen, _PAYMENTS[which])
    expected = TABLE[gateway].get((label, which, seen))

    for source in (Source.STATUS_CHECK, Source.JOB, Source.API_ANSWER):
        _, decision = hear(facts, replace(answer, source=source))

        assert decision.evidence is Evidence.CONFIRMED
        assert decision.needs_confirmation is False
        if expected is None:
            assert (decision.before, decision.after) == (facts.status, facts.status)
            assert decision.why in {Why.CONTRADICTS_EARLIER, Why.UNRECOGNISED_STATUS}
            assert decision.attention is Attention.UNKNOWN_TRANSITION
        else:
            assert decision.after is expected.after
            assert (decision.why, decision.attention) == (expected.why, expected.attention)


@_every_pair
def test_a_message_alone_changes_nothing(
    gateway: GatewayName, label: str, which: str, seen: Seen
) -> None:
    facts = an_order(gateway, label)

    heard, decision = hear(facts, _message(gateway, label, which, seen))

    no_news = which == "same" and _NO_NEWS.get(label) is seen
    assert heard == facts
    assert_nothing_changed(facts, decision)
    assert decision.attention is None
    assert decision.evidence is Evidence.CLAIMS
    assert decision.why is (Why.ALREADY_KNOWN if no_news else Why.CLAIM_AWAITS_CONFIRMATION)
    assert decision.needs_confirmation is not no_news


@_every_pair
def test_a_signature_moves_a_pending_order_to_paid_and_nothing_else(
    gateway: GatewayName, label: str, which: str, seen: Seen
) -> None:
    facts = an_order(gateway, label)
    message = replace(_message(gateway, label, which, seen), signature_proves_payment=True)

    heard, decision = hear(facts, message)

    money = seen in {Seen.PAID, Seen.CAPTURED} and seen in SAYS[gateway]
    if money and (label, which) in _PROVABLE:
        assert decision.evidence is Evidence.PROVES
        assert (decision.before, decision.after) == (PaymentStatus.PENDING, PaymentStatus.PAID)
        assert (decision.why, decision.attention) == (Why.SHOPPER_PAID, None)
        assert decision.needs_confirmation is True
        assert (heard.attempts, heard.refunds) == (facts.attempts, facts.refunds)
    else:
        assert decision.evidence is Evidence.CLAIMS
        assert heard == facts


@pytest.mark.parametrize(("gateway", "label"), _ORDERS)
def test_each_life_ends_in_the_state_that_it_is_named_after(
    gateway: GatewayName, label: str
) -> None:
    assert an_order(gateway, label).status is PaymentStatus(label.split(",", maxsplit=1)[0])


def test_midtrans_has_an_order_in_every_state_and_xendit_in_those_it_can_reach() -> None:
    reached = {g: {an_order(g, label).status for label in LIVES[g]} for g in GatewayName}
    by_xendit = {o.after for o in TABLE[GatewayName.XENDIT].values()}

    assert reached[GatewayName.MIDTRANS] == set(PaymentStatus)
    assert reached[GatewayName.XENDIT] == by_xendit


def test_the_table_names_only_what_a_gateway_can_say() -> None:
    for gateway, rows in TABLE.items():
        assert {seen for _, _, seen in rows} == SAYS[gateway]
        assert {label for label, _, _ in rows} == set(LIVES[gateway])


_STEPS: Final = list(product(EDGES, Cause, Evidence))


@pytest.mark.parametrize(("step", "cause", "evidence"), _STEPS)
def test_a_step_is_taken_only_by_those_and_on_the_evidence_that_it_names(
    step: tuple[PaymentStatus, PaymentStatus], cause: Cause, evidence: Evidence
) -> None:
    edge = EDGES[step]
    allowed = cause in edge.causes and WEIGHT[evidence] >= WEIGHT[edge.needs]

    assert find_edge(*step, cause, evidence) == (edge if allowed else Why.STEP_NOT_ALLOWED)


def test_who_may_cause_what_and_on_which_evidence() -> None:
    proved = {step for step, edge in EDGES.items() if edge.needs is not Evidence.CONFIRMED}
    by = {cause: {s for s, edge in EDGES.items() if cause in edge.causes} for cause in Cause}
    s = PaymentStatus

    assert proved == {(s.PENDING, s.PAID)}
    assert by[Cause.NOTIFICATION] == {(s.PENDING, s.PAID)}
    assert by[Cause.STAFF] == {
        (s.PAID, s.PARTIALLY_REFUNDED),
        (s.PAID, s.REFUNDED),
        (s.PARTIALLY_REFUNDED, s.REFUNDED),
    }
    assert by[Cause.SHOPPER] == {
        (s.FAILED, s.PENDING),
        (s.EXPIRED, s.PENDING),
        (s.CANCELLED, s.PENDING),
    }
    assert all(by[cause] == set(EDGES) for cause in ASKED)


@pytest.mark.parametrize(("before", "reached"), sorted(EDGES))
def test_decide_takes_the_step_that_the_facts_ask_for(
    before: PaymentStatus, reached: PaymentStatus
) -> None:
    # A step that was once refused is taken by the next answer that may take it.
    facts = replace(in_state(reached), status=before)
    edge = EDGES[before, reached]

    decision = decide(facts, observed(Seen.NOTHING))

    assert (decision.before, decision.after) == (before, reached)
    assert (decision.why, decision.attention) == (edge.why, edge.attention)
