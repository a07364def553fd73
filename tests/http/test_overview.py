"""The overview: figures worked out by hand, and each leads to exactly the rows that it counts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from admin.figures.of_period import read_takings
from admin.figures.periods import read_period
from app.core.observations import Source
from app.core.refund_reasons import RefundReason
from app.core.states import (
    GatewayName,
    NotificationState,
    PaymentStatus,
    RefundRoute,
    RefundState,
)
from app.core.wib import WIB
from app.db.models import Attempt, Notification, Product, Refund, StatusCheck
from tests.http.back_office import Browser, Page, office
from tests.http.test_admin_lists import bare_order
from tests.world import World

__all__ = ["office"]

# A period long over, so that no test depends on when it runs.
DAYS = "period=custom&from=2026-03-09&to=2026-03-10"


def wib(text: str) -> datetime:
    """Read a time in WIB: ``03-10 23:59``, of the year of these tests."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=WIB).astimezone(UTC)


class Books:
    """Writes orders, refunds and questions as they would stand, at chosen times."""

    def __init__(self, shop: World) -> None:
        shop.damaged = True
        self.shop, self.serial = shop, 0

    def order(self, created: datetime, method: str | None = None, **changes: Any) -> int:
        self.serial += 1
        with self.shop.desk.sessions.begin() as session:
            product = session.scalars(select(Product)).first()
            assert product is not None
            values = {"created_at": created, "updated_at": created, **changes}
            order = bare_order(self.serial, product, values)
            session.add(order)
            order.attempts[0].method = method
            session.flush()
            return order.id

    def paid(
        self, at: datetime, idr: int, method: str | None = "gopay", *, took_s: int = 60
    ) -> int:
        return self.order(
            at - timedelta(seconds=took_s),
            method,
            payment_status=PaymentStatus.PAID,
            paid_at=at,
            total_idr=idr,
            captured_idr=idr,
        )

    def ended(self, created: datetime, method: str | None = None) -> int:
        return self.order(created, method, payment_status=PaymentStatus.EXPIRED)

    def refund(
        self, order_id: int, at: datetime, idr: int, code: str | None, **changes: Any
    ) -> None:
        with self.shop.desk.sessions.begin() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.order_id == order_id)).one()
            self.serial += 1
            values: dict[str, Any] = {
                "order_id": order_id,
                "number": self.serial,
                "key": f"key-{self.serial}",
                "gateway": attempt.gateway,
                "attempt_id": attempt.id,
                "amount_idr": idr,
                "route": RefundRoute.OUTSIDE,
                "state": RefundState.SUCCEEDED,
                "reason": "x",
                "reason_code": code and RefundReason(code),
                "requested_at": at,
                "finished_at": at,
            }
            session.add(Refund(**{**values, **changes}))

    def question(self, order_id: int, at: datetime, error: str | None = None) -> None:
        with self.shop.desk.sessions.begin() as session:
            attempt = session.scalars(select(Attempt).where(Attempt.order_id == order_id)).one()
            session.add(
                StatusCheck(
                    order_id=order_id,
                    attempt_id=attempt.id,
                    source=Source.JOB,
                    asked_at=at,
                    answered_at=None if error else at,
                    before=PaymentStatus.PENDING,
                    after=PaymentStatus.PENDING,
                    error=error,
                    chain=[],
                )
            )


@pytest.fixture
def books(shop: World) -> Books:
    return Books(shop)


@pytest.fixture
def march(books: Books) -> Books:
    fill_march(books)
    return books


def fill_march(books: Books) -> None:
    """Write two days of March and what lies just outside of them.

    9 March: 100.000 at 00:01 and 200.000 at 23:59 paid. 10 March: 300.000 paid at 00:01; 50.000
    and 30.000 went back. The two days before: 150.000 paid, nothing back.
    """
    books.paid(wib("03-08 23:59"), 150_000, "qris", took_s=30)
    first = books.paid(wib("03-09 00:01"), 100_000, "gopay", took_s=20)
    second = books.paid(wib("03-09 23:59"), 200_000, "gopay", took_s=100)
    books.paid(wib("03-10 00:01"), 300_000, "bca_va", took_s=40)
    books.paid(wib("03-11 00:01"), 999_000, "gopay", took_s=20)
    books.ended(wib("03-09 08:00"), "bca_va")
    books.ended(wib("03-09 09:00"), "gopay")
    books.ended(wib("03-10 09:00"))
    books.order(wib("03-10 10:00"), "bca_va")
    books.refund(first, wib("03-10 00:01"), 50_000, "wrong_goods")
    books.refund(second, wib("03-10 23:59"), 30_000, "wrong_goods", state=RefundState.SUCCEEDED)
    books.refund(second, wib("03-11 00:00"), 70_000, "damaged")
    books.refund(second, wib("03-10 12:00"), 80_000, "damaged", state=RefundState.FAILED)
    books.question(first, wib("03-09 00:00"))
    books.question(first, wib("03-10 23:59"), "timeout")
    books.question(first, wib("03-11 00:00"), "timeout")


