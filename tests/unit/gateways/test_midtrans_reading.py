from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.observations import Observation, PayCode, Seen, Source
from app.core.states import RefundState
from app.gateways.midtrans_reading import (
    nothing_known,
    proves_payment,
    read_notification_body,
    read_transaction,
)
from tests.unit.gateways.bodies import midtrans_body

_NOW = datetime(2026, 3, 3, tzinfo=UTC)
_REFUND = {
    "refund_chargeback_id": 7,
    "refund_amount": "50000.00",
    "created_at": "2026-03-04 09:00:00",
    "refund_key": "rf-1",
}


def _read(**changes: Any) -> Observation:
    return read_transaction(midtrans_body(**changes), source=Source.JOB, observed_at=_NOW)


def _notified(**changes: Any) -> Observation:
    return read_notification_body(midtrans_body(**changes), _NOW)


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("pending", Seen.PENDING),
        ("authorize", Seen.AUTHORIZED),
        ("capture", Seen.CAPTURED),
        ("settlement", Seen.PAID),
        ("deny", Seen.DENIED),
        ("cancel", Seen.CANCELLED),
        ("expire", Seen.EXPIRED),
        ("failure", Seen.FAILED),
        ("refund", Seen.REFUNDED),
        ("partial_refund", Seen.PARTIALLY_REFUNDED),
        ("chargeback", Seen.CHARGED_BACK),
        ("partial_chargeback", Seen.PARTIALLY_CHARGED_BACK),
        ("something_new", Seen.UNRECOGNISED),
    ],
)
def test_every_status_is_named_whatever_its_capitals(status: str, seen: Seen):
    assert _read(transaction_status=status).seen is seen
    assert _read(transaction_status=status.upper()).seen is seen
    assert _read(transaction_status=status.upper()).raw_status == status.upper()


@pytest.mark.parametrize(
    ("verdict", "seen"),
    [
        ("accept", Seen.CAPTURED),
        (None, Seen.CAPTURED),
        ("ACCEPT", Seen.CAPTURED),
        ("challenge", Seen.IN_REVIEW),
        ("deny", Seen.UNRECOGNISED),
        ("maybe", Seen.UNRECOGNISED),
    ],
)
def test_a_capture_counts_only_if_the_fraud_check_has_no_objection(verdict: str | None, seen: Seen):
    assert _read(transaction_status="capture", fraud_status=verdict).seen is seen


@pytest.mark.parametrize(
    ("changes", "proved"),
    [
        ({}, True),
        ({"transaction_status": "capture"}, True),
        ({"fraud_status": None}, True),
        ({"fraud_status": "challenge"}, False),
        ({"status_code": "201"}, False),
        ({"status_code": "202", "transaction_status": "deny"}, False),
        ({"transaction_status": "refund"}, False),
        ({"transaction_status": "pending"}, False),
    ],
)
def test_one_kind_of_message_proves_a_payment(*, changes: dict[str, Any], proved: bool):
    assert proves_payment(midtrans_body(**changes)) is proved
    assert _notified(**changes).signature_proves_payment is proved


def test_a_status_answer_needs_no_proof():
    assert _read().signature_proves_payment is False


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({"payment_type": "credit_card"}, "credit_card"),
        ({"payment_type": "QRIS"}, "qris"),
        ({"payment_type": "cstore", "store": "Indomaret"}, "indomaret"),
        ({"payment_type": "cstore"}, "cstore"),
        ({"payment_type": "echannel"}, "echannel"),
        ({"payment_type": "bank_transfer", "va_numbers": [{"bank": "bca"}]}, "bca_va"),
        ({"payment_type": "bank_transfer", "permata_va_number": "85"}, "permata_va"),
        ({"payment_type": "bank_transfer"}, None),
        ({"payment_type": None}, None),
    ],
)
def test_each_method_has_one_name(changes: dict[str, Any], method: str | None):
    assert _read(**changes).method == method


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {
                "payment_type": "bank_transfer",
                "va_numbers": [{"bank": "bca", "va_number": "00123"}],
            },
            PayCode("va", "BCA", "00123"),
        ),
        (
            {"payment_type": "bank_transfer", "permata_va_number": "8562"},
            PayCode("va", "Permata", "8562"),
        ),
        (
            {"payment_type": "echannel", "biller_code": "70012", "bill_key": "990001"},
            PayCode("bill", "Mandiri", "70012 / 990001"),
        ),
        (
            {"payment_type": "cstore", "store": "indomaret", "payment_code": "3000"},
            PayCode("payment_code", "Indomaret", "3000"),
        ),
        ({"payment_type": "qris"}, None),
    ],
)
def test_a_payment_says_what_to_type_at_the_bank(changes: dict[str, Any], code: PayCode | None):
    assert _read(transaction_status="pending", **changes).pay_code == code
    # Kept when it is paid: customers read this number out on the phone.
    assert _read(transaction_status="settlement", **changes).pay_code == code


