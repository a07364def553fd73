"""Which method refunds what, how and until when (Midtrans docs, "Refund transaction")."""

from typing import Any

import pytest

from tests.contract.sandbox.bench import Sandbox
from tests.contract.sandbox.midtrans_scenes import (
    BUYER,
    ITEMS,
    charge,
    order,
    settled_card,
    to_nine_in_the_morning,
)

DAY_S, HOUR_S = 86_400, 3_600
PART = 50_000
PHONE = {"ovo": {"payer_phone_number": "081234567890"}}


def paid(sandbox: Sandbox, payment_type: str, **more: Any) -> str:
    """Charge and pay in the morning; return the transaction's id."""
    to_nine_in_the_morning(sandbox)
    begun = charge(sandbox, order("A-1", payment_type, **more))
    sandbox.control("POST", f"midtrans/{begun['transaction_id']}/pay")
    return begun["transaction_id"]


def refund(sandbox: Sandbox, any_id: str, path: str = "refund", **body: object) -> str:
    return sandbox.core("POST", f"{any_id}/{path}", body)["status_code"]


# method, what it needs, part, direct, days
MATRIX: list[tuple[str, dict[str, Any], bool, bool, int]] = [
    ("gopay", {}, True, True, 45),
    ("qris", {}, True, True, 45),
    ("shopeepay", {}, False, True, 365),
    ("dana", {}, True, False, 45),
    ("ovo", PHONE, False, False, 7),
    ("kredivo", BUYER, True, True, 14),
    ("akulaku", BUYER | ITEMS, True, True, 180),
]


@pytest.mark.parametrize(("method", "more", "partial"), [row[:3] for row in MATRIX])
def test_a_part_is_refunded_where_the_provider_can(
    sandbox: Sandbox, method: str, more: dict[str, Any], partial: bool
) -> None:
    paid_id = paid(sandbox, method, **more)

    assert refund(sandbox, paid_id, amount=PART) == ("200" if partial else "412")
    assert refund(sandbox, paid_id) == "200"
    status = sandbox.core("GET", f"{paid_id}/status")
    assert status["transaction_status"] == "refund"
    assert status["refund_amount"] == "150000.00"


@pytest.mark.parametrize(("method", "more", "direct"), [(*row[:2], row[3]) for row in MATRIX])
def test_the_direct_endpoint_serves_only_some(
    sandbox: Sandbox, method: str, more: dict[str, Any], direct: bool
) -> None:
    paid_id = paid(sandbox, method, **more)

    assert refund(sandbox, paid_id, "refund/online/direct") == ("200" if direct else "412")


@pytest.mark.parametrize(("method", "more", "days"), [(*row[:2], row[4]) for row in MATRIX])
def test_the_window_of_each_method_closes(
    sandbox: Sandbox, method: str, more: dict[str, Any], days: int
) -> None:
    paid_id = paid(sandbox, method, **more)
    sandbox.advance(days * DAY_S)
    on_the_last_day = refund(sandbox, paid_id, amount=0)
    sandbox.advance(1)

    # An amount of nothing is refused only where a refund is possible at all.
    assert on_the_last_day == "414"
    assert refund(sandbox, paid_id) == "412"


@pytest.mark.parametrize(
    ("bank", "direct"), [("bni", "200"), ("bca", "200"), ("bri", "200"), ("mandiri", "412")]
)
def test_a_card_is_refunded_directly_only_by_some_banks(
    sandbox: Sandbox, bank: str, direct: str
) -> None:
    settled_card(sandbox, "A-1", bank=bank)

    assert refund(sandbox, "A-1", "refund/online/direct", amount=PART) == direct
    assert refund(sandbox, "A-1", amount=PART) == "200"
    method = sandbox.core("GET", "A-1/status")["refunds"][-1]["refund_method"]
    assert method == ("online" if direct == "200" else "offline")


def test_shopeepay_refunds_nothing_at_night(sandbox: Sandbox) -> None:
    paid_id = paid(sandbox, "shopeepay")

    by_hour: dict[str, str] = {}
    for wait_s, label in ((14 * HOUR_S + 55 * 60, "23:55"), (6 * HOUR_S + 240, "05:59")):
        sandbox.advance(wait_s)
        by_hour[label] = refund(sandbox, paid_id)
    sandbox.advance(60)

    assert by_hour == {"23:55": "412", "05:59": "412"}
    assert refund(sandbox, paid_id) == "200"


def test_merchant_funds_may_be_too_low_and_the_key_stays_free(sandbox: Sandbox) -> None:
    paid_id = paid(sandbox, "gopay")
    match = {"operation": "midtrans.refund", "order": "A-1"}
    sandbox.faults({"match": match, "effect": "refuse", "code": "414", "times": 1})

    assert refund(sandbox, paid_id, refund_key="r-1") == "414"
    assert refund(sandbox, paid_id, refund_key="r-1") == "200"
    assert refund(sandbox, paid_id, refund_key="r-1") == "406"
