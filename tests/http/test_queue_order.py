"""In which order staff work a queue off: the most urgent on top, and who has waited longest."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.attention import URGENCY
from app.core.states import RefundRoute, RefundState
from app.db.models import AttentionCall, Order, Refund
from tests.http.back_office import Browser, Page, office
from tests.http.test_admin_lists import add_orders, follow, rel, shown
from tests.http.test_admin_refunds import paid
from tests.http.test_exports import export, read_csv
from tests.integration.bulk_scenes import fill_shelves
from tests.world import World

__all__ = ["office"]


def called(page: Page) -> list[int]:
    """Return the calls that a page of the queue offers to take up, from the top."""
    ends = [form.action for form in page.forms if form.action.endswith("/claim")]
    return [int(action.split("/")[-2]) for action in ends]


@pytest.fixture
def calls(shop: World) -> list[int]:
    """Provide 66 calls, of every code for six orders, the least urgent first; in their order."""
    numbers = add_orders(shop, 6)
    with shop.desk.sessions.begin() as session:
        orders = session.scalars(select(Order).where(Order.number.in_(numbers))).all()
        for number, order in enumerate(orders):
            for code in reversed(URGENCY):
                at = shop.clock() + timedelta(minutes=number)
                session.add(AttentionCall(order_id=order.id, code=code, raised_at=at))
                session.flush()
        rows = session.scalars(select(AttentionCall)).all()
        rows = sorted(rows, key=lambda row: (URGENCY.index(row.code), row.raised_at, row.id))
        return [row.id for row in rows]


def test_the_most_urgent_call_is_on_top_and_of_those_the_oldest(
    office: Flask, calls: list[int]
) -> None:
    staff = Browser(office, "support")

    first = staff.page("/admin/attention/")
    second = staff.page(follow(first, "next"))

    assert called(first) == calls[:50]
    assert called(second) == calls[50:]
    assert "next" not in rel(second)
    assert called(staff.page(follow(second, "prev"))) == calls[:50]


def test_a_call_that_is_raised_or_settled_between_two_pages_loses_and_doubles_nothing(
    office: Flask, shop: World, calls: list[int]
) -> None:
    staff = Browser(office, "support")
    first = staff.page("/admin/attention/")

    staff.post(f"/admin/attention/{calls[3]}/settle", reason="Cocok")
    [number] = add_orders(shop, 1)
    with shop.desk.sessions.begin() as session:
        order = session.scalars(select(Order).where(Order.number == number)).one()
        newer = {"order_id": order.id, "raised_at": shop.clock()}
        session.add_all(AttentionCall(code=code, **newer) for code in (URGENCY[0], URGENCY[-1]))

    met = called(first) + called(staff.page(follow(first, "next")))

    assert met[: len(calls)] == calls
    # Only the less urgent of the new ones comes after what was read.
    assert len(met) == len(set(met)) == len(calls) + 1


def test_the_heading_turns_the_order_of_urgency(office: Flask, calls: list[int]) -> None:
    staff = Browser(office, "support")

    page = staff.page("/admin/attention/?sort=-urgency")

    assert called(page) == calls[::-1][:50]
    assert called(staff.page(follow(page, "next"))) == calls[::-1][50:]


def test_an_export_of_the_queue_has_its_order(office: Flask, calls: list[int]) -> None:
    rows = read_csv(export(Browser(office, "finance"), "/admin/attention/"))[1:]

    codes = [next(cell for cell in row if cell in set(URGENCY)) for row in rows]
    assert codes == sorted(codes, key=[one.value for one in URGENCY].index)
    assert len(rows) == len(calls)


@pytest.mark.parametrize(
    ("queue", "stands"),
    [
        ("approvals", {"state": RefundState.AWAITING_APPROVAL}),
        ("unknown_refunds", {"state": RefundState.UNKNOWN, "needs_approval": False}),
        (
            "transfers",
            {
                "state": RefundState.TO_TRANSFER,
                "needs_approval": False,
                "route": RefundRoute.MANUAL,
                "transfer_bank": "BCA",
                "transfer_account": "0123456789",
                "transfer_holder": "Rina",
            },
        ),
    ],
)
def test_the_refund_that_has_waited_longest_is_on_top(
    office: Flask, shop: World, queue: str, stands: dict[str, object]
) -> None:
    fill_shelves(shop)
    pages = [paid(shop, sku="BATIK", quantity=1) for _ in range(3)]
    for page in pages:
        shop.refund(page, 1_500_000)
    shop.damaged = True
    # Not in the order in which they were written.
    with shop.desk.sessions.begin() as session:
        for page, hours in zip(pages, (2, 1, 3), strict=True):
            row = session.get_one(Refund, shop.refunds(page)[0].id)
            for name, value in stands.items():
                setattr(row, name, value)
            row.requested_at = shop.clock() - timedelta(hours=hours)
    oldest_first = [shop.order(pages[number]).number for number in (2, 0, 1)]
    staff = Browser(office, "approver")

    opened = shown(staff.page(f"/admin/{queue}/"))
    newest = shown(staff.page(f"/admin/{queue}/?sort=-requested"))
    nonsense = shown(staff.page(f"/admin/{queue}/?sort=nonsense"))

    assert opened == nonsense == oldest_first
    assert newest == oldest_first[::-1]


def test_the_order_that_has_been_stuck_longest_is_on_top(office: Flask, shop: World) -> None:
    numbers = add_orders(shop, 3, expires_at=shop.clock() - timedelta(days=1))

    listed = shown(Browser(office, "support").page("/admin/stuck/"))

    assert [number for number in listed if number in set(numbers)] == numbers[::-1]
