"""``POST /v2/charge``: every payment type, what is refused, and in which words."""

from typing import Any

import midtransclient
import pytest

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, Shop
from tests.contract.sandbox.midtrans_scenes import BILL, BUYER, ITEMS, charge, last, order
from tests.unit.sandbox.inprocess import inside

DAY, QUARTER = "2026-01-06 09:00:00", "2026-01-05 09:15:00"


def begun(payment_type: str, **more: Any) -> dict[str, Any]:
    return order("A-1", payment_type, **more)


TYPES = {
    "bca": begun("bank_transfer", bank_transfer={"bank": "bca"}),
    "bni": begun("bank_transfer", bank_transfer={"bank": "bni"}),
    "bri": begun("bank_transfer", bank_transfer={"bank": "bri"}),
    "cimb": begun("bank_transfer", bank_transfer={"bank": "cimb"}),
    "permata": begun("bank_transfer", bank_transfer={"bank": "permata"}),
    "echannel": begun("echannel", **BILL),
    "indomaret": begun("cstore", cstore={"store": "indomaret"}),
    "alfamart": begun("cstore", cstore={"store": "alfamart"}),
    "gopay": begun("gopay"),
    "qris": begun("qris"),
    "qris by shopeepay": begun("qris", qris={"acquirer": "airpay shopee"}),
    "shopeepay": begun("shopeepay"),
    "dana": begun("dana"),
    "ovo": begun("ovo", ovo={"payer_phone_number": "081234567890"}),
    "akulaku": begun("akulaku", **BUYER, **ITEMS),
    "kredivo": begun("kredivo", **BUYER),
    "cimb_clicks": begun("cimb_clicks", cimb_clicks={"description": "Sepatu"}),
    "bri_epay": begun("bri_epay"),
}


@pytest.mark.parametrize("name", TYPES)
def test_every_payment_type_is_charged_paid_and_notified(
    sandbox: Sandbox, shop: Shop, name: str
) -> None:
    begun = charge(sandbox, TYPES[name])
    waiting = last(sandbox, shop)
    paid = sandbox.pay(begun["transaction_id"], begun["payment_type"])

    assert (begun["status_code"], begun["transaction_status"]) == ("201", "pending")
    assert (waiting["status_code"], waiting["transaction_id"]) == ("201", begun["transaction_id"])
    assert paid["transaction_status"] == "settlement"
    settled = last(sandbox, shop)
    assert (settled["status_code"], settled["transaction_status"]) == ("200", "settlement")
    assert settled["payment_type"] == TYPES[name]["payment_type"]


@pytest.mark.parametrize(
    ("name", "expiry"),
    [
        *(("bca", DAY), ("permata", DAY), ("echannel", DAY), ("indomaret", DAY)),
        *(("gopay", QUARTER), ("qris", QUARTER), ("shopeepay", QUARTER), ("dana", QUARTER)),
        *(("ovo", "2026-01-05 09:01:05"), ("kredivo", DAY)),
    ],
)
def test_each_method_ends_by_itself_after_its_own_time(name: str, expiry: str) -> None:
    with inside() as sandbox:
        answer = sandbox.call("POST", "/midtrans/v2/charge", TYPES[name])

        assert answer["expiry_time"] == expiry


@pytest.mark.parametrize(
    ("custom", "expiry"),
    [
        ({"expiry_duration": 60, "unit": "minute"}, "2026-01-05 10:00:00"),
        ({"expiry_duration": 5}, "2026-01-05 09:05:00"),
        (
            {"expiry_duration": 1, "unit": "hour", "order_time": "2026-01-05 10:30:00 +0700"},
            "2026-01-05 11:30:00",
        ),
        ({"expiry_duration": 1, "unit": "second"}, "2026-01-05 09:00:20"),
        ({"expiry_duration": 30, "unit": "day"}, "2026-01-12 09:00:00"),
    ],
)
def test_custom_expiry_is_held_within_the_limits_of_the_method(
    custom: dict[str, Any], expiry: str
) -> None:
    with inside() as sandbox:
        body = TYPES["gopay"] | {"custom_expiry": custom}

        assert sandbox.call("POST", "/midtrans/v2/charge", body)["expiry_time"] == expiry


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "payment_type is required"),
    (begun("cash"), "payment_type is not supported"),
    (begun("bank_transfer"), "bank_transfer.bank is required"),
    (
        begun("bank_transfer", bank_transfer={"bank": "x"}),
        "bank_transfer.bank is not supported",
    ),
    (begun("cstore", cstore={}), "cstore.store is required"),
    (begun("echannel"), "echannel.bill_info1 is required"),
    (begun("akulaku", **BUYER), "item_details is required"),
    (begun("kredivo"), "customer_details is required"),
    (
        begun(
            "akulaku",
            **BUYER,
            item_details=[
                {"id": "1", "price": 75_000, "quantity": 1, "name": "Kiri"},
                {"id": "1", "price": 75_000, "quantity": 1, "name": "Kanan"},
            ],
        ),
        "item_details.id must be unique",
    ),
    (begun("ovo"), "ovo.payer_phone_number is required and must be a mobile number"),
    ({"payment_type": "qris"}, "transaction_details.order_id is required"),
    (order("A-1", "qris", 0), "transaction_details.gross_amount must be greater"),
    (
        begun("qris", **ITEMS) | {"transaction_details": {"order_id": "A", "gross_amount": 1}},
        "transaction_details.gross_amount is not equal to the sum of item_details",
    ),
    (begun("qris", custom_expiry={"expiry_duration": 0}), "custom_expiry.expiry_duration"),
    (begun("qris", custom_expiry={"expiry_duration": 1, "order_time": "x"}), "custom_expiry.order"),
    (begun("bank_transfer", bank_transfer={"bank": "bca", "va_number": "1a"}), "bank_transfer.va"),
]


