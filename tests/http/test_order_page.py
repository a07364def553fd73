"""The page of one order: the answer on top, and checks attempt by attempt."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.locks import lock_order
from app.db.models import Actor, OrderEvent, StatusCheck
from app.services.payment_pages import PageNotOpenedError, PaymentPage
from app.services.timeline import Happening, record_event
from tests.http.back_office import Browser, audit, office
from tests.world import World

__all__ = ["office"]

HTML_502: Final = {"rules": [{"effect": "html_502"}]}


def address_of(shop: World, page: PaymentPage) -> str:
    return f"/admin/orders/{shop.order(page).number}"


def paid(shop: World, method: str = "gopay") -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, method)
    shop.deliver_all(page)
    shop.confirm()
    return page


# The answer on top.


def untouched(shop: World) -> PaymentPage:
    return shop.checkout(GatewayName.MIDTRANS)


def number_chosen(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "pay", "bca_va", outcome="pending")
    shop.clock.advance(6)
    shop.poll()
    return page


def declined(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "deny", "credit_card")
    shop.clock.advance(6)
    shop.poll()
    return page


def claimed(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page)
    shop.deliver_all(page)
    return page


def in_review(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.act(page, "challenge", "credit_card")
    shop.clock.advance(6)
    shop.poll()
    return page


def expired(shop: World) -> PaymentPage:
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.clock.advance(25 * 3600)
    shop.poll()
    return page


def never_opened(shop: World) -> PaymentPage:
    shop.program.control("PUT", "faults", HTML_502)
    with pytest.raises(PageNotOpenedError) as refusal:
        shop.checkout(GatewayName.MIDTRANS)
    shop.program.control("PUT", "faults", {"rules": []})
    return replace(shop.checkout(GatewayName.XENDIT), order_id=refusal.value.order_id)


def partly_refunded(shop: World) -> PaymentPage:
    page = paid(shop)
    shop.refund(page, 50_000)
    return page


@pytest.mark.parametrize(
    ("scene", "question", "words"),
    [
        (
            untouched,
            "Why is this order not paid?",
            [
                "no method was chosen yet",
                "The gateway has said nothing about this order yet.",
                "Lunas asks the gateway again",
                "If nothing is paid until",
                "check the status now, and compare",
            ],
        ),
        (
            number_chosen,
            "Why is this order not paid?",
            ["The shopper chose BCA Virtual Account (", "and has not paid yet.", "“pending”"],
        ),
        (declined, "Why is this order not paid?", ["A try by Card was declined."]),
        (
            claimed,
            "Why is this order not paid?",
            ["It does not count before the gateway confirms it"],
        ),
        (in_review, "Why is this order not paid?", ["holds the payment for a fraud review"]),
        (
            expired,
            "Why is this order not paid?",
            ["Not paid, and closed: No payment arrived before the deadline.", "late money is kept"],
        ),
        (
            never_opened,
            "Why is this order not paid?",
            ["nobody knows yet whether the shopper has one"],
        ),
        (
            paid,
            "Is this order paid?",
            [
                "Yes: Rp 200.000 by GoPay. The money was taken on",
                "No more automatic checks, because the gateway's answer is final.",
                "Nothing has to be done.",
            ],
        ),
        (
            partly_refunded,
            "Is this order paid?",
            ["Of it, Rp 50.000 was refunded."],
        ),
    ],
)
def test_the_answer_says_where_the_order_stands_and_what_is_next(
    office: Flask,
    shop: World,
    scene: Callable[[World], PaymentPage],
    question: str,
    words: Sequence[str],
) -> None:
    page = scene(shop)

    text = Browser(office, "support").page(address_of(shop, page)).text

    answer = text.partition(question)[2].partition("What happened")[0]
    assert answer, text[:2000]
    assert [part for part in words if part not in answer] == []


def test_a_check_that_the_jobs_missed_is_called_late(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, address = Browser(office, "viewer"), address_of(shop, page)
    assert "is late" not in staff.page(address).text

    shop.clock.advance(600)

    late = staff.page(address)
    assert "The automatic check is late: it was due" in late.text
    assert "/admin/job_runs/" in late.links()


def test_the_answer_speaks_indonesian(office: Flask, shop: World) -> None:
    page = number_chosen(shop)

    text = Browser(office, "support", language="id").page(address_of(shop, page)).text

    assert "Mengapa pesanan ini belum lunas?" in text
    assert "Pembeli memilih BCA Virtual Account" in text
    assert "Lunas menanyakan ke gateway lagi dalam" in text


# Check status now.


def press(staff: Browser, shop: World, page: PaymentPage) -> str:
    text = staff.submit(staff.page(address_of(shop, page)).form("/check")).text
    return text.partition("Status check")[2]


def test_every_attempt_is_reported_with_before_after_and_why(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)
    shop.pay(page)
    reference = shop.attempt(page).reference

    text = press(Browser(office, "support"), shop, page)

    assert f"{reference} · Xendit: Waiting for payment → Paid The shopper paid." in text
    assert "What the gateway said, step by step Belongs to an order" in text


def test_an_order_in_its_final_state_is_asked_about_too(office: Flask, shop: World) -> None:
    page = paid(shop)
    shop.clock.advance(60)

    text = press(Browser(office, "support"), shop, page)

    assert "Nothing changed: still “Paid”. We knew this already." in text


def test_a_check_too_soon_asks_nobody(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    first, second = Browser(office, "support"), Browser(office, "finance")
    # Two people, two pages opened before either of them pressed.
    form = second.page(address_of(shop, page)).form("/check")
    desk = office.extensions["lunas_desk"]
    moment = desk.clock()
    office.extensions["lunas_desk"] = replace(desk, clock=lambda: moment)
    press(first, shop, page)

    refused = second.submit(form).text

    assert "Wait 5 seconds and ask again." in refused
    assert audit(shop, second.email) == [("check_status", False, "too_soon")]
    with shop.session() as session:
        assert len(session.scalars(select(StatusCheck)).all()) == 1


def ask_about(staff: Browser, shop: World, page: PaymentPage, transaction_id: str) -> str:
    form = staff.page(address_of(shop, page)).form("/check-transaction")
    return staff.submit(form, transaction_id=transaction_id).text


def pay_unheard(shop: World, page: PaymentPage) -> str:
    """Pay with DANA, lose every message about it, and return its id as the dashboard shows it."""
    shop.pay(page, "dana")
    (delivery, *_) = reversed(shop.sent(page))
    return str(json.loads(delivery.body)["transaction_id"])


def test_a_payment_that_midtrans_finds_by_its_own_id_only_is_found_by_that_id(
    office: Flask, shop: World
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    transaction_id = pay_unheard(shop, page)
    staff = Browser(office, "support")
    press(staff, shop, page)
    assert shop.status(page) == "pending"
    shop.clock.advance(6)

    text = ask_about(staff, shop, page, f" {transaction_id} ")

    assert "Waiting for payment → Paid The shopper paid." in text
    assert (shop.status(page), shop.order(page).captured_idr) == ("paid", 200_000)
    assert audit(shop, staff.email)[-1] == ("check_transaction", True, "")


def test_a_payment_of_another_order_is_not_believed(office: Flask, shop: World) -> None:
    mine, other = shop.checkout(GatewayName.MIDTRANS), shop.checkout(GatewayName.MIDTRANS)
    transaction_id = pay_unheard(shop, other)

    text = ask_about(Browser(office, "support"), shop, mine, transaction_id)

    assert "Nothing changed: still “Waiting for payment”." in text
    assert (shop.status(mine), shop.status(other)) == ("pending", "pending")


@pytest.mark.parametrize("typed", ["", "short", "../../v2/x/status", "A1 202603020900", "é" * 12])
def test_what_is_no_transaction_id_is_not_asked_about(
    office: Flask, shop: World, typed: str
) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff = Browser(office, "support")

    text = ask_about(staff, shop, page, typed)

    assert "This is not a transaction id." in text
    assert audit(shop, staff.email) == [("check_transaction", False, "malformed_id")]
    with shop.session() as session:
        assert session.scalars(select(StatusCheck)).all() == []


def test_an_order_at_xendit_alone_offers_no_such_question(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.XENDIT)

    shown = Browser(office, "support").page(address_of(shop, page))

    assert not shown.has_form("/check-transaction")


def test_a_report_of_another_orders_check_is_not_shown(office: Flask, shop: World) -> None:
    mine, other = shop.checkout(GatewayName.MIDTRANS), shop.checkout(GatewayName.XENDIT)
    staff = Browser(office, "support")
    press(staff, shop, other)

    page = staff.get(f"{address_of(shop, mine)}?checked=1-9999")

    assert 'id="check-report"' not in page.text


def test_the_gateways_answer_is_one_click_away_with_secrets_hidden(
    office: Flask, shop: World
) -> None:
    page = paid(shop)
    shop.clock.advance(60)
    staff = Browser(office, "support")
    report = staff.submit(staff.page(address_of(shop, page)).form("/check"))
    [link] = {link for link in report.links() if re.search(r"/status_checks/\d+$", link)}

    html = staff.get(link).text

    assert "&#34;order_id&#34;: &#34;" + shop.attempt(page).reference in html
    assert "&#34;transaction_status&#34;: &#34;settlement&#34;" in html
    assert "&#34;signature_key&#34;: &#34;••••••&#34;" in html


# What the page says while it follows.


def test_the_version_changes_with_news_and_not_with_time(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, address = Browser(office, "viewer"), f"{address_of(shop, page)}/live"

    def version() -> str:
        return staff.get(address).headers["X-Lunas-Version"]

    before = version()
    shop.clock.advance(3)
    assert version() == before
    with shop.desk.sessions.begin() as session:
        order = lock_order(session, shop.order(page).id)
        happening = Happening(Why.CHARGE_CREATED, Actor.GATEWAY, shop.clock())
        record_event(session, order, happening)
        assert session.scalar(select(OrderEvent.id)) is not None
    assert version() != before
