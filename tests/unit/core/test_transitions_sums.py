from dataclasses import replace

import pytest

from app.core.money import Rupiah
from app.core.observations import Seen
from app.core.states import PaymentStatus, RefundState
from app.core.transitions import Summary, counted, settle_status
from tests.unit.core.orders import (
    TOTAL,
    order,
    refund,
    transaction,
)

_S = PaymentStatus


def test_the_sums_of_a_refunded_part_and_a_reserved_part():
    facts = order(
        transaction(Seen.PARTIALLY_REFUNDED),
        refunds=(
            refund(50_000, RefundState.SUCCEEDED, key="rf-1"),
            refund(30_000, RefundState.UNKNOWN, key="rf-2"),
            refund(40_000, RefundState.FAILED, key="rf-3"),
        ),
    )

    assert settle_status(facts) == Summary(
        _S.PARTIALLY_REFUNDED, TOTAL, Rupiah(50_000), Rupiah(30_000), "t-1"
    )


@pytest.mark.parametrize(
    ("state", "refunded_idr", "reserved_idr"),
    [
        (RefundState.AWAITING_APPROVAL, 0, 60_000),
        (RefundState.APPROVED, 0, 60_000),
        (RefundState.SENDING, 0, 60_000),
        (RefundState.UNKNOWN, 0, 60_000),
        (RefundState.ACCEPTED, 0, 60_000),
        (RefundState.TO_TRANSFER, 0, 60_000),
        (RefundState.SUCCEEDED, 60_000, 0),
        (RefundState.TRANSFERRED, 60_000, 0),
        (RefundState.FAILED, 0, 0),
        (RefundState.REJECTED, 0, 0),
        (RefundState.WITHDRAWN, 0, 0),
    ],
)
def test_a_refund_reserves_its_amount_until_it_is_over(
    state: RefundState, refunded_idr: int, reserved_idr: int
):
    summary = settle_status(order(transaction(), refunds=(refund(60_000, state),)))

    assert (summary.refunded_idr, summary.reserved_idr) == (refunded_idr, reserved_idr)


def test_a_cancelled_capture_gave_all_its_money_back():
    summary = settle_status(order(transaction(Seen.CANCELLED)))

    assert (summary.status, summary.captured_idr, summary.refunded_idr) == (
        _S.REFUNDED,
        TOTAL,
        TOTAL,
    )


def test_a_refund_of_a_transaction_that_never_paid_does_not_count():
    summary = settle_status(
        order(transaction(), refunds=(refund(60_000, gateway_transaction_id="t-9"),))
    )

    assert (summary.status, summary.refunded_idr) == (_S.PAID, 0)


def test_a_transaction_in_another_amount_does_not_count():
    other = replace(transaction(), amount_idr=TOTAL - 1)

    assert counted(order(other)) == ()
    assert settle_status(order(other)).captured_idr == 0


def test_what_a_message_said_of_the_transaction_gives_way_to_the_gateways_answer():
    claimed = transaction(gateway_transaction_id="t-forged", confirmed=False)
    confirmed = transaction(gateway_transaction_id="t-real")

    summary = settle_status(order(claimed, confirmed))

    assert counted(order(claimed)) == (claimed,)
    assert counted(order(claimed, confirmed)) == (confirmed,)
    assert (summary.winner, summary.captured_idr) == ("t-real", TOTAL)
