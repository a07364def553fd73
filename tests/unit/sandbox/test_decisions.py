from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.midtrans.cards import CardOutcome, TestCard, look_up_card, mask_card
from sandbox.midtrans.expiry import duration_of, method_expiry, page_expiry
from sandbox.midtrans.methods import METHODS, enabled_methods
from sandbox.midtrans.notifications import retry_after_s as midtrans_retry
from sandbox.midtrans.records import Refund, Transaction
from sandbox.midtrans.refunds import RefundRequest, decide_refund
from sandbox.midtrans.snap_request import snap_errors
from sandbox.wire import JsonObject, MalformedJsonError, parse_json, whole_number
from sandbox.xendit.callbacks import retry_after_s as xendit_retry
from sandbox.xendit.channels import CHANNELS, settlement_time
from sandbox.xendit.invoice_request import amount_of
from sandbox.xendit.records import Invoice, XenditRefund
from sandbox.xendit.refunds import decide_refund as decide_xendit_refund

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
REFUSED_412 = {
    "status_code": "412",
    "status_message": "Merchant cannot modify the status of the transaction",
}


def ladder(retry: Callable[[int | None, int], float | None], status: int | None) -> list[float]:
    waits: list[float] = []
    while (wait := retry(status, len(waits) + 1)) is not None:
        waits.append(wait)
    return waits


@pytest.mark.parametrize(
    ("status", "minutes"),
    [
        (None, [2, 10, 30, 90, 210]),
        (401, [2, 10, 30, 90, 210]),
        (503, [2, 10, 30, 90]),
        (400, [2, 10]),
        (404, [2, 10]),
        (500, [2]),
        (301, []),
        (302, []),
        (303, []),
    ],
)
def test_the_midtrans_ladder_depends_on_the_answer(status: int | None, minutes: list[int]) -> None:
    assert ladder(midtrans_retry, status) == [minute * 60 for minute in minutes]


def test_xendit_retries_an_answer_but_not_silence() -> None:
    assert [wait / 60 for wait in ladder(xendit_retry, 500)] == [15, 45, 120, 180, 360, 720]
    assert ladder(xendit_retry, None) == []


@pytest.mark.parametrize(
    ("number", "card"),
    [
        ("4811111111111114", TestCard(CardOutcome.ACCEPT, asks_otp=True)),
        ("4411111111111118", TestCard(CardOutcome.ACCEPT, asks_otp=False)),
        ("4911111111111113", TestCard(CardOutcome.BANK_DENY, asks_otp=True)),
        ("3528185267171623", TestCard(CardOutcome.FRAUD_DENY, asks_otp=False)),
        ("370665684049309", TestCard(CardOutcome.CHALLENGE, asks_otp=False)),
        ("4000000000000002", TestCard(CardOutcome.BANK_DENY, asks_otp=False)),
        ("4811 1111", None),
        ("٤٨١١١١١١١١١١١١١٤", None),
    ],
)
def test_cards_do_what_the_table_says(number: str, card: TestCard | None) -> None:
    assert look_up_card(number, 100_000) == card


@pytest.mark.parametrize(
    ("amount", "outcome"), [(30_000, CardOutcome.ACCEPT), (30_001, CardOutcome.NO_FUNDS)]
)
def test_a_card_with_little_money(amount: int, outcome: CardOutcome) -> None:
    assert look_up_card("4806000000000081", amount) == TestCard(outcome, asks_otp=False)


def test_a_card_shows_eight_and_four_digits() -> None:
    assert mask_card("4811111111111114") == "48111111-1114"


def transaction(status: str = "settlement", method: str = "credit_card") -> Transaction:
    return Transaction(
        transaction_id="t",
        order_id="A-1",
        token="",
        method=method,
        payment_type=METHODS[method].payment_type,
        gross_amount=100_000,
        status=status,
        fraud_status="accept",
        transaction_at=NOW,
        expires_at=NOW,
        settled_at=NOW,
    )


def earlier(amount: int, key: str = "r1") -> Refund:
    return Refund(1, "u", "t", key, amount, "", "online", NOW)


