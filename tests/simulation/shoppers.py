"""What shoppers do: buy, ask again, choose, pay, fail, come back late."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from app.core.errors import ConflictError, GatewayError, RefusedError
from app.core.states import GatewayName
from app.services.checkout import CartLine, CheckoutRequest, retry_payment, start_checkout
from app.services.order_reading import read_order
from app.services.payment_pages import PageNotOpenedError, PaymentPage
from sandbox.control import RefusedError as SandboxRefusedError
from sandbox.midtrans.payments import WrongStateError as MidtransStateError
from sandbox.midtrans.records import SessionState
from sandbox.xendit.invoices import WrongStateError as XenditStateError
from tests.simulation.databank import GOODS
from tests.simulation.stage import Page, Purchase, Stage
from tests.world import CUSTOMER

MOST_ORDERS = 4
# A shopper who sees no page presses the button again, or does not.
_GIVES_UP = 0.4
_PAYS_WHAT_WAS_CHOSEN = 0.7
# Every family of methods: card, wallets, QR, virtual accounts, bill, counter, pay-later.
METHODS = {
    GatewayName.MIDTRANS: (
        *("credit_card", "credit_card", "credit_card", "gopay", "gopay", "qris", "shopeepay"),
        *("dana", "ovo", "bca_va", "permata_va", "echannel", "indomaret", "alfamart"),
        *("akulaku", "kredivo"),
    ),
    GatewayName.XENDIT: (
        *("CREDIT_CARD", "CREDIT_CARD", "DANA", "DANA", "SHOPEEPAY", "GOPAY", "QRIS", "OVO"),
        *("LINKAJA", "BCA", "MANDIRI", "ALFAMART", "DD_BRI", "KREDIVO", "AKULAKU"),
    ),
}
NO = (SandboxRefusedError, MidtransStateError, XenditStateError)


def check_out(stage: Stage, dice: random.Random) -> str | None:
    """Buy something new, or press the button once more when enough was bought."""
    if len(stage.purchases) >= MOST_ORDERS:
        return press_again(stage, dice)
    number = len(stage.purchases) + 1
    goods = dice.sample(GOODS, dice.choice((1, 1, 2)))
    lines = tuple(CartLine(sku, dice.choice((1, 1, 2))) for sku, _, _ in goods)
    request = CheckoutRequest(
        key=f"intent-{stage.chapter}-{number}",
        fingerprint=f"cart-{stage.chapter}-{number}",
        gateway=dice.choice(list(GatewayName)),
        lines=lines,
        customer=CUSTOMER,
        locale=dice.choice(("id", "en")),
    )
    stage.purchases.append(Purchase(request))
    said = _buy(stage, stage.purchases[-1], request)
    if stage.purchases[-1].pages or dice.random() < _GIVES_UP:
        return said
    stage.note(said)
    return _buy(stage, stage.purchases[-1], request)


def press_again(stage: Stage, dice: random.Random) -> str | None:
    """Send the same intent again, sometimes with another cart, which must be refused."""
    if not stage.purchases:
        return None
    purchase = dice.choice(stage.purchases)
    request = purchase.request
    if dice.random() < 0.1:
        request = CheckoutRequest(
            request.key, "another cart", request.gateway, request.lines, CUSTOMER, "id"
        )
    return _buy(stage, purchase, request)


def _buy(stage: Stage, purchase: Purchase, request: CheckoutRequest) -> str:
    words = " + ".join(f"{line.quantity} {line.sku}" for line in request.lines)
    stage.note(f"shopper buys {words} at {request.gateway} under {request.key}")
    return _open(stage, purchase, lambda: start_checkout(stage.desk, request))


def come_back(stage: Stage, dice: random.Random) -> str | None:
    """Ask to pay again, by the same gateway or the other one."""
    mine = [purchase for purchase in stage.purchases if purchase.order_id]
    if not mine:
        return None
    purchase = dice.choice(mine)
    gateway = dice.choice((None, *GatewayName))
    stage.note(f"shopper comes back to pay {purchase.request.key} by {gateway or 'the same'}")
    return _open(
        stage, purchase, lambda: retry_payment(stage.desk, purchase.order_id or "", gateway)
    )


def _open(stage: Stage, purchase: Purchase, ask: Callable[[], PaymentPage]) -> str:
    try:
        page = ask()
    except PageNotOpenedError as error:
        purchase.order_id = error.order_id
        return f"shopper sees no page: {error.cause}"
    except (ConflictError, RefusedError) as error:
        return f"shopper is told: {error}"
    except GatewayError as error:
        return f"shopper is told to try later: {error}"
    purchase.order_id = page.order_id
    purchase.pages.append(Page(page.gateway, page.token or page.page_url.rsplit("/", 1)[-1]))
    return f"shopper sees the page of {page.order_number} at {page.gateway}"


def look(stage: Stage, dice: random.Random) -> str | None:
    """Look at the order's page; reading must always work."""
    mine = [purchase.order_id for purchase in stage.purchases if purchase.order_id]
    if not mine:
        return None
    view = read_order(stage.desk, dice.choice(mine))
    return f"shopper reads {view.order.number}: {view.order.payment_status}"


