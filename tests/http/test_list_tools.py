"""What a person does with a list: views, columns, looks and shortcuts."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.states import PaymentStatus
from app.db.models import ListSetting, SavedView
from tests.http.back_office import Browser, Form, Page, audit, every_role, office
from tests.http.test_admin_lists import add_orders, shown
from tests.world import World

__all__ = ["office"]

ORDERS = "/admin/orders/"
OWN_WRITES = (
    "/admin/lists/orders/columns",
    "/admin/lists/orders/views",
    "/admin/lists/orders/views/1/delete",
    "/admin/lists/orders/default",
    "/admin/tools/preferences",
)


def headings(page: Page) -> list[str]:
    return [v["data-label"] or "" for tag, v in page.tags if tag == "td" and "data-label" in v]


# Views.


def columns_of(page: Page, form: Form) -> Iterator[str]:
    """Yield the columns that the export form of a page holds, in their order."""
    is_inside = False
    for tag, values in page.tags:
        if tag == "form":
            is_inside = values.get("action") == form.action
        if is_inside and values.get("name") == "column":
            yield values["value"] or ""


def save(staff: Browser, address: str, name: str, **more: str) -> Page:
    page = staff.page(address)
    form = page.form("/lists/orders/views")
    fields: dict[str, Any] = form.fields | {"column": list(columns_of(page, form)), "name": name}
    fields |= more
    if "shared" not in more:
        fields.pop("shared", None)
    answer = staff.client.post(form.action, data=fields, follow_redirects=True)
    return Page(answer.text)


def test_a_view_keeps_filters_order_and_columns_for_its_owner(office: Flask, shop: World) -> None:
    add_orders(shop, 2)
    [dear] = add_orders(shop, 1, total_idr=5_000_000)
    staff, colleague = Browser(office, "support"), Browser(office, "finance")

    opened = save(staff, f"{ORDERS}?total.min=1.000.000&sort=-total", "Large")
    [link] = [link for link in staff.page(ORDERS).links() if "view=1" in link]

    assert "Orders Large" in opened.text
    assert shown(staff.page(link)) == [dear]
    assert "total.min=1.000.000" in link
    assert "sort=-total" in link
    assert not any("view=1" in link for link in colleague.page(ORDERS).links())
    assert audit(shop, staff.email) == [("save_view", True, "")]


def test_a_shared_view_is_seen_by_colleagues_and_deleted_only_by_its_owner(
    office: Flask, shop: World
) -> None:
    add_orders(shop, 1)
    staff, colleague = Browser(office, "support"), Browser(office, "finance")
    save(staff, f"{ORDERS}?status=pending", "Waiting", shared="on")

    page = colleague.page(f"{ORDERS}?status=pending&view=1")
    refused = colleague.post("/admin/lists/orders/views/1/delete")

    assert "Orders Waiting" in page.text
    assert "by Support" in page.text
    assert refused.status_code == 404
    assert [view.name for view in views(shop)] == ["Waiting"]
    assert audit(shop, colleague.email) == [("delete_view", False, "not_yours")]

    staff.submit(staff.page(ORDERS).form("/views/1/delete"))

    assert views(shop) == []
    assert audit(shop, staff.email) == [("share_view", True, ""), ("delete_view", True, "")]


def views(shop: World) -> list[SavedView]:
    with shop.session() as session:
        return list(session.scalars(select(SavedView)))


def test_a_list_opens_with_the_view_its_owner_chose_and_everything_stays_a_click_away(
    office: Flask, shop: World
) -> None:
    [expired] = add_orders(shop, 1, payment_status=PaymentStatus.EXPIRED)
    [other] = add_orders(shop, 1)
    staff = Browser(office, "support")
    opened = save(staff, f"{ORDERS}?status=expired", "Expired")

    staff.submit(opened.form("/lists/orders/default"))

    assert shown(staff.page(ORDERS)) == [expired]
    assert shown(staff.page(f"{ORDERS}?view=all")) == [other, expired]
    assert shown(Browser(office, "finance").page(ORDERS)) == [other, expired]

    staff.submit(staff.page(f"{ORDERS}?view=all").form("/lists/orders/default"))
    assert shown(staff.page(ORDERS)) == [other, expired]


def test_a_deleted_default_view_leaves_a_list_that_opens(office: Flask, shop: World) -> None:
    [number] = add_orders(shop, 1)
    staff = Browser(office, "support")
    staff.submit(save(staff, f"{ORDERS}?status=paid", "Paid").form("/lists/orders/default"))

    staff.submit(staff.page(ORDERS).form("/views/1/delete"))

    assert shown(staff.page(ORDERS)) == [number]


def test_a_colleagues_private_view_cannot_be_chosen(office: Flask, shop: World) -> None:
    save(Browser(office, "support"), f"{ORDERS}?status=paid", "Mine")
    colleague = Browser(office, "finance")

    answer = colleague.post("/admin/lists/orders/default", view="1")

    assert answer.status_code == 404
    with shop.session() as session:
        assert session.scalars(select(ListSetting)).all() == []


def test_a_view_of_the_same_name_is_replaced_and_one_without_a_name_refused(
    office: Flask, shop: World
) -> None:
    staff = Browser(office, "support")
    save(staff, f"{ORDERS}?status=paid", "Mine")
    save(staff, f"{ORDERS}?status=expired", "Mine")
    refused = save(staff, f"{ORDERS}?status=paid", " \n ")
    unreadable = save(staff, f"{ORDERS}?status=nonsense", "Broken")

    assert [(view.name, view.query) for view in views(shop)] == [("Mine", "status=expired")]
    assert "Give the view a name." in refused.text
    assert "Give the view a name." in unreadable.text


# Columns.


def test_columns_are_kept_in_their_order_per_person(office: Flask, shop: World) -> None:
    add_orders(shop, 1)
    staff, colleague = Browser(office, "support"), Browser(office, "finance")
    form = staff.page(ORDERS).form("/lists/orders/columns")
    before = headings(colleague.page(ORDERS))

    data = form.fields | {"column": ["total", "number", "phone", "nonsense"], "size": "25"}
    data.pop("reset", None)
    staff.client.post(form.action, data=data)

    assert headings(staff.page(ORDERS)) == ["Total", "Order", "Phone"]
    assert headings(colleague.page(ORDERS)) == before

    staff.client.post(form.action, data=data | {"reset": "yes"})
    assert headings(staff.page(ORDERS)) == before


def test_the_page_is_as_long_as_the_person_wants(office: Flask, shop: World) -> None:
    numbers = add_orders(shop, 30)
    staff = Browser(office, "support")
    staff.post("/admin/lists/orders/columns", column="number", size="25")

    assert shown(staff.page(ORDERS)) == numbers[:25]
    staff.post("/admin/lists/orders/columns", column="number", size="5000")
    assert shown(staff.page(ORDERS)) == numbers


def test_contacts_are_shown_to_those_who_may_see_them(office: Flask, shop: World) -> None:
    add_orders(shop, 1)
    phone = {"column": ["number", "customer", "phone", "email"], "size": "50"}
    pages: dict[str, str] = {}
    for role in ("viewer", "support"):
        staff = Browser(office, role)
        staff.client.post(OWN_WRITES[0], data={"csrf_token": staff.token(), **phone})
        pages[role] = staff.page(ORDERS).text

    assert "rina0@contoh.example" in pages["support"]
    assert "+6281200000000" in pages["support"]
    assert "rina0" not in pages["viewer"]
    assert "r•••@contoh.example" in pages["viewer"]
    assert "+6281200000000" not in pages["viewer"]


# Looks and shortcuts.


def test_colours_and_keys_are_remembered_for_the_person(office: Flask, shop: World) -> None:
    staff = Browser(office, "viewer")

    def looks(browser: Browser) -> tuple[str | None, str | None]:
        tags = dict(browser.page(ORDERS).tags)
        return tags["html"]["data-theme"], tags["dialog"]["data-keys"]

    assert looks(staff) == ("system", "on")
    staff.post("/admin/tools/preferences", theme="dark")
    staff.post("/admin/tools/preferences", shortcuts="off")
    assert looks(staff) == ("dark", "off")
    staff.post("/admin/tools/preferences", theme="nonsense", shortcuts="nonsense")
    assert looks(staff) == ("dark", "off")
    assert looks(Browser(office, "support")) == ("system", "on")


@pytest.mark.parametrize(
    ("referrer", "target"),
    [
        ("http://localhost/admin/orders/?status=paid", "/admin/orders/?status=paid"),
        ("http://evil.example/admin/orders/", "/admin/"),
        ("http://localhost/elsewhere", "/admin/"),
        (None, "/admin/"),
    ],
)
def test_a_choice_leads_back_to_where_it_was_made_and_nowhere_else(
    office: Flask, referrer: str | None, target: str
) -> None:
    staff = Browser(office, "viewer")
    headers = {"Referer": referrer} if referrer else {}

    answer = staff.client.post(
        "/admin/tools/preferences",
        data={"csrf_token": staff.token(), "theme": "dark"},
        headers=headers,
    )

    assert answer.location == target


@pytest.mark.parametrize("url", OWN_WRITES)
def test_own_things_are_kept_for_nobody_who_is_not_signed_in_and_without_a_forms_token(
    office: Flask, shop: World, url: str
) -> None:
    stranger, staff = office.test_client(), Browser(office, "support")
    token = Page(stranger.get("/admin/login").text).form("/admin/login").fields["csrf_token"]

    sent_away = stranger.post(url, data={"csrf_token": token, "name": "x", "theme": "dark"})
    forged = staff.client.post(url, data={"name": "x", "theme": "dark"})

    assert sent_away.location == "/admin/login"
    assert forged.status_code == 400
    assert views(shop) == []


@every_role()
def test_the_tools_of_a_list_are_as_closed_as_the_list(office: Flask, role: str) -> None:
    staff = Browser(office, role)
    is_open = staff.get("/admin/audit/").status_code == 200
    urls = [url.replace("orders", "audit") for url in OWN_WRITES[:2]]

    codes = {url: staff.post(url, name="x", column="at").status_code for url in urls}
    asked = staff.get("/admin/lists/audit/filter?field=who&op=is&value=x").status_code

    assert codes == dict.fromkeys(urls, 302 if is_open else 403)
    assert asked == (302 if is_open else 403)
