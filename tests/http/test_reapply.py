"""Applying again what notifications were about: looked at first, then done, and never twice."""

import re
from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.states import GatewayName, PaymentStatus
from app.db.models import ReapplyRun, ReapplyStep, StatusCheck
from app.services.payment_pages import PaymentPage
from app.services.reapply import AT_ONCE, apply_further, look_further
from tests.http.back_office import Browser, Page, audit, office
from tests.integration.reapply_scenes import begin, steps, told_but_not_paid, written
from tests.world import World

__all__ = ["office"]


def figures(page: Page) -> dict[str, int]:
    """Return the counts at the head of a run."""
    names = ("Payments", "Not asked yet", "Would change", "Would not change", "Changed")
    found = {name: re.search(rf"{name} (\d+)", page.text) for name in names}
    return {name: int(match[1]) for name, match in found.items() if match}


def test_the_dry_run_tells_what_would_change_and_why_not_and_changes_nothing(
    office: Flask, shop: World
) -> None:
    late = told_but_not_paid(shop)
    calm = shop.checkout(GatewayName.XENDIT, quantity=1)
    shop.pay(calm, "QRIS")
    shop.deliver_all(calm)
    shop.confirm()
    before, staff = written(shop), Browser(office, "support")

    form = staff.page("/admin/notifications/").form("/admin/notifications/again")
    page = staff.submit(form)

    assert figures(page) == {
        "Payments": 2,
        "Not asked yet": 0,
        "Would change": 1,
        "Would not change": 1,
        "Changed": 0,
    }
    assert "Apply the answer of 1 payment" in page.text
    assert f"{shop.order(late).number}" in page.text
    assert "In fraud review → Paid" in page.text
    assert written(shop) == before
    assert audit(shop, staff.email) == [("reapply_begin", True, "")]


def test_what_would_change_is_then_changed_in_the_name_of_the_person(
    office: Flask, shop: World
) -> None:
    late, staff = told_but_not_paid(shop), Browser(office, "support")
    page = staff.submit(staff.page("/admin/notifications/").form("/notifications/again"))

    done = staff.submit(page.form("/apply"))

    assert "Done: 1 payment changed." in done.text
    assert shop.status(late) == "paid"
    with shop.session() as session:
        check = session.scalars(select(StatusCheck)).one()
    assert (check.staff_id, check.before, check.after) == (
        staff.staff_id,
        PaymentStatus.IN_REVIEW,
        PaymentStatus.PAID,
    )
    assert audit(shop, staff.email) == [("reapply_begin", True, ""), ("reapply_apply", True, "")]
    assert not done.has_form("/apply")


def test_one_notification_is_applied_again_from_its_own_page(office: Flask, shop: World) -> None:
    one, other = told_but_not_paid(shop), told_but_not_paid(shop)
    [first, *_] = [row for row in shop.notifications() if row.order_id == shop.order(one).id]
    staff = Browser(office, "support")

    run = staff.submit(staff.page(f"/admin/notifications/{first.id}").form("/again"))

    assert figures(run)["Payments"] == 1
    staff.submit(run.form("/apply"))
    assert (shop.status(one), shop.status(other)) == ("paid", "in_review")


def test_the_filter_decides_what_is_asked_about(office: Flask, shop: World) -> None:
    told_but_not_paid(shop)
    staff = Browser(office, "support")

    page = staff.page("/admin/notifications/?gateway=xendit&view=all")

    assert not page.has_form("/again")
    token = staff.token()
    for query in ("gateway=xendit", "gateway=nonsense", "received.newer=nonsense"):
        sent = {"csrf_token": token, "query": query}
        answer = staff.client.post("/admin/notifications/again", data=sent, follow_redirects=True)
        assert figures(Page(answer.text))["Payments"] == 0


def test_messages_about_no_order_are_said_and_not_asked_about(office: Flask, shop: World) -> None:
    told_but_not_paid(shop)
    staff = Browser(office, "support")
    staff.client.post("/api/payments/notification", data=b"{}")

    run = staff.submit(staff.page("/admin/notifications/").form("/again"))

    assert "1 notification is about no order of ours" in run.text
    assert figures(run)["Payments"] == 1


def test_a_gateway_that_does_not_answer_changes_nothing_and_says_so(
    office: Flask, shop: World
) -> None:
    page = told_but_not_paid(shop)
    shop.program.control("PUT", "faults", {"rules": [{"effect": "html_502"}]})
    before, staff = written(shop), Browser(office, "support")

    run = staff.submit(staff.page("/admin/notifications/").form("/again"))

    assert re.search(r"No answer 1", run.text)
    assert written(shop) == before
    assert not run.has_form("/apply")
    assert shop.status(page) == "in_review"


def test_a_run_goes_on_where_it_was_left_and_does_nothing_twice(shop: World) -> None:
    pages = [told_but_not_paid(shop) for _ in range(2)]
    run_id = begin(shop, pages)

    assert look_further(shop.desk, run_id) == 2
    assert steps(shop, run_id) == [ReapplyStep.WOULD_CHANGE] * 2
    # Somebody else asks about the first one meanwhile.
    apply_further(shop.desk, begin_and_look(shop, pages[:1]), staff_id=shop.staff_id())
    events = shop.reasons(pages[0])
    assert apply_further(shop.desk, run_id, staff_id=shop.staff_id()) == 2
    assert steps(shop, run_id) == [ReapplyStep.UNCHANGED, ReapplyStep.CHANGED]
    assert apply_further(shop.desk, run_id, staff_id=shop.staff_id()) == 0
    assert shop.reasons(pages[0]) == events


def begin_and_look(shop: World, pages: Iterable[PaymentPage]) -> int:
    run_id = begin(shop, pages)
    look_further(shop.desk, run_id)
    return run_id


def test_a_request_works_on_a_bounded_part(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [shop.checkout(GatewayName.MIDTRANS, quantity=1) for _ in range(3)]
    monkeypatch.setattr("app.services.reapply.AT_ONCE", 2)
    run_id = begin(shop, pages)

    assert AT_ONCE == 10
    assert look_further(shop.desk, run_id) == 2
    # Applying does not begin before everything was looked at.
    assert apply_further(shop.desk, run_id, staff_id=shop.staff_id()) == 1
    assert ReapplyStep.WAITING not in steps(shop, run_id)
    with shop.session() as session:
        assert session.get_one(ReapplyRun, run_id).apply_asked_at is None
        assert session.scalar(select(func.count()).select_from(StatusCheck)) == 0


def test_a_run_that_does_not_exist_is_a_missing_page(office: Flask, shop: World) -> None:
    staff = Browser(office, "support")

    for run_id in ("7", "99999999999999999999"):
        assert staff.get(f"/admin/notifications/again/{run_id}").status_code == 404
        assert staff.post(f"/admin/notifications/again/{run_id}/look").status_code == 404


def test_a_run_that_was_left_is_found_again_from_the_log(office: Flask, shop: World) -> None:
    run_id = begin(shop, [told_but_not_paid(shop)])

    page = Browser(office, "support").page("/admin/notifications/")

    assert f"/admin/notifications/again/{run_id}" in page.links()
    assert "Applied again lately:" in page.text


def test_the_viewer_sees_a_run_but_has_no_button(office: Flask, shop: World) -> None:
    told_but_not_paid(shop)
    support = Browser(office, "support")
    support.submit(support.page("/admin/notifications/").form("/again"))
    viewer = Browser(office, "viewer")

    page = viewer.page("/admin/notifications/again/1")

    assert figures(page)["Would change"] == 1
    assert not page.has_form("/apply")
    assert not viewer.page("/admin/notifications/").has_form("/again")
