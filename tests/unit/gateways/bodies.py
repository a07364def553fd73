"""Bodies of our own making, in the shape of the providers' documentation."""

from typing import Any


def midtrans_body(**changes: Any) -> dict[str, Any]:
    """Make a settled QRIS payment of Rp 150.000; a change to None leaves the field out."""
    body = {
        "transaction_time": "2026-03-02 23:58:00",
        "transaction_status": "settlement",
        "transaction_id": "5b1b0f5e-3f0e-4a0e-9d6a-0a5a0a5a0001",
        "status_message": "midtrans payment notification",
        "status_code": "200",
        "signature_key": "0" * 128,
        "settlement_time": "2026-03-03 00:01:30",
        "payment_type": "qris",
        "order_id": "LN-7Q2M4XK9TB-1",
        "merchant_id": "G000000001",
        "gross_amount": "150000.00",
        "fraud_status": "accept",
        "currency": "IDR",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def xendit_invoice(**changes: Any) -> dict[str, Any]:
    """Make an invoice of Rp 150.000 paid by DANA; a change to None leaves the field out."""
    body = {
        "id": "65f0c0ffee65f0c0ffee0001",
        "external_id": "LN-7Q2M4XK9TB-1",
        "status": "PAID",
        "amount": 150_000,
        "paid_amount": 150_000,
        "paid_at": "2026-03-02T17:01:30.5Z",
        "currency": "IDR",
        "payment_method": "EWALLET",
        "payment_channel": "DANA",
        "invoice_url": "https://checkout.example/web/65f0c0ffee65f0c0ffee0001",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def xendit_refund(**changes: Any) -> dict[str, Any]:
    """Make a finished refund of Rp 75.000."""
    body = {
        "id": "rfd-00000000-0000-4000-8000-000000000001",
        "invoice_id": "65f0c0ffee65f0c0ffee0001",
        "amount": 75_000,
        "status": "SUCCEEDED",
        "reference_id": "rf-1",
        "failure_code": None,
    }
    return body | changes
