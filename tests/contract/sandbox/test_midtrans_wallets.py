"""OVO's test numbers, DANA's ids, the way back from a wallet's app, reversals."""

from typing import Any

import pytest

from tests.contract.sandbox.bench import Sandbox, Shop
from tests.contract.sandbox.midtrans_scenes import (
    BILL,
    BUYER,
    charge,
    last,
    on_page,
    order,
    snap_state,
)

SHOP = "https://shop.example/back"


def charge_ovo(sandbox: Sandbox, phone: str) -> dict[str, Any]:
    return charge(sandbox, order("A-1", "ovo", ovo={"payer_phone_number": phone}))


@pytest.mark.parametrize(
    ("phone", "after_ten", "after_sixty_five"),
    [
        ("081234567890", "settlement", "settlement"),
        ("+628271939753", "deny", "deny"),
        ("+628242014881", "deny", "deny"),
        ("08237435829", "deny", "deny"),
        ("628215023424", "pending", "expire"),
        ("+628242974268", "pending", "expire"),
    ],
)
def test_an_ovo_number_decides_how_the_payer_answers(
    sandbox: Sandbox, phone: str, after_ten: str, after_sixty_five: str
) -> None:
    begun = charge_ovo(sandbox, phone)
    seen = [begun["transaction_status"]]
    for seconds in (11, 55):
        sandbox.advance(seconds)
        seen.append(sandbox.core("GET", "A-1/status")["transaction_status"])

    assert seen == ["pending", after_ten, after_sixty_five]
    assert begun["payer_phone_number"] == phone


def test_an_unknown_ovo_user_is_404_and_leaves_nothing(sandbox: Sandbox) -> None:
    answer = charge_ovo(sandbox, "+628249134000")

    assert answer["status_code"] == "404"
    assert answer["status_message"] == "User with requested phone number doesn't exist"
    assert sandbox.core("GET", "A-1/status")["status_code"] == "404"


def test_an_ovo_payment_names_the_payer_and_the_invoice(sandbox: Sandbox, shop: Shop) -> None:
    charge_ovo(sandbox, "081234567890")
    sandbox.advance(11)

    settled = last(sandbox, shop)
    assert settled["payer_phone_number"] == "081234567890"
    assert settled["merchant_invoice"].startswith("OVO")


@pytest.mark.parametrize(("phone", "error"), [("12", "phone"), ("+628249134000", "phone_unknown")])
def test_the_page_asks_for_a_number_that_ovo_knows(
    sandbox: Sandbox, phone: str, error: str
) -> None:
    answer = on_page(sandbox, sandbox.token("A-1"), "charge", {"method": "ovo", "phone": phone})

    assert (answer.status_code, answer.json()) == (422, {"error": error})


def test_dana_is_found_by_its_transaction_id_only(sandbox: Sandbox) -> None:
    paid = sandbox.paid_order("A-1", "dana")
    dana_id = paid["transaction_id"]

    assert len(dana_id) == len("A120240830074017NP16XMU4JTID")
    assert sandbox.core("GET", "A-1/status")["status_code"] == "404"
    assert sandbox.core("POST", "A-1/refund", {})["status_code"] == "404"
    assert sandbox.core("GET", f"{dana_id}/status")["transaction_status"] == "settlement"
    assert sandbox.core("POST", f"{dana_id}/refund", {})["transaction_status"] == "refund"


def test_dana_knows_no_expire_call(sandbox: Sandbox) -> None:
    begun = charge(sandbox, order("A-1", "dana"))
    dana_id = begun["transaction_id"]

    assert sandbox.core("POST", f"{dana_id}/expire")["status_code"] == "412"
    assert sandbox.core("POST", f"{dana_id}/cancel")["transaction_status"] == "cancel"


RETURNS = [
    ("gopay", "pay", f"{SHOP}?order_id=A-1&amp;result=success"),
    ("gopay", "refuse", f"{SHOP}?order_id=A-1&amp;result=failure"),
    ("shopeepay", "pay", SHOP),
    ("dana", "pay", f"{SHOP}?order_id=A-1&amp;result=success"),
]


