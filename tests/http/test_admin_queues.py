"""The queues of staff: what waits, who takes it up, and how it leaves."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from admin.order.attention_words import ADVICE, STUCK_WORDS
from app.core.reasons import Why
from app.core.states import Attention, GatewayName, RefundState
from app.db.locks import lock_order
from app.db.models import Refund
from app.services.calls import Call, call_for_attention, open_calls
from app.services.payment_pages import PaymentPage
from app.services.queues import Stuck
from tests.http.back_office import Browser, Page, audit, office
from tests.http.test_admin_refunds import paid
from tests.http.test_exports import export, read_csv
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
    [_heading, row] = read_csv(export(staff, "/admin/transfers/"))
    assert {"50000", "0123456789", "'=Rina"} <= set(row)
    assert "0123456789" not in Browser(office, "support").page("/admin/transfers/").text


def test_an_order_that_nobody_looks_at_is_stuck_and_says_why(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff = Browser(office, "support")
    assert shop.order(page).number not in staff.page("/admin/stuck/").text

    shop.clock.advance((shop.order(page).expires_at - shop.clock()).total_seconds() + 2 * 60 * 60)

    stuck = Browser(office, "support").page("/admin/stuck/")
    assert shop.order(page).number in stuck.text
    assert "Still open an hour after its time ran out." in stuck.text


def test_pieces_are_refunded_and_put_back_from_the_page_of_the_refund(
    office: Flask, shop: World
) -> None:
    page = paid(shop)
    staff, before = Browser(office, "refunder"), shop.stock()
    form = staff.page(f"/admin/orders/{shop.order(page).number}/refund").form("/refund/confirm")
    line = next(name for name in form.fields if name.startswith("line_"))

    too_many = staff.submit(form, reason="x", reason_code="damaged", **{line: "3"})
    assert "no longer fit the order" in too_many.text
    asked = staff.submit(form, reason="x", reason_code="damaged", **{line: "1"})
    assert "Rp 100.000" in asked.text
    result = staff.submit(asked.form("/refund"))
    [refund] = shop.refunds(page)
    assert refund.amount_idr == 100_000

    restock = result.form("/restock")
    assert restock.fields[line] == "1"
    done, again = staff.submit(restock), staff.submit(restock)

    assert "1 back in stock" in done.text
    assert "Not so many pieces may still be put back" in again.text
    assert shop.stock() == (before[0] + 1, before[1])


def test_a_refund_without_a_reason_of_the_catalogue_is_not_asked_for(
    office: Flask, shop: World
) -> None:
    page = paid(shop)
    staff, url = Browser(office, "refunder"), f"/admin/orders/{shop.order(page).number}/refund"
    form = staff.page(url).form("/refund/confirm")

    for code in ("", "nonsense"):
        answer = staff.submit(form, amount="50.000", reason="x", reason_code=code)
        assert "Choose a reason." in answer.text
    fields = form.fields | {"amount": "50.000", "reason": "x"}
    staff.client.post(url, data=fields)

    assert shop.refunds(page) == []
    assert audit(shop, staff.email) == [("request_refund", False, "reason_missing")]


def test_the_gateways_code_is_explained_and_the_next_step_follows_from_it(
    office: Flask, shop: World
) -> None:
    page = paid(shop)
    shop.refund(page, 50_000)
    [refund] = shop.refunds(page)
    shop.damaged = True
    with shop.desk.sessions.begin() as session:
        row = session.get_one(Refund, refund.id)
        row.state, row.provider_code = RefundState.FAILED, "414"
        row.provider_message = "Insufficient balance"

    english = Browser(office, "refunder").page(f"/admin/refunds/{refund.id}")
    assert "What it means: Your balance at the gateway does not cover the refund." in english.text
    assert "Top up your balance at the gateway" in english.text
    indonesian = Browser(office, "refunder", "id").page(f"/admin/refunds/{refund.id}")
    assert "Isi saldo Anda di gateway" in indonesian.text
