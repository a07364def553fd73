from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, PayCode, Seen, Source
from app.core.states import RefundState
from app.gateways.xendit_reading import (
    read_invoice,
    read_notification_body,
    read_refund,
    with_refunds,
)
from tests.unit.gateways.bodies import xendit_invoice, xendit_refund

_NOW = datetime(2026, 3, 3, tzinfo=UTC)


def _read(**changes: Any) -> Observation:
    return read_invoice(xendit_invoice(**changes), source=Source.JOB, observed_at=_NOW)


def _pending(**changes: Any) -> Observation:
    unpaid = dict.fromkeys(("paid_amount", "paid_at", "payment_method", "payment_channel"))
    return _read(status="PENDING", **unpaid, **changes)


def _notified(body: dict[str, Any], webhook_id: str = "") -> Observation:
    return read_notification_body(body, webhook_id=webhook_id, received_at=_NOW)


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("PENDING", Seen.PENDING),
        ("PAID", Seen.PAID),
        ("SETTLED", Seen.PAID),
        ("Settled", Seen.PAID),
        ("EXPIRED", Seen.EXPIRED),
        ("UNKNOWN_ENUM_VALUE", Seen.UNRECOGNISED),
    ],
)
def test_every_status_is_named_whatever_its_capitals(status: str, seen: Seen):
    assert (_read(status=status).seen, _read(status=status).raw_status) == (seen, status)


@pytest.mark.parametrize(
    ("payment_method", "channel", "more", "method"),
    [
        ("BANK_TRANSFER", "BCA", {}, "bca_va"),
        ("BANK_TRANSFER", None, {"bank_code": "PERMATA"}, "permata_va"),
        ("BANK_TRANSFER", None, {}, None),
        ("EWALLET", "OVO", {}, "ovo"),
        ("EWALLET", None, {"ewallet_type": "LINKAJA"}, "linkaja"),
        ("QR_CODE", "QRIS", {}, "qris"),
        ("RETAIL_OUTLET", "ALFAMART", {}, "alfamart"),
        ("RETAIL_OUTLET", None, {"retail_outlet_name": "INDOMARET"}, "indomaret"),
        ("CREDIT_CARD", "CREDIT_CARD", {}, "credit_card"),
        ("DIRECT_DEBIT", "DD_BRI", {}, "dd_bri"),
        ("POOL", None, {}, None),
    ],
)
def test_each_method_has_one_name(
    payment_method: str, channel: str | None, more: dict[str, str], method: str | None
):
    assert _read(payment_method=payment_method, payment_channel=channel, **more).method == method


def test_the_invoice_is_the_transaction():
    seen = _read()

    assert seen.gateway_transaction_id == seen.provider_reference == "65f0c0ffee65f0c0ffee0001"
    assert seen.paid_at == datetime(2026, 3, 2, 17, 1, 30, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("2026-03-02T17:01:30Z", 0),
        ("2026-03-02T17:01:30.34Z", 340_000),
        ("2026-03-02T17:01:30.420645208Z", 420_645),
    ],
)
def test_any_number_of_fraction_digits_is_read(written: str, micros: int):
    assert _read(paid_at=written).paid_at == datetime(2026, 3, 2, 17, 1, 30, micros, tzinfo=UTC)


def test_what_was_paid_counts_not_what_was_asked():
    assert _read(paid_amount=149_000).amount_idr == 149_000
    assert _read(paid_amount=None).amount_idr == 150_000
    assert _pending().amount_idr == 150_000


def test_the_one_bank_that_was_picked_is_shown():
    banks = [{"bank_code": "BNI"}, {"bank_code": "MANDIRI", "bank_account_number": "8890"}]

    seen = _pending(available_banks=banks)

    assert (seen.method, seen.pay_code) == ("mandiri_va", PayCode("va", "Mandiri", "8890"))


def test_a_picked_counter_is_shown():
    outlets = [{"retail_outlet_name": "ALFAMART", "payment_code": "TEST815"}]

    seen = _pending(available_banks=[], available_retail_outlets=outlets)

    assert seen.pay_code == PayCode("payment_code", "Alfamart", "TEST815")


def test_where_every_bank_has_a_number_none_was_picked():
    banks = [{"bank_code": code, "bank_account_number": "1"} for code in ("BCA", "BNI")]

    assert (_pending(available_banks=banks).pay_code, _pending().pay_code) == (None, None)


