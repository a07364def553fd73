"""Cards at Midtrans: a capture is voided, not refunded; a challenge waits for a person."""

from dataclasses import replace

import pytest

from app.core.errors import GatewayOutcomeUnknownError, GatewayRejectedError
from app.core.observations import Seen
from app.core.ports import ChargeSubject
from app.core.states import RefundRoute, RefundState
from tests.contract.gateway_bench import PRICE, SOURCE, Bench, refund_request


def _captured(midtrans: Bench) -> ChargeSubject:
    return midtrans.paid("credit_card")


def test_a_captured_card_is_captured_not_yet_paid(midtrans: Bench):
    (seen,) = midtrans.gateway.fetch_status(_captured(midtrans), source=SOURCE)

    assert (seen.seen, seen.method, seen.amount_idr) == (Seen.CAPTURED, "credit_card", PRICE)
    assert seen.paid_at is not None


def test_a_capture_is_voided_once_however_often_it_is_asked(midtrans: Bench):
    request = refund_request(_captured(midtrans), amount_idr=PRICE, route=RefundRoute.VOID)
    assert midtrans.gateway.find_refund(request) is None

    answer = midtrans.gateway.refund(request)
    again = midtrans.gateway.refund(request)

    assert answer.refund.state is again.refund.state is RefundState.SUCCEEDED
    assert answer.refund.key == request.key
    assert answer.observation is not None
    assert answer.observation.seen is Seen.CANCELLED
    found = midtrans.gateway.find_refund(request)
    assert found is not None
    assert found.amount_idr == PRICE


def test_a_void_whose_answer_is_lost_is_found(midtrans: Bench):
    subject = _captured(midtrans)
    request = refund_request(subject, amount_idr=PRICE, route=RefundRoute.VOID)
    assert midtrans.program is not None

    with (
        midtrans.program.fault(
            "midtrans.cancel", subject.reference, "timeout_after_success", seconds=30
        ),
        pytest.raises(GatewayOutcomeUnknownError),
    ):
        midtrans.gateway_with(timeout_s=1.5).refund(request)

    found = midtrans.gateway.find_refund(request)
    assert found is not None
    assert found.state is RefundState.SUCCEEDED


def test_a_capture_cannot_be_refunded(midtrans: Bench):
    with pytest.raises(GatewayRejectedError) as refused:
        midtrans.gateway.refund(refund_request(_captured(midtrans)))

    assert refused.value.code == "412"


def test_a_settled_card_cannot_be_voided(midtrans: Bench):
    subject = _captured(midtrans)
    midtrans.act(subject, "settle")
    request = refund_request(subject, amount_idr=PRICE, route=RefundRoute.VOID)

    with pytest.raises(GatewayRejectedError) as refused:
        midtrans.gateway.refund(request)

    assert refused.value.code == "412"
    assert midtrans.gateway.find_refund(request) is None


def test_closing_never_cancels_a_captured_card(midtrans: Bench):
    (seen,) = midtrans.gateway.close(_captured(midtrans))

    assert seen.seen is Seen.CAPTURED


def test_a_challenge_is_in_review_and_closing_ends_it(midtrans: Bench):
    _, subject = midtrans.open()
    midtrans.act(subject, "challenge")

    (seen,) = midtrans.gateway.fetch_status(subject, source=SOURCE)
    (closed,) = midtrans.gateway.close(subject)

    assert seen.seen is Seen.IN_REVIEW
    assert closed.seen is Seen.CANCELLED


def test_a_denied_card_leaves_the_order_open_for_another_method(midtrans: Bench):
    _, subject = midtrans.open()
    midtrans.act(subject, "deny")
    (denied,) = midtrans.gateway.fetch_status(subject, source=SOURCE)
    midtrans.act(subject, "pay", "gopay")

    (paid,) = midtrans.gateway.fetch_status(subject, source=SOURCE)
    (still_denied,) = midtrans.gateway.fetch_status(
        replace(subject, gateway_transaction_id=denied.gateway_transaction_id), source=SOURCE
    )

    assert (denied.seen, paid.seen, still_denied.seen) == (Seen.DENIED, Seen.PAID, Seen.DENIED)
    assert paid.gateway_transaction_id != denied.gateway_transaction_id


def test_a_reversal_and_a_chargeback_are_seen(midtrans: Bench):
    reversed_, disputed = midtrans.paid("permata_va"), _captured(midtrans)
    midtrans.act(reversed_, "reverse")
    midtrans.act(disputed, "settle")
    midtrans.act(disputed, "chargeback")

    (denied,) = midtrans.gateway.fetch_status(reversed_, source=SOURCE)
    (charged_back,) = midtrans.gateway.fetch_status(disputed, source=SOURCE)

    assert (denied.seen, denied.method) == (Seen.DENIED, "permata_va")
    assert charged_back.seen is Seen.CHARGED_BACK


def test_a_refusal_keeps_the_gateways_code_and_words(midtrans: Bench):
    subject = midtrans.paid("gopay")

    with (
        midtrans.fault("refund", subject.reference, "refuse", code="414"),
        pytest.raises(GatewayRejectedError) as refused,
    ):
        midtrans.gateway.refund(refund_request(subject))

    assert refused.value.code == "414"
    assert refused.value.message


def test_a_refund_that_the_bank_refuses_has_failed(midtrans: Bench):
    subject = midtrans.paid("gopay")

    with midtrans.fault("refund", subject.reference, "refuse", code="202"):
        answer = midtrans.gateway.refund(refund_request(subject))

    assert answer.refund.state is RefundState.FAILED
    assert (answer.code, answer.refund.failure_code) == ("202", "202")
    assert answer.message


@pytest.mark.parametrize("route", [RefundRoute.MANUAL, RefundRoute.OUTSIDE])
def test_a_refund_by_hand_is_none_of_the_gateways_business(bench: Bench, route: RefundRoute):
    with pytest.raises(GatewayRejectedError):
        bench.gateway.refund(refund_request(bench.paid(bench.wallet), route=route))