def asked(amount: int | None, key: str = "new") -> RefundRequest:
    return RefundRequest(key, amount, "", is_direct=False)


@pytest.mark.parametrize(
    ("refunds", "request_", "answer"),
    [
        ([], asked(None), 100_000),
        ([], asked(100_000), 100_000),
        ([earlier(40_000)], asked(None), 60_000),
        ([earlier(40_000)], asked(60_000), 60_000),
        ([earlier(40_000)], asked(60_001), "414"),
        ([], asked(0), "414"),
        ([], asked(-5), "414"),
        ([earlier(40_000)], asked(1, key="r1"), "406"),
    ],
)
def test_a_midtrans_refund_is_decided_by_what_is_left(
    refunds: list[Refund], request_: RefundRequest, answer: int | str
) -> None:
    decision = decide_refund(transaction(), refunds, request_, NOW)

    assert (decision if isinstance(decision, int) else decision["status_code"]) == answer


@pytest.mark.parametrize(
    "status", ["pending", "capture", "cancel", "expire", "deny", "refund", "chargeback"]
)
def test_only_settled_payments_are_refunded(status: str) -> None:
    assert decide_refund(transaction(status), [], asked(1), NOW) == REFUSED_412


def test_a_used_key_is_named_even_when_nothing_is_left() -> None:
    decision = decide_refund(transaction("refund"), [earlier(100_000)], asked(None, "r1"), NOW)

    assert decision == {"status_code": "406", "status_message": "Duplicate refund ID"}


def invoice(channel: str | None = "DANA", status: str = "PAID") -> Invoice:
    return Invoice(
        id="i",
        external_id="X-1",
        amount=100_000,
        status=status,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW,
        request={},
        channel_codes=["DANA"],
        paid_channel=channel,
        paid_at=NOW if status in {"PAID", "SETTLED"} else None,
    )


def xendit_refund(amount: int, status: str) -> XenditRefund:
    return XenditRefund(
        id="rfd-1",
        invoice_id="i",
        payment_id="p",
        amount=amount,
        payment_method_type="EWALLET",
        channel_code="DANA",
        status=status,
        reason="",
        reference_id="",
        metadata=None,
        created_at=NOW,
        updated_at=NOW,
        ends_as="SUCCEEDED",
    )


@pytest.mark.parametrize(
    ("refunds", "amount", "answer"),
    [
        ([], None, 100_000),
        ([("PENDING", 40_000)], None, 60_000),
        ([("SUCCEEDED", 40_000)], 60_001, (400, "MAXIMUM_REFUND_AMOUNT_REACHED")),
        ([("FAILED", 40_000), ("CANCELLED", 40_000)], 100_000, 100_000),
        ([("SUCCEEDED", 100_000)], None, (400, "MAXIMUM_REFUND_AMOUNT_REACHED")),
        ([], 10_304, (400, "REFUND_IN_PROGRESS")),
    ],
)
def test_a_xendit_refund_is_decided_by_what_is_left(
    refunds: list[tuple[str, int]], amount: int | None, answer: object
) -> None:
    earlier_ones = [xendit_refund(held, status) for status, held in refunds]

    assert decide_xendit_refund(invoice(), earlier_ones, amount, NOW) == answer


@pytest.mark.parametrize(
    ("channel", "status", "days", "code"),
    [
        ("BCA", "PAID", 0, "REFUND_NOT_SUPPORTED"),
        ("OVO", "PAID", 0, "REFUND_NOT_SUPPORTED"),
        ("QRIS", "SETTLED", 8, "INELIGIBLE_TRANSACTION"),
        (None, "PENDING", 0, "INELIGIBLE_TRANSACTION"),
    ],
)
def test_some_invoices_cannot_be_refunded(
    channel: str | None, status: str, days: int, code: str
) -> None:
    later = NOW + timedelta(days=days)

    assert decide_xendit_refund(invoice(channel, status), [], 1_000, later) == (400, code)


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ({"unit": "minute", "duration": 20}, timedelta(minutes=20)),
        ({"unit": "hours", "duration": 2.0}, timedelta(hours=2)),
        ({"unit": "day", "duration": 30}, timedelta(days=7)),
        ({"unit": "day", "duration": 10**30}, timedelta(days=7)),
        ({"unit": "week", "duration": 1}, None),
        ({"unit": "day", "duration": 0}, None),
        ({"unit": "day", "duration": True}, None),
        ({}, None),
    ],
)
def test_a_duration_is_read_and_cut_to_a_week(
    expiry: JsonObject, expected: timedelta | None
) -> None:
    assert duration_of(expiry) == expected


