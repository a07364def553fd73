"""Orders that go neither forward nor to a person: each reason from what really brings it about."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from admin.order.attention_words import STUCK_WORDS
from app.core.observations import Source
from app.core.states import Attention, GatewayName
from app.db.models import Order
from app.services.payment_pages import PaymentPage
from app.services.queues import Stuck, why_stuck
from app.services.status import check_status
from tests.calls import resolve_attention
from tests.http.back_office import Browser, office
from tests.integration.copies import OwnClock
from tests.world import World

__all__ = ["office"]

_HOUR_S = 3_600
_DAY_S = 24 * _HOUR_S
SAID = {
    Stuck.LATE: "Still open an hour after its time ran out.",
    Stuck.FORGOTTEN: "No next look at the gateway is planned.",
    Stuck.UNHEARD: "A notification has been waiting for the gateway's word for over five minutes.",
}


def _advance_past_deadline(shop: World, page: PaymentPage, more_s: float) -> None:
    left = (shop.order(page).expires_at - shop.clock()).total_seconds()
    shop.clock.advance(left + more_s)


def _method_chosen(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "pay", "bca_va", outcome="pending")
    shop.deliver_all(page)
    shop.confirm()
    return page


def _no_job_asks(shop: World) -> PaymentPage:
    """Let an order's time run out while no job is running."""
    page = _method_chosen(shop)
    _advance_past_deadline(shop, page, 2 * _HOUR_S)
    return page


def _jobs_are_back(shop: World, page: PaymentPage) -> None:
    shop.act(page, "expire")
    shop.poll()
    assert shop.status(page) == "expired"


def _call_is_settled_while_the_gateway_says_nothing_final(shop: World) -> PaymentPage:
    """Let watching end, and a person settle the call, while the gateway still says "pending"."""
    page = _method_chosen(shop)
    _advance_past_deadline(shop, page, 3 * _DAY_S)
    shop.poll()
    assert shop.order(page).attention is Attention.POLLING_ENDED
    assert stuck_of(shop, page) == []
    order_id, staff_id = shop.order(page).id, shop.staff_id()
    resolve_attention(shop.desk, order_id, staff_id=staff_id, reason="Sudah dilihat")
    assert shop.order(page).attention is None
    return page


def _a_person_asks_after_the_gateway_ended_it(shop: World, page: PaymentPage) -> None:
    shop.act(page, "expire")
    check_status(shop.desk, shop.order(page).id, source=Source.STATUS_CHECK)
    assert shop.status(page) == "expired"


def _message_comes_and_nobody_answers(shop: World) -> PaymentPage:
    """Let a message arrive while the gateway answers no question."""
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page, "QRIS")
    shop.program.control("PUT", "faults", {"rules": [{"effect": "html_502"}]})
    shop.deliver_all(page)
    shop.confirm()
    shop.clock.advance(6 * 60)
    return page


def _gateway_answers_again(shop: World, page: PaymentPage) -> None:
    shop.program.control("PUT", "faults", {"rules": []})
    shop.clock.advance(_HOUR_S)
    shop.confirm()
    assert shop.status(page) == "paid"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What makes an order stuck, and how it ends."""

    begins: Callable[[World], PaymentPage]
    ends: Callable[[World, PaymentPage], None]
    reasons: tuple[Stuck, ...]


TROUBLES = {
    "no job is running": Trouble(_no_job_asks, _jobs_are_back, (Stuck.LATE,)),
    "a call was settled too early": Trouble(
        _call_is_settled_while_the_gateway_says_nothing_final,
        _a_person_asks_after_the_gateway_ended_it,
        (Stuck.LATE, Stuck.FORGOTTEN),
    ),
    "the gateway does not answer": Trouble(
        _message_comes_and_nobody_answers, _gateway_answers_again, (Stuck.UNHEARD,)
    ),
}


def stuck_of(shop: World, page: PaymentPage) -> list[Stuck]:
    """Return the reasons for which an order is stuck, without the list."""
    with shop.session() as session:
        order = session.get_one(Order, shop.order(page).id)
        return why_stuck(session, [order], shop.clock()).get(order.id, [])


@pytest.fixture
def alone(office: Flask, shop: World) -> World:
    """Provide a world whose time runs ahead of the gateways': they end nothing by themselves."""
    clock = OwnClock(shop.clock)
    office.extensions["lunas_desk"] = replace(office.extensions["lunas_desk"], clock=clock)
    return replace(shop, desk=replace(shop.desk, clock=clock), clock=clock)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_stuck_order_is_listed_with_its_reasons_until_it_is_over(
    office: Flask, alone: World, trouble: Trouble
) -> None:
    calm = alone.checkout(GatewayName.XENDIT)
    alone.pay(calm, "QRIS")
    alone.deliver_all(calm)
    alone.confirm()
    page = trouble.begins(alone)

    listed = Browser(office, "support").page("/admin/stuck/").text
    indonesian = Browser(office, "support", "id").page("/admin/stuck/").text

    assert stuck_of(alone, page) == list(trouble.reasons)
    assert alone.order(page).number in listed
    assert alone.order(calm).number not in listed
    assert {reason for reason in Stuck if SAID[reason] in listed} == set(trouble.reasons)
    assert not any(said in indonesian for said in SAID.values())
    assert "Stuck orders 1" in listed

    trouble.ends(alone, page)

    over = Browser(office, "support").page("/admin/stuck/").text
    assert stuck_of(alone, page) == []
    assert alone.order(page).number not in over
    assert "No order is stuck." in over


def test_every_reason_of_the_catalogue_is_brought_about() -> None:
    told = {reason for trouble in TROUBLES.values() for reason in trouble.reasons}

    assert told == set(Stuck) == set(SAID) == set(STUCK_WORDS)
