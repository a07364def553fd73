"""Situations of the Midtrans half, reached over HTTP, and what was sent in them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sandbox.clock import WIB
from tests.contract.sandbox.bench import Sandbox, Shop

CLIENT_KEY: Final = "SB-Mid-client-lunas-demo"
CARD: Final = "4811111111111114"
BILL: Final = {"echannel": {"bill_info1": "For", "bill_info2": "shoes"}}
BUYER: Final = {"customer_details": {"first_name": "Budi", "phone": "081234567890"}}
ITEMS: Final = {
    "item_details": [{"id": "1", "price": 150_000, "quantity": 1, "name": "Sepatu lari"}]
}
CHALLENGED: Final = "4511111111111117"
LATER: Final = "Midtrans added it after this sample was published"
ALL_OF_A_CARD: Final = (
    *("masked_card", "eci", "bank", "card_type", "approval_code"),
    *("channel_response_code", "channel_response_message"),
)

Body = dict[str, Any]
Scene = Callable[[Sandbox, str], Body | None]


def later(*names: str) -> Mapping[str, str]:
    """Excuse fields that this sample is too old to have."""
    return dict.fromkeys(names, LATER)


def last(sandbox: Sandbox, shop: Shop) -> Body:
    """Return the newest notification."""
    sandbox.flush()
    return shop.received[-1].body


def order(order_id: str, payment_type: str, amount: int = 150_000, /, **more: Any) -> Body:
    """Return the body of a charge."""
    details = {"order_id": order_id, "gross_amount": amount}
    return {"payment_type": payment_type, "transaction_details": details, **more}


def charge(sandbox: Sandbox, body: Body, **headers: str) -> Body:
    return sandbox.core("POST", "charge", body, **headers)


def charged(payment_type: str, **more: Any) -> Scene:
    """Return the scene in which an order has been charged and waits for its payer."""
    return lambda sandbox, order_id: charge(sandbox, order(order_id, payment_type, **more))


def transfer(bank: str, **more: Any) -> Scene:
    return charged("bank_transfer", bank_transfer={"bank": bank}, **more)


def card_token(sandbox: Sandbox, number: str = CARD, **more: str) -> str:
    query = {
        "client_key": CLIENT_KEY,
        "card_number": number,
        "card_exp_month": "12",
        "card_exp_year": "2039",
        "card_cvv": "123",
    }
    answer = sandbox.request("GET", "/midtrans/v2/token", params=query | more).json()
    assert answer["status_code"] == "200", answer
    return answer["token_id"]


def charge_card(
    sandbox: Sandbox, order_id: str, number: str = CARD, amount: int = 150_000, /, **options: Any
) -> Body:
    """Charge a card over Core; ``options`` go into ``credit_card``."""
    card = {"token_id": card_token(sandbox, number), **options}
    return charge(sandbox, order(order_id, "credit_card", amount, credit_card=card))


def pass_3ds(sandbox: Sandbox, redirect_url: str, otp: str = "112233") -> Any:
    """Enter the code on the bank's page and return what it answers to scripts."""
    path = redirect_url.removeprefix(sandbox.url)
    form = {"decision": "pay", "otp": otp}
    return sandbox.request("POST", path, data=form, headers={"accept": "application/json"})


def settled_card(sandbox: Sandbox, order_id: str, **options: Any) -> None:
    charge_card(sandbox, order_id, authentication=True, **options)
    sandbox.pay(order_id, "credit_card")
    sandbox.control("POST", f"midtrans/{order_id}/settle")


def refunded_card(sandbox: Sandbox, order_id: str, *amounts: int, **options: Any) -> Body:
    """Refund a settled card in parts and return the last answer."""
    settled_card(sandbox, order_id, **options)
    answers = [
        sandbox.core("POST", f"{order_id}/refund", {"refund_key": f"r{n}", "amount": amount})
        for n, amount in enumerate(amounts, start=1)
    ]
    return answers[-1]


def snap_state(sandbox: Sandbox, token: str) -> Body:
    return sandbox.request("GET", f"/midtrans/snap/page/{token}/state").json()


def on_page(sandbox: Sandbox, token: str, action: str, body: Body) -> Any:
    """Do what the payer does on the Snap page."""
    return sandbox.request("POST", f"/midtrans/snap/page/{token}/{action}", json=body)


def published(document: Body) -> Body:
    """Return a sample without the remarks that its publisher put into it."""
    return {name: value for name, value in document.items() if name != "_comment"}


def to_nine_in_the_morning(sandbox: Sandbox) -> None:
    """Move the clock to the next 09:00 WIB."""
    moment = datetime.fromisoformat(sandbox.control("GET", "clock")["now"]).astimezone(WIB)
    nine = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    sandbox.advance((nine - moment).total_seconds() % 86_400)
