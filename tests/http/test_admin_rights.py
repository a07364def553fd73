"""Who may do what: every route that writes, for every role, found in the URL map."""

from collections.abc import Mapping
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app.core.reasons import Why
from app.core.rights import ADMIN, MONEY, ROLES, STEP_UP, Right
from app.core.states import Attention, GatewayName
from app.db.models import AttentionCall, BulkRun, Order, OrderNote, Refund, Staff
from app.services.calls import Call, call_for_attention
from app.services.payment_pages import PaymentPage
from tests.http.back_office import Browser, audit, every_role, office
from tests.integration.bulk_scenes import drafted
from tests.world import World

__all__ = ["office"]

# endpoint: the right it needs and its name in the audit log.
WRITES: Final[Mapping[str, tuple[Right, str]]] = {
    "orders.check": (Right.CHECK_STATUS, "check_status"),
    "orders.check_transaction": (Right.CHECK_STATUS, "check_transaction"),
    "attention.claim": (Right.RESOLVE_ATTENTION, "claim_call"),
    "attention.release": (Right.RESOLVE_ATTENTION, "release_call"),
    "attention.settle": (Right.RESOLVE_ATTENTION, "resolve_attention"),
    "orders.release": (Right.RELEASE_ORDER, "release_order"),
    "orders.cancel": (Right.CANCEL_ORDER, "cancel_order"),
    "orders.note": (Right.WRITE_NOTES, "write_note"),
    "orders.refund_confirm": (Right.REFUND, "request_refund"),
    "orders.refund_send": (Right.REFUND, "request_refund"),
    "refunds.approve": (Right.APPROVE_REFUND, "approve_refund"),
    "refunds.reject": (Right.APPROVE_REFUND, "reject_refund"),
    "refunds.withdraw": (Right.REFUND, "withdraw_refund"),
    "refunds.reroute": (Right.REFUND, "reroute_refund"),
    "refunds.transferred": (Right.TRANSFER, "mark_transferred"),
    "refunds.restock": (Right.REFUND, "restock_refund"),
    "refunds.resolve": (Right.CHECK_STATUS, "resolve_refund"),
    "staff.add": (Right.MANAGE_STAFF, "add_staff"),
    "staff.role": (Right.MANAGE_STAFF, "change_role_to_viewer"),
    "staff.limit": (Right.MANAGE_STAFF, "set_limit_of_role"),
    "staff.link": (Right.MANAGE_STAFF, "new_password_link"),
    "staff.reset_factors": (Right.MANAGE_STAFF, "reset_second_factors"),
    "staff.unlock": (Right.MANAGE_STAFF, "unlock_account"),
    "staff.sign_out": (Right.MANAGE_STAFF, "sign_out_everywhere"),
    "staff.close": (Right.MANAGE_STAFF, "close_account"),
    "staff.reopen": (Right.MANAGE_STAFF, "reopen_account"),
    "account.app_confirm": (Right.OWN_ACCOUNT, "set_up_app"),
    "account.app_remove": (Right.OWN_ACCOUNT, "remove_app"),
    "account.passkey_add": (Right.OWN_ACCOUNT, "add_passkey"),
    "account.passkey_remove": (Right.OWN_ACCOUNT, "remove_passkey"),
    "account.codes": (Right.OWN_ACCOUNT, "new_recovery_codes"),
    "account.session_end": (Right.OWN_ACCOUNT, "end_session"),
    "account.sessions_end_others": (Right.OWN_ACCOUNT, "end_other_sessions"),
    "account.password": (Right.OWN_ACCOUNT, "change_password"),
    "lists.export": (Right.EXPORT, "export_orders"),
    "notifications.again": (Right.CHECK_STATUS, "reapply_begin"),
    "notifications.again_look": (Right.CHECK_STATUS, "reapply_look"),
    "notifications.again_apply": (Right.CHECK_STATUS, "reapply_apply"),
    "self_test.run": (Right.CHECK_STATUS, "self_test"),
    "bulk.create_check": (Right.CHECK_STATUS, "bulk_check"),
    "bulk.create_refund": (Right.REFUND, "bulk_refund"),
    "bulk.submit": (Right.REFUND, "submit_bulk"),
    "bulk.approve": (Right.APPROVE_REFUND, "approve_bulk"),
    "bulk.reject": (Right.APPROVE_REFUND, "reject_bulk"),
    "bulk.withdraw": (Right.REFUND, "withdraw_bulk"),
    "bulk.pause": (Right.CHECK_STATUS, "pause_bulk"),
    "bulk.resume": (Right.REFUND, "resume_bulk"),
    "bulk.stop": (Right.REFUND, "stop_bulk"),
    "bulk.result": (Right.EXPORT, "export_bulk_result"),
}
FOR_EVERYBODY: Final = {
    "desk.do_sign_in",
    "desk.sign_out",
    "desk.switch_language",
    "desk.choose_password",
    "desk.do_second_factor",
    "desk.do_set_up",
    "desk.download_codes",
    "desk.passkey_question",
    "desk.passkey_sign_in",
    # What people keep for themselves; tests/http/test_list_tools.py tries these.
    "lists.columns",
    "lists.default",
    "lists.forget",
    "lists.views",
    "tools.preferences",
    # What means them; tests/http/test_order_notes.py tries these.
    "notes.all_seen",
    "notes.seen",
}
# What the writes are sent, so that only the right stands in their way.
FIELDS: Final = {
    "reason": "x",
    "proof": "x",
    "role": "viewer",
    "text": "x",
    "transaction_id": "A120260302090007",
}
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
        order = session.get_one(Order, shop.order(page).id)
        call_for_attention(order, Call(Attention.DRIFT, Why.DRIFT_FOUND), shop.clock())
    drafted(shop, [page], role="finance")
    return page


