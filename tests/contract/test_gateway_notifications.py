"""Notifications as the gateways really deliver them: authenticated, parsed, and never believed
beyond what they prove."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.errors import BadSignatureError, MalformedNotificationError
from app.core.observations import Observation, Seen, Source
from app.core.ports import ChargeSubject, RawNotification
from app.core.states import RefundState
from app.gateways.midtrans_signature import signature
from app.gateways.xendit import XenditGateway, XenditSettings
from tests.contract.gateway_bench import HALF, MIDTRANS_KEY, PRICE, Bench, refund_request


def _read_all(bench: Bench, subject: ChargeSubject, *, at_least: int = 1) -> list[Observation]:
    deliveries = bench.deliveries(subject, at_least=at_least)
    return [bench.gateway.read_notification(delivery) for delivery in deliveries]


def _paid_delivery(bench: Bench) -> RawNotification:
    subject = bench.paid(bench.wallet)
    return next(
        delivery
        for delivery in bench.deliveries(subject)
        if bench.gateway.read_notification(delivery).seen is Seen.PAID
    )


def test_a_delivered_payment_authenticates_and_says_what_was_paid(bench: Bench):
    subject = bench.paid(bench.wallet)

    paid = [o for o in _read_all(bench, subject) if o.seen is Seen.PAID]

    assert len(paid) == 1
    assert paid[0].reference == subject.reference
    assert paid[0].amount_idr == PRICE
    assert paid[0].method == bench.wallet.lower()
    assert paid[0].source is Source.NOTIFICATION
    assert paid[0].gateway_transaction_id == subject.gateway_transaction_id
    assert not paid[0].is_test
    # Midtrans signs order, amount and status; Xendit's token covers nothing.
    assert paid[0].signature_proves_payment is (bench.name == "midtrans")


def test_the_observation_is_as_old_as_the_delivery(bench: Bench):
    delivery = replace(_paid_delivery(bench), received_at=datetime(2026, 1, 1, tzinfo=UTC))

    seen = bench.gateway.read_notification(delivery)

    assert seen.observed_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_same_news_has_the_same_key_and_other_news_another(bench: Bench):
    first, second = _paid_delivery(bench), _paid_delivery(bench)
    read = bench.gateway.read_notification

    assert read(first).dedupe_key == read(first).dedupe_key
    assert read(first).dedupe_key != read(second).dedupe_key


def test_one_bit_of_the_secret_changed_is_refused(bench: Bench):
    delivery = _paid_delivery(bench)
    if bench.name == "midtrans":
        body = json.loads(delivery.body)
        digit = body["signature_key"][0]
        body["signature_key"] = f"{int(digit, 16) ^ 1:x}{body['signature_key'][1:]}"
        forged = replace(delivery, body=json.dumps(body).encode())
    else:
        token = delivery.headers["x-callback-token"]
        headers = {**delivery.headers, "x-callback-token": chr(ord(token[0]) ^ 1) + token[1:]}
        forged = replace(delivery, headers=headers)

    with pytest.raises(BadSignatureError):
        bench.gateway.authenticate(forged)
    with pytest.raises(BadSignatureError):
        bench.gateway.read_notification(forged)
    bench.gateway.authenticate(delivery)


def test_an_authenticated_message_without_its_fields_is_malformed(xendit: Bench):
    delivery = _paid_delivery(xendit)

    for body in (b"", b"[]", b"{}", b'{"id": 1}', b'{"event": "payment.capture"}'):
        with pytest.raises(MalformedNotificationError):
            xendit.gateway.read_notification(replace(delivery, body=body))


@pytest.mark.parametrize("name", ["order_id", "gross_amount", "status_code"])
def test_what_midtrans_signs_cannot_be_changed(midtrans: Bench, name: str):
    delivery = _paid_delivery(midtrans)
    body = json.loads(delivery.body)
    body[name] = body[name][:-1] + chr(ord(body[name][-1]) ^ 1)

    with pytest.raises(BadSignatureError):
        midtrans.gateway.authenticate(replace(delivery, body=json.dumps(body).encode()))


def test_a_signature_over_numbers_is_understood(midtrans: Bench):
    _, subject = midtrans.open()
    assert midtrans.program is not None

    with midtrans.program.fault("*", subject.reference, "numeric_types"):
        midtrans.act(subject, "pay", "gopay")
        (delivery,) = midtrans.deliveries(subject)[-1:]

    assert isinstance(json.loads(delivery.body)["gross_amount"], int)
    seen = midtrans.gateway.read_notification(delivery)
    assert (seen.amount_idr, seen.signature_proves_payment) == (PRICE, True)


@pytest.mark.parametrize("token", [" 10000", "10000.0", "1e4", "10000.00"])
def test_a_signed_number_is_read_as_it_was_written(midtrans: Bench, token: str):
    signed = signature("LN-1", "200", token.strip(), MIDTRANS_KEY)
    body = (
        f'{{"order_id":"LN-1","status_code":200,"gross_amount":{token},"signature_key":"{signed}"}}'
    )
    delivery = RawNotification({}, body.encode(), datetime.now(UTC))

    midtrans.gateway.authenticate(delivery)


def test_a_refund_is_told_twice_and_never_confused_with_the_payment(midtrans: Bench):
    assert midtrans.program is not None
    subject = midtrans.paid("gopay")
    request = refund_request(subject)
    midtrans.gateway.refund(request)
    midtrans.program.advance(60)

    read = _read_all(midtrans, subject, at_least=4)
    refunds = [o for o in read if o.seen is Seen.PARTIALLY_REFUNDED]

    assert len(refunds) == 2
    assert refunds[0].dedupe_key != refunds[1].dedupe_key
    for observation in refunds:
        assert [(r.key, r.amount_idr) for r in observation.refunds] == [(request.key, HALF)]
        assert observation.signature_proves_payment is False
        assert observation.amount_idr == PRICE
    assert [bool(o.refunds[0].bank_confirmed_at) for o in refunds] == [False, True]


def test_a_xendit_refund_callback_names_the_invoice_and_the_key(xendit: Bench):
    assert xendit.program is not None
    subject = xendit.paid("DANA")
    request = refund_request(subject)
    xendit.gateway.refund(request)
    xendit.program.advance(60)

    read = _read_all(xendit, subject, at_least=2)
    refunds = [o for o in read if o.refunds]

    assert len(refunds) == 1
    assert refunds[0].reference == ""
    assert refunds[0].provider_reference == subject.provider_reference
    assert refunds[0].seen is Seen.PARTIALLY_REFUNDED
    (refund,) = refunds[0].refunds
    assert (refund.key, refund.amount_idr, refund.state) == (
        request.key,
        HALF,
        RefundState.SUCCEEDED,
    )


def test_the_test_message_of_midtrans_dashboard_is_known_as_one(midtrans: Bench):
    assert midtrans.program is not None
    sent = midtrans.program.control("POST", "deliveries/test", {"gateway": "midtrans"})

    (seen,) = _read_all(midtrans, ChargeSubject(sent["reference"]))

    assert seen.is_test


@pytest.mark.parametrize(
    ("invoice_id", "external_id"),
    [("579c8d61f23fa4ca35e52da4", "LN-1"), ("0" * 24, "invoice_123124123")],
)
def test_the_test_message_of_xendits_dashboard_is_known_as_one(
    xendit: Bench, invoice_id: str, external_id: str
):
    body = {"id": invoice_id, "external_id": external_id, "status": "PAID", "amount": 50_000}
    delivery = replace(_paid_delivery(xendit), body=json.dumps(body).encode())

    assert xendit.gateway.read_notification(delivery).is_test


def test_an_empty_configured_token_lets_nobody_in(xendit: Bench):
    gateway = XenditGateway(XenditSettings("key", "", "http://127.0.0.1:1", 1))

    for headers in ({}, {"x-callback-token": ""}):
        with pytest.raises(BadSignatureError):
            gateway.authenticate(RawNotification(headers, b"{}", datetime.now(UTC)))
