"""The queues of staff: what waits, who takes it up, and how it leaves."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from admin.attention_words import ADVICE, STUCK_WORDS
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, RefundState
from app.db.locks import lock_order
from app.services.calls import Call, call_for_attention, open_calls
from app.services.payment_pages import PaymentPage
from app.services.queues import Stuck
from tests.http.back_office import Browser, Page, audit, office
from tests.http.test_admin_refunds import paid
from tests.statements import statements_of
from tests.world import World

__all__ = ["office"]


def call(shop: World, page: PaymentPage, *codes: tuple[Attention, Why]) -> list[int]:
    with shop.desk.sessions.begin() as session:
        order = lock_order(session, shop.order(page).id)
        for code, why in codes:
            call_for_attention(order, Call(code, why), shop.clock())
        session.flush()
        return [known.id for known in open_calls(order)]


@pytest.fixture
def waiting(shop: World) -> PaymentPage:
    """Provide an order that waits for a person for two reasons."""
    page = paid(shop)
    call(
        shop,
        page,
        (Attention.DRIFT, Why.DRIFT_FOUND),
        (Attention.PAYMENT_REVERSED, Why.PAYMENT_NOT_CONFIRMED),
    )
    return page


def count(page: Page, name: str) -> str:
    found = re.search(rf"{name} ?(\d*)", page.text)
    return found[1] if found else "not there"


def test_every_code_and_every_way_to_be_stuck_has_words() -> None:
    assert set(ADVICE) == set(Attention)
    assert set(STUCK_WORDS) == set(Stuck)


def test_every_call_is_listed_with_its_reason_and_advice_in_the_readers_language(
    office: Flask, waiting: PaymentPage
) -> None:
    english = Browser(office, "support").page("/admin/attention/")
    assert "A routine look at the gateway found a change" in english.text
    assert "Do not ship; stop the parcel" in english.text

    indonesian = Browser(office, "support", "id").page("/admin/attention/")
    assert "Pemeriksaan rutin di gateway menemukan perubahan" in indonesian.text
    assert "Jangan kirim; hentikan paket" in indonesian.text


def test_of_two_people_the_second_is_told_who_works_on_it(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    first, second = Browser(office, "support"), Browser(office, "refunder")
    theirs = second.page("/admin/attention/").form("/claim")

    first.submit(first.page("/admin/attention/").form("/claim"))
    told = second.submit(theirs)

    assert "A colleague is already working on this." in told.text
    assert audit(shop, second.email) == [("claim_call", False, "claimed_by_another")]
    claimed = theirs.action
    assert all(form.action != claimed for form in second.page("/admin/attention/").forms)
    first.submit(first.page("/admin/attention/").form("/release"))
    assert any(form.action == claimed for form in second.page("/admin/attention/").forms)


def test_a_call_is_settled_with_a_reason_and_the_others_stay(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    staff = Browser(office, "support")
    [drift, _reversed] = call(shop, waiting)
    url = f"/admin/attention/{drift}/settle"

    staff.post(url, reason="  ")
    assert len(call(shop, waiting)) == 2
    staff.post(url, reason="Cocok")

    assert drift not in call(shop, waiting)
    assert shop.order(waiting).attention is Attention.PAYMENT_REVERSED
    assert audit(shop, staff.email) == [
        ("resolve_attention", False, "reason_missing"),
        ("resolve_attention", True, ""),
    ]
    assert staff.post("/admin/attention/999999999/claim").status_code == 404


def test_the_menu_counts_every_queue_in_one_statement(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    shop.refund(paid(shop, sku="BATIK", quantity=1), 1_500_000)

    with statements_of(replace(shop, desk=office.extensions["lunas_desk"])) as asked:
        page = Browser(office, "finance").page("/admin/products/")

    assert count(page, "Approvals") == "1"
    assert count(page, "Needs attention") == "2"
    assert count(page, "Bank transfers") == ""
    assert len([text for text in asked if "attention_calls" in text]) == 1


def test_an_approval_shows_what_changed_since_the_request(office: Flask, shop: World) -> None:
    page = paid(shop, sku="BATIK", quantity=1)
    shop.refund(page, 1_200_000)
    approver = Browser(office, "approver")
    [refund] = shop.refunds(page)
    url = f"/admin/refunds/{refund.id}"
    assert "The rules say the same as when it was asked for." in approver.page(url).text

    shop.refund(page, 50_000)

    listed = approver.page("/admin/approvals/")
    assert "Left to refund : Rp 1.500.000 → Rp 1.450.000" in listed.text
    assert "Rp 1.500.000 → Rp 1.450.000" in approver.page(url).text


def test_who_asked_cannot_approve_not_even_by_a_post_of_their_own(
    office: Flask, shop: World
) -> None:
    page = paid(shop, sku="BATIK", quantity=1)
    asker = Browser(office, "finance")
    shop.refund(page, 1_500_000, staff_id=asker.staff_id)
    [refund] = shop.refunds(page)

    asker.post(f"/admin/refunds/{refund.id}/approve", approval_hash=refund.approval_hash or "")

    [kept] = shop.refunds(page)
    assert (kept.state, kept.approved_by_id) == (RefundState.AWAITING_APPROVAL, None)
    assert audit(shop, asker.email) == [("approve_refund", False, "same_person")]


def test_account_numbers_are_for_those_who_transfer(office: Flask, shop: World) -> None:
    page = paid(shop, "bca_va")
    staff = Browser(office, "finance")
    form = staff.page(f"/admin/orders/{shop.order(page).number}/refund?route=manual").form(
        "/refund/confirm"
    )
    account = {"bank": "BCA", "account_number": "0123456789", "account_holder": "=Rina"}
    asked = staff.submit(form, amount="50.000", reason="x", reason_code="other", **account)
    staff.submit(asked.form("/refund"))

    assert "0123456789" in staff.page("/admin/transfers/").text
    assert "0123456789" not in Browser(office, "support").page("/admin/transfers/").text


def test_an_order_that_nobody_looks_at_is_stuck_and_says_why(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff = Browser(office, "support")
    assert shop.order(page).number not in staff.page("/admin/stuck/").text

    shop.clock.advance((shop.order(page).expires_at - shop.clock()).total_seconds() + 2 * 60 * 60)

    stuck = Browser(office, "support").page("/admin/stuck/")
    assert shop.order(page).number in stuck.text
    assert "Still open an hour after its time ran out." in stuck.text
