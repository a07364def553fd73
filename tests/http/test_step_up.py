"""Before money moves: is it still you? The form survives the question, with its own key."""

import pytest
from flask import Flask

from app.core.states import RefundState
from app.db.models import Staff
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, Page, audit, office
from tests.http.newcomer import EMAIL, Newcomer
from tests.http.test_admin_refunds import confirmation, paid, refund_url
from tests.world import PASSWORD, World

__all__ = ["office"]

FIVE_MINUTES = 5 * 60


@pytest.fixture
def order(shop: World) -> PaymentPage:
    return paid(shop)


def asked(page: Page) -> Page:
    assert "Is it still you?" in page.text
    return page


def test_a_refund_after_five_minutes_asks_and_then_is_made_once_under_its_own_key(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "75.000", 'Gelas & "piring" <retak>').form(
        "/refund"
    )
    shop.clock.advance(FIVE_MINUTES + 1)

    answer = staff.send(form)
    question = asked(Page(answer.text)).form("/refund")

    assert answer.status_code == 401
    assert shop.refunds(order) == []
    kept = {name: question.fields[name] for name in form.fields if name != "csrf_token"}
    assert kept == {n: v for n, v in form.fields.items() if n != "csrf_token"}
    first = staff.send(question, proof_password=PASSWORD)
    second = staff.send(question, proof_password=PASSWORD)
    [refund] = shop.refunds(order)
    assert first.location == second.location == f"/admin/refunds/{refund.id}"
    assert (refund.amount_idr, refund.state) == (75_000, RefundState.SUCCEEDED)
    assert refund.reason == 'Gelas & "piring" <retak>'
    assert refund.form_key == form.fields["form_key"]
    assert audit(shop, staff.email)[:2] == [("step_up", True, ""), ("request_refund", True, "")]


def test_within_five_minutes_nobody_is_asked_and_a_proof_holds_for_five_more(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)

    def refund(amount: str) -> int:
        return staff.send(confirmation(staff, url, amount).form("/refund")).status_code

    assert refund("10.000") == 302
    shop.clock.advance(FIVE_MINUTES + 1)
    form = confirmation(staff, url, "20.000").form("/refund")
    question = asked(Page(staff.send(form).text)).form("/refund")
    assert staff.send(question, proof_password=PASSWORD).status_code == 302
    shop.clock.advance(FIVE_MINUTES - 120)
    assert refund("30.000") == 302
    shop.clock.advance(180)
    assert refund("40.000") == 401
    assert [r.amount_idr for r in shop.refunds(order)] == [10_000, 20_000, 30_000]


def test_a_wrong_proof_does_nothing_says_so_and_keeps_the_form(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "75.000").form("/refund")
    shop.clock.advance(FIVE_MINUTES + 1)
    question = asked(Page(staff.send(form).text)).form("/refund")

    answer = staff.send(question, proof_password="salah")

    assert answer.status_code == 401
    assert "That was not right" in answer.text
    again = asked(Page(answer.text)).form("/refund")
    assert again.fields["form_key"] == form.fields["form_key"]
    assert shop.refunds(order) == []
    assert audit(shop, staff.email) == [("step_up", False, "wrong_proof")]
    assert staff.send(again, proof_password=PASSWORD).status_code == 302


def test_looking_and_the_dry_run_ask_nobody(office: Flask, shop: World, order: PaymentPage) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)
    shop.clock.advance(FIVE_MINUTES + 1)

    asks = confirmation(staff, url, "75.000")

    assert asks.has_form("/refund")
    assert audit(shop, staff.email) == []


def test_whoever_has_an_app_proves_with_a_new_code_and_not_with_the_password(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    ani = Newcomer(office, shop)
    ani.arrive()
    url = refund_url(shop, order)
    entry = ani.page(url).form("/refund/confirm")
    form = Page(ani.send(entry, amount="50.000", reason="Retak").text).form("/refund")
    used = ani.now_code()
    shop.clock.advance(FIVE_MINUTES + 1)
    question = asked(Page(ani.send(form).text)).form("/refund")

    assert "proof_password" not in question.fields
    assert ani.send(question, proof_password="kuda baterai staples benar").status_code == 401
    assert ani.send(question, proof_code=used).status_code == 401
    assert ani.send(question, proof_code=ani.now_code()).status_code == 302
    assert [r.amount_idr for r in shop.refunds(order)] == [50_000]
    assert audit(shop, EMAIL)[-4:] == [
        ("step_up", False, "wrong_proof"),
        ("step_up", False, "wrong_proof"),
        ("step_up", True, ""),
        ("request_refund", True, ""),
    ]


def test_five_wrong_proofs_lock_even_the_right_one_and_nothing_is_refunded(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff = Browser(office, "refunder")
    form = confirmation(staff, refund_url(shop, order), "75.000").form("/refund")
    shop.clock.advance(FIVE_MINUTES + 1)
    question = asked(Page(staff.send(form).text)).form("/refund")

    for _ in range(5):
        staff.send(question, proof_password="salah")

    assert staff.send(question, proof_password=PASSWORD).status_code == 401
    assert shop.refunds(order) == []


def test_every_value_of_a_field_that_comes_several_times_is_kept(
    office: Flask, shop: World
) -> None:
    staff = Browser(office, "viewer")
    token = staff.token()
    shop.clock.advance(FIVE_MINUTES + 1)

    answer = staff.client.post(
        "/admin/account/codes", data={"csrf_token": token, "row": ["1", "2"], "proof_code": ""}
    )

    hidden = [
        (v["name"], v["value"])
        for tag, v in Page(answer.text).tags
        if tag == "input" and v.get("name") == "row"
    ]
    assert hidden == [("row", "1"), ("row", "2")]


# The daily limit, where the person sees it.


def test_the_dry_run_says_what_is_left_today_and_refuses_more(
    office: Flask, shop: World, order: PaymentPage
) -> None:
    staff, url = Browser(office, "refunder"), refund_url(shop, order)
    with shop.desk.sessions.begin() as session:
        session.get_one(Staff, staff.staff_id).daily_refund_limit_idr = 100_000

    entry = staff.page(url)
    more = confirmation(staff, url, "100.001")
    within = confirmation(staff, url, "60.000")

    assert "left today: Rp 100.000 of Rp 100.000 a day" in entry.text
    assert "more than you may still refund today" in more.text
    assert "left today: Rp 100.000, after this: Rp 40.000" in within.text
    forced = within.form("/refund")
    staff.submit(forced, amount="150000")
    assert shop.refunds(order) == []
    assert audit(shop, staff.email) == [("request_refund", False, "daily_limit_reached")]
