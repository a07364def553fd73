"""Every page: safe in the browser, unbroken by odd input, and telling staff what happened."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.observations import Source
from app.core.reasons import Why
from app.core.states import Attention, GatewayName
from app.db.models import Order, StatusCheck
from app.services.calls import Call, call_for_attention
from app.services.payment_pages import PaymentPage
from app.services.status import check_status
from tests.http.back_office import Browser, Page, audit, office
from tests.world import CUSTOMER, World

__all__ = ["office"]

LISTS = (
    "orders",
    "refunds",
    "notes",
    "notifications",
    "findings",
    "status_checks",
    "products",
    "job_runs",
    "audit",
    "staff",
)
ODD_QUERIES = (
    "page=-1",
    "page=99999999999999999999",
    "search=%00",
    "search=%27%22%3Cscript%3E",
    "search=" + "9" * 400,
    "search=%F0%9F%92%A9",
    "after=0~0",
    "after=-5~-5",
    "after=~&before=~",
    "after=99999999999999999999~99999999999999999999",
    "before=99999999999999999999~5",
    "before=abc",
    "sort=-created&after=20261301T000000.0~1",
    "sort=-created&after=00010101T000000.000000~1",
    "sort=total&after=9223372036854775807~2147483647",
    "sort=status&after=%00~1",
    "sort=state&before=%F0%9F%92%A9~1",
    "sort=-requested&sort=total&sort=%00",
    "view=99999999999999999999&sort=-nonsense",
    "status.in=&status.in=%00&status.is=paid&status..=x&status.not=nonsense",
    "total=999999999999999999999&total.between=..&total.min=%00&amount.max=1,5",
    "created.older=99999999999d&created.newer=-1h&created.between=0001-01-01..9999-12-31",
    "paid.empty=1&paid.filled=1&customer.contains=%25%5C_&reason.contains=" + "x" * 400,
    "claimed.min=99999999999&failed=%D9%A1&job.contains=%F0%9F%92%A9&who.contains=a%00b",
    "&".join(f"total.min={amount}" for amount in range(60)),
    "status=nonsense&gateway=nonsense&state=%00&attention=nonsense&done=maybe&result=x",
    "from=0001-01-01&to=9999-12-31",
    "from=%00&to=2026-13-45",
    "sort=99&desc=1&page_size=5000",
    "sort=urgency&after=3~1",
    "sort=-urgency&before=3~1",
    "flt0_0=1&flt99_x=%00",
)
ODD_ADDRESSES = (
    "/admin/orders/%00",
    "/admin/orders/LN-0000000000",
    "/admin/orders/12345678901234567890",
    "/admin/orders/..%2f..",
    "/admin/orders/LN-0000000000/refund",
    "/admin/orders/LN-0000000000/live",
    "/admin/refunds/0",
    "/admin/refunds/2147483647",
    "/admin/refunds/2147483647/live",
    "/admin/refunds/99999999999999999999",
    "/admin/notifications/2147483647",
    "/admin/notifications/99999999999999999999",
    "/admin/status_checks/2147483647",
    "/admin/status_checks/99999999999999999999",
    "/admin/orders/LN-0000000000?before=1&checked=1-2",
    "/admin/nothing/here",
    "/admin/lists/",
    "/admin/lists/nothing/filter",
    "/admin/lists/exports/%00",
    "/admin/lists/exports/nobody-has-this-key",
    "/admin/tools/",
    "/admin/logout",
)


@pytest.fixture
def refunded(shop: World) -> PaymentPage:
    """Provide a paid order with a refund, notifications, and a status check."""
    shop.checkout(GatewayName.XENDIT)  # Another order of the same customer.
    page = shop.checkout(GatewayName.MIDTRANS)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 50_000)
    with shop.desk.sessions.begin() as session:
        order = session.get_one(Order, shop.order(page).id)
        call_for_attention(order, Call(Attention.PAID_TWICE, Why.PAID_TWICE), shop.clock())
    return page


def every_address(shop: World, page: PaymentPage) -> list[str]:
    order = f"/admin/orders/{shop.order(page).number}"
    refund = f"/admin/refunds/{shop.refunds(page)[0].id}"
    notification = f"/admin/notifications/{shop.notifications()[0].id}"
    check_status(shop.desk, shop.order(page).id, source=Source.STATUS_CHECK)
    with shop.session() as session:
        check_ids = sorted(session.scalars(select(StatusCheck.id)))
    check = f"/admin/status_checks/{check_ids[-1]}"
    lists = [f"/admin/{name}/" for name in LISTS]
    return [
        "/admin/",
        *lists,
        order,
        f"{order}/live",
        f"{order}?checked={check_ids[0]}-{check_ids[-1]}",
        check,
        f"{order}/refund",
        refund,
        f"{refund}/live",
        notification,
        "/admin/orders/LN-0000000000",
        "/admin/account/",
        "/admin/account/app",
        "/admin/staff/new",
        "/admin/staff/1",
        "/admin/tools/find?q=nothing-has-this-name",
        f"/admin/tools/find?q={CUSTOMER.email}",
    ]


def a_role_for(address: str) -> str:
    if address.startswith(("/admin/audit/", "/admin/staff/")):
        return "admin"
    return "finance"


def test_no_page_has_inline_code_and_every_page_forbids_it(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    staff = {role: Browser(office, role) for role in ("finance", "admin")}
    for address in every_address(shop, refunded):
        answer = staff[a_role_for(address)].get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, address
        assert "unsafe-inline" not in policy, address
        assert "frame-ancestors 'none'" in policy, address
        assert answer.headers["Cache-Control"] == "no-store", address
        assert inline_code(Page(answer.text)) == [], address


def inline_code(page: Page) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for tag, values in page.tags:
        found += [(tag, name) for name in values if name.startswith("on") or name == "style"]
        found += [(tag, name) for name, value in values.items() if "javascript:" in (value or "")]
        if tag in {"script", "style"} and not (values.get("src") or values.get("nonce")):
            found.append((tag, "inline"))
    return found


def test_the_nonce_changes_with_every_answer(office: Flask) -> None:
    client = office.test_client()

    policies = {client.get("/admin/login").headers["Content-Security-Policy"] for _ in range(3)}

    assert len(policies) == 3


def test_nothing_is_loaded_from_elsewhere(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    staff = {role: Browser(office, role) for role in ("finance", "admin")}
    for address in every_address(shop, refunded):
        for tag, values in Page(staff[a_role_for(address)].get(address).text).tags:
            target = values.get("src") or (values.get("href") if tag != "a" else "") or ""
            assert not target.startswith(("http", "//")), (address, target)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_has_its_language_a_heading_and_landmarks(
    office: Flask, shop: World, refunded: PaymentPage, language: str
) -> None:
    staff = {role: Browser(office, role, language) for role in ("finance", "admin")}
    for address in every_address(shop, refunded):
        if address.endswith("/live"):
            continue
        tags = Page(staff[a_role_for(address)].get(address).text).tags
        names = [tag for tag, _ in tags]
        [html] = [values for tag, values in tags if tag == "html"]
        assert html["lang"] == language, address
        assert (names.count("h1"), names.count("main"), names.count("header")) == (1, 1, 1), address


def test_every_field_has_a_label(office: Flask, shop: World, refunded: PaymentPage) -> None:
    staff = {role: Browser(office, role) for role in ("finance", "admin")}
    for address in every_address(shop, refunded):
        html = staff[a_role_for(address)].get(address).text
        assert unlabelled(Page(html)) == [], address


def unlabelled(page: Page) -> list[str]:
    """Return the fields that stand neither in a label nor under one that names them."""
    named = {values.get("for") for tag, values in page.tags if tag == "label"}
    fields: list[str] = []
    last_label_holds_it = False
    for tag, values in page.tags:
        if tag == "label":
            last_label_holds_it = values.get("for") is None
        if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
            if not last_label_holds_it and values.get("id") not in named:
                fields.append(str(values.get("name")))
            last_label_holds_it = False
    return fields


@pytest.mark.parametrize("name", LISTS)
def test_odd_queries_never_break_a_list(office: Flask, name: str) -> None:
    staff = Browser(office, a_role_for(f"/admin/{name}/"))

    codes = {query: staff.get(f"/admin/{name}/?{query}").status_code for query in ODD_QUERIES}

    assert codes == dict.fromkeys(ODD_QUERIES, 200)


def test_odd_addresses_are_not_found(office: Flask) -> None:
    staff = Browser(office, "finance")

    codes = {address: staff.get(address).status_code for address in ODD_ADDRESSES}

    assert codes == dict.fromkeys(ODD_ADDRESSES, 404)


def test_odd_forms_are_answered_and_change_nothing(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    staff, before = Browser(office, "finance"), shop.reasons(refunded)
    url = f"/admin/orders/{shop.order(refunded).number}/refund"
    odd = {"amount": "\x00", "reason": "\x00\x7f\x1b" * 900 + "x", "form_key": "k" * 999}

    form = {**odd, "expected_idr": "9" * 50, "route": "\x00"}
    confirm = staff.client.post(f"{url}/confirm", data={"csrf_token": staff.token(), **form})
    sent = staff.client.post(url, data={"csrf_token": staff.token(), **form})

    assert (confirm.status_code, sent.status_code) == (200, 302)
    assert shop.reasons(refunded) == before


def test_what_a_shopper_typed_is_shown_as_text(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    with shop.desk.sessions.begin() as session:
        order = session.get_one(Order, shop.order(refunded).id)
        order.customer_name = "<script>alert(1)</script>"

    answer = Browser(office, "finance").get(f"/admin/orders/{order.number}")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>alert" not in answer.text


def test_a_page_speaks_to_each_reader_though_another_opened_it_first(
    office: Flask, shop: World
) -> None:
    own = f"/admin/staff/{shop.staff_id('admin')}"

    read = {language: Browser(office, "admin", language).get(own).text for language in ("en", "id")}

    assert "Nobody changes their own role" in read["en"]
    assert "Tidak ada yang boleh mengubah peran" in read["id"]


# The page of one order.


def test_the_order_page_tells_the_story_with_reasons_and_non_changes(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    duplicate = shop.sent(refunded)[0]
    shop.receive(duplicate)

    text = Browser(office, "viewer").page(f"/admin/orders/{shop.order(refunded).number}").text

    assert "The shopper placed the order; stock is reserved." in text
    assert "Waiting for payment → Paid The shopper paid." in text
    assert "proved by the signature" in text
    assert "We knew this already. Nothing changed." in text
    assert "A refund was requested." in text
    assert "The same message was handled before; no effect." in text
    assert "Net Rp 150.000" in text
    assert "Taken: the order was paid" in text


def test_the_order_page_speaks_indonesian(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    staff = Browser(office, "viewer", language="id")

    text = staff.page(f"/admin/orders/{shop.order(refunded).number}").text

    assert "Menunggu pembayaran → Lunas Pembeli sudah membayar." in text
    assert "WIB" in text


def test_secrets_of_a_notification_are_hidden(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    delivery = shop.sent(refunded)[0]
    signature = json.loads(delivery.body)["signature_key"]
    xendit = replace(delivery, headers={"x-callback-token": "guessed-token"}, body=b'{"id": "x"}')
    shop.receive(xendit)
    staff = Browser(office, "finance")
    addresses = [f"/admin/notifications/{row.id}" for row in shop.notifications()]

    pages = [
        staff.get(a).text for a in (*addresses, f"/admin/orders/{shop.order(refunded).number}")
    ]

    assert all(signature not in page for page in pages)
    assert all("guessed-token" not in page for page in pages)
    assert "••••••" in pages[0]


def test_a_forged_notification_says_why_it_was_refused(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    delivery = shop.sent(refunded)[0]
    forged = replace(
        delivery, body=delivery.body.replace(b'"signature_key":"', b'"signature_key":"0')
    )
    shop.receive(forged)

    row = shop.notifications()[-1]
    text = Browser(office, "viewer").page(f"/admin/notifications/{row.id}").text

    assert row.verdict == "bad_signature"
    assert "Does not come from the gateway" in text
    assert "Refused: the signature or token is wrong" in text


# The page follows money in flight.


def test_the_live_part_stops_when_the_order_is_settled(office: Flask, shop: World) -> None:
    page = shop.checkout(GatewayName.MIDTRANS)
    staff, address = Browser(office, "viewer"), f"/admin/orders/{shop.order(page).number}/live"

    before = staff.get(address)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    after = staff.get(address)

    assert [a.headers["X-Lunas-Live"] for a in (before, after)] == ["on", "off"]
    assert "<html" not in after.text
    assert "The shopper paid." in after.text


def test_a_person_takes_an_order_out_of_the_queue_with_a_reason(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    staff = Browser(office, "support")
    form = staff.page(f"/admin/orders/{shop.order(refunded).number}").form("/settle")

    assert "A reason is required." in staff.submit(form, reason=" ").text
    assert shop.order(refunded).attention is Attention.PAID_TWICE
    staff.submit(form, reason="Sudah dijelaskan pelanggan")

    assert shop.order(refunded).attention is None
    assert audit(shop, staff.email) == [
        ("resolve_attention", False, "reason_missing"),
        ("resolve_attention", True, ""),
    ]


def test_the_overview_counts_what_waits_and_shows_whether_jobs_live(
    office: Flask, shop: World, refunded: PaymentPage
) -> None:
    page = Browser(office, "viewer").page("/admin/")

    assert "1 Orders that need attention" in page.text
    assert "/admin/orders/?attention=any" in page.links()
    assert "No job process has reported in the last day." in page.text
    assert "Midtrans" in page.text
    assert "never" in page.text  # Nothing has come from Xendit.
