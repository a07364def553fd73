"""Every published answer of Snap and result object of snap.js, compared with ours."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, sample
from tests.contract.sandbox.coverage_midtrans import COVERED
from tests.contract.sandbox.midtrans_scenes import CARD, Body, on_page, order, snap_state
from tests.contract.sandbox.shapes import differences

FINISH = {"callbacks": {"finish": "http://shop.example/thanks"}}


def created(sandbox: Sandbox) -> Body:
    return sandbox.snap_call(order("A-1", "")).json()


def canceled(sandbox: Sandbox) -> Body:
    path = f"/midtrans/snap/v1/transactions/{sandbox.token('A-1')}/cancel"
    return sandbox.request("POST", path, auth=(SERVER_KEY, "")).json()


def result_of(choice: Body, *steps: tuple[str, Body], **more: Any) -> Callable[[Sandbox], Body]:
    """Return what snap.js hands to the shop after the payer's choice and further steps."""

    def run(sandbox: Sandbox) -> Body:
        token = sandbox.token("1459499971", **more)
        for action, body in (("charge", choice), *steps):
            answer = on_page(sandbox, token, action, body)
            assert answer.status_code == 200, answer.text
        return snap_state(sandbox, token)["result"]

    return run


PAY = ("simulate", {"outcome": "pay"})
OTP = ("otp", {"otp": "112233"})
OWN_ORDER_ID = {"order_id": "digits or letters, as the shop made it"}

CASES: dict[str, tuple[Callable[[Sandbox], Body], Mapping[str, str]]] = {
    "snap_session_canceled": (canceled, {}),
    "snap_token_created_v2_vtweb": (created, {}),
    "snapjs_bca_va_pending_without_ids": (result_of({"method": "bca_va"}, **FINISH), {}),
    "snapjs_credit_card_success": (
        result_of({"method": "credit_card", "card": {"number": CARD}}, OTP),
        {},
    ),
    "snapjs_echannel_pending": (result_of({"method": "echannel"}), {}),
    "snapjs_permata_va_success": (
        result_of({"method": "permata_va"}, PAY, **FINISH),
        OWN_ORDER_ID,
    ),
    "snapjs_shopeepay_becomes_qris_pending": (
        result_of({"method": "shopeepay", "mode": "qr"}, **FINISH),
        OWN_ORDER_ID,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_snap_hands_out_is_as_published(sandbox: Sandbox, name: str) -> None:
    scene, apart = CASES[name]
    document = sample("midtrans", name)

    given = scene(sandbox)

    assert differences(document, given, apart=apart) == []
    fixed = {"status_code", "payment_type", "transaction_status"} & document.keys()
    assert {key: given[key] for key in fixed} == {key: document[key] for key in fixed}


def test_the_table_names_exactly_these_samples() -> None:
    here = f"{__name__.split('.')[-1]}.py"

    assert {name for name, test in COVERED.items() if test.startswith(here)} == set(CASES)