def counted_links(page: Page) -> list[tuple[str, int]]:
    """Return every link that names how many rows it leads to."""
    return [
        (str(values["href"]), int(values["data-rows"] or 0))
        for tag, values in page.tags
        if tag == "a" and values.get("data-rows") is not None
    ]


def rows_of(page: Page) -> int:
    """Return how many rows a list says that it has."""
    found = re.search(r"([\d,]+) rows?", page.text)
    assert found is not None
    return int(found[1].replace(",", ""))


def stats(page: Page) -> str:
    return page.text.partition("Show Paid")[2].partition("Compared with")[0]


def test_the_figures_are_those_worked_out_by_hand(office: Flask, march: Books) -> None:
    page = Browser(office, "viewer").page(f"/admin/?{DAYS}")

    told = stats(page)
    assert "Rp 600.000 3 orders +300%, more · before: Rp 150.000" in told
    assert "Refunded Rp 80.000 2 refunds more; nothing before · before: Rp 0" in told
    assert (
        "Net Rp 520.000 paid \N{MINUS SIGN} refunded +Rp 370.000, more · before: Rp 150.000" in told
    )
    # Of the orders placed on these days three were paid, three ended unpaid, one waits.
    assert "50% 3 paid , 3 not , 1 open" in told
    # 20, 40 and 100 seconds: the second of three, and the third.
    assert "40 s 9 of 10 within 1 min 40 s +10 s, slower · before: 30 s" in told


def test_each_part_of_a_chart_is_in_its_table(office: Flask, march: Books) -> None:
    text = Browser(office, "viewer").page(f"/admin/?{DAYS}").text

    assert "9 Mar Rp 300.000 2 Rp 0 0 Rp 300.000" in text
    assert "10 Mar Rp 300.000 1 Rp 80.000 2 Rp 220.000" in text
    assert "GoPay 2 1 0 66.7%" in text
    assert "BCA Virtual Account 1 1 1 50%" in text
    assert "not chosen yet 0 1 0 0%" in text
    assert "Wrong goods sent 2 Rp 80.000" in text
    assert "Asked 2 times Not answered 1 time (50%)" in text


@pytest.mark.parametrize(
    "address",
    [
        f"/admin/?{DAYS}",
        "/admin/?period=custom&from=2026-03-10&to=2026-03-10",
        "/admin/?period=custom&from=2026-01-01&to=2026-07-01",
        "/admin/?period=today",
        "/admin/",
    ],
)
def test_every_figure_leads_to_exactly_the_rows_that_it_counts(
    office: Flask, march: Books, address: str
) -> None:
    now = march.shop.clock()
    for minutes in (10, 70, 30 * 60, 5 * 24 * 60):
        march.order(now - timedelta(minutes=minutes), "qris")
    march.refund(march.paid(now, 77_000), now, 7_000, "damaged")
    march.refund(march.paid(now, 78_000), now, 8_000, None)
    # Paid, and taken back by the bank: a payment of nothing.
    for at in (now, wib("03-10 13:00")):
        march.order(at, "gopay", payment_status=PaymentStatus.FAILED, paid_at=at, total_idr=5_000)
    staff = Browser(office, "viewer")

    links = counted_links(staff.page(address))

    assert len(links) > 20
    counts = dict(links)
    assert {href: rows_of(staff.page(href)) for href in counts} == counts
    assert any(counts.values())


