"""Whose card or QR code it was, as far as a gateway tells; nothing odd there spoils the rest."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.observations import Instrument, Seen, Source
from app.gateways.midtrans_reading import read_transaction
from app.gateways.xendit_reading import read_invoice

_AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
_LONG = "x" * 41


def _midtrans(**fields: Any) -> Instrument | None:
    raw = {
        "order_id": "LN-7Q2M4XK9TB-1",
        "transaction_id": "t-1",
        "transaction_status": "settlement",
        "gross_amount": "150000.00",
        **fields,
    }
    observation = read_transaction(raw, source=Source.JOB, observed_at=_AT)
    assert observation.seen is Seen.PAID
    return observation.instrument


def _xendit(**fields: Any) -> Instrument | None:
    raw = {
        "id": "a" * 24,
        "external_id": "LN-7Q2M4XK9TB-1",
        "status": "PAID",
        "amount": 150_000,
        "payment_method": "QR_CODE",
        **fields,
    }
    observation = read_invoice(raw, source=Source.JOB, observed_at=_AT)
    assert observation.seen is Seen.PAID
    return observation.instrument


@pytest.mark.parametrize(
    ("fields", "instrument"),
    [
        ({"payment_type": "credit_card", "bank": "BCA"}, Instrument("bca")),
        ({"payment_type": "credit_card"}, None),
        ({"payment_type": "credit_card", "bank": ["bca"]}, None),
        ({"payment_type": "credit_card", "bank": _LONG}, None),
        ({"payment_type": "gopay", "bank": "bca", "acquirer": "gopay"}, None),
        (
            {
                "payment_type": "qris",
                "acquirer": "airpay shopee",
                "issuer": "ShopeePay",
                "transaction_type": "on-us",
            },
            Instrument("airpay shopee", "shopeepay", off_us=False),
        ),
        (
            {"payment_type": "qris", "acquirer": "gopay", "transaction_type": "off-us"},
            Instrument("gopay", None, off_us=True),
        ),
        ({"payment_type": "qris", "transaction_type": "sideways"}, None),
    ],
)
def test_midtrans_tells_the_bank_of_a_card_and_the_sides_of_a_qr_code(
    fields: dict[str, Any], instrument: Instrument | None
):
    assert _midtrans(**fields) == instrument


@pytest.mark.parametrize(
    ("details", "instrument"),
    [
        ({"source": "Ovo", "receipt_id": ""}, Instrument(issuer="ovo")),
        ({"source": ""}, None),
        ({"source": 7.5}, None),
        ({"source": _LONG}, None),
        ({}, None),
        ("DANA", None),
        (None, None),
    ],
)
def test_xendit_tells_the_issuer_of_a_qr_payment(details: object, instrument: Instrument | None):
    assert _xendit(payment_details=details) == instrument


def test_an_invoice_without_details_is_read_all_the_same():
    assert _xendit() is None
