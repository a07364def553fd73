"""Notes on an order's page: written, told to colleagues, seen, and never more than text."""

import re
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.states import GatewayName
from app.db.models import NoteMention, OrderNote
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, audit, office
from tests.world import World

__all__ = ["office"]

NOTES: Final = "/admin/notes/"


@pytest.fixture
def order(shop: World) -> PaymentPage:
    """Provide an order that waits for its payment."""
    return shop.checkout(GatewayName.MIDTRANS)


def address_of(shop: World, page: PaymentPage) -> str:
    return f"/admin/orders/{shop.order(page).number}"


def write(staff: Browser, shop: World, page: PaymentPage, text: str) -> Page:
    return staff.submit(staff.page(address_of(shop, page)).form("/note"), text=text)


def kept(shop: World) -> list[str]:
    with shop.session() as session:
        return list(session.scalars(select(OrderNote.text).order_by(OrderNote.id)))


def count_in_menu(staff: Browser) -> str:
    html = staff.get("/admin/").text
    link = html.partition('<a href="/admin/notes/"')[2].partition("</a>")[0]
    found = re.search(r'class="count">(\d+)', link)
    return found.group(1) if found else ""


def test_a_colleague_who_is_named_finds_the_note_and_says_so(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    support, finance = Browser(office, "support"), Browser(office, "finance")
    assert count_in_menu(finance) == ""

    answer = write(support, shop, order, "@finance mohon cek mutasi BCA")

    assert "The note is kept, and told to Finance." in answer.text
    assert "Finance: not seen yet" in answer.text
    assert (count_in_menu(finance), count_in_menu(support)) == ("1", "")
    mine = finance.page(NOTES)
    assert "mohon cek mutasi BCA" in mine.text
    assert f"{address_of(shop, order)}#notes" in mine.links()
    finance.submit(mine.form("/seen"))
    assert count_in_menu(finance) == ""
    assert "Finance: seen" in support.page(address_of(shop, order)).text
    assert audit(shop, support.email) == [("write_note", True, "")]


def test_a_note_is_marked_as_seen_on_the_orders_page_too(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    write(Browser(office, "support"), shop, order, "@finance lihat ini")
    finance = Browser(office, "finance")
    form = finance.page(address_of(shop, order)).form("/seen")

    answer = finance.send(form)

    assert answer.location == f"{address_of(shop, order)}#notes"
    assert count_in_menu(finance) == ""
    assert not finance.page(address_of(shop, order)).has_form("/seen")


def test_all_notes_are_marked_at_once(office: Flask, shop: World, order: PaymentPage) -> None:
    for number in range(3):
        write(Browser(office, "support"), shop, order, f"@finance @auditor {number}")
    finance, auditor = Browser(office, "finance"), Browser(office, "auditor")

    finance.submit(finance.page(NOTES).form("/notes/seen"))

    assert (count_in_menu(finance), count_in_menu(auditor)) == ("", "3")


def test_nobody_sees_or_marks_what_means_somebody_else(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    write(Browser(office, "support"), shop, order, "@finance rahasia kita")
    stranger = Browser(office, "auditor")
    with shop.session() as session:
        mention = session.scalars(select(NoteMention.id)).one()

    stranger.post(f"/admin/notes/{mention}/seen")

    assert "rahasia kita" not in stranger.page(NOTES).text
    assert count_in_menu(Browser(office, "finance")) == "1"


def test_a_name_that_means_nobody_is_said_so(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    text = write(Browser(office, "support"), shop, order, "@hantu halo").text

    assert "The note is kept. " in text
    assert "Nobody here is called @hantu." in text


def test_what_is_typed_is_only_text(office: Flask, shop: World, order: PaymentPage) -> None:
    words = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} LN-<b>'
    support = Browser(office, "support")

    write(support, shop, order, words)

    html = support.get(address_of(shop, order)).text
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html


def test_our_own_names_in_a_note_are_links_and_nothing_else_is(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    other = shop.order(shop.checkout(GatewayName.XENDIT)).number
    words = f"lihat {other}, {other}-1 dan https://jahat.example/{other}x javascript:alert(1)"
    support = Browser(office, "support")

    page = write(support, shop, order, words)

    assert f"/admin/orders/{other}" in page.links()
    assert f"/admin/tools/find?q={other}-1" in page.links()
    assert not [link for link in page.links() if "jahat" in link or "javascript" in link]


@pytest.mark.parametrize(
    ("typed", "words"),
    [("   ", "The note is empty."), ("y" * 2001, "The note is longer than 2,000 characters")],
)
def test_what_is_not_taken_stays_in_the_form(
    office: Flask, shop: World, order: PaymentPage, typed: str, words: str
) -> None:
    support = Browser(office, "support")
    form = support.page(address_of(shop, order)).form("/note")

    answer = support.send(form, text=typed)

    assert answer.status_code == 422
    page = Page(answer.text)
    assert words in page.text
    assert page.form("/note").fields["text"].strip() == typed.strip()
    assert kept(shop) == []
    assert count_in_menu(support) == ""


def test_a_form_sent_twice_is_one_note(office: Flask, shop: World, order: PaymentPage) -> None:
    support = Browser(office, "support")
    form = support.page(address_of(shop, order)).form("/note")

    for _ in range(2):
        support.submit(form, text="satu kali")

    assert kept(shop) == ["satu kali"]


def test_who_may_not_write_is_offered_no_form_and_reads_all(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    write(Browser(office, "support"), shop, order, "terbaca semua")

    page = Browser(office, "viewer").page(address_of(shop, order))

    assert not page.has_form("/note")
    assert "terbaca semua" in page.text
