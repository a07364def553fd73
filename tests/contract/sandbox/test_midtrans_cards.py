"""Cards over the Core API: tokens, 3-D Secure, pre-authorisation, saved cards, points."""

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop
from tests.contract.sandbox.midtrans_scenes import (
    CARD,
    CHALLENGED,
    CLIENT_KEY,
    card_token,
    charge,
    charge_card,
    last,
    order,
    pass_3ds,
)

WEEK_S, DAY_S = 7 * 86_400, 86_400
GOOD = {"card_number": CARD, "card_exp_month": "12", "card_exp_year": "2039", "card_cvv": "123"}


def ask_token(sandbox: Sandbox, path: str = "token", **changed: str) -> dict[str, object]:
    query = {"client_key": CLIENT_KEY, **GOOD, **changed}
    return sandbox.request("GET", f"/midtrans/v2/{path}", params=query).json()


def test_the_sdk_turns_a_card_into_a_token_and_a_payment(sandbox: Sandbox) -> None:
    sdk = sandbox.core_sdk()
    sdk.api_config.client_key = CLIENT_KEY
    token = sdk.card_token({"client_key": CLIENT_KEY, **GOOD})

    paid = sdk.charge(order("A-1", "credit_card", credit_card={"token_id": token["token_id"]}))

    assert token["token_id"].startswith("48111111-1114-")
    assert len(token["token_id"]) == 50
    assert token["hash"] == "48111111-1114-mami"
    assert (paid["status_code"], paid["transaction_status"]) == ("200", "capture")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"card_number": ""}, "card_number is required"),
        ({"card_number": "4811111111111115"}, "card_number does not match with luhn algorithm"),
        ({"card_number": "x"}, "card_number does not match with luhn algorithm"),
        ({"card_exp_month": "13"}, "card_exp_month must be a month between 1 and 12"),
        ({"card_exp_year": "39"}, "card_exp_year must have four digits"),
        ({"card_exp_year": "2020"}, "card_exp_year must be greater than this year"),
        ({"card_cvv": "1"}, "card_cvv is required and must have 3 or 4 digits"),
    ],
)
def test_a_wrong_card_gets_no_token(
    sandbox: Sandbox, changed: dict[str, str], message: str
) -> None:
    answer = ask_token(sandbox, **changed)

    assert answer["status_code"] == "400"
    assert answer["validation_messages"] == [message]


def test_tokens_need_the_client_key(sandbox: Sandbox) -> None:
    assert ask_token(sandbox, client_key="wrong")["status_code"] == "401"


def test_a_page_may_ask_for_its_token_by_a_script(sandbox: Sandbox) -> None:
    query = {"client_key": CLIENT_KEY, **GOOD}
    path = "/midtrans/v2/token"

    script = sandbox.request("GET", path, params={**query, "callback": "Midtrans.on_1"})
    refused = sandbox.request("GET", path, params={**query, "callback": "alert(1)//"})

    assert script.headers["content-type"].startswith("application/javascript")
    assert script.text.startswith('/**/Midtrans.on_1({"status_code":"200"')
    assert script.text.endswith("});")
    assert refused.json()["status_code"] == "200"


def test_a_token_pays_once(sandbox: Sandbox) -> None:
    card = {"token_id": card_token(sandbox)}

    first = charge(sandbox, order("A-1", "credit_card", credit_card=card))
    second = charge(sandbox, order("A-2", "credit_card", credit_card=card))

    assert first["status_code"] == "200"
    assert second["status_code"] == "411"
    assert second["status_message"].startswith("Credit card token is no longer available")


def test_a_token_lives_for_ten_minutes(sandbox: Sandbox) -> None:
    young, old = card_token(sandbox), card_token(sandbox)

    sandbox.advance(599)
    used_in_time = charge(sandbox, order("A-1", "credit_card", credit_card={"token_id": young}))
    sandbox.advance(2)
    too_late = charge(sandbox, order("A-2", "credit_card", credit_card={"token_id": old}))

    assert used_in_time["status_code"] == "200"
    assert too_late["status_code"] == "411"


