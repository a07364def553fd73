"""What each Xendit channel takes and gives back, by the virtual clock."""

from typing import Any

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop

DAY = 86_400
WHOLE = 150_000


def paid(sandbox: Sandbox, channel: str, **payer: object) -> str:
    invoice = sandbox.invoice("X-1", WHOLE)
    body = {"channel": channel, **payer}
    return sandbox.control("POST", f"xendit/{invoice['id']}/pay", body)["id"]


def refund(sandbox: Sandbox, invoice_id: str, amount: int = WHOLE) -> str:
    """Ask for a refund and return its status or the error's name."""
    body = {"invoice_id": invoice_id, "amount": amount}
    answer = sandbox.xendit("POST", "/refunds", body).json()
    return answer.get("status") or answer["error_code"]


@pytest.mark.parametrize(
    ("channel", "lowest", "highest"),
    [
        ("BCA", 10_000, 50_000_000),
        ("BNI", 1, 50_000_000_000),
        ("PERMATA", 1, 9_999_999_999),
        ("BNC", 10_000, 50_000_000_000),
        ("BJB", 1, 2_000_000_000),
        ("ALFAMART", 10_000, 5_000_000),
        ("OVO", 100, 20_000_000),
        ("LINKAJA", 100, 10_000_000),
        ("GOPAY", 1, 50_000_000),
        ("JENIUSPAY", 1_000, 20_000_000),
        ("QRIS", 1, 10_000_000),
        ("CREDIT_CARD", 5_000, 200_000_000),
        ("DD_BRI", 1, 999_999),
        ("KREDIVO", 1_000, 30_000_000),
        ("INDODANA", 10_000, 25_000_000),
    ],
)
def test_a_channel_takes_what_lies_within_its_limits(
    sandbox: Sandbox, channel: str, lowest: int, highest: int
) -> None:
    items = [{"name": "Kaos", "price": 1, "quantity": 1}]

    def answered(amount: int) -> Any:
        more = {"payment_methods": [channel], "items": items}
        body = sandbox.invoice("X-1", amount, **more)
        return body.get("status") or body["error_code"]

    below = "API_VALIDATION_ERROR" if lowest == 1 else "MINIMAL_TRANSFER_AMOUNT_ERROR"
    assert [answered(lowest), answered(highest)] == ["PENDING", "PENDING"]
    assert [answered(lowest - 1), answered(highest + 1)] == [below, "MAXIMUM_TRANSFER_AMOUNT_ERROR"]


@pytest.mark.parametrize(
    "channel",
    [
        *("BCA", "BNI", "BRI", "MANDIRI", "PERMATA", "BSI", "BJB", "CIMB", "SAHABAT_SAMPOERNA"),
        *("BNC", "MUAMALAT", "ALFAMART", "INDOMARET", "ASTRAPAY", "OVO"),
    ],
)
def test_some_channels_never_give_back(sandbox: Sandbox, channel: str) -> None:
    invoice_id = paid(sandbox, channel)

    assert refund(sandbox, invoice_id) == "REFUND_NOT_SUPPORTED"


@pytest.mark.parametrize(
    ("channel", "days"),
    [
        *(("DANA", 30), ("LINKAJA", 30), ("SHOPEEPAY", 365), ("GOPAY", 45), ("QRIS", 7)),
        *(("CREDIT_CARD", 365), ("KREDIVO", 14), ("INDODANA", 30), ("DD_BRI", 120)),
    ],
)
def test_the_window_closes_on_its_day(sandbox: Sandbox, channel: str, days: int) -> None:
    invoice_id = paid(sandbox, channel)

    sandbox.advance(days * DAY + 1)
    assert refund(sandbox, invoice_id) == "INELIGIBLE_TRANSACTION"


@pytest.mark.parametrize(("channel", "days"), [("DANA", 30), ("QRIS", 7), ("KREDIVO", 14)])
def test_the_window_is_open_until_then(sandbox: Sandbox, channel: str, days: int) -> None:
    invoice_id = paid(sandbox, channel)

    sandbox.advance(days * DAY - 1)
    assert refund(sandbox, invoice_id) == "PENDING"


def test_jenius_pay_gives_back_on_the_day_of_payment_only(sandbox: Sandbox) -> None:
    today, tomorrow = paid(sandbox, "JENIUSPAY"), paid(sandbox, "JENIUSPAY")

    assert refund(sandbox, today) == "PENDING"
    sandbox.advance(DAY)
    assert refund(sandbox, tomorrow) == "INELIGIBLE_TRANSACTION"


