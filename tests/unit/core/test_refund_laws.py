"""Laws that hold for every refund that is allowed, whatever the order went through before."""

from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.core.facts import OrderFacts, TransactionFact
from app.core.money import Rupiah
from app.core.observations import Seen
from app.core.reasons import Why
from app.core.refunds import (
    RefundQuestion,
    RefundVerdict,
    decide_refund,
    refundable_idr,
    what_is_left,
)
from app.core.states import GatewayName, RefundRoute, RefundState
from app.core.transitions import RELEASED, settle_status
from tests.unit.core import anything
from tests.unit.core.orders import TOTAL, order, refund

_often = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def _paid_orders(draw: st.DrawFn) -> OrderFacts:
    """Draw an order with one payment that counts, and any refunds."""
    paid: TransactionFact = replace(
        draw(anything.transactions()),
        amount_idr=TOTAL,
        ever_paid=True,
        confirmed=draw(st.sampled_from([True, True, False])),
        stage=draw(st.sampled_from([Seen.PAID, Seen.PAID, Seen.CAPTURED, Seen.REFUNDED])),
        method=draw(st.sampled_from(["credit_card", "gopay", "dana", "linkaja", "bca_va"])),
    )
    refunds = draw(st.lists(anything.refunds(), max_size=draw(st.integers(0, 2))))
    return order(paid, refunds=tuple(refunds))


@st.composite
def _questions(draw: st.DrawFn, orders: st.SearchStrategy[OrderFacts]) -> RefundQuestion:
    facts = draw(orders)
    left = refundable_idr(facts)
    return RefundQuestion(
        facts=facts,
        transaction=draw(st.sampled_from([*facts.transactions] * 3 + [None])),
        gateway=draw(st.sampled_from(GatewayName)),
        amount_idr=draw(st.sampled_from([left, 1, left - 1, left + 1, left + 1, 0])),
        now=draw(anything.moments()),
        approval_threshold_idr=draw(st.sampled_from([0, TOTAL])),
    )


def _is_allowed_only_by_its_rules(question: RefundQuestion, verdict: RefundVerdict) -> None:
    assert verdict.why in {Why.REFUNDABLE, Why.VOIDABLE}
    assert 0 < question.amount_idr <= verdict.refundable_idr
    assert question.transaction is not None
    assert question.transaction.confirmed is True
    if verdict.route is RefundRoute.VOID:
        assert question.amount_idr == settle_status(question.facts).captured_idr
    else:
        assert verdict.route is RefundRoute.REFUND
        assert verdict.rule is not None
        assert verdict.rule.refundable is True


@_often
@given(st.one_of(_questions(_paid_orders()), _questions(anything.orders())))
def test_an_allowed_refund_obeys_every_rule(question: RefundQuestion):
    verdict = decide_refund(question)

    event(f"{verdict.why}")
    if verdict.allowed:
        _is_allowed_only_by_its_rules(question, verdict)
    else:
        assert verdict.why not in {Why.REFUNDABLE, Why.VOIDABLE}
    assert verdict.refundable_idr == what_is_left(question.facts, question.transaction)
    assert verdict.refundable_idr <= refundable_idr(question.facts)


@_often
@given(_questions(_paid_orders()))
def test_an_allowed_refund_fits_into_what_was_captured(question: RefundQuestion):
    facts = question.facts
    before = settle_status(facts)
    if decide_refund(question).allowed and question.transaction is not None:
        new = refund(
            question.amount_idr,
            RefundState.SENDING,
            question.transaction.gateway_transaction_id,
            key="rf-new",
        )
        after = settle_status(replace(facts, refunds=(*facts.refunds, new)))

        # Nothing was cut off to fit: the whole amount is reserved, beside all that was before.
        assert after.reserved_idr == before.reserved_idr + question.amount_idr
        assert after.refunded_idr == before.refunded_idr
        assert after.refunded_idr + after.reserved_idr <= after.captured_idr


@_often
@given(_questions(_paid_orders()), st.sampled_from(sorted(RELEASED)))
def test_a_refund_that_came_to_nothing_leaves_as_much_as_before(
    question: RefundQuestion, state: RefundState
):
    facts = question.facts
    nothing = refund(Rupiah(TOTAL), state, key="rf-new")

    assert refundable_idr(replace(facts, refunds=(*facts.refunds, nothing))) == refundable_idr(
        facts
    )