def test_times_without_an_offset_are_wib():
    assert _read().paid_at == datetime(2026, 3, 2, 17, 1, 30, tzinfo=UTC)


def test_a_time_with_an_offset_keeps_it():
    changed = _read(settlement_time="2026-03-03T00:01:30Z")

    assert changed.paid_at == datetime(2026, 3, 3, 0, 1, 30, tzinfo=UTC)


def test_a_capture_was_paid_when_the_card_was_charged():
    captured = _read(transaction_status="capture", settlement_time=None)

    assert captured.paid_at == datetime(2026, 3, 2, 16, 58, tzinfo=UTC)
    assert _read(transaction_status="pending", settlement_time=None).paid_at is None


def test_refunds_are_listed_with_their_keys_and_the_banks_word():
    confirmed = _REFUND | {
        "refund_chargeback_id": None,
        "refund_chargeback_uuid": "u-1",
        "refund_key": "rf-2",
        "bank_confirmed_at": "2026-03-05 07:00:00",
    }

    first, second = _read(transaction_status="partial_refund", refunds=[_REFUND, confirmed]).refunds

    assert (first.key, first.amount_idr, first.provider_refund_id) == ("rf-1", 50_000, "7")
    assert first.state is RefundState.SUCCEEDED
    assert first.bank_confirmed_at is None
    assert second.provider_refund_id == "u-1"
    assert second.bank_confirmed_at == datetime(2026, 3, 5, tzinfo=UTC)


def test_a_refund_named_only_at_the_top_is_read_too():
    (refund,) = _read(
        transaction_status="refund", refund_amount="150000.00", refund_key="rf-9"
    ).refunds

    assert (refund.key, refund.amount_idr) == ("rf-9", 150_000)


def test_numbers_instead_of_texts_are_read_alike():
    assert _read(gross_amount=150_000).amount_idr == 150_000
    assert _read(gross_amount=150_000.0).amount_idr == 150_000
    assert proves_payment(midtrans_body(status_code=200))


@pytest.mark.parametrize(
    "name", ["order_id", "transaction_id", "transaction_status", "gross_amount"]
)
@pytest.mark.parametrize("value", [None, "", [], {}, True])
def test_a_body_without_its_core_is_unreadable(name: str, value: object):
    body = {**midtrans_body(), name: value}

    with pytest.raises(ValueError, match=name):
        read_transaction(body, source=Source.JOB, observed_at=_NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"gross_amount": "150000.50"},
        {"gross_amount": "-1.00"},
        {"gross_amount": "1e5"},
        {"gross_amount": "1e999999999"},
        {"gross_amount": "1_000"},
        {"gross_amount": "NaN"},
        {"gross_amount": "9" * 14},
        {"gross_amount": float("inf")},
        {"settlement_time": "yesterday"},
        {"settlement_time": "0001-01-01 00:00:00"},
        {"va_numbers": "123", "payment_type": "bank_transfer"},
        {"va_numbers": ["123"], "payment_type": "bank_transfer"},
        {"refunds": [{"refund_key": "rf-1"}]},
        {"order_id": "LN\x00"},
        {"order_id": "LN\ud800"},
        {"order_id": "x" * 300},
        {"fraud_status": 1.5},
    ],
)
def test_an_odd_field_makes_a_body_unreadable(changes: dict[str, Any]):
    with pytest.raises(ValueError):  # noqa: PT011 - the kind of error is the contract.
        _read(**changes)


def test_test_messages_are_known_by_their_order_id():
    assert _notified(order_id="payment_notif_test_G1_abc").is_test
    assert not _notified().is_test


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_status": "refund"},
        {"transaction_id": "another"},
        {"order_id": "another"},
        {"fraud_status": "challenge"},
        {"gross_amount": "1.00"},
        {"refunds": [_REFUND]},
        {"refunds": [_REFUND | {"bank_confirmed_at": "2026-03-05 07:00:00"}]},
    ],
)
def test_other_news_has_another_key(changes: dict[str, Any]):
    assert _notified().dedupe_key == _notified(status_message="other words").dedupe_key
    assert _notified(**changes).dedupe_key != _notified().dedupe_key


def test_the_banks_confirmation_of_a_refund_is_news():
    told = _notified(refunds=[_REFUND])
    confirmed = _notified(refunds=[_REFUND | {"bank_confirmed_at": "2026-03-05 07:00:00"}])

    assert told.dedupe_key != confirmed.dedupe_key


def test_nothing_known_names_no_transaction():
    seen = nothing_known("LN-1", _NOW, Source.JOB)

    assert (seen.seen, seen.reference, seen.gateway_transaction_id) == (Seen.NOTHING, "LN-1", None)
    assert (seen.amount_idr, seen.refunds, seen.method) == (None, (), None)