def _refund(amount: int, state: RefundState) -> ObservedRefund:
    return ObservedRefund(Rupiah(amount), state, key="rf")


@pytest.mark.parametrize(
    ("refunds", "seen"),
    [
        ((), Seen.PAID),
        ((_refund(150_000, RefundState.ACCEPTED),), Seen.PAID),
        ((_refund(150_000, RefundState.FAILED),), Seen.PAID),
        ((_refund(1, RefundState.SUCCEEDED),), Seen.PARTIALLY_REFUNDED),
        (
            (_refund(75_000, RefundState.SUCCEEDED), _refund(75_000, RefundState.ACCEPTED)),
            Seen.PARTIALLY_REFUNDED,
        ),
        ((_refund(75_000, RefundState.SUCCEEDED),) * 2, Seen.REFUNDED),
    ],
)
def test_only_money_that_is_gone_makes_a_refund(refunds: tuple[ObservedRefund, ...], seen: Seen):
    after = with_refunds(_read(), refunds)

    assert after == replace(_read(), seen=seen, refunds=refunds)
    assert after.amount_idr == 150_000


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PENDING", RefundState.ACCEPTED),
        ("SUCCEEDED", RefundState.SUCCEEDED),
        ("FAILED", RefundState.FAILED),
        ("CANCELLED", RefundState.FAILED),
        ("REQUIRES_ACTION", RefundState.UNKNOWN),
    ],
)
def test_a_refund_state_is_named(status: str, state: RefundState):
    refund = read_refund(xendit_refund(status=status, failure_code="INSUFFICIENT_BALANCE"))

    assert (refund.state, refund.failure_code) == (state, "INSUFFICIENT_BALANCE")
    assert (refund.key, refund.amount_idr) == ("rf-1", 75_000)


@pytest.mark.parametrize("nesting", [1, 2])
def test_a_refund_event_is_read_however_often_it_is_wrapped(nesting: int):
    body: dict[str, Any] = xendit_refund(status=None)
    del body["status"]
    for _ in range(nesting):
        body = {"event": "refund.failed", "data": body}

    seen = _notified(body)

    assert seen.refunds[0].state is RefundState.FAILED
    assert (seen.reference, seen.seen) == ("", Seen.PARTIALLY_REFUNDED)
    assert seen.raw_status == "refund.failed"
    assert seen.provider_reference == "65f0c0ffee65f0c0ffee0001"


@pytest.mark.parametrize(
    "body",
    [
        xendit_invoice(id=None),
        xendit_invoice(external_id=None),
        xendit_invoice(status=None),
        xendit_invoice(paid_amount="many"),
        xendit_invoice(paid_at="yesterday"),
        xendit_invoice(status=["PAID"]),
        {"event": "payment.capture", "data": {}},
        {"event": "refund.succeeded"},
        {"event": "refund.succeeded", "data": {"amount": 1}},
        {"event": "refund.succeeded", "data": {"data": []}},
        {"event": None},
    ],
)
def test_an_odd_callback_is_unreadable(body: dict[str, Any]):
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the contract.
        _notified(body)


def test_a_callback_is_known_by_its_webhook_id_or_else_by_what_it_says():
    paid, expired = xendit_invoice(), xendit_invoice(status="EXPIRED")

    assert _notified(paid, "w-1").dedupe_key == _notified(expired, "w-1").dedupe_key
    assert _notified(paid, "w-1").dedupe_key != _notified(paid, "w-2").dedupe_key
    assert _notified(paid).dedupe_key == _notified({**paid, "updated": "later"}).dedupe_key
    assert _notified(paid).dedupe_key != _notified(expired).dedupe_key
    assert _notified(paid).dedupe_key != _notified({**paid, "payment_id": "p"}).dedupe_key


@pytest.mark.parametrize(
    ("told", "fee_idr"),
    [
        ({}, None),
        ({"adjusted_received_amount": None}, None),
        ({"adjusted_received_amount": 47500, "paid_amount": 50000}, 2_500),
        ({"adjusted_received_amount": 50000, "paid_amount": 50000}, 0),
        ({"adjusted_received_amount": 50001, "paid_amount": 50000}, None),
    ],
    ids=str,
)
def test_the_fee_is_what_is_missing_of_the_payment_where_that_is_told(
    told: dict[str, int | None], fee_idr: int | None
):
    assert _read(**told).fee_idr == fee_idr


def test_an_unpaid_invoice_has_no_fee():
    assert _pending(adjusted_received_amount=1).fee_idr is None
