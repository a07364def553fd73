"""Snap's full parameter set, its refusals by language, and what each option does."""

from typing import Any

import pytest

from tests.contract.sandbox.bench import SERVER_KEY, Sandbox, Shop
from tests.contract.sandbox.midtrans_scenes import CARD, on_page, order, snap_state

EVERYTHING: dict[str, Any] = {
    "transaction_details": {"order_id": "A-1", "gross_amount": 150_000},
    "item_details": [
        {
            "id": "SKU-1",
            "price": 160_000,
            "quantity": 1,
            "name": "Sepatu lari",
            "brand": "Lari",
            "category": "Sepatu",
            "merchant_name": "Toko",
            "url": "https://shop.example/1",
        },
        {"id": "D", "price": -10_000, "quantity": 1, "name": "Diskon"},
    ],
    "customer_details": {
        "first_name": "Budi",
        "last_name": "Utomo",
        "email": "budi@example.com",
        "phone": "+6281234567890",
        "billing_address": {
            "first_name": "Budi",
            "address": "Jl. Sudirman 1",
            "city": "Jakarta",
            "postal_code": "12190",
            "country_code": "IDN",
        },
        "shipping_address": {"first_name": "Budi", "phone": "0812"},
    },
    "enabled_payments": ["credit_card", "bca_va", "gopay"],
    "credit_card": {
        "secure": True,
        "bank": "bca",
        "channel": "migs",
        "type": "authorize_capture",
        "save_card": True,
        "whitelist_bins": ["48111111"],
        "installment": {"required": False, "terms": {"bni": [3, 6, 12]}},
        "dynamic_descriptor": {"merchant_name": "Toko"},
    },
    "user_id": "budi-1",
    "bca_va": {"va_number": "12345678", "sub_company_code": "00000", "free_text": {}},
    "permata_va": {"va_number": "1234567890", "recipient_name": "SUDARSONO"},
    "gopay": {"enable_callback": True, "callback_url": "someapps://callback"},
    "shopeepay": {"callback_url": "https://shop.example/s"},
    "dana": {"callback_url": "https://shop.example/d"},
    "callbacks": {"finish": "https://shop.example/f", "error": "https://shop.example/e"},
    "expiry": {"start_time": "2030-01-01 00:00:00 +0700", "unit": "hours", "duration": 2},
    "page_expiry": {"unit": "minutes", "duration": 30},
    "custom_field1": "one",
    "custom_field2": "two",
    "custom_field3": "three",
    "recurring": {"required": True},
}


def test_the_whole_parameter_set_is_accepted(sandbox: Sandbox) -> None:
    assert sandbox.snap_call(EVERYTHING).status_code == 201


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"credit_card": []}, "credit_card must be an object"),
        ({"credit_card": {"secure": "yes"}}, "credit_card.secure must be true or false"),
        ({"credit_card": {"type": "later"}}, "credit_card.type must be authorize or"),
        ({"credit_card": {"whitelist_bins": "4811"}}, "credit_card.whitelist_bins must be"),
        ({"credit_card": {"installment": {"terms": []}}}, "credit_card.installment must be"),
        (
            {"credit_card": {"installment": {"terms": {"bni": ["x"]}}}},
            "credit_card.installment.terms.bni must be",
        ),
        ({"bca_va": {"va_number": 1}}, "bca_va.va_number must be a text of digits"),
        ({"bni_va": {"va_number": "1a"}}, "bni_va.va_number must be a text of digits"),
        ({"permata_va": {"recipient_name": "x" * 21}}, "permata_va.recipient_name must be"),
        ({"gopay": {"callback_url": 1}}, "gopay.callback_url must be a text"),
        ({"user_id": 1}, "user_id must be a text"),
        ({"enabled_payments": ["cash"]}, "enabled_payments has an unknown value: cash"),
        (
            {"customer_details": {"billing_address": {"city": "x" * 101}}},
            "customer_details.billing_address.city must be",
        ),
        (
            {"item_details": [{"price": 150_000, "quantity": 1, "name": "x", "brand": "x" * 51}]},
            "item_details.brand must be a text of at most 50 characters",
        ),
    ],
)
def test_a_wrong_option_is_named(sandbox: Sandbox, changed: dict[str, Any], message: str) -> None:
    answer = sandbox.snap_call(order("A-1", "") | changed)

    assert answer.status_code == 400
    assert [one for one in answer.json()["error_messages"] if one.startswith(message)]


@pytest.mark.parametrize(
    ("language", "body"),
    [
        (
            "",
            {
                "error_messages": [
                    (
                        "transaction_details.order_id has been paid and utilized, "
                        "please use another order ID"
                    )
                ]
            },
        ),
        (
            "en-US,en;q=0.9",
            {
                "error_messages": ["transaction_details.order_id has already been taken"],
                "locale": "en",
            },
        ),
        (
            "id-ID",
            {
                "error_messages": ["transaction_details.order_id sudah digunakan"],
                "locale": "id",
            },
        ),
    ],
)
def test_a_used_order_id_is_refused_in_the_language_asked_for(
    sandbox: Sandbox, language: str, body: dict[str, Any]
) -> None:
    sandbox.paid_order("A-1", "qris")
    headers = {"Accept-Language": language} if language else {"Accept-Language": ""}

    assert sandbox.snap_call(order("A-1", ""), **headers).json() == body


