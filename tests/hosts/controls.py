"""The judge on trial: real damage after a run, each of which it has to find."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
import requests

from app.settings import DEMO_KEYS
from tests.hosts.judge import Evidence, gather, judge
from tests.hosts.machines import Lab
from tests.hosts.records import Ledger

_LOSE_A_MESSAGE: Final = """
DELETE FROM notifications WHERE id = (
    SELECT max(n.id) FROM notifications n
    WHERE NOT EXISTS (SELECT 1 FROM observations o WHERE o.notification_id = n.id))
"""
_FORGET_MONEY: Final = """
UPDATE orders SET captured_idr = 0, refunded_idr = 0, payment_status = 'cancelled' WHERE id = (
    SELECT min(id) FROM orders WHERE payment_status = 'paid' AND attention IS NULL)
"""
_REOPEN: Final = """
UPDATE orders SET payment_status = 'pending' WHERE id = (
    SELECT max(id) FROM orders WHERE payment_status = 'paid' AND attention IS NULL)
"""


def put_on_trial(lab: Lab, evidence: Evidence, ledger: Ledger) -> dict[str, bool]:
    """Do damage, one kind after the other, and tell of which the judge spoke anew."""
    damages: Mapping[str, tuple[Callable[[], None], str]] = {
        "a notification is lost": (lambda: _write(lab, _LOSE_A_MESSAGE), "lost: "),
        "an order forgets its money": (lambda: _write(lab, _FORGET_MONEY), "holds captured"),
        "an order is open again": (lambda: _write(lab, _REOPEN), "stays pending"),
        "a refund is paid twice": (lambda: _refund_again(lab, evidence), "nobody asked for"),
    }
    known = set(judge(evidence, ledger).breaches)
    caught: dict[str, bool] = {}
    for what, (do_damage, words) in damages.items():
        do_damage()
        now = set(judge(gather(lab, {}, told=""), ledger).breaches)
        caught[what] = any(words in breach for breach in now - known)
        known |= now
    return caught


def _write(lab: Lab, statement: str) -> None:
    with psycopg.connect(lab.conninfo) as connection:
        # Past the triggers, as somebody with the keys of the house could.
        connection.execute("SET session_replication_role = replica")
        done = connection.execute(statement.encode())
        if done.rowcount != 1:
            raise RuntimeError(f"nothing to damage: {statement}")


def _refund_again(lab: Lab, evidence: Evidence) -> None:
    """Let Midtrans give one rupiah back under a key of nobody's."""
    state = _ask("GET", f"{lab.sandbox_url}/_sandbox/state?limit=1000000")
    one = next(
        one
        for one in state["transactions"]
        if one["transaction_status"] == "settlement" and one["payment_type"] in {"gopay", "qris"}
    )
    _ask(
        "POST",
        f"{lab.sandbox_url}/midtrans/v2/{one['order_id']}/refund",
        auth=(DEMO_KEYS["MIDTRANS_SERVER_KEY"], ""),
        json={"refund_key": secrets.token_hex(8), "amount": 1, "reason": "trial"},
    )


def _ask(method: str, url: str, **more: Any) -> Any:
    with requests.Session() as http:
        http.trust_env = False
        answer = http.request(method, url, timeout=60, **more)
    answer.raise_for_status()
    return answer.json()