def test_a_card_that_was_not_tokenised_is_411(sandbox: Sandbox) -> None:
    assert charge(sandbox, order("A-1", "credit_card"))["status_code"] == "411"


def test_3ds_waits_for_the_right_code(sandbox: Sandbox, shop: Shop) -> None:
    begun = charge_card(sandbox, "A-1", authentication=True)

    wrong = pass_3ds(sandbox, begun["redirect_url"], otp="000000")
    waiting = sandbox.core("GET", "A-1/status")
    right = pass_3ds(sandbox, begun["redirect_url"]).json()

    assert (begun["status_code"], begun["transaction_status"]) == ("201", "pending")
    assert wrong.status_code == 422
    assert waiting["transaction_status"] == "pending"
    assert (right["status_code"], right["transaction_status"]) == ("200", "capture")
    assert last(sandbox, shop)["eci"] == "05"


def test_the_3ds_page_is_html_for_people_and_posts_back(sandbox: Sandbox) -> None:
    begun = charge_card(sandbox, "A-1", authentication=True)
    path = begun["redirect_url"].removeprefix(sandbox.url)

    page = sandbox.request("GET", path)
    done = sandbox.request("POST", path, data={"decision": "pay", "otp": "112233"})

    assert "112233" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "Pembayaran berhasil" in done.text


def test_an_abandoned_3ds_check_expires(sandbox: Sandbox) -> None:
    charge_card(sandbox, "A-1", authentication=True)

    sandbox.advance(601)

    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "expire"


@pytest.mark.parametrize(
    ("number", "code", "status", "message"),
    [
        ("4411111111111118", "200", "capture", "Success, Credit Card transaction is successful"),
        (
            "4711111111111115",
            "202",
            "deny",
            "Deny by Bank [BNI] with code [05] and message [Do not honour]",
        ),
        ("4611111111111116", "202", "deny", "Denied by Fraud Detection System"),
        (
            "4472429869996670",
            "202",
            "deny",
            "Deny by Bank [BNI] with code [51] and message [Insufficient funds]",
        ),
        (CHALLENGED, "201", "capture", "Success, Credit Card transaction is successful"),
    ],
)
def test_a_test_card_answers_as_documented(
    sandbox: Sandbox, number: str, code: str, status: str, message: str
) -> None:
    answer = charge_card(sandbox, "A-1", number)

    assert (answer["status_code"], answer["transaction_status"]) == (code, status)
    assert answer["status_message"] == message


def test_a_denied_order_may_be_charged_again(sandbox: Sandbox) -> None:
    charge_card(sandbox, "A-1", "4711111111111115")

    assert charge_card(sandbox, "A-1")["transaction_status"] == "capture"


def test_a_slow_bank_lets_a_charge_wait_for_a_minute(sandbox: Sandbox) -> None:
    begun = charge_card(sandbox, "A-1", "4024007176265022")
    sandbox.advance(61)

    assert begun["transaction_status"] == "pending"
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "capture"


def test_a_reserved_amount_is_taken_in_part_and_settles_the_next_day(
    sandbox: Sandbox, shop: Shop
) -> None:
    begun = charge_card(sandbox, "A-1", type="authorize")
    taken = sandbox.core_sdk().capture(
        {"transaction_id": begun["transaction_id"], "gross_amount": 100_000}
    )
    captured = last(sandbox, shop)
    sandbox.advance(2 * DAY_S)

    assert (begun["status_code"], begun["transaction_status"]) == ("200", "authorize")
    assert (taken["transaction_status"], taken["gross_amount"]) == ("capture", "100000.00")
    assert taken["status_message"] == "Success, Credit Card capture transaction is successful"
    assert captured["gross_amount"] == "100000.00"
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "settlement"


@pytest.mark.parametrize("amount", [0, -1, 150_001, "150000", 1.5])
def test_no_more_than_the_reserved_amount_can_be_taken(sandbox: Sandbox, amount: object) -> None:
    begun = charge_card(sandbox, "A-1", type="authorize")
    body = {"transaction_id": begun["transaction_id"], "gross_amount": amount}

    assert sandbox.core("POST", "capture", body)["status_code"] == "400"
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "authorize"