def pay(stage: Stage, dice: random.Random) -> str | None:
    """Pay on a page that is still there, by any method."""
    return _on_a_page(stage, dice, "pay", {})


def choose(stage: Stage, dice: random.Random) -> str | None:
    """Choose a method and get a number, but do not pay."""
    return _on_a_page(stage, dice, "choose", {})


def fail(stage: Stage, dice: random.Random) -> str | None:
    """Try to pay and be declined."""
    return _on_a_page(stage, dice, "deny", {})


def be_challenged(stage: Stage, dice: random.Random) -> str | None:
    """Pay by a card that the fraud system holds."""
    return _on_a_page(stage, dice, "challenge", {})


def pay_late(stage: Stage, dice: random.Random) -> str | None:
    """Let money arrive for something that has expired."""
    return _on_a_page(stage, dice, "pay", {"late": True})


def _on_a_page(
    stage: Stage, dice: random.Random, action: str, body: dict[str, object]
) -> str | None:
    pages = [page for purchase in stage.purchases for page in purchase.pages]
    if not pages:
        return None
    # Mostly the newest page; an old one may still lie open in another tab.
    page = pages[-1] if dice.random() < 0.5 else dice.choice(pages)
    method = dice.choice(METHODS[page.gateway])
    if action == "pay" and dice.random() < _PAYS_WHAT_WAS_CHOSEN:
        method = _chosen(stage, page) or method
    act = _at_midtrans if page.gateway is GatewayName.MIDTRANS else _at_xendit
    words = f"{action}{' late' if body else ''}: {method} on {page.name[:8]} ({page.gateway})"
    try:
        act(stage, page, action, method, dict(body))
    except NO as error:
        return f"shopper wants to {words}, but: {error}"
    return f"shopper {words}"


def _chosen(stage: Stage, page: Page) -> str | None:
    """Return the method that waits for its money on a page of Midtrans."""
    session = stage.sandbox.midtrans.book.sessions.get(page.name)
    attempts = stage.sandbox.midtrans.book.attempts(session.order_id) if session else []
    return attempts[-1].method if attempts and attempts[-1].status == "pending" else None


def _at_midtrans(stage: Stage, page: Page, action: str, method: str, body: dict[str, Any]) -> None:
    session = stage.sandbox.midtrans.book.sessions[page.name]
    if session.state == SessionState.REPLACED:
        raise SandboxRefusedError(409, "another page has replaced this one")
    over = session.page_expires_at <= stage.sandbox.engine.clock.now()
    if over and not body and not stage.sandbox.midtrans.book.attempts(session.order_id):
        raise SandboxRefusedError(409, "the page is over")
    if action == "choose":
        action, body = "pay", {"outcome": "pending"}
    if action != "deny" or method not in {"gopay", "dana"}:
        body["payment_type"] = method
    stage.control.midtrans(body, page.name, action)


def _at_xendit(stage: Stage, page: Page, action: str, method: str, body: dict[str, Any]) -> None:
    action = "pick" if action == "choose" else action
    stage.control.xendit({**body, "channel": method}, page.name, action)
