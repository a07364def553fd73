"""Every published notification, compared with the one sent in the same situation."""

from collections.abc import Mapping

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop, sample
from tests.contract.sandbox.coverage_midtrans import COVERED
from tests.contract.sandbox.midtrans_scenes import (
    ALL_OF_A_CARD,
    BILL,
    BUYER,
    ITEMS,
    Scene,
    charge_card,
    charged,
    last,
    later,
    published,
    refunded_card,
    settled_card,
    transfer,
)
from tests.contract.sandbox.shapes import differences


def then(scene: Scene, action: str) -> Scene:
    """Return the scene, after which the payer, the bank or time does something."""

    def run(sandbox: Sandbox, order_id: str) -> None:
        scene(sandbox, order_id)
        sandbox.control("POST", f"midtrans/{order_id}/{action}")

    return run


def paid(scene: Scene) -> Scene:
    return then(scene, "pay")


def captured(sandbox: Sandbox, order_id: str) -> None:
    charge_card(sandbox, order_id, authentication=True)
    sandbox.pay(order_id, "credit_card")


def canceled_card(sandbox: Sandbox, order_id: str) -> None:
    captured(sandbox, order_id)
    sandbox.core("POST", f"{order_id}/cancel")


INDOMARET = charged("cstore", cstore={"store": "indomaret"})
KREDIVO = charged("kredivo", **BUYER)
INVOICE = {"metadata": {"midtrans_invoice_id": "65f295f869aa5a30f8fc0e1c"}}
NOT_A_CARD = ("merchant_id", "currency")
OFFICIAL_FIXTURE = dict.fromkeys(ALL_OF_A_CARD, "left out of a shortened fixture")
MISPRINT = {"transaction_id": "misprinted in the sample: nine digits in the first group"}
CUT = {"signature_key": "published cut off after 61 digits"}
REFUND_ITEM = {
    "refunds[].refund_chargeback_uuid": "sent since 2021 by a recorded sandbox answer",
}

CASES: dict[str, tuple[Scene, Mapping[str, str]]] = {
    "notif_akulaku_settlement": (paid(charged("akulaku", **BUYER, **ITEMS)), {}),
    "notif_bca_klikbca_settlement_no_fraud_status": (paid(charged("bca_klikbca")), {}),
    "notif_bca_va_settlement": (paid(transfer("bca")), {}),
    "notif_bca_va_settlement_invoice_metadata": (paid(transfer("bca", **INVOICE)), {}),
    "notif_bni_va_pending": (
        transfer("bni"),
        {**later("merchant_id", "currency", "expiry_time"), **MISPRINT},
    ),
    "notif_bni_va_settlement": (paid(transfer("bni")), {}),
    "notif_credit_card_cancel": (canceled_card, later("merchant_id", "currency")),
    "notif_credit_card_capture": (captured, {}),
    "notif_credit_card_capture_legacy": (captured, later("merchant_id")),
    "notif_credit_card_partial_refund_minimal": (
        lambda sandbox, order_id: refunded_card(sandbox, order_id, 50_000),
        {
            **later("merchant_id", "currency", "settlement_time", "fraud_status", *ALL_OF_A_CARD),
            "refunds": "the shape varies; sent as in the refund page's sample",
            "refund_amount": "the shape varies; sent as in the refund page's sample",
        },
    ),
    "notif_credit_card_partial_refund_with_refunds": (
        lambda sandbox, order_id: refunded_card(sandbox, order_id, 50_000, 70_000),
        {
            **later("merchant_id", "currency", "settlement_time", "eci"),
            **REFUND_ITEM,
            **CUT,
            "refunds[].reason": "a text in one published refund and empty in the other",
        },
    ),
    "notif_danamon_online_settlement": (paid(charged("danamon_online")), {}),
    "notif_echannel_settlement": (paid(charged("echannel", **BILL)), {}),
    "notif_gopay_pending": (
        charged("gopay"),
        later("merchant_id", "currency", "expiry_time", "fraud_status"),
    ),
    "notif_gopay_settlement": (paid(charged("gopay")), {}),
    "notif_indomaret_pending": (INDOMARET, later(*NOT_A_CARD)),
    "notif_indomaret_settlement_no_fraud_status": (paid(INDOMARET), {}),
    "notif_kredivo_deny": (then(KREDIVO, "deny"), later(*NOT_A_CARD)),
    "notif_kredivo_pending": (KREDIVO, later(*NOT_A_CARD, "expiry_time")),
    "notif_permata_va_expire": (
        then(transfer("permata"), "expire"),
        later(*NOT_A_CARD, "fraud_status"),
    ),
    "notif_permata_va_settlement": (paid(transfer("permata")), {}),
    "notif_qris_pending": (charged("qris"), later("expiry_time")),
    "notif_qris_settlement_onus": (paid(charged("qris")), {}),
    "notif_qris_settlement_pos": (paid(charged("qris")), {}),
    "notif_shopeepay_expire": (then(charged("shopeepay"), "expire"), {}),
    "notif_shopeepay_settlement": (
        paid(charged("shopeepay")),
        later("shopeepay_reference_number", "reference_id"),
    ),
    "notif_shopeepay_settlement_references": (paid(charged("shopeepay")), {}),
    "notif_signed_credit_card_refund": (
        lambda sandbox, order_id: refunded_card(sandbox, order_id, 150_000),
        {
            **OFFICIAL_FIXTURE,
            "refund_key": "only in this fixture; sent inside refunds[], as the docs have it",
            "refunds": "left out of a shortened fixture",
        },
    ),
    "notif_signed_credit_card_settlement": (
        settled_card,
        {**OFFICIAL_FIXTURE, **later("settlement_time")},
    ),
    "notif_signed_gopay_payment_link_settlement": (
        paid(charged("gopay")),
        {"payment_link_id": "Payment Link is not imitated"},
    ),
    "notif_signed_qris_expire": (then(charged("qris"), "expire"), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_published_notification_is_sent_field_by_field(
    sandbox: Sandbox, shop: Shop, name: str
) -> None:
    scene, apart = CASES[name]
    document = published(sample("midtrans", name))

    scene(sandbox, document["order_id"])

    sent = last(sandbox, shop)
    assert differences(document, sent, apart=apart) == []
    fixed = ("payment_type", "transaction_status", "status_code", "status_message")
    assert {key: sent[key] for key in fixed} == {key: document[key] for key in fixed}


def test_the_table_names_exactly_these_samples() -> None:
    here = f"{__name__.split('.')[-1]}.py"

    assert {name for name, test in COVERED.items() if test.startswith(here)} == set(CASES)
