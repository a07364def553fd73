"""Shoppers: check out through the proxy, come again where they are put off, and pay."""

import random
import secrets
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from tests.hosts.machines import SHOP, Lab
from tests.hosts.records import Bought, Caller, Ledger, Working

# Ways to pay, and how many of a hundred shoppers choose each.
_WAYS: Final[Sequence[tuple[str, str, int]]] = (
    ("midtrans", "gopay", 30),
    ("midtrans", "qris", 15),
    ("midtrans", "bca_va", 10),
    ("midtrans", "credit_card", 10),
    ("xendit", "DANA", 20),
    ("xendit", "BCA", 15),
)
# What no gateway gives back: staff would have to make a bank transfer.
_BY_TRANSFER: Final = frozenset({"bca_va", "BCA"})
_GOES_AWAY: Final = 0.08
_IS_DECLINED_FIRST: Final = 0.06
_LEAST_PAUSE_S: Final = 0.2
_MOST_PAUSE_S: Final = 1.0
_COME_AGAIN: Final = frozenset({"409", "429", "502", "503", "504"})
_LONGEST_TRIES: Final = 60


class Shopper:
    """One after the other, as many shoppers as the time allows; each buys one thing."""

    def __init__(self, lab: Lab, ledger: Ledger, working: Working, dice: random.Random) -> None:
        self._ledger = ledger
        self._working = working
        self._dice = dice
        self._shop = Caller(ledger, "proxy", f"http://{SHOP}")
        self._gates = Caller(Ledger(), "gates", lab.sandbox_url)

    def go_on(self, most: int, pause_s: float) -> None:
        """Buy again and again, at most so often, with about this pause in between."""
        goods = self._goods()
        for _ in range(most):
            if self._working.is_over.wait(self._dice.uniform(0.5, 1.5) * pause_s):
                return
            gateway, method = self._way()
            bought = self._buy(gateway, goods)
            if bought is not None and self._dice.random() > _GOES_AWAY:
                self._pay(bought, method)

    def _goods(self) -> list[str]:
        while not self._working.is_over.is_set():
            answer = self._shop.ask("catalogue", "GET", "/api/products", timeout_s=20)
            if answer is not None and answer.ok:
                return [one["sku"] for one in answer.json()["products"]]
            self._pause()
        return []

    def _way(self) -> tuple[str, str]:
        weights = [share for *_, share in _WAYS]
        gateway, method, _ = self._dice.choices(_WAYS, weights)[0]
        return gateway, method

    def _buy(self, gateway: str, goods: list[str]) -> Bought | None:
        """Check out under one key until there is an order; None if that never came."""
        body = {
            "gateway": gateway,
            "items": [{"sku": self._dice.choice(goods), "quantity": self._dice.randint(1, 3)}],
            "customer": {
                "name": "Rina Wijaya",
                "email": "rina@contoh.example",
                "phone": "+6281234567890",
            },
        }
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        for _ in range(_LONGEST_TRIES):
            answer = self._shop.ask(
                "checkout", "POST", "/api/payments/create-transaction", json=body, headers=headers
            )
            if answer is not None and answer.status_code == 201:
                return self._note(answer.json())
            if answer is not None and str(answer.status_code) not in _COME_AGAIN:
                self._ledger.surprises.append(f"checkout: {answer.status_code} {answer.text[:300]}")
                return None
            if self._working.is_over.is_set():
                return None
            self._pause()
        return None

    def _note(self, told: dict[str, Any]) -> Bought:
        at = told.get("transaction_token") or told.get("redirect_url") or told["invoice_url"]
        bought = Bought(
            told["order_id"],
            told["order_number"],
            told["gateway"],
            urlsplit(at).path.rpartition("/")[2],
        )
        self._ledger.bought.append(bought)
        return bought

    def _pay(self, bought: Bought, method: str) -> None:
        if bought.gateway == "midtrans" and self._dice.random() < _IS_DECLINED_FIRST:
            self._act(bought, "deny", {"payment_type": "credit_card"})
        name = "payment_type" if bought.gateway == "midtrans" else "channel"
        if self._act(bought, "pay", {name: method}):
            self._ledger.paid += [bought] if method not in _BY_TRANSFER else []

    def _act(self, bought: Bought, action: str, body: dict[str, str]) -> bool:
        path = f"/_sandbox/{bought.gateway}/{bought.pay_at}/{action}"
        answer = self._gates.ask(action, "POST", path, json=body)
        return answer is not None and answer.ok

    def _pause(self) -> None:
        self._working.is_over.wait(self._dice.uniform(_LEAST_PAUSE_S, _MOST_PAUSE_S))
