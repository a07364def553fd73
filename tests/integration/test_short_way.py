"""The short way in writes what the one door writes, in a few statements."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from app.core.states import GatewayName
from app.db.models import Base
from app.db.writes import write_apart
from app.gateways.midtrans_signature import signature
from app.services import intake, notifications
from app.services.payment_pages import PaymentPage
from app.services.refunds import dry_run_refund
from tests.contract.gateway_bench import MIDTRANS_KEY
from tests.statements import statements_of
from tests.world import World

# What differs between two orders that lived the same life.
_OF_ITS_OWN = {
    *("id", "order_id", "attempt_id", "notification_id", "observation_id", "event_id"),
    *("public_id", "number", "reference", "provider_reference", "gateway_transaction_id"),
    *("payment_gateway_transaction_id", "token", "page_url", "subject", "hash", "previous_hash"),
    *("body", "body_size", "dedupe_key", "details", "document", "headers", "chain"),
    *("pay_code_number", "replaces_id", "key", "form_key", "body_hash", "earlier"),
}
_TABLES = (
    *("orders", "attempts", "gateway_transactions", "notifications", "observations"),
    *("order_events", "ledger_entries", "stock_movements", "attention_calls"),
)


@contextmanager
def only_the_door() -> Iterator[None]:
    """Let every message go the long way."""
    with patch.object(notifications, "take_in", lambda *_: None):
        yield


def kept(world: World, page: PaymentPage) -> dict[str, list[dict[str, Any]]]:
    """Return what is stored of an order, but for what is its own."""
    order_id = world.order(page).id
    found: dict[str, list[dict[str, Any]]] = {}
    with world.session() as session:
        for name in _TABLES:
            table = Base.metadata.tables[name]
            of_order = table.c.id if name == "orders" else table.c.order_id
            rows = session.execute(select(table).where(of_order == order_id).order_by(table.c.id))
            found[name] = [_common(dict(row._mapping)) for row in rows]
    return found


def _common(row: dict[str, Any]) -> dict[str, Any]:
    # Times are told apart only as "set" and "not set": two lives are not lived at one moment.
    return {
        name: isinstance(value, datetime) or value
        for name, value in row.items()
        if name not in _OF_ITS_OWN
    } | {
        f"{name} has": _shape(row[name]) for name in ("chain", "details", "headers") if name in row
    }


def _shape(value: Any) -> Any:
    """Return the keys of stored JSON, and the steps of a chain with their reasons."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value).__name__ if isinstance(value, int) else _word(value)


def _word(value: Any) -> Any:
    """Return a word of ours as it is, and of anything else only what kind of value it is."""
    is_word = isinstance(value, str) and value.replace("_", "").replace(">", "").isalpha()
    return value if is_word else type(value).__name__


def pay_by(gateway: GatewayName, method: str) -> Callable[[World], PaymentPage]:
    def story(world: World) -> PaymentPage:
        page = world.checkout(gateway)
        world.pay(page, method)
        world.deliver_all(page)
        world.deliver_all(page)
        return page

    story.__name__ = f"pay_by_{method}_twice_told"
    return story


def pay_after_a_look(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "pay", "bca_va", outcome="pending")
    world.deliver_all(page)
    world.confirm()
    world.act(page, "pay")
    world.deliver_all(page)
    return page


def decline_then_pay(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "deny", "credit_card")
    world.deliver_all(page)
    world.pay(page, "gopay")
    world.deliver_all(page)
    return page


def expire(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.XENDIT)
    world.act(page, "expire")
    world.deliver_all(page)
    return page


def challenge(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.act(page, "challenge", "credit_card")
    world.deliver_all(page)
    return page


def pay_another_amount(world: World) -> PaymentPage:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    delivery = world.sent(page)[-1]
    told = json.loads(delivery.body) | {"gross_amount": "150000.00"}
    told["signature_key"] = signature(
        told["order_id"], told["status_code"], told["gross_amount"], MIDTRANS_KEY
    )
    world.receive(replace(delivery, body=json.dumps(told).encode()))
    return page


STORIES = [
    pay_another_amount,
    pay_by(GatewayName.MIDTRANS, "gopay"),
    pay_by(GatewayName.MIDTRANS, "bca_va"),
    pay_by(GatewayName.MIDTRANS, "credit_card"),
    pay_by(GatewayName.XENDIT, "DANA"),
    pay_after_a_look,
    decline_then_pay,
    expire,
    challenge,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_both_ways_write_the_same(world: World, story: Callable[[World], PaymentPage]) -> None:
    with only_the_door():
        wanted, stock = kept(world, story(world)), world.stock()

    # What the jobs do for this one, they do for the next too: hence kept at once.
    short, after = kept(world, story(world)), world.stock()
    with patch.object(intake, "write_all", write_apart):
        apart, last = kept(world, story(world)), world.stock()

    assert short == wanted
    assert apart == wanted
    assert wanted["notifications"], "nothing was told: nothing was shown"
    assert stock[0] - after[0] == after[0] - last[0] in {0, 2}
    assert stock[1] - after[1] == after[1] - last[1]


def test_a_message_about_no_order_is_stored_by_both_ways_alike(world: World) -> None:
    page = world.checkout(GatewayName.XENDIT)
    world.pay(page, "DANA")
    (delivery,) = world.sent(page)
    reference = world.attempt(page).reference.encode()
    strange = delivery.body.replace(reference, b"LN-0000000000-1")
    assert strange != delivery.body

    with only_the_door():
        world.receive(replace(delivery, body=strange))
    world.receive(replace(delivery, body=strange))

    long, short = world.notifications()
    assert short.verdict == long.verdict == "unknown_order"
    assert (short.state, short.order_id) == (long.state, None)
    assert short.chain == long.chain
    assert world.status(page) == "pending"


@pytest.mark.parametrize(
    ("nth", "most", "one_by_one"),
    [(0, 4, 6), (1, 4, 12), (2, 2, 2)],
    ids=["claim", "payment", "duplicate"],
)
def test_it_takes_few_statements(
    world: World, kind: str, nth: int, most: int, one_by_one: int
) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    told = world.sent(page)
    messages = [*told, told[-1]]
    for before in messages[:nth]:
        world.receive(before)

    with statements_of(world) as statements:
        world.receive(messages[nth])

    asked = [one for one in statements if not one.startswith("BEGIN")]
    assert len(asked) == (one_by_one if kind == "sqlite" else most), asked


def test_a_payment_taken_in_can_be_refunded(world: World) -> None:
    page = world.checkout(GatewayName.MIDTRANS)
    world.pay(page, "gopay")
    world.deliver_all(page)
    world.confirm()

    assert dry_run_refund(world.desk, world.order(page).id, None).refundable_idr == 200_000
