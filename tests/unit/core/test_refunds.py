from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from app.core.eligibility import VOID_RULE, Endpoint, refund_rule
from app.core.facts import OrderFacts
from app.core.money import Rupiah
from app.core.observations import Seen
from app.core.reasons import Why
from app.core.refunds import (
    APPROVAL_LIFETIME,
    ApprovalSubject,
    RefundVerdict,
    approval_hash,
    refundable_idr,
    refuse_approval,
    transaction_to_refund,
    what_is_left,
)
from app.core.states import PaymentStatus, RefundRoute, RefundState
from tests.unit.core.orders import (
    MIDTRANS,
    SECOND,
    TOTAL,
    attempt,
    order,
    refund,
    transaction,
)
from tests.unit.core.refund_questions import NOON, THRESHOLD, judge, paid_order


def test_a_refundable_method_is_refunded_through_the_gateway():
    verdict = judge(paid_order("gopay"))

    assert verdict == RefundVerdict(
        allowed=True,
        why=Why.REFUNDABLE,
        refundable_idr=TOTAL,
        route=RefundRoute.REFUND,
        needs_approval=False,
        rule=refund_rule(MIDTRANS, "gopay"),
        days_left=44,
        cautions=(Why.MAY_LACK_BALANCE,),
    )
    assert verdict.endpoint is Endpoint.MIDTRANS_REFUND


