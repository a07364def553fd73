"""What every gateway must do, tried on each of them through its official SDK."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.errors import GatewayOutcomeUnknownError, GatewayRejectedError
from app.core.money import Rupiah
from app.core.observations import Seen, Source
from app.core.ports import ChargeSubject
from app.core.states import RefundState
from tests.contract.gateway_bench import (
    HALF,
    PRICE,
    SOURCE,
    Bench,
    Program,
    charge_request,
    refund_request,
)

_BEFORE_PAYMENT = {"midtrans": Seen.NOTHING, "xendit": Seen.PENDING}
_METHOD_OF_BANK = "bca_va"


def test_a_new_charge_has_a_page_and_no_money(any_bench: Bench):
    charge, subject = any_bench.open()

    assert charge.page_url.startswith("http")
    (seen,) = any_bench.gateway.fetch_status(subject, source=SOURCE)
    assert seen.seen is _BEFORE_PAYMENT[any_bench.name]
    assert seen.reference == subject.reference
    assert seen.paid_at is None
    assert seen.source is SOURCE


def test_the_gateways_give_the_names_that_the_shop_needs(any_bench: Bench):
    charge, _ = any_bench.open()

    if any_bench.name == "midtrans":
        assert len(charge.token or "") == 36
        assert charge.provider_reference is None
    else:
        assert len(charge.provider_reference or "") == 24
        assert charge.token is None


def test_an_unknown_reference_is_nothing(any_bench: Bench):
    subject = ChargeSubject(charge_request().reference)

    (seen,) = any_bench.gateway.fetch_status(subject, source=Source.JOB)

    assert (seen.seen, seen.reference) == (Seen.NOTHING, subject.reference)
    assert seen.gateway_transaction_id is None
    assert seen.amount_idr is None


def test_a_charge_without_any_name_is_never_called_nothing(bench: Bench):
    with pytest.raises(GatewayRejectedError):
        bench.gateway.fetch_status(ChargeSubject(""), source=SOURCE)


def test_a_payment_is_seen_with_amount_method_and_time(bench: Bench):
    subject = bench.paid(bench.wallet)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert seen.seen is Seen.PAID
    assert seen.amount_idr == PRICE
    assert seen.currency == "IDR"
    assert seen.method == bench.wallet.lower()
    assert seen.gateway_transaction_id
    assert seen.paid_at is not None
    assert abs(datetime.now(UTC) - seen.paid_at) < timedelta(hours=1)
    assert seen.signature_proves_payment is False


def test_a_virtual_account_payment_names_the_bank(bench: Bench):
    subject = bench.paid(bench.bank)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert (seen.seen, seen.method) == (Seen.PAID, _METHOD_OF_BANK)


def test_a_waiting_payment_shows_the_number_to_pay_to(bench: Bench):
    _, subject = bench.open()
    bench.choose(subject, bench.bank)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert (seen.seen, seen.method, seen.paid_at) == (Seen.PENDING, _METHOD_OF_BANK, None)
    assert seen.pay_code is not None
    assert (seen.pay_code.kind, seen.pay_code.label) == ("va", "BCA")
    assert seen.pay_code.number.isdigit()


def test_a_status_is_found_by_our_reference_alone(bench: Bench):
    subject = bench.paid(bench.wallet)

    (seen,) = bench.gateway.fetch_status(ChargeSubject(subject.reference), source=SOURCE)

    assert seen.seen is Seen.PAID


def test_an_unknown_gateway_id_falls_back_to_our_reference(bench: Bench):
    subject = bench.paid(bench.wallet)
    confused = ChargeSubject(subject.reference, "0" * 24, "0" * 24)

    (seen,) = bench.gateway.fetch_status(confused, source=SOURCE)

    assert (seen.seen, seen.reference) == (Seen.PAID, subject.reference)


def test_half_can_be_refunded(bench: Bench):
    request = refund_request(bench.paid(bench.wallet))

    answer = bench.gateway.refund(request)

    assert answer.refund.amount_idr == HALF
    assert answer.refund.key == request.key
    assert answer.refund.state in {RefundState.SUCCEEDED, RefundState.ACCEPTED}
    assert answer.refund.provider_refund_id
    found = bench.gateway.find_refund(request)
    assert found is not None
    assert (found.amount_idr, found.key) == (HALF, request.key)


def test_a_finished_refund_shows_in_the_status(bench: Bench):
    assert bench.program is not None
    subject = bench.paid(bench.wallet)
    request = refund_request(subject)
    bench.gateway.refund(request)
    bench.program.advance(60)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert seen.seen is Seen.PARTIALLY_REFUNDED
    assert seen.amount_idr == PRICE
    assert [(r.key, r.amount_idr, r.state) for r in seen.refunds] == [
        (request.key, HALF, RefundState.SUCCEEDED)
    ]


def test_two_halves_are_a_whole_refund(bench: Bench):
    assert bench.program is not None
    subject = bench.paid(bench.wallet)
    for _ in range(2):
        bench.gateway.refund(refund_request(subject))
        bench.program.advance(60)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert seen.seen is Seen.REFUNDED
    assert len(seen.refunds) == 2


def test_the_same_key_never_pays_twice(bench: Bench):
    subject = bench.paid(bench.wallet)
    request = refund_request(subject)
    first = bench.gateway.refund(request)

    again = bench.gateway.refund(request)

    assert again.refund.provider_refund_id == first.refund.provider_refund_id
    assert again.refund.state == first.refund.state
    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)
    assert sum(r.amount_idr for r in seen.refunds) == HALF


def test_a_used_key_with_another_amount_is_a_doubt_and_pays_nothing(bench: Bench):
    subject = bench.paid(bench.wallet)
    request = refund_request(subject)
    bench.gateway.refund(request)

    with pytest.raises(GatewayOutcomeUnknownError):
        bench.gateway.refund(replace(request, amount_idr=Rupiah(50_000)))

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)
    assert sum(r.amount_idr for r in seen.refunds) == HALF


def test_more_than_was_paid_is_refused(bench: Bench):
    subject = bench.paid(bench.wallet)
    request = refund_request(subject, amount_idr=Rupiah(PRICE + 1))

    with pytest.raises(GatewayRejectedError) as refused:
        bench.gateway.refund(request)

    assert refused.value.code in {"414", "MAXIMUM_REFUND_AMOUNT_REACHED"}
    assert refused.value.message
    assert bench.gateway.find_refund(request) is None


def test_a_virtual_account_payment_is_not_refunded(bench: Bench):
    subject = bench.paid(bench.bank)

    with pytest.raises(GatewayRejectedError) as refused:
        bench.gateway.refund(refund_request(subject))

    assert refused.value.code in {"412", "REFUND_NOT_SUPPORTED"}
    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)
    assert (seen.seen, seen.refunds) == (Seen.PAID, ())


def test_a_refund_that_was_never_asked_for_is_not_found(bench: Bench):
    assert bench.gateway.find_refund(refund_request(bench.paid(bench.wallet))) is None


def test_a_closed_charge_can_bring_no_money(bench: Bench):
    _, waiting = bench.open()
    bench.choose(waiting, bench.bank)

    (closed,) = bench.gateway.close(waiting)

    assert closed.seen is Seen.EXPIRED
    assert closed.source is Source.API_ANSWER
    (again,) = bench.gateway.close(waiting)
    assert again.seen is Seen.EXPIRED


def test_an_unused_snap_page_is_told_to_be_ended(midtrans: Bench):
    charge, waiting = midtrans.open()
    waiting = replace(waiting, token=charge.token)

    (closed,) = midtrans.gateway.close(waiting)
    (again,) = midtrans.gateway.close(waiting)

    assert (closed.seen, closed.page_ended) == (Seen.NOTHING, True)
    assert again.page_ended is True


def test_a_snap_page_that_lives_on_after_a_declined_card_is_not_said_to_be_ended(
    midtrans: Bench, gateway_program: Program
):
    charge, waiting = midtrans.open()
    waiting = replace(waiting, token=charge.token)
    gateway_program.control("POST", f"midtrans/{waiting.reference}/deny")

    (closed,) = midtrans.gateway.close(waiting)

    assert (closed.seen, closed.page_ended) == (Seen.DENIED, False)


def test_closing_never_takes_back_a_payment(bench: Bench):
    subject = bench.paid(bench.wallet)

    (seen,) = bench.gateway.close(subject)

    assert seen.seen is Seen.PAID


def test_closing_an_unknown_charge_says_nothing(any_bench: Bench):
    (seen,) = any_bench.gateway.close(ChargeSubject(charge_request().reference))

    assert seen.seen is Seen.NOTHING


def test_the_right_keys_are_accepted(any_bench: Bench):
    check = any_bench.gateway.check_keys()

    assert check.accepted
    assert "accepts" in check.words


def test_wrong_keys_are_named_and_never_shown(any_bench: Bench):
    wrong = f"{any_bench.key}-wrong"
    gateway = any_bench.gateway_with(key=wrong)

    check = gateway.check_keys()
    with pytest.raises(GatewayRejectedError) as refused:
        gateway.create_charge(charge_request())

    assert not check.accepted
    assert "refuses" in check.words
    assert "401" in check.words
    assert any_bench.name.upper() in check.words
    assert refused.value.code == "401"
    told = f"{check.words} {refused.value!r} {refused.value.message} {vars(gateway)!r}"
    assert wrong not in told
