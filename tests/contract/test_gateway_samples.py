"""Bodies that the providers publish, or that were recorded from them, read as they should be.

The samples belong to others and are not part of this repository: LUNAS_SAMPLES says where they
are (a folder with ``midtrans/index.json`` and ``xendit/index.json``).
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import BadSignatureError
from app.core.observations import Observation, Seen, Source
from app.core.ports import RawNotification
from app.core.states import RefundState
from app.gateways.midtrans import MidtransGateway, MidtransSettings
from app.gateways.midtrans_reading import read_notification_body, read_transaction
from app.gateways.xendit import XenditGateway, XenditSettings
from app.gateways.xendit_reading import read_invoice, read_refund

_ROOT = Path(__file__).parents[2]


def _folder() -> Path:
    """Return the folder named by LUNAS_SAMPLES, else one that lies beside the repository."""
    beside = next(_ROOT.parent.glob("*/contracts/samples"), _ROOT / "no-samples")
    return Path(os.environ.get("LUNAS_SAMPLES", beside))


SAMPLES = _folder()
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_KEY_OF_SIGNED_SAMPLES = "SB-Mid-server-test"
_TOKEN = "token"

MIDTRANS_SEEN: Mapping[str, tuple[Seen, str | None]] = {
    "notif_akulaku_settlement": (Seen.PAID, "akulaku"),
    "notif_bca_klikbca_settlement_no_fraud_status": (Seen.PAID, "bca_klikbca"),
    "notif_bca_va_settlement": (Seen.PAID, "bca_va"),
    "notif_bca_va_settlement_invoice_metadata": (Seen.PAID, "bca_va"),
    "notif_bni_va_pending": (Seen.PENDING, "bni_va"),
    "notif_bni_va_settlement": (Seen.PAID, "bni_va"),
    "notif_credit_card_cancel": (Seen.CANCELLED, "credit_card"),
    "notif_credit_card_capture": (Seen.CAPTURED, "credit_card"),
    "notif_credit_card_capture_legacy": (Seen.CAPTURED, "credit_card"),
    "notif_credit_card_partial_refund_minimal": (Seen.PARTIALLY_REFUNDED, "credit_card"),
    "notif_credit_card_partial_refund_with_refunds": (Seen.PARTIALLY_REFUNDED, "credit_card"),
    "notif_danamon_online_settlement": (Seen.PAID, "danamon_online"),
    "notif_echannel_settlement": (Seen.PAID, "echannel"),
    "notif_gopay_pending": (Seen.PENDING, "gopay"),
    "notif_gopay_settlement": (Seen.PAID, "gopay"),
    "notif_indomaret_pending": (Seen.PENDING, "indomaret"),
    "notif_indomaret_settlement_no_fraud_status": (Seen.PAID, "indomaret"),
    "notif_kredivo_deny": (Seen.DENIED, "kredivo"),
    "notif_kredivo_pending": (Seen.PENDING, "kredivo"),
    "notif_permata_va_expire": (Seen.EXPIRED, "permata_va"),
    "notif_permata_va_settlement": (Seen.PAID, "permata_va"),
    "notif_qris_pending": (Seen.PENDING, "qris"),
    "notif_qris_settlement_onus": (Seen.PAID, "qris"),
    "notif_qris_settlement_pos": (Seen.PAID, "qris"),
    "notif_shopeepay_expire": (Seen.EXPIRED, "shopeepay"),
    "notif_shopeepay_settlement": (Seen.PAID, "shopeepay"),
    "notif_shopeepay_settlement_references": (Seen.PAID, "shopeepay"),
    "notif_signed_credit_card_refund": (Seen.REFUNDED, "credit_card"),
    "notif_signed_credit_card_settlement": (Seen.PAID, "credit_card"),
    "notif_signed_gopay_payment_link_settlement": (Seen.PAID, "gopay"),
    "notif_signed_qris_expire": (Seen.EXPIRED, "qris"),
    "status_credit_card_capture_points": (Seen.CAPTURED, "credit_card"),
    "status_credit_card_partial_refund": (Seen.PARTIALLY_REFUNDED, "credit_card"),
    "status_credit_card_settlement_3ds2": (Seen.PAID, "credit_card"),
    "status_dana_settlement": (Seen.PAID, "dana"),
    "status_permata_va_pending_recorded": (Seen.PENDING, "permata_va"),
    "cancel_credit_card": (Seen.CANCELLED, "credit_card"),
    "cancel_credit_card_stub": (Seen.CANCELLED, "credit_card"),
    "cancel_permata_va_recorded": (Seen.CANCELLED, None),
    "deny_credit_card_becomes_cancel": (Seen.CANCELLED, "credit_card"),
    "expire_bank_transfer_407_recorded": (Seen.EXPIRED, None),
    "expire_echannel_407": (Seen.EXPIRED, "echannel"),
    "refund_credit_card_full": (Seen.REFUNDED, "credit_card"),
    "refund_credit_card_partial": (Seen.PARTIALLY_REFUNDED, "credit_card"),
    "refund_credit_card_partial_offline": (Seen.PARTIALLY_REFUNDED, "credit_card"),
    "refund_direct_credit_card_full": (Seen.REFUNDED, "credit_card"),
}
XENDIT_SEEN: Mapping[str, tuple[Seen, str | None]] = {
    "callback_dashboard_test_permata": (Seen.PAID, "permata_va"),
    "callback_expired_go": (Seen.EXPIRED, None),
    "callback_paid_bank_transfer_bca_2025": (Seen.PAID, "bca_va"),
    "callback_paid_credit_card_odoo": (Seen.PAID, "credit_card"),
    "callback_paid_ewallet_dana_2025": (Seen.PAID, "dana"),
    "callback_paid_ewallet_dana_docs_2024": (Seen.PAID, "dana"),
    "callback_paid_ewallet_linkaja_derived": (Seen.PAID, "linkaja"),
    "callback_paid_ewallet_ovo_derived": (Seen.PAID, "ovo"),
    "callback_paid_ewallet_shopeepay_derived": (Seen.PAID, "shopeepay"),
    "callback_paid_qr_code_qris_go": (Seen.PAID, "qris"),
    "callback_paid_retail_outlet_alfamart": (Seen.PAID, "alfamart"),
    "callback_paid_retail_outlet_indomaret_derived": (Seen.PAID, "indomaret"),
    "callback_paid_retail_outlet_testmart_go": (Seen.PAID, "testmart"),
    "invoice_created_pending_docs_2024": (Seen.PENDING, None),
    "invoice_created_pending_recorded_2023": (Seen.PENDING, None),
    "invoice_expired_manual_2020": (Seen.EXPIRED, None),
    "invoice_get_settled_bca_recorded_2023": (Seen.PAID, "bca_va"),
    "invoice_pending_2020_va_numbers": (Seen.PENDING, None),
    "invoice_pending_openapi_2023": (Seen.PENDING, None),
}
XENDIT_REFUND_CALLBACKS: Mapping[str, RefundState] = {
    "refund_succeeded_callback_dana_odoo": RefundState.SUCCEEDED,
    "refund_succeeded_callback_docs": RefundState.SUCCEEDED,
    "refund_succeeded_callback_double_nested_docs": RefundState.SUCCEEDED,
    "refund_failed_callback_derived": RefundState.FAILED,
}


def sample(gateway: str, name: str) -> Any:
    """Read one sample; without the samples the test says so instead of passing."""
    if not SAMPLES.is_dir():
        pytest.skip(f"NOT TRIED: no samples at {SAMPLES}; set LUNAS_SAMPLES to their folder")
    return json.loads((SAMPLES / gateway / f"{name}.json").read_bytes())


@pytest.fixture
def midtrans() -> MidtransGateway:
    nowhere = "http://127.0.0.1:1"
    return MidtransGateway(
        MidtransSettings(
            server_key=_KEY_OF_SIGNED_SAMPLES,
            client_key="client",
            core_url=nowhere,
            snap_url=nowhere,
            is_production=False,
            timeout_s=1,
        )
    )


@pytest.fixture
def xendit() -> XenditGateway:
    return XenditGateway(XenditSettings("key", _TOKEN, "http://127.0.0.1:1", 1))


def _delivery(body: object) -> RawNotification:
    return RawNotification({"x-callback-token": _TOKEN}, json.dumps(body).encode(), _NOW)


def test_no_published_body_is_forgotten():
    sample("midtrans", "index")
    known = {*MIDTRANS_SEEN, *XENDIT_SEEN, *XENDIT_REFUND_CALLBACKS}
    kinds = ("notif_*", "status_*", "cancel_*", "expire_*", "callback_*", "*_callback_*")

    published = {
        path.stem
        for kind in kinds
        for path in SAMPLES.glob(f"*/{kind}.json")
        if "error" not in path.stem
    }

    assert published <= known


@pytest.mark.parametrize(("name", "expected"), MIDTRANS_SEEN.items())
def test_a_midtrans_body_reads(name: str, expected: tuple[Seen, str | None]):
    raw = sample("midtrans", name)

    seen = read_transaction(raw, source=Source.JOB, observed_at=_NOW)

    assert (seen.seen, seen.method) == expected
    assert (seen.reference, seen.gateway_transaction_id) == (raw["order_id"], raw["transaction_id"])
    assert seen.amount_idr == int(float(raw["gross_amount"]))


@pytest.mark.parametrize("name", [n for n in MIDTRANS_SEEN if n.startswith("notif_")])
def test_only_a_paid_midtrans_notification_can_prove_a_payment(name: str):
    seen = read_notification_body(sample("midtrans", name), _NOW)

    assert seen.signature_proves_payment is (seen.seen in {Seen.PAID, Seen.CAPTURED})


@pytest.mark.parametrize("name", [n for n in MIDTRANS_SEEN if n.startswith("notif_signed_")])
def test_the_published_signatures_fit(midtrans: MidtransGateway, name: str):
    raw = sample("midtrans", name)
    midtrans.authenticate(_delivery(raw))

    with pytest.raises(BadSignatureError):
        midtrans.authenticate(_delivery({**raw, "gross_amount": "1.00"}))


def test_times_of_midtrans_are_wib_and_its_refunds_are_listed():
    raw = sample("midtrans", "status_credit_card_partial_refund")

    seen = read_transaction(raw, source=Source.JOB, observed_at=_NOW)

    assert [(r.key, r.amount_idr, r.provider_refund_id) for r in seen.refunds] == [
        ("reference1", 5_000, "1"),
        ("reference2", 7_000, "2"),
    ]
    settled = sample("midtrans", "status_credit_card_settlement_3ds2")
    paid = read_transaction(settled, source=Source.JOB, observed_at=_NOW)
    assert paid.paid_at == datetime(2020, 1, 10, 9, 15, 31, tzinfo=UTC)


@pytest.mark.parametrize(("name", "expected"), XENDIT_SEEN.items())
def test_a_xendit_invoice_reads(
    xendit: XenditGateway, name: str, expected: tuple[Seen, str | None]
):
    raw = sample("xendit", name)

    seen = read_invoice(raw, source=Source.JOB, observed_at=_NOW)
    told = xendit.read_notification(_delivery(raw))

    assert (seen.seen, seen.method) == (told.seen, told.method) == expected
    assert (seen.reference, seen.provider_reference) == (raw["external_id"], raw["id"])
    assert seen.amount_idr == raw.get("paid_amount", raw["amount"])
    assert told.signature_proves_payment is False
    assert told.is_test is (name == "callback_dashboard_test_permata")


@pytest.mark.parametrize(("name", "expected"), XENDIT_REFUND_CALLBACKS.items())
def test_a_xendit_refund_callback_reads(xendit: XenditGateway, name: str, expected: RefundState):
    raw = sample("xendit", name)
    data = raw["data"].get("data", raw["data"])

    seen: Observation = xendit.read_notification(_delivery(raw))

    (refund,) = seen.refunds
    assert (refund.state, refund.provider_refund_id) == (expected, data["id"])
    assert refund.key == (data["reference_id"] or None)
    assert seen.provider_reference == data.get("invoice_id")
    assert seen.reference == ""


@pytest.mark.parametrize("name", ["refund_card_succeeded_docs_2025", "refund_pending_grabpay"])
def test_a_xendit_refund_reads(name: str):
    raw = sample("xendit", name)

    refund = read_refund(raw)

    states = {"SUCCEEDED": RefundState.SUCCEEDED, "PENDING": RefundState.ACCEPTED}
    assert (refund.state, refund.amount_idr) == (states[raw["status"]], raw["amount"])


def test_two_paid_invoices_under_one_reference_are_two_observations():
    listed = sample("xendit", "invoice_list_duplicate_external_id_settled_2022")

    seen = [read_invoice(raw, source=Source.JOB, observed_at=_NOW) for raw in listed]

    assert len({o.gateway_transaction_id for o in seen}) == len(listed)
    assert {o.seen for o in seen} <= {Seen.PAID, Seen.EXPIRED, Seen.PENDING}