def test_only_a_reserved_amount_can_be_taken(sandbox: Sandbox) -> None:
    captured = charge_card(sandbox, "A-1")
    body = {"transaction_id": captured["transaction_id"]}

    assert sandbox.core("POST", "capture", body)["status_code"] == "412"
    assert sandbox.core("POST", "capture", {"transaction_id": "x"})["status_code"] == "404"


def test_a_reserved_amount_is_given_back(sandbox: Sandbox) -> None:
    charge_card(sandbox, "A-1", type="authorize")
    charge_card(sandbox, "A-2", type="authorize")

    canceled = sandbox.core("POST", "A-1/cancel")
    refused = sandbox.core("POST", "A-2/refund", {"refund_key": "r-1"})
    sandbox.advance(WEEK_S + 1)

    assert canceled["transaction_status"] == "cancel"
    assert refused["status_code"] == "412"
    assert sandbox.core("GET", "A-2/status")["transaction_status"] == "expire"


def test_a_saved_card_pays_again_and_again(sandbox: Sandbox, shop: Shop) -> None:
    first = charge_card(sandbox, "A-1", save_token_id=True)
    saved = {"token_id": first["saved_token_id"]}

    again = [
        charge(sandbox, order(order_id, "credit_card", credit_card=saved))
        for order_id in ("A-2", "A-3")
    ]

    assert len(first["saved_token_id"]) == 32
    assert [one["transaction_status"] for one in again] == ["capture", "capture"]
    told = {body["order_id"]: body for body in shop.bodies()}  # orders are told side by side
    assert {order_id for order_id in told if "saved_token_id" in told[order_id]} == {"A-1"}


def test_a_saved_card_with_its_cvv_becomes_a_token(sandbox: Sandbox) -> None:
    saved = str(ask_token(sandbox, "card/register")["saved_token_id"])
    query = {"client_key": CLIENT_KEY, "token_id": saved, "card_cvv": "123"}

    answer = sandbox.request("GET", "/midtrans/v2/token", params=query).json()

    assert answer["token_id"].startswith("48111111-1114-")


def test_a_registered_card_has_the_published_shape(sandbox: Sandbox) -> None:
    answer = ask_token(sandbox, "card/register")

    assert set(answer) == {"status_code", "saved_token_id", "transaction_id", "masked_card"}
    assert answer["masked_card"] == "48111111-1114"
    assert ask_token(sandbox, "card/register", card_number="1")["status_code"] == "400"


def test_points_are_told_and_redeemed(sandbox: Sandbox) -> None:
    token = card_token(sandbox)

    told = sandbox.core_sdk().card_point_inquiry(token)
    charge(sandbox, order("A-1", "credit_card", credit_card={"token_id": token, "point": 30_000}))
    status = sandbox.core("GET", "A-1/status")

    assert (told["point_balance"], told["point_balance_amount"]) == (60_000, "180000.00")
    assert status["point_redeem_amount"] == 30_000
    assert status["point_redeem_quantity"] == 10_000
    assert status["point_balance_amount"] == "150000.00"
    assert sandbox.core("GET", "point_inquiry/unknown")["status_code"] == "411"


def test_a_bank_takes_back_a_part_and_then_the_rest(sandbox: Sandbox, shop: Shop) -> None:
    charge_card(sandbox, "A-1")

    part = sandbox.control("POST", "midtrans/A-1/chargeback", {"amount": 50_000})
    rest = sandbox.control("POST", "midtrans/A-1/chargeback")

    assert part["transaction_status"] == "partial_chargeback"
    assert rest["transaction_status"] == "chargeback"
    assert last(sandbox, shop)["status_code"] == "200"
    refused = sandbox.request("POST", "/_sandbox/midtrans/A-1/chargeback", json={"amount": 0})
    assert refused.status_code == 422