@pytest.mark.parametrize(
    ("facts", "changes", "why", "left_idr"),
    [
        (order(), {}, Why.NOT_PAID, 0),
        (order(transaction(Seen.CHARGED_BACK)), {}, Why.IN_DISPUTE, TOTAL),
        (order(transaction(Seen.REFUNDED)), {}, Why.NOTHING_LEFT, 0),
        (paid_order("gopay", refund(TOTAL, RefundState.TO_TRANSFER)), {}, Why.NOTHING_LEFT, 0),
        (paid_order("gopay"), {"amount_idr": 0}, Why.AMOUNT_NOT_POSITIVE, TOTAL),
        (paid_order("gopay"), {"amount_idr": -1}, Why.AMOUNT_NOT_POSITIVE, TOTAL),
        (paid_order("gopay"), {"amount_idr": TOTAL + 1}, Why.MORE_THAN_LEFT, TOTAL),
        (paid_order("gopay", refund(100_001)), {}, Why.MORE_THAN_LEFT, 49_999),
        (paid_order("gopay"), {"transaction": None}, Why.NOT_PAID, 0),
        (paid_order("gopay", confirmed=False), {}, Why.TRANSACTION_UNCONFIRMED, TOTAL),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_refunded_is_refused_by_the_first_rule_that_says_no(
    facts: OrderFacts, changes: Mapping[str, Any], why: Why, left_idr: int
):
    verdict = judge(facts, **changes)

    assert verdict == RefundVerdict(allowed=False, why=why, refundable_idr=Rupiah(left_idr))


@pytest.mark.parametrize("status", sorted(PaymentStatus))
def test_only_states_that_hold_money_or_held_it_get_past_the_first_rules(status: PaymentStatus):
    verdict = judge(replace(paid_order("gopay"), status=status))

    holds = {PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
    disputed = status is PaymentStatus.CHARGED_BACK
    expected = Why.REFUNDABLE if status in holds else Why.NOT_PAID
    assert verdict.why is (Why.IN_DISPUTE if disputed else expected)
    assert verdict.allowed is (status in holds)


@pytest.mark.parametrize("state", RefundState)
def test_another_refund_must_wait_while_one_is_under_way(state: RefundState):
    verdict = judge(paid_order("gopay", refund(10_000, state)))

    under_way = {
        RefundState.APPROVED,
        RefundState.SENDING,
        RefundState.UNKNOWN,
        RefundState.ACCEPTED,
    }
    assert verdict.allowed is (state not in under_way)
    assert verdict.why is (Why.REFUND_OPEN if state in under_way else Why.REFUNDABLE)


@pytest.mark.parametrize(
    ("amount_idr", "why"), [(TOTAL, Why.VOIDABLE), (TOTAL - 1, Why.VOID_IS_FULL_ONLY)]
)
def test_a_capture_that_has_not_settled_is_cancelled_and_only_whole(amount_idr: int, why: Why):
    facts = order(replace(transaction(Seen.CAPTURED), method="credit_card"))

    verdict = judge(facts, amount_idr=amount_idr)

    assert verdict == RefundVerdict(
        allowed=why is Why.VOIDABLE,
        why=why,
        refundable_idr=TOTAL,
        route=RefundRoute.VOID,
        needs_approval=True,
        rule=VOID_RULE,
    )
    assert verdict.endpoint is Endpoint.MIDTRANS_CANCEL


@pytest.mark.parametrize(
    ("amount_idr", "needs_approval"),
    [(THRESHOLD, False), (THRESHOLD + 1, True), (TOTAL, True)],
)
def test_an_amount_above_the_threshold_needs_a_second_person(
    amount_idr: int, *, needs_approval: bool
):
    by_gateway = judge(paid_order("gopay"), amount_idr=amount_idr)
    by_hand = judge(paid_order("bca_va"), amount_idr=amount_idr)

    assert by_gateway.allowed is True
    assert by_gateway.needs_approval is needs_approval
    assert by_hand.needs_approval is needs_approval


def test_what_is_left_is_captured_less_refunded_less_reserved():
    facts = paid_order(
        "gopay",
        refund(50_000, RefundState.SUCCEEDED, key="rf-1"),
        refund(30_000, RefundState.TO_TRANSFER, key="rf-2"),
        refund(70_000, RefundState.FAILED, key="rf-3"),
    )

    assert refundable_idr(facts) == 70_000


def test_the_winner_is_the_transaction_whose_money_counts():
    other_amount = replace(transaction(gateway_transaction_id="t-0"), amount_idr=Rupiah(1))
    waiting = transaction(Seen.PENDING, "t-1", ever_paid=False)
    paid = transaction(gateway_transaction_id="t-2", reference=SECOND)
    facts = order(other_amount, waiting, paid, attempts=(attempt(), attempt(SECOND)))

    assert transaction_to_refund(facts) == paid
    assert transaction_to_refund(order(waiting)) is None


def test_each_of_two_payments_is_refunded_up_to_its_own_amount():
    first = transaction()
    second = transaction(gateway_transaction_id="t-2", reference=SECOND)
    twice = order(first, second, attempts=(attempt(), attempt(SECOND)))

    assert what_is_left(twice, first) == TOTAL
    assert judge(twice, amount_idr=TOTAL + 1).why is Why.MORE_THAN_LEFT
    given = replace(twice, refunds=(refund(amount_idr=TOTAL),))

    assert transaction_to_refund(given) == second
    assert what_is_left(given, first) == 0
    assert judge(given, amount_idr=TOTAL).allowed
    assert judge(given, transaction=first, amount_idr=1).why is Why.NOTHING_LEFT


def test_one_of_two_captures_is_voided_whole():
    captures = [
        transaction(stage=Seen.CAPTURED),
        transaction(stage=Seen.CAPTURED, gateway_transaction_id="t-2", reference=SECOND),
    ]
    twice = order(*captures, attempts=(attempt(), attempt(SECOND)))

    assert judge(twice, amount_idr=TOTAL).route is RefundRoute.VOID
    assert judge(twice, amount_idr=TOTAL).allowed


def test_a_payment_that_is_disputed_in_part_is_not_refunded():
    disputed = order(transaction(stage=Seen.PARTIALLY_CHARGED_BACK))

    assert judge(disputed).why is Why.IN_DISPUTE


_SUBJECT: Final = ApprovalSubject("LN-7Q2M4XK9TB", "rf-1", 50_000, RefundRoute.REFUND, "Broken")


@pytest.mark.parametrize(
    "changes",
    [
        {"order": "LN-7Q2M4XK9TC"},
        {"refund_key": "rf-2"},
        {"amount_idr": 50_001},
        {"route": RefundRoute.MANUAL},
        {"reason": "broken"},
    ],
)
def test_an_approval_is_bound_to_every_field_of_the_request(changes: Mapping[str, Any]):
    assert approval_hash(replace(_SUBJECT, **changes)) != approval_hash(_SUBJECT)
    assert approval_hash(replace(_SUBJECT)) == approval_hash(_SUBJECT)
    assert len(approval_hash(_SUBJECT)) == 64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"order": "a", "refund_key": "bc"}, {"order": "ab", "refund_key": "c"}),
        ({"refund_key": "rf-1", "amount_idr": 50_000}, {"refund_key": "rf-15", "amount_idr": 0}),
        ({"order": "1:a", "refund_key": ""}, {"order": "", "refund_key": "1:a"}),
    ],
)
def test_no_two_requests_share_a_hash_by_moving_letters_between_fields(
    one: Mapping[str, Any], other: Mapping[str, Any]
):
    assert approval_hash(replace(_SUBJECT, **one)) != approval_hash(replace(_SUBJECT, **other))


@pytest.mark.parametrize(
    ("approver", "waited", "why"),
    [
        (2, timedelta(0), None),
        (2, APPROVAL_LIFETIME, None),
        (2, APPROVAL_LIFETIME + timedelta(microseconds=1), Why.APPROVAL_EXPIRED),
        (1, timedelta(0), Why.SAME_PERSON),
        (1, APPROVAL_LIFETIME + timedelta(days=1), Why.SAME_PERSON),
    ],
)
def test_an_approval_needs_another_person_within_72_hours(
    approver: int, waited: timedelta, why: Why | None
):
    answer = refuse_approval(
        requested_by=1, approver=approver, requested_at=NOON, now=NOON + waited
    )

    assert answer is why
    assert timedelta(hours=72) == APPROVAL_LIFETIME