def addresses(app: Flask, shop: World, page: PaymentPage) -> dict[str, str]:
    """Return the address of every write, about this order, its refund, and a colleague."""
    values = {
        "number": shop.order(page).number,
        "refund_id": shop.refunds(page)[0].id,
        "staff_id": shop.staff_id("viewer"),
        "call_id": call_id(shop, page),
        "passkey_id": 1,
        "session_id": 1,
        "list_name": "orders",
        "run_id": 1,
    }
    rules = {rule.endpoint: rule for rule in writing_rules(app)}
    with app.test_request_context():
        return {
            endpoint: app.url_for(
                endpoint, **{name: values[name] for name in rules[endpoint].arguments}
            )
            for endpoint in WRITES
        }


def call_id(shop: World, page: PaymentPage) -> int:
    with shop.session() as session:
        calls = select(AttentionCall.id).where(AttentionCall.order_id == shop.order(page).id)
        return session.scalars(calls).one()


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
        people(shop),
        runs(shop),
        notes(shop),
    )


def runs(shop: World) -> list[tuple[object, ...]]:
    """Return what the writes about bulk runs could have changed."""
    with shop.session() as session:
        return [(run.id, run.state) for run in session.scalars(select(BulkRun))]


def notes(shop: World) -> list[str]:
    """Return every note that was ever kept."""
    with shop.session() as session:
        return list(session.scalars(select(OrderNote.text).order_by(OrderNote.id)))


def people(shop: World) -> list[tuple[object, ...]]:
    """Return what the writes about people could have changed."""
    with shop.session() as session:
        return [
            (
                staff.id,
                staff.role_id,
                staff.active,
                staff.password_hash,
                staff.link_hash,
                staff.totp_sealed,
                staff.daily_refund_limit_idr,
                staff.locked_until,
            )
            for staff in session.scalars(select(Staff).order_by(Staff.id))
        ]


def test_no_route_that_writes_is_unknown_to_these_tests(office: Flask) -> None:
    found = {rule.endpoint for rule in writing_rules(office)}

    assert found == WRITES.keys() | FOR_EVERYBODY


def test_whoever_manages_people_moves_no_money_and_only_an_administrator_does() -> None:
    managers = {name for name, rights in ROLES.items() if Right.MANAGE_STAFF in rights}

    assert managers == {ADMIN}
    assert not ROLES[ADMIN] & MONEY


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

    codes = {name: staff.post(urls[name], **FIELDS).status_code for name in refused}

    assert codes == dict.fromkeys(refused, 403)
    # Whoever may not even see the part of the desk is refused there, under the route's name.
    sees_staff = Right.VIEW_STAFF in ROLES[role]
    names = [w[1] if sees_staff or "staff." not in name else name for name, w in refused.items()]
    assert audit(shop, staff.email) == [(name, False, "not_allowed") for name in names]
    assert everything(shop, waiting) == before


@every_role()
def test_a_role_with_the_right_is_let_through(
    office: Flask, shop: World, waiting: PaymentPage, role: str
) -> None:
    urls = addresses(office, shop, waiting)
    allowed = [name for name, (right, _) in WRITES.items() if right in ROLES[role]]

    # A session for each: some of these acts end sessions.
    codes = {name: Browser(office, role).post(urls[name]).status_code for name in allowed}

    assert set(codes.values()) <= {200, 302, 404, 422}
    assert {name for name, code in codes.items() if code == 404} <= {
        "account.passkey_remove",
        "account.session_end",
    }


@every_role()
def test_money_and_accounts_ask_who_is_there_and_nothing_changes_before(
    office: Flask, shop: World, waiting: PaymentPage, role: str
) -> None:
    urls = addresses(office, shop, waiting)
    staff = Browser(office, role)
    token, before = staff.token(), everything(shop, waiting)
    shop.clock.advance(5 * 60 + 1)
    dear = {
        name: w
        for name, w in WRITES.items()
        if w[0] in STEP_UP & ROLES[role] and name != "orders.refund_confirm"
    }

    answers = {
        name: staff.client.post(
            urls[name],
            data={"csrf_token": token, "email": "a@b.example", "name": "A B", **FIELDS},
        )
        for name in dear
    }

    assert {name: a.status_code for name, a in answers.items()} == dict.fromkeys(dear, 401)
    assert all("Is it still you?" in answer.text for answer in answers.values())
    assert everything(shop, waiting) == before
    assert audit(shop, staff.email) == []


@every_role()
def test_a_closed_account_writes_nothing(
    office: Flask, shop: World, waiting: PaymentPage, role: str
) -> None:
    staff, urls = Browser(office, role), addresses(office, shop, waiting)
    token = staff.token()
    with shop.desk.sessions.begin() as session:
        session.get_one(Staff, staff.staff_id).active = False
    before = everything(shop, waiting)

    answers = [staff.client.post(u, data={"csrf_token": token, **FIELDS}) for u in urls.values()]

    assert {(a.status_code, a.location) for a in answers} == {(302, "/admin/login")}
    assert everything(shop, waiting) == before


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
