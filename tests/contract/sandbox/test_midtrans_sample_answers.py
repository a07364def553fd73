"""Every published answer of the Core API, compared with ours in the same situation."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.sandbox.bench import Sandbox, sample
from tests.contract.sandbox.coverage_midtrans import COVERED
from tests.contract.sandbox.midtrans_scenes import (
    BILL,
    BUYER,
    CHALLENGED,
    Body,
    Scene,
    card_token,
    charge,
    charge_card,
    charged,
    later,
    order,
    pass_3ds,
    published,
    refunded_card,
    settled_card,
    transfer,
)
from tests.contract.sandbox.shapes import differences


def then(scene: Scene, action: str) -> Scene:
    def run(sandbox: Sandbox, order_id: str) -> Body:
        scene(sandbox, order_id)
        return sandbox.core("POST", f"{order_id}/{action}")

    return run


def card(number: str, **options: Any) -> Scene:
    return lambda sandbox, order_id: charge_card(sandbox, order_id, number, **options)


def captured_later(sandbox: Sandbox, order_id: str) -> Body:
    begun = charge_card(sandbox, order_id, type="authorize")
    return sandbox.core("POST", "capture", {"transaction_id": begun["transaction_id"]})


def after_3ds(sandbox: Sandbox, order_id: str) -> Body:
    begun = charge_card(sandbox, order_id, authentication=True)
    return pass_3ds(sandbox, begun["redirect_url"]).json()


def refunded(*amounts: int, **options: Any) -> Scene:
    return lambda sandbox, order_id: refunded_card(sandbox, order_id, *amounts, **options)


def refunded_directly(sandbox: Sandbox, order_id: str) -> Body:
    settled_card(sandbox, order_id)
    return sandbox.core("POST", f"{order_id}/refund/online/direct", {"refund_key": "r-1"})


def status_with_points(sandbox: Sandbox, order_id: str) -> Body:
    options = {"authentication": True, "point": 80_000, "channel": "dragon"}
    token = charge_with_fields(sandbox, order_id, options)
    pass_3ds(sandbox, token["redirect_url"])
    return sandbox.core("GET", f"{order_id}/status")


def charge_with_fields(sandbox: Sandbox, order_id: str, options: Body) -> Body:
    fields: Body = {"custom_field1": "TEST1", "custom_field2": "TEST2"}
    paying = {"token_id": card_token(sandbox), **options}
    return charge(sandbox, order(order_id, "credit_card", credit_card=paying, **fields))


def status_after(scene: Scene) -> Scene:
    def run(sandbox: Sandbox, order_id: str) -> Body:
        scene(sandbox, order_id)
        return sandbox.core("GET", f"{order_id}/status")

    return run


def dana_status(sandbox: Sandbox, order_id: str) -> Body:
    paid = sandbox.paid_order(order_id, "dana")
    return sandbox.core("GET", f"{paid['transaction_id']}/status")


CARD_LATER = later("currency", "merchant_id")
RANDOM_ID = {"refund_chargeback_uuid": "sent since 2021 by a recorded sandbox answer"}
TWO_PUBLISHED = "the two published answers differ; ours has the fields of both"
REFUNDS = "refunds[]"

CASES: dict[str, tuple[Scene, Mapping[str, str]]] = {
    "approve_credit_card": (then(card(CHALLENGED), "approve"), CARD_LATER),
    "cancel_credit_card": (
        then(card("4811111111111114"), "cancel"),
        {**CARD_LATER, "approval_code": "in the stub of an official SDK, missing in the docs"},
    ),
    "cancel_credit_card_stub": (then(card("4811111111111114"), "cancel"), CARD_LATER),
    "cancel_permata_va_recorded": (then(transfer("permata"), "cancel"), {}),
    "capture_credit_card": (
        captured_later,
        {**CARD_LATER, "approval_code": "in other answers to actions on cards"},
    ),
    "charge_alfamart_pending": (
        charged("cstore", cstore={"store": "alfamart"}),
        later("expiry_time"),
    ),
    "charge_bca_va_pending": (transfer("bca"), later("expiry_time")),
    "charge_bni_va_pending": (transfer("bni"), later("expiry_time")),
    "charge_credit_card_capture_after_3ds": (after_3ds, {}),
    "charge_credit_card_capture_recorded": (card("4811111111111114"), later("merchant_id")),
    "charge_credit_card_pending_3ds": (
        card("4811111111111114", authentication=True),
        later("expiry_time", "merchant_id"),
    ),
    "charge_echannel_pending": (charged("echannel", **BILL), later("expiry_time")),
    "charge_gopay_pending": (
        charged("gopay"),
        {
            **later("expiry_time", "merchant_id"),
            "channel_response_code": TWO_PUBLISHED,
            "channel_response_message": TWO_PUBLISHED,
            "actions[].fields": TWO_PUBLISHED,
        },
    ),
    "charge_gopay_pending_with_actions_v2": (
        charged("gopay"),
        {
            **later("expiry_time", "merchant_id"),
            "fraud_status": TWO_PUBLISHED,
        },
    ),
    "charge_kredivo_pending": (charged("kredivo", **BUYER), later("expiry_time")),
    "charge_permata_va_pending": (transfer("permata"), later("expiry_time")),
    "charge_qris_pending_with_qr_string": (charged("qris"), later("expiry_time")),
    "charge_shopeepay_pending": (charged("shopeepay"), later("expiry_time")),
    "deny_credit_card_becomes_cancel": (then(card(CHALLENGED), "deny"), {}),
    "expire_bank_transfer_407_recorded": (
        then(transfer("bca"), "expire"),
        later("currency", "fraud_status"),
    ),
    "expire_echannel_407": (
        then(charged("echannel", **BILL), "expire"),
        later("currency", "fraud_status"),
    ),
    "refund_credit_card_full": (refunded(150_000), RANDOM_ID),
    "refund_credit_card_partial": (refunded(50_000), RANDOM_ID),
    "refund_credit_card_partial_offline": (refunded(50_000, bank="mandiri"), {}),
    "refund_direct_credit_card_full": (
        refunded_directly,
        {**RANDOM_ID, "refund_key": "made by Midtrans there, by the shop here"},
    ),
    "status_credit_card_capture_points": (
        status_with_points,
        {"approval_code": "digits from most banks, with a letter from this one"},
    ),
    "status_credit_card_partial_refund": (
        status_after(refunded(50_000, 70_000)),
        {
            **later("currency", "merchant_id", "expiry_time", "settlement_time", "eci"),
            **later("three_ds_version", "challenge_completion"),
            "payment_option_type": "a field of GoPay, printed by mistake under a card",
            "signature_key": "published cut off after 61 digits",
            f"{REFUNDS}.reason": "a text in one published refund and empty in the other",
            f"{REFUNDS}.refund_chargeback_uuid": "sent since 2021 by a recorded answer",
            f"{REFUNDS}.refund_method": "in the sample of the refund notification",
        },
    ),
    "status_credit_card_settlement_3ds2": (
        status_after(settled_card),
        later("expiry_time"),
    ),
    "status_dana_settlement": (dana_status, {}),
    "status_permata_va_pending_recorded": (
        status_after(transfer("permata")),
        later("merchant_id", "expiry_time"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_published_answer_is_given_field_by_field(sandbox: Sandbox, name: str) -> None:
    scene, apart = CASES[name]
    document = published(sample("midtrans", name))

    given = scene(sandbox, document["order_id"])

    assert given is not None
    assert differences(document, given, apart=apart) == []
    fixed = ("status_code", "payment_type", "transaction_status")
    assert {key: given[key] for key in fixed} == {key: document[key] for key in fixed}


@pytest.mark.parametrize(
    ("name", "bank"),
    [("charge_bca_va_pending", "bca"), ("charge_permata_va_pending", "permata")],
)
def test_a_charge_says_what_the_published_one_says(sandbox: Sandbox, name: str, bank: str) -> None:
    given = charge(sandbox, order("A-1", "bank_transfer", bank_transfer={"bank": bank}))

    assert given["status_message"] == sample("midtrans", name)["status_message"]


def test_the_table_names_exactly_these_samples() -> None:
    here = f"{__name__.split('.')[-1]}.py"

    assert {name for name, test in COVERED.items() if test.startswith(here)} == set(CASES)
