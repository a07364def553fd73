"""What is sent to the gateways."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.money import Rupiah
from app.core.ports import ChargeItem, ChargeRequest, ChargeSubject, Customer, RefundRequest
from app.core.states import RefundRoute
from app.gateways import midtrans_requests, xendit_requests
from app.gateways.midtrans import MidtransSettings
from app.gateways.xendit import XenditSettings

_NOW = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
_CHARGE = ChargeRequest(
    reference="LN-7Q2M4XK9TB-1",
    amount_idr=Rupiah(150_000),
    items=(ChargeItem("KOPI-250", "Kopi | Gayo", Rupiah(75_000), 2),),
    customer=Customer("Siti Nurhaliza Putri", "siti@example.com", "+6281234567890"),
    created_at=_NOW,
    expires_at=_NOW + timedelta(hours=1, seconds=1),
    return_url="https://shop.example/result",
    locale="id",
)
_REFUND = RefundRequest(
    ChargeSubject("LN-1", "inv-1"), "rf-1", Rupiah(75_000), "Salah ukuran", RefundRoute.REFUND
)


def _snap(**changes: Any) -> Any:
    return midtrans_requests.snap_body(replace(_CHARGE, **changes))


def _invoice(now: datetime = _NOW) -> Any:
    return xendit_requests.invoice_body(_CHARGE, now)


def test_a_snap_page_carries_order_lines_and_deadline():
    assert _snap() == {
        "transaction_details": {"order_id": "LN-7Q2M4XK9TB-1", "gross_amount": 150_000},
        "item_details": [{"id": "KOPI-250", "price": 75_000, "quantity": 2, "name": "Kopi   Gayo"}],
        "customer_details": {
            "first_name": "Siti",
            "last_name": "Nurhaliza Putri",
            "email": "siti@example.com",
            "phone": "+6281234567890",
        },
        "credit_card": {"secure": True},
        "expiry": {
            "start_time": "2026-03-03 00:30:00 +0700",
            "unit": "minute",
            "duration": 61,
        },
        "callbacks": {"finish": "https://shop.example/result"},
    }


def test_the_lines_sum_to_the_amount():
    body = _snap()

    total = sum(line["price"] * line["quantity"] for line in body["item_details"])
    assert total == body["transaction_details"]["gross_amount"]


def test_long_texts_are_cut_to_what_the_gateway_takes():
    item = ChargeItem("S" * 60, "N" * 60, Rupiah(1), 1)
    customer = Customer(f"{'A' * 40} {'B' * 40}", "a@example.com", "+62811")

    body = _snap(items=(item,), customer=customer)

    assert (len(body["item_details"][0]["id"]), len(body["item_details"][0]["name"])) == (50, 50)
    assert body["customer_details"]["first_name"] == "A" * 30
    assert body["customer_details"]["last_name"] == "B" * 30


def test_a_name_of_one_word_has_no_last_name():
    body = _snap(customer=Customer(" Suharto ", "s@example.com", "+62811"))

    assert body["customer_details"]["first_name"] == "Suharto"
    assert "last_name" not in body["customer_details"]


def test_an_item_without_a_printable_name_shows_its_sku():
    body = _snap(items=(ChargeItem("SKU", "|", Rupiah(150_000), 1),))

    assert body["item_details"][0]["name"] == "SKU"


def test_an_invoice_lives_to_the_deadline_whenever_it_is_created():
    assert _invoice()["invoice_duration"] == 3601
    assert _invoice(_NOW + timedelta(minutes=30))["invoice_duration"] == 1801
    assert _invoice(_NOW + timedelta(days=1))["invoice_duration"] == 1


def test_an_invoice_carries_order_lines_and_the_way_back():
    body = _invoice()

    assert (body["external_id"], body["amount"], body["currency"]) == (
        "LN-7Q2M4XK9TB-1",
        150_000,
        "IDR",
    )
    assert body["items"] == [
        {"reference_id": "KOPI-250", "name": "Kopi | Gayo", "price": 75_000, "quantity": 2}
    ]
    assert body["customer"]["mobile_number"] == "+6281234567890"
    assert body["success_redirect_url"] == f"{_CHARGE.return_url}?returned=success"
    assert body["failure_redirect_url"] == _CHARGE.return_url
    assert (body["locale"], body["description"]) == ("id", "Pesanan LN-7Q2M4XK9TB-1")


def test_a_refund_always_names_its_key_and_its_amount():
    assert midtrans_requests.refund_body(_REFUND) == {
        "refund_key": "rf-1",
        "amount": 75_000,
        "reason": "Salah ukuran",
    }
    assert xendit_requests.refund_body("inv-1", _REFUND) == {
        "invoice_id": "inv-1",
        "reference_id": "rf-1",
        "amount": 75_000,
        "currency": "IDR",
        "reason": "REQUESTED_BY_CUSTOMER",
        "metadata": {"note": "Salah ukuran"},
    }


def test_a_long_reason_is_cut():
    long = replace(_REFUND, reason="x" * 1_000)

    assert midtrans_requests.refund_body(long)["reason"] == "x" * 255
    assert xendit_requests.refund_body("i", long)["metadata"] == {"note": "x" * 500}
    assert "metadata" not in xendit_requests.refund_body("i", replace(_REFUND, reason=""))


@pytest.mark.parametrize(
    "settings",
    [
        MidtransSettings(
            server_key="secret-1",
            client_key="client",
            core_url="u",
            snap_url="u",
            is_production=True,
            timeout_s=1,
        ),
        XenditSettings(secret_key="secret-1", callback_token="secret-2", url="u", timeout_s=1),
    ],
)
def test_settings_never_show_their_secrets(settings: object):
    assert "secret-" not in f"{settings!r} {settings}"