def test_today_is_compared_with_yesterday_until_the_same_minute(
    office: Flask, books: Books
) -> None:
    now = books.shop.clock()
    midnight = now.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
    gone = now - midnight
    for part, idr in ((0.25, 10_000), (0.75, 20_000)):
        books.paid(midnight - timedelta(days=1) + gone * part, idr)
    late = midnight - timedelta(seconds=1)
    books.paid(late, 40_000)
    period = read_period("today", "", "", now)

    with books.shop.session() as session:
        takings = read_takings(session, period)

    assert period.before.end < late or gone > timedelta(hours=23, minutes=58)
    expected = [
        idr
        for part, idr in ((0.25, 10_000), (0.75, 20_000))
        if midnight - timedelta(days=1) + gone * part < period.before.end
    ]
    assert takings.before.paid.idr == sum(expected)


def test_methods_and_reasons_and_days_add_up_to_the_whole(march: Books) -> None:
    period = read_period("custom", "2026-01-01", "2026-12-31", march.shop.clock())
    with march.shop.session() as session:
        takings = read_takings(session, period)

    assert takings.now.paid.idr == 1_749_000
    assert sum(flow.paid.idr for flow in takings.flows) == 1_749_000
    assert sum(one.placed for one in takings.methods) == takings.success.placed == 9
    assert sum(one.refunded.idr for one in takings.reasons) == takings.now.refunded.idr == 150_000
    assert sum(one.refunded.rows for one in takings.reasons) == takings.now.refunded.rows == 3


def test_refunds_made_elsewhere_name_no_reason(office: Flask, books: Books) -> None:
    order = books.paid(wib("03-09 10:00"), 500_000)
    books.refund(order, wib("03-09 11:00"), 3000, "paid_late")
    books.refund(order, wib("03-09 11:00"), 5000, None)
    page = Browser(office, "viewer").page(f"/admin/?{DAYS}")

    assert "no reason named 1 Rp 5.000 Paid after the order had ended 1 Rp 3.000" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "period=nonsense",
        "period=custom",
        "period=custom&from=2026-03-10&to=2026-03-09",
        "period=custom&from=2026-01-01&to=2027-03-01",
        "period=custom&from=0001-01-01&to=0001-01-02",
        "period=custom&from=9999-12-31&to=9999-12-31",
        "period=%00&from=%F0%9F%92%A9",
    ],
)
def test_a_period_that_cannot_be_read_is_said_and_the_usual_one_shown(
    office: Flask, shop: World, query: str
) -> None:
    page = Browser(office, "viewer").page(f"/admin/?{query}")

    assert "This period cannot be read." in page.text
    assert "Success rate" in page.text


@contextmanager
def questions(engine: Engine) -> Iterator[list[str]]:
    """Collect what the database is asked."""
    asked: list[str] = []

    def keep(*args: Any) -> None:
        asked.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def test_the_number_of_questions_does_not_grow_with_the_orders(office: Flask, books: Books) -> None:
    staff = Browser(office, "viewer")
    desk_engine = office.extensions["lunas_desk"].reads.kw["bind"]
    staff.page(f"/admin/?{DAYS}")
    with questions(desk_engine) as few:
        staff.page(f"/admin/?{DAYS}")
    for minute in range(30):
        order = books.paid(wib(f"03-09 10:{minute:02}"), 100_000, f"method_{minute}")
        books.refund(order, wib("03-10 10:00"), 1000, list(RefundReason)[minute % 12])
        books.question(order, wib("03-10 10:00"))

    with questions(desk_engine) as many:
        staff.page(f"/admin/?{DAYS}")

    assert len(many) == len(few)
    assert len(many) <= 24


def test_forged_messages_do_not_pass_for_a_gateway_that_is_heard(
    office: Flask, books: Books
) -> None:
    now = books.shop.clock()
    for state, minutes in ((NotificationState.DONE, 60), (NotificationState.REFUSED, 1)):
        with books.shop.desk.sessions.begin() as session:
            session.add(
                Notification(
                    gateway=GatewayName.MIDTRANS,
                    state=state,
                    verdict="x",
                    chain=[],
                    headers={},
                    body=b"",
                    body_size=0,
                    received_at=now - timedelta(minutes=minutes),
                )
            )

    text = Browser(office, "viewer").page("/admin/notifications/").text

    assert "Midtrans: last genuine notification 1 hour ago" in text
    assert "Xendit: no genuine notification yet" in text