@pytest.mark.parametrize(("wallet", "decision", "target"), RETURNS)
def test_a_wallets_app_sends_the_payer_back_in_its_own_way(
    sandbox: Sandbox, wallet: str, decision: str, target: str
) -> None:
    begun = charge(sandbox, order("A-1", wallet, **{wallet: {"callback_url": SHOP}}))
    urls = [one["url"] for one in begun["actions"] if one["name"] == "deeplink-redirect"]

    page = go(sandbox, urls[0], decision)

    assert f'href="{target}"' in page


def test_kredivo_comes_back_with_the_three_parameters(sandbox: Sandbox) -> None:
    callbacks = {"callbacks": {"finish": SHOP}}
    begun = charge(sandbox, order("A-1", "kredivo", **BUYER, **callbacks))

    page = go(sandbox, begun["redirect_url"], "refuse")

    query = "order_id=A-1&amp;status_code=202&amp;transaction_status=deny"
    assert f'href="{SHOP}?{query}"' in page


def test_failing_inside_a_wallet_changes_nothing(sandbox: Sandbox) -> None:
    begun = charge(sandbox, order("A-1", "shopeepay"))
    go(sandbox, begun["actions"][0]["url"], "refuse")

    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "pending"


def test_an_address_that_would_run_code_is_not_linked(sandbox: Sandbox) -> None:
    wallet = {"shopeepay": {"callback_url": "javascript:alert(1)"}}
    begun = charge(sandbox, order("A-1", "shopeepay", **wallet))

    assert "javascript:" not in go(sandbox, begun["actions"][0]["url"], "pay")


def test_a_page_of_no_payment_is_404(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "/midtrans/v2/oms/redirect/nothing")

    assert answer.status_code == 404
    assert "tidak ditemukan" in answer.text


def go(sandbox: Sandbox, url: str, decision: str) -> str:
    path = url.removeprefix(sandbox.url)
    return sandbox.request("POST", path, data={"decision": decision}).text


def test_the_page_in_app_mode_leads_into_the_wallet(sandbox: Sandbox) -> None:
    token = sandbox.token("A-1", gopay={"enable_callback": True, "callback_url": SHOP})
    on_page(sandbox, token, "charge", {"method": "gopay", "mode": "deeplink"})

    app_url = snap_state(sandbox, token)["transaction"]["app_url"]

    assert f'href="{SHOP}?order_id=A-1&amp;result=success"' in go(sandbox, app_url, "pay")
    assert snap_state(sandbox, token)["page_state"] == "paid"


@pytest.mark.parametrize("wallet", ["gopay", "shopeepay"])
def test_a_wallet_shown_as_qr_code_is_reported_as_qris(
    sandbox: Sandbox, shop: Shop, wallet: str
) -> None:
    token = sandbox.token("A-1", enabled_payments=[wallet])
    on_page(sandbox, token, "charge", {"method": wallet, "mode": "qr"})
    on_page(sandbox, token, "simulate", {"outcome": "pay"})

    settled = last(sandbox, shop)
    assert settled["payment_type"] == "qris"
    assert settled["acquirer"] == {"gopay": "gopay", "shopeepay": "airpay shopee"}[wallet]


@pytest.mark.parametrize(
    "body",
    [
        order("A-1", "echannel", **BILL),
        order("A-1", "bank_transfer", bank_transfer={"bank": "permata"}),
        order("A-1", "cstore", cstore={"store": "indomaret"}),
    ],
    ids=["echannel", "permata", "indomaret"],
)
def test_the_bank_may_take_a_settled_payment_back(
    sandbox: Sandbox, shop: Shop, body: dict[str, Any]
) -> None:
    charge(sandbox, body)
    sandbox.control("POST", "midtrans/A-1/pay")
    sandbox.control("POST", "midtrans/A-1/reverse")

    reversed_ = last(sandbox, shop)
    assert (reversed_["transaction_status"], reversed_["status_code"]) == ("deny", "202")
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "deny"


@pytest.mark.parametrize("bank", ["bca", "bni", "bri", "cimb"])
def test_other_banks_take_nothing_back(sandbox: Sandbox, bank: str) -> None:
    charge(sandbox, order("A-1", "bank_transfer", bank_transfer={"bank": bank}))
    sandbox.control("POST", "midtrans/A-1/pay")

    answer = sandbox.request("POST", "/_sandbox/midtrans/A-1/reverse")

    assert answer.status_code == 409
    assert sandbox.core("GET", "A-1/status")["transaction_status"] == "settlement"
