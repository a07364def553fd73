"""What must hold when all is over, by the gateways' books and the load generator's own ledger.

It reads the shop's database by plain SQL and the gateways over their control API, and uses none of
the shop's own code but `flask lunas verify` and `flask lunas audit verify`.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import requests
from psycopg.rows import namedtuple_row

from scripts.messages import ROOT
from tests.hosts.machines import Lab
from tests.hosts.records import Ledger

_HOLDS: Final = frozenset({"capture", "settlement", "partial_refund", "refund"})
_PAID_INVOICE: Final = frozenset({"PAID", "SETTLED"})
_ALIVE: Final = frozenset({"PENDING", "SUCCEEDED"})
_OVER: Final = frozenset(
    {"paid", "partially_refunded", "refunded", "failed", "expired", "cancelled", "charged_back"}
)
_EVERYTHING: Final = 1_000_000
# A cancelled capture bears no key at the gateway, and can be cancelled once only.
_VOID: Final = "void of "


@dataclass(frozen=True, slots=True)
class Returned:
    """One refund in a gateway's books."""

    key: str
    amount_idr: int


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment in a gateway's books: our reference, what it holds, what it gave back."""

    reference: str
    amount_idr: int
    returned: tuple[Returned, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is judged: the gateways' books, the shop's rows, the load generator's ledger."""

    payments: Sequence[Paid]
    orders: Sequence[Any]
    refunds: Sequence[Any]
    references: Mapping[str, int]
    """Each reference that a gateway may know, and the order that it belongs to."""
    stored: Mapping[tuple[str, str], int]
    """Each notification by gateway and content, and how often it is stored."""
    unfinished: Mapping[str, int]
    told: str
    """What the verifying commands said, if anything does not agree."""


@dataclass
class Verdict:
    """What was counted, and every breach with its words."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    breaches: list[str] = field(default_factory=list[str])


def gather(lab: Lab, unfinished: Mapping[str, int], *, told: str) -> Evidence:
    """Read everything as it is now, beside what the verifying commands told."""
    with psycopg.connect(lab.conninfo, row_factory=namedtuple_row) as connection:
        attempts = _rows(connection, "SELECT reference, order_id FROM attempts")
        stored = _rows(
            connection,
            """SELECT gateway, convert_from(body, 'UTF8') AS body, count(*) AS number
               FROM notifications GROUP BY 1, 2""",
        )
        return Evidence(
            payments=list(_payments(lab)),
            orders=_rows(
                connection,
                """SELECT id, number, public_id, payment_status, captured_idr, refunded_idr,
                   reserved_idr, attention FROM orders""",
            ),
            refunds=_rows(
                connection,
                f"""SELECT order_id, amount_idr, CASE route WHEN 'void'
                    THEN '{_VOID}' || gateway_transaction_id ELSE key END AS key FROM refunds""",
            ),
            references={one.reference: one.order_id for one in attempts},
            stored={(one.gateway, one.body): one.number for one in stored},
            unfinished=unfinished,
            told=told,
        )


def judge(evidence: Evidence, ledger: Ledger) -> Verdict:
    """Hold every rule against the evidence."""
    verdict = Verdict()
    verdict.breaches += ledger.surprises
    lost = lost_messages(evidence, ledger)
    verdict.breaches += lost
    twice = refunded_twice(evidence, ledger)
    verdict.breaches += twice
    verdict.breaches += wrong_orders(evidence, ledger)
    verdict.breaches += [f"{number} {what}" for what, number in evidence.unfinished.items()]
    verdict.breaches += [evidence.told] if evidence.told else []
    verdict.counts = {
        "acknowledged": sum(ledger.acknowledged.values()),
        "acknowledged, different": len(ledger.acknowledged),
        "lost": len(lost),
        "orders": len(evidence.orders),
        "orders in a person's queue": sum(one.attention is not None for one in evidence.orders),
        "payments": len(evidence.payments),
        "refunds asked for": len({one.form_key for one in ledger.wanted}),
        "refunds paid": sum(len(one.returned) for one in evidence.payments),
        "refunds paid twice": len(twice),
    }
    return verdict


def lost_messages(evidence: Evidence, ledger: Ledger) -> list[str]:
    """Return what was acknowledged and is not stored, as often as it was acknowledged."""
    return [
        f"lost: {gateway} was answered 2xx {number} times, stored "
        f"{evidence.stored.get((gateway, body), 0)} times: {body[:200]}"
        for (gateway, body), number in ledger.acknowledged.items()
        if evidence.stored.get((gateway, body), 0) < number
    ]


def refunded_twice(evidence: Evidence, ledger: Ledger) -> list[str]:
    """Return every refund at a gateway that is one too many: by key, by amount, by who asked."""
    ours = {row.key: row for row in evidence.refunds}
    numbers = {order.id: order.number for order in evidence.orders}
    asked = Counter((one.number, one.amount_idr) for one in _by_form(ledger))
    found: list[str] = []
    keys = Counter(one.key for paid in evidence.payments for one in paid.returned)
    found += [f"refund key {key} paid {n} times" for key, n in keys.items() if n > 1]
    given: Counter[tuple[str, int]] = Counter()
    for paid in evidence.payments:
        order_id = evidence.references.get(paid.reference, 0)
        total = sum(one.amount_idr for one in paid.returned)
        if total > paid.amount_idr:
            found.append(f"{paid.reference}: {total} given back of {paid.amount_idr}")
        for one in paid.returned:
            given[numbers.get(order_id, "?"), one.amount_idr] += 1
            row = ours.get(one.key)
            if row is None or row.amount_idr != one.amount_idr or row.order_id != order_id:
                found.append(f"{paid.reference}: nobody asked for {one}")
    found += [
        f"order {number}: {amount} given back {n} times, asked for {asked[number, amount]} times"
        for (number, amount), n in given.items()
        if n > asked[number, amount]
    ]
    return found


def wrong_orders(evidence: Evidence, ledger: Ledger) -> list[str]:
    """Return every order that is not over, or does not agree with the gateways."""
    paid: Counter[int] = Counter()
    returned: Counter[int] = Counter()
    found: list[str] = []
    for one in evidence.payments:
        order_id = evidence.references.get(one.reference)
        if order_id is None:
            found.append(f"{one.reference} is paid at the gateway and unknown here")
            continue
        paid[order_id] += one.amount_idr
        returned[order_id] += sum(refund.amount_idr for refund in one.returned)
    for order in evidence.orders:
        found += _wrong(order, paid[order.id], returned[order.id])
    known = {order.public_id for order in evidence.orders}
    found += [f"order {one.number} is gone" for one in ledger.bought if one.public_id not in known]
    return found


def _wrong(order: Any, paid_idr: int, returned_idr: int) -> list[str]:
    if order.attention is not None:
        return []  # A person has been called, and the code says why.
    books = (order.captured_idr, order.refunded_idr, order.reserved_idr)
    gateways = (paid_idr, returned_idr)
    if books != (*gateways, 0):
        kept = f"captured, refunded, reserved {books}; the gateways {gateways}"
        return [f"order {order.number} ({order.payment_status}) holds {kept}"]
    is_over = order.payment_status in _OVER
    return [] if is_over else [f"order {order.number} stays {order.payment_status}"]


def _by_form(ledger: Ledger) -> list[Any]:
    """Return what was asked for, once for each form however often it was sent."""
    return list({one.form_key: one for one in ledger.wanted}.values())


def _payments(lab: Lab) -> Iterator[Paid]:
    with requests.Session() as http:
        http.trust_env = False
        url = f"{lab.sandbox_url}/_sandbox/state?limit={_EVERYTHING}"
        state = http.get(url, timeout=120).json()
    for one in state["transactions"]:
        amount_idr = _rupiah(one["gross_amount"])
        if one["transaction_status"] in _HOLDS:
            yield Paid(one["order_id"], amount_idr, _of_midtrans(one))
        elif one["transaction_status"] == "cancel" and one["payment_type"] == "credit_card":
            # A card is never pending: what was cancelled had been captured, and is given back.
            voided = Returned(f"{_VOID}{one['transaction_id']}", amount_idr)
            yield Paid(one["order_id"], amount_idr, (voided,))
    for one in state["invoices"]:
        if one["status"] in _PAID_INVOICE:
            yield Paid(one["external_id"], int(one["amount"]), _of_xendit(one))


def _of_midtrans(transaction: Mapping[str, Any]) -> tuple[Returned, ...]:
    listed = transaction.get("refunds", [])
    return tuple(Returned(one["refund_key"], _rupiah(one["refund_amount"])) for one in listed)


def _of_xendit(invoice: Mapping[str, Any]) -> tuple[Returned, ...]:
    listed = [one for one in invoice["refunds"] if one["status"] in _ALIVE]
    return tuple(Returned(one["reference_id"], int(one["amount"])) for one in listed)


def _rupiah(text: str) -> int:
    return int(float(text))


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    return connection.execute(query.encode()).fetchall()


def verified(lab: Lab) -> str:
    """Return what the shop's own verification says, or nothing if all agrees."""
    steps = ("lunas verify --all", "lunas audit verify")
    command = [sys.executable, "-m", "scripts.prepare", *steps]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=lab.environment(), capture_output=True, text=True
    )
    return f"{done.stdout}{done.stderr}" if done.returncode else ""