def test_page_expiry_comes_before_expiry_and_expiry_covers_the_method() -> None:
    request: JsonObject = {
        "expiry": {"unit": "hour", "duration": 2, "start_time": "2026-01-05 10:00:00 +0700"},
        "page_expiry": {"unit": "minute", "duration": 5},
    }

    assert page_expiry(request, NOW) == NOW + timedelta(minutes=5)
    assert page_expiry({"expiry": request["expiry"]}, NOW) == NOW + timedelta(hours=3)
    assert method_expiry(request, METHODS["bca_va"], NOW) == NOW + timedelta(hours=3)
    assert method_expiry(request, METHODS["credit_card"], NOW) == NOW + timedelta(minutes=10)
    assert page_expiry({}, NOW) == NOW + timedelta(hours=24)


def test_aliases_switch_on_their_methods() -> None:
    keys = [method.key for method in enabled_methods(["other_va", "cstore", "akulaku"])]

    assert keys == [
        *("danamon_va", "bsi_va", "seabank_va", "saqu_va", "indomaret", "alfamart", "akulaku")
    ]
    assert len(enabled_methods(None)) == sum(method.is_current for method in METHODS.values())
    assert enabled_methods([]) == []


@pytest.mark.parametrize(
    ("channel", "paid", "settled"),
    [
        ("DANA", NOW, datetime(2026, 1, 7, 18, 0, tzinfo=UTC)),
        # Paid after 01:00 WIB on Tuesday, settled at 01:00 WIB on Wednesday.
        ("GOPAY", datetime(2026, 1, 5, 19, 0, tzinfo=UTC), datetime(2026, 1, 6, 18, tzinfo=UTC)),
        # Paid on Friday: Saturday and Sunday are no working days.
        ("BCA", datetime(2026, 1, 9, 2, 0, tzinfo=UTC), datetime(2026, 1, 12, 18, tzinfo=UTC)),
        ("ALFAMART", NOW, datetime(2026, 1, 12, 18, 0, tzinfo=UTC)),
        ("BNI", NOW, NOW + timedelta(minutes=1)),
    ],
)
def test_each_xendit_channel_settles_on_its_day(
    channel: str, paid: datetime, settled: datetime
) -> None:
    assert settlement_time(paid, CHANNELS[channel]) == settled


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (5.0, 5), (5.5, None), ("5", None), (True, None), (None, None), (1e400, None)],
)
def test_only_whole_numbers_count_as_whole(value: object, number: int | None) -> None:
    assert whole_number(value) == number


def test_xendit_cuts_decimals_off() -> None:
    assert amount_of(4_550.5) == 4_550
    assert amount_of("4550") is None
    assert amount_of(float("inf")) is None


@pytest.mark.parametrize("raw", [b"", b"NaN", b"[" * 100_000, b"9" * 5_000, b"\xff", b'{"a":1,}'])
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        parse_json(raw)


@pytest.mark.parametrize("order_id", ["LN-7K2M9QX4T6-1", "a_b~c.d", "order 1:2+3"])
def test_order_ids_of_every_accepted_kind(order_id: str) -> None:
    assert snap_errors({"transaction_details": {"order_id": order_id, "gross_amount": 1}}) == []


@pytest.mark.parametrize("order_id", ["a/b", "a#b", "a?b", "a" * 51, "", 7, None, "é"])
def test_order_ids_that_are_refused(order_id: object) -> None:
    errors = snap_errors({"transaction_details": {"order_id": order_id, "gross_amount": 1}})

    assert len(errors) == 1
    assert errors[0].startswith("transaction_details.order_id")