@pytest.mark.parametrize(("body", "message"), WRONG, ids=[message for _, message in WRONG])
def test_an_invalid_charge_is_http_400_and_says_why(
    sandbox: Sandbox, body: dict[str, Any], message: str
) -> None:
    answer = sandbox.request("POST", "/midtrans/v2/charge", json=body, auth=(SERVER_KEY, ""))

    assert answer.status_code == 400
    told = answer.json()
    assert told["status_code"] == "400"
    assert told["status_message"] == "One or more parameters in the payload is invalid."
    assert any(one.startswith(message) for one in told["validation_messages"])
    assert sandbox.control("GET", "state")["transactions"] == []


def test_the_sdk_reads_a_validation_error(sandbox: Sandbox) -> None:
    with pytest.raises(midtransclient.error_midtrans.MidtransAPIError) as caught:
        sandbox.core_sdk().charge({"payment_type": "qris"})

    assert caught.value.http_status_code == 400
    assert "order_id is required" in caught.value.message


def test_an_order_id_is_taken_until_its_attempt_has_failed(sandbox: Sandbox) -> None:
    first = charge(sandbox, TYPES["bca"])
    twice = charge(sandbox, TYPES["qris"])
    sandbox.core("POST", "A-1/expire")
    again = charge(sandbox, TYPES["qris"])
    sandbox.pay("A-1", "qris")

    assert twice["status_code"] == "406"
    assert twice["status_message"].startswith("Duplicate order ID.")
    assert again["status_code"] == "201"
    assert again["transaction_id"] != first["transaction_id"]
    assert charge(sandbox, TYPES["bca"])["status_code"] == "406"


def test_a_snap_order_cannot_be_charged_over_core_as_well(sandbox: Sandbox) -> None:
    sandbox.token("A-1")
    sandbox.pay("A-1", "qris", outcome="pending")

    assert charge(sandbox, TYPES["bca"])["status_code"] == "406"


def test_a_wished_number_is_padded_and_given_only_once(sandbox: Sandbox) -> None:
    wish = {"bank": "bni", "va_number": "42"}
    first = charge(sandbox, order("A-1", "bank_transfer", bank_transfer=wish))
    second = charge(sandbox, order("A-2", "bank_transfer", bank_transfer=wish))

    number = first["va_numbers"][0]["va_number"]
    assert number.endswith("42")
    assert second["va_numbers"][0]["va_number"] != number


def test_headers_of_the_charge_choose_the_addresses(sandbox: Sandbox, shop: Shop) -> None:
    own = shop_url(sandbox, shop)
    urls = ",".join(f"{own}?n={n}" for n in range(4))
    charge(sandbox, TYPES["bca"], **{"X-Override-Notification": urls})
    sandbox.flush()

    assert [one.path for one in shop.received] == [f"/notify?n={n}" for n in range(3)]


def shop_url(sandbox: Sandbox, shop: Shop) -> str:
    """Return where the shop listens, as a first notification shows it."""
    sandbox.paid_order("warm-up", "qris")
    url = sandbox.deliveries()[0]["url"]
    sandbox.flush()
    shop.received.clear()
    return url


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("402", "Payment channel is not activated."),
        ("410", "GoPay user is blocked"),
        ("505", "Unable to create va_number for this transaction"),
        ("900", "GENERIC_SERVICE_ERROR"),
    ],
)
def test_a_fault_rule_refuses_a_charge(sandbox: Sandbox, code: str, message: str) -> None:
    match = {"operation": "midtrans.charge", "order": "A-*"}
    sandbox.faults({"match": match, "effect": "refuse", "code": code, "times": 1})

    refused = charge(sandbox, TYPES["bca"])

    assert (refused["status_code"], refused["status_message"]) == (code, message)
    assert charge(sandbox, TYPES["bca"])["status_code"] == "201"


def test_all_payments_of_an_order_are_listed_for_b2b(sandbox: Sandbox) -> None:
    charge(sandbox, TYPES["bca"])
    sandbox.core("POST", "A-1/expire")
    charge(sandbox, TYPES["bca"])

    listed = sandbox.core_sdk().transactions.statusb2b("A-1")

    assert listed["status_code"] == "200"
    states = [one["transaction_status"] for one in listed["transactions"]]
    assert states == ["expire", "pending"]
    unknown = sandbox.core("GET", "nothing/status/b2b")
    assert unknown["status_code"] == "404"


@pytest.mark.parametrize("name", ["gopay", "qris"])
def test_the_qr_code_of_the_actions_is_a_picture(sandbox: Sandbox, name: str) -> None:
    actions = charge(sandbox, TYPES[name])["actions"]
    pictures = [one["url"] for one in actions if one["name"].startswith("generate-qr-code")]

    answers = [sandbox.request("GET", url.removeprefix(sandbox.url)) for url in pictures]

    assert pictures
    assert {answer.headers["content-type"] for answer in answers} == {"image/svg+xml"}