@pytest.mark.parametrize("channel", ["LINKAJA", "KREDIVO", "DD_BRI"])
def test_some_channels_give_back_in_full_only(sandbox: Sandbox, channel: str) -> None:
    invoice_id = paid(sandbox, channel)

    assert refund(sandbox, invoice_id, 1_000) == "PARTIAL_REFUND_NOT_SUPPORTED"
    assert refund(sandbox, invoice_id) == "PENDING"


@pytest.mark.parametrize("channel", ["AKULAKU", "JENIUSPAY", "INDODANA"])
def test_some_channels_give_back_once(sandbox: Sandbox, channel: str) -> None:
    invoice_id = paid(sandbox, channel)

    assert refund(sandbox, invoice_id, 1_000) == "PENDING"
    assert refund(sandbox, invoice_id, 1_000) == "PARTIAL_REFUND_COUNTS_EXCEEDED"


@pytest.mark.parametrize("channel", ["DANA", "SHOPEEPAY", "GOPAY", "QRIS", "CREDIT_CARD"])
def test_most_channels_give_back_in_parts(sandbox: Sandbox, channel: str) -> None:
    invoice_id = paid(sandbox, channel)

    for _ in range(2):
        assert refund(sandbox, invoice_id, 75_000) in {"PENDING", "SUCCEEDED"}
    assert refund(sandbox, invoice_id, 1) == "MAXIMUM_REFUND_AMOUNT_REACHED"


def test_a_linked_ovo_wallet_gets_its_money_back(sandbox: Sandbox) -> None:
    assert refund(sandbox, paid(sandbox, "OVO", linked=True)) == "PENDING"
    assert refund(sandbox, paid(sandbox, "OVO", linked=False)) == "REFUND_NOT_SUPPORTED"


def test_a_qris_refund_depends_on_the_issuer(sandbox: Sandbox) -> None:
    assert refund(sandbox, paid(sandbox, "QRIS", issuer="ShopeePay")) == "PENDING"
    assert refund(sandbox, paid(sandbox, "QRIS", issuer="Bank Jago")) == "REFUND_NOT_SUPPORTED"


def test_cimb_gives_all_of_a_qris_payment_back_only_after_a_day(sandbox: Sandbox) -> None:
    invoice_id = paid(sandbox, "QRIS", issuer="CIMB")

    assert refund(sandbox, invoice_id) == "INELIGIBLE_TRANSACTION"
    assert refund(sandbox, invoice_id, 1_000) == "PENDING"
    sandbox.advance(DAY)
    assert refund(sandbox, invoice_id, WHOLE - 1_000) == "PENDING"


@pytest.mark.parametrize(
    ("channel", "days"), [("BNI", 0.01), ("BCA", 5), ("DANA", 4), ("ALFAMART", 10)]
)
def test_a_paid_invoice_settles_later_without_a_callback(
    sandbox: Sandbox, shop: Shop, channel: str, days: float
) -> None:
    invoice_id = paid(sandbox, channel)
    before = sandbox.xendit("GET", f"/v2/invoices/{invoice_id}").json()["status"]

    sandbox.advance(days * DAY)

    after = sandbox.xendit("GET", f"/v2/invoices/{invoice_id}").json()["status"]
    assert (before, after) == ("PAID", "SETTLED")
    assert [body["status"] for body in shop.bodies()] == ["PAID"]


@pytest.mark.parametrize(
    ("amount", "channel", "reason"),
    [
        (10_054, "CREDIT_CARD", "INSUFFICIENT_BALANCE"),
        (10_058, "CREDIT_CARD", "INVALID_CVV"),
        (10_101, "DANA", "CHANNEL_UNAVAILABLE"),
        (20_105, "OVO", "USER_DECLINED_PAYMENT"),
    ],
)
def test_some_amounts_fail_on_the_page_and_change_nothing(
    sandbox: Sandbox, shop: Shop, amount: int, channel: str, reason: str
) -> None:
    invoice = sandbox.invoice("X-1", amount)
    body = {"channel": channel, "card": {"number": "4000000000001000"}}

    answer = sandbox.request("POST", f"/xendit/web/{invoice['id']}/pay", json=body)
    sandbox.flush()

    assert (answer.status_code, answer.json()) == (422, {"error": reason})
    assert sandbox.xendit("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "PENDING"
    assert shop.received == []