@pytest.mark.parametrize("language", ["*", "fr", "x" * 300])
def test_any_other_language_gets_todays_wording(sandbox: Sandbox, language: str) -> None:
    sandbox.paid_order("A-1", "qris")

    body = sandbox.snap_call(order("A-1", ""), **{"Accept-Language": language}).json()

    assert set(body) == {"error_messages"}
    assert "has been paid and utilized" in body["error_messages"][0]


@pytest.mark.parametrize(
    ("codes", "keys"),
    [
        (["echannel"], ["echannel"]),
        (["other_va"], ["danamon_va", "bsi_va", "seabank_va", "saqu_va"]),
        (["other_qris"], ["qris"]),
        (["cstore"], ["indomaret", "alfamart"]),
        (["bri_epay", "cimb_clicks"], ["cimb_clicks", "bri_epay"]),
        (["akulaku", "kredivo"], []),
    ],
)
def test_enabled_payments_and_their_aliases(
    sandbox: Sandbox, codes: list[str], keys: list[str]
) -> None:
    state = snap_state(sandbox, sandbox.token("A-1", enabled_payments=codes))

    assert [one["key"] for one in state["methods"]] == keys


def test_pay_later_is_offered_with_lines_and_a_customer(sandbox: Sandbox) -> None:
    more = {
        "enabled_payments": ["akulaku", "kredivo"],
        "customer_details": {"first_name": "Budi"},
        "item_details": [{"id": "1", "price": 150_000, "quantity": 1, "name": "Sepatu"}],
    }

    state = snap_state(sandbox, sandbox.token("A-1", **more))

    assert [one["key"] for one in state["methods"]] == ["akulaku", "kredivo"]


def test_a_whitelist_keeps_other_cards_out(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1", credit_card={"whitelist_bins": ["5211"]})

    answer = on_page(sandbox, token, "charge", {"method": "credit_card", "card": {"number": CARD}})

    assert (answer.status_code, answer.json()["error"]) == (422, "card_bin")


def test_the_shop_chooses_acquirer_saving_and_reservation(sandbox: Sandbox, shop: Shop) -> None:
    options = {"bank": "mandiri", "save_card": True, "type": "authorize"}
    sandbox.token("A-1", credit_card=options, user_id="budi-1")

    reserved = sandbox.pay("A-1", "credit_card")

    sandbox.flush()
    assert (reserved["transaction_status"], reserved["bank"]) == ("authorize", "mandiri")
    assert shop.received[-1].body["saved_token_id"].startswith("48111111")


@pytest.mark.parametrize(
    ("key", "asked", "tail"),
    [
        ("bca_va", "123", "000123"),
        ("bca_va", "12345678901234", "12345678901"),
        ("permata_va", "42", "0000000042"),
        ("bni_va", "123456789", "12345678"),
        ("bri_va", "7", "7"),
    ],
)
def test_a_wished_va_number_is_padded_or_cut(
    sandbox: Sandbox, key: str, asked: str, tail: str
) -> None:
    wish: dict[str, Any] = {key: {"va_number": asked}}
    sandbox.token("A-1", **wish)

    assert sandbox.pay("A-1", key, outcome="pending")["pay_number"].endswith(tail)


def test_the_instructions_are_a_pdf(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1")
    on_page(sandbox, token, "charge", {"method": "echannel"})
    url = snap_state(sandbox, token)["result"]["pdf_url"]

    answer = sandbox.request("GET", url.removeprefix(sandbox.url))

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert b"70012" in answer.content
    missing = sandbox.request("GET", "/midtrans/snap/v1/transactions/x/pdf")
    assert missing.status_code == 404


def test_the_error_address_is_for_others_than_gopay(sandbox: Sandbox) -> None:
    error: dict[str, Any] = {"callbacks": {"error": "https://shop.example/e?own=1"}}
    token = sandbox.token("A-1", **error)
    on_page(sandbox, token, "charge", {"method": "bca_va"})
    sandbox.core("POST", "A-1/expire")
    expired = snap_state(sandbox, token)["error_url"]
    token = sandbox.token("A-2", **error)
    on_page(sandbox, token, "charge", {"method": "gopay"})

    assert expired == (
        "https://shop.example/e?own=1&order_id=A-1&status_code=407&transaction_status=expire"
    )
    assert snap_state(sandbox, token)["error_url"] == ""


def test_a_body_beyond_16_kilobytes_is_refused_by_both_apis(sandbox: Sandbox) -> None:
    body = order("A-1", "qris", custom_field1="x" * 17_000)
    auth = (SERVER_KEY, "")
    paths = ("/midtrans/snap/v1/transactions", "/midtrans/v2/charge")

    codes = [sandbox.request("POST", path, json=body, auth=auth).status_code for path in paths]

    assert codes == [413, 413]
