"""Who may do what: every route that writes, for every role, found in the URL map."""

from collections.abc import Mapping
from typing import Final

import pytest
from flask import Flask
from werkzeug.routing import Rule

from admin.rights import ROLES, Right
from app.core.states import Attention, GatewayName
from app.db.models import Order, Refund
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, audit, every_role, office
from tests.world import World

__all__ = ["office"]

# endpoint: the right it needs and its name in the audit log.
WRITES: Final[Mapping[str, tuple[Right, str]]] = {
    "orders.check": (Right.CHECK_STATUS, "check_status"),
    "orders.attention": (Right.RESOLVE_ATTENTION, "resolve_attention"),
    "orders.release": (Right.RELEASE_ORDER, "release_order"),
    "orders.cancel": (Right.CANCEL_ORDER, "cancel_order"),
    "orders.refund_confirm": (Right.REFUND, "request_refund"),
    "orders.refund_send": (Right.REFUND, "request_refund"),
    "refunds.approve": (Right.APPROVE_REFUND, "approve_refund"),
    "refunds.reject": (Right.APPROVE_REFUND, "reject_refund"),
    "refunds.withdraw": (Right.REFUND, "withdraw_refund"),
    "refunds.reroute": (Right.REFUND, "reroute_refund"),
    "refunds.transferred": (Right.TRANSFER, "mark_transferred"),
    "refunds.restock": (Right.REFUND, "restock_refund"),
    "refunds.resolve": (Right.CHECK_STATUS, "resolve_refund"),
}
FOR_EVERYBODY: Final = {"desk.do_sign_in", "desk.sign_out", "desk.switch_language"}
SAFE: Final = {"GET", "HEAD", "OPTIONS"}
DEAR: Final = "BATIK"  # Above the threshold, so that its refund waits for a second person.


def writing_rules(app: Flask) -> list[Rule]:
    rules = app.url_map.iter_rules()
    return [r for r in rules if r.rule.startswith("/admin") and not (r.methods or set()) <= SAFE]


@pytest.fixture
def waiting(shop: World) -> PaymentPage:
    """Provide a paid order whose refund waits for approval."""
    page = shop.checkout(GatewayName.MIDTRANS, sku=DEAR, quantity=1)
    shop.pay(page, "gopay")
    shop.deliver_all(page)
    shop.confirm()
    shop.refund(page, 1_500_000)
    with shop.desk.sessions.begin() as session:
        session.get_one(Order, shop.order(page).id).attention = Attention.DRIFT
    return page


def addresses(app: Flask, shop: World, page: PaymentPage) -> dict[str, str]:
    number, refund_id = shop.order(page).number, shop.refunds(page)[0].id
    with app.test_request_context():
        return {
            endpoint: app.url_for(endpoint, number=number)
            if endpoint.startswith("orders.")
            else app.url_for(endpoint, refund_id=refund_id)
            for endpoint in WRITES
        }


def everything(shop: World, page: PaymentPage) -> tuple[object, ...]:
    """Return what the writes could have changed."""
    order, refunds = shop.order(page), shop.refunds(page)
    return (
        order.payment_status,
        order.attention,
        order.reserved_idr,
        shop.reasons(page),
        [(refund.id, refund.state, refund.approved_by_id) for refund in refunds],
        shop.stock(DEAR),
    )


def test_no_route_that_writes_is_unknown_to_these_tests(office: Flask) -> None:
    found = {rule.endpoint for rule in writing_rules(office)}

    assert found == WRITES.keys() | FOR_EVERYBODY


def test_every_role_of_the_design_is_tried() -> None:
    assert set(ROLES) == {
        "viewer",
        "support",
        "refunder",
        "approver",
        "finance",
        "admin",
        "auditor",
    }


@every_role()
def test_a_role_without_the_right_is_refused_on_record_and_nothing_changes(
    office: Flask, shop: World, waiting: PaymentPage, role: str
) -> None:
    staff, before = Browser(office, role), everything(shop, waiting)
    refused = {name: w for name, w in WRITES.items() if w[0] not in ROLES[role]}
    urls = addresses(office, shop, waiting)

    codes = {name: staff.post(urls[name], reason="x", proof="x").status_code for name in refused}

    assert codes == dict.fromkeys(refused, 403)
    assert audit(shop, staff.email) == [(w[1], False, "not_allowed") for w in refused.values()]
    assert everything(shop, waiting) == before


@every_role()
def test_a_role_with_the_right_is_let_through(
    office: Flask, shop: World, waiting: PaymentPage, role: str
) -> None:
    staff, urls = Browser(office, role), addresses(office, shop, waiting)
    allowed = [name for name, (right, _) in WRITES.items() if right in ROLES[role]]

    codes = {name: staff.post(urls[name]).status_code for name in allowed}

    assert codes == {name: 200 if name == "orders.refund_confirm" else 302 for name in allowed}


def test_strangers_are_sent_to_sign_in_and_nothing_changes(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    client, before = office.test_client(), everything(shop, waiting)
    gate = client.get("/admin/login").text
    token = gate.split('name="csrf_token" value="')[1].split('"')[0]

    answers = [
        client.post(url, data={"csrf_token": token})
        for url in addresses(office, shop, waiting).values()
    ]

    assert {answer.location for answer in answers} == {"/admin/login"}
    assert everything(shop, waiting) == before


def test_no_write_is_taken_without_the_token_of_a_form(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    staff, before = Browser(office, "finance"), everything(shop, waiting)

    urls = addresses(office, shop, waiting).values()
    codes = [staff.client.post(url, data={"reason": "x"}).status_code for url in urls]

    assert set(codes) == {400}
    assert everything(shop, waiting) == before


@pytest.mark.parametrize(
    ("url", "right"), [("/admin/audit/", Right.VIEW_AUDIT), ("/admin/staff/", Right.VIEW_STAFF)]
)
@every_role()
def test_what_only_some_may_read_is_closed_to_the_others(
    office: Flask, role: str, url: str, right: Right
) -> None:
    staff, may = Browser(office, role), right in ROLES[role]

    assert staff.get(url).status_code == (200 if may else 403)
    assert (url in staff.page("/admin/").links()) is may


def test_the_requester_cannot_approve_not_even_by_a_direct_post(
    office: Flask, shop: World, waiting: PaymentPage
) -> None:
    refund = shop.refunds(waiting)[0]
    staff = Browser(office, "finance")
    with shop.desk.sessions.begin() as session:
        session.get_one(Refund, refund.id).requested_by_id = staff.staff_id

    assert not staff.page(f"/admin/refunds/{refund.id}").has_form("/approve")
    staff.post(f"/admin/refunds/{refund.id}/approve", approval_hash=refund.approval_hash or "")

    assert shop.refunds(waiting)[0].state == "awaiting_approval"
    assert audit(shop, staff.email) == [("approve_refund", False, "same_person")]
