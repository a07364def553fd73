"""Orders: the list with its search, the page of one order, and the actions on it."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out, insist, note
from admin.formats import wib
from admin.gate.forms import ReasonForm, TransactionForm
from admin.gate.throttle import Limit, take_try
from admin.lists.exports import ORDER_EXPORTS
from admin.lists.filters import (
    ChoiceFilter,
    DayFilter,
    Filter,
    TextFilter,
    TimeFilter,
    equals,
    money,
)
from admin.lists.finding import clean_search, find_orders, order_number
from admin.lists.paging import Sort
from admin.order.order_page import OrderPage, load_page
from admin.pages import PageMissingError
from admin.person import Person, signed_in_person
from admin.reading import current_desk, desk_to_act, reads
from admin.views.base import LARGEST_ID, ListView
from admin.views.findings import in_the_way
from admin.views.notes import NotePages
from admin.views.refund_form import RefundPages
from admin.wording import options
from app.core.bulk import RIGHT_FOR, BulkKind
from app.core.observations import Source
from app.core.rights import Right
from app.core.states import Attention, GatewayName, PaymentStatus
from app.db.models import Finding, Order, StatusCheck
from app.services.cancelling import CancelReport, cancel_order
from app.services.findings import release_order
from app.services.notes import colleagues
from app.services.paying_method import method_column, paying_method
from app.services.status import StatusReport, check_status

# A person's impatience must not become a gateway's rate limit: one check of an order in 5 seconds.
CHECK_BY_ORDER: Final = Limit("check/order", 1, timedelta(seconds=5))
_PLACE: Final = re.compile(r"[0-9]{1,10}")
_CHECKED: Final = re.compile(r"([0-9]{1,10})-([0-9]{1,10})")


def _in_queue(value: str) -> ColumnElement[bool]:
    if value == "any":
        return Order.attention.is_not(None)
    return Order.attention == Attention(value)


class OrdersView(NotePages, RefundPages, ListView):
    """The list of orders and the page of each."""

    list_template = "lunas/orders.html"
    columns: ClassVar = {
        "number": lazy_gettext("Order"),
        "status": lazy_gettext("Status, attention"),
        "created_at": lazy_gettext("Created (WIB)"),
        "customer": lazy_gettext("Customer"),
        "items": lazy_gettext("Items"),
        "payment": lazy_gettext("Gateway and method"),
        "total": lazy_gettext("Total"),
        "money": lazy_gettext("Captured / refunded"),
        "email": lazy_gettext("E-mail"),
        "phone": lazy_gettext("Phone"),
        "transaction": lazy_gettext("Transaction"),
        "paid_at": lazy_gettext("Paid (WIB)"),
        "why": lazy_gettext("Reason"),
    }
    column_classes: ClassVar = {
        "total": "money",
        "money": "money",
        "number": "id",
        "phone": "id",
        "transaction": "id",
        "why": "words",
    }
    optional_columns: ClassVar = frozenset({"email", "phone", "transaction", "paid_at", "why"})
    column_rights: ClassVar = {"email": Right.VIEW_CONTACTS, "phone": Right.VIEW_CONTACTS}
    column_sorts: ClassVar = {
        "number": "id",
        "status": "status",
        "created_at": "created",
        "total": "total",
    }
    sorts: ClassVar = (
        Sort("created", lazy_gettext("Created"), Order.created_at, "created_at"),
        Sort("total", lazy_gettext("Total"), Order.total_idr, "total_idr"),
        Sort("status", lazy_gettext("Status"), Order.payment_status, "payment_status"),
    )
    exports: ClassVar = ORDER_EXPORTS
    can_search = True
    empty_text = lazy_gettext("No orders yet. They appear here as soon as somebody checks out.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "status",
            lazy_gettext("Status"),
            options(PaymentStatus),
            equals(Order.payment_status, PaymentStatus),
        ),
        ChoiceFilter(
            "gateway",
            lazy_gettext("Gateway"),
            options(GatewayName),
            equals(Order.gateway, GatewayName),
        ),
        ChoiceFilter(
            "attention",
            lazy_gettext("Needs attention"),
            [("any", lazy_gettext("Any reason")), *options(Attention)],
            _in_queue,
            empty=Order.attention,
        ),
        DayFilter("from", lazy_gettext("From"), Order.created_at),
        DayFilter("to", lazy_gettext("To"), Order.created_at, is_last=True),
        money("total", lazy_gettext("Total"), Order.total_idr),
        money("captured", lazy_gettext("Captured"), Order.captured_idr),
        money("refunded", lazy_gettext("Refunded"), Order.refunded_idr),
        TimeFilter("created", lazy_gettext("Created"), Order.created_at),
        TimeFilter("paid", lazy_gettext("Paid"), Order.paid_at, may_be_empty=True),
        TimeFilter("changed", lazy_gettext("Last change"), Order.updated_at),
        TextFilter("customer", lazy_gettext("Customer"), Order.customer_name),
        TextFilter(
            "transaction",
            lazy_gettext("Transaction"),
            Order.payment_gateway_transaction_id,
            may_be_empty=True,
        ),
        ChoiceFilter(
            "refunds",
            lazy_gettext("Refunds"),
            [("stopped", lazy_gettext("Refunds are stopped"))],
            lambda _value: Order.id.in_(select(Finding.order_id).where(in_the_way())),
        ),
        TextFilter("method", lazy_gettext("Payment method"), method_column(), may_be_empty=True),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the order itself."""
        return tuple(map(selectinload, (Order.items, Order.attempts, Order.transactions)))

    def bulk_kinds(self) -> Sequence[BulkKind]:
        """Return which bulk runs the person may draft from these orders."""
        person = signed_in_person()
        return [kind for kind, right in RIGHT_FOR.items() if person.may(right)]

    def search_in_bar(self) -> bool:
        """Say no: the box at the top of every page searches orders."""
        return False

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the orders that the text names."""
        return Order.id.in_(find_orders(reads(), text))

    @expose("/")
    def index_view(self) -> str | Response:
        """Show the list, or open the order at once if the search names exactly one."""
        text = clean_search(request.args.get("search"))
        hit = _only_hit(text) if text else None
        if hit is not None:
            return redirect(url_for(".details", number=hit))
        self.give(method_of=paying_method)
        return super().index_view()

    @expose("/<number>")
    def details(self, number: str) -> str:
        """Show everything about one order; ``?before=`` continues its story."""
        return self.order_page(number)

    def order_page(self, number: str, *, typed: str = "") -> str:
        """Return the page of one order, with what was typed into the form for notes."""
        page = _page(number, _place_in_story())
        check = _check_just_made(page)
        return self.render(
            "lunas/order.html",
            page=page,
            order=page.order,
            typed=typed,
            colleagues=colleagues(reads()),
            check=check,
            check_tone=_tone(check),
        )

    @expose("/<number>/live")
    def live(self, number: str) -> Response:
        """Return the changing part of the page; ``X-Lunas-Live`` tells whether to ask again."""
        page = _page(number)
        body = render_template("lunas/order_body.html", page=page, order=page.order)
        live = "on" if page.in_flight else "off"
        headers = {"X-Lunas-Live": live, "X-Lunas-Version": page.version}
        return Response(body, mimetype="text/html", headers=headers)

    @expose("/<number>/check", methods=("POST",))
    def check(self, number: str) -> Response:
        """Ask the gateway now, and say what came of it."""
        order = _page(number).order
        act = Act(Right.CHECK_STATUS, "check_status", order.number)
        insist(act)
        return _check_now(act, order)

    @expose("/<number>/check-transaction", methods=("POST",))
    def check_transaction(self, number: str) -> Response:
        """Ask the gateway about the transaction that the person names, too."""
        order, form = _page(number).order, TransactionForm()
        act = Act(Right.CHECK_STATUS, "check_transaction", order.number)
        insist(act)
        if not form.validate():
            note(act, done=False, why="malformed_id")
            flash(
                gettext(
                    "This is not a transaction id. Copy it whole from the gateway's dashboard: "
                    "letters, digits and dashes."
                ),
                "refused",
            )
            return redirect(url_for(".details", number=order.number))
        return _check_now(act, order, form.transaction_id.data)

    @expose("/<number>/cancel", methods=("POST",))
    def cancel(self, number: str) -> Response:
        """End an unpaid order, its payment pages first, with the reason that the person gives."""
        order, reason = _page(number).order, ReasonForm().reason.data or ""
        report = carry_out(
            Act(Right.CANCEL_ORDER, "cancel_order", order.number),
            lambda person: cancel_order(
                desk_to_act(), order.id, staff_id=person.staff_id, reason=reason
            ),
        )
        if report is not None:
            flash(_cancel_message(report), "done")
        return redirect(url_for(".details", number=order.number))

    @expose("/<number>/release", methods=("POST",))
    def release(self, number: str) -> Response:
        """Let refunds of a frozen order go on, with the reason that the person gives."""
        order, reason = _page(number).order, ReasonForm().reason.data or ""
        carry_out(
            Act(Right.RELEASE_ORDER, "release_order", order.number),
            lambda person: release_order(
                desk_to_act(), order.id, staff_id=person.staff_id, reason=reason
            ),
        )
        return redirect(url_for(".details", number=order.number))


def _cancel_message(report: CancelReport) -> str:
    if report.error is not None:
        return gettext(
            "The gateway could not be reached (%(words)s). Lunas goes on closing the pages.",
            words=report.error,
        )
    if report.open_until is None:
        return gettext("The order is cancelled; its payment pages are closed.")
    return gettext(
        "The gateway keeps a payment page open until %(time)s. Lunas goes on closing it; the order "
        "ends when it has.",
        time=wib(report.open_until),
    )


def _only_hit(text: str) -> str | None:
    """Return the number of the order if the text names exactly one."""
    found = find_orders(reads(), text)
    if len(found) != 1:
        return None
    return reads().scalar(select(Order.number).where(Order.id == found[0]))


def _page(number: str, before: int | None = None) -> OrderPage:
    known = order_number(number)
    page = load_page(reads(), known, current_desk().clock(), before) if known else None
    if page is None:
        raise PageMissingError
    return page


def _place_in_story() -> int | None:
    """Return where the address continues the story; what is no such place means its end."""
    text = request.args.get("before", "")
    place = int(text) if _PLACE.fullmatch(text) else 0
    return place if 0 < place <= LARGEST_ID else None


def _check_just_made(page: OrderPage) -> Sequence[StatusCheck]:
    """Return the checks that the address names, if they are this order's; the first try first."""
    named = _CHECKED.fullmatch(request.args.get("checked", ""))
    if named is None:
        return ()
    first, last = int(named[1]), int(named[2])
    return [
        check
        for check in reversed(page.checks)
        if first <= check.id <= last and check.source is Source.STATUS_CHECK
    ]


def _tone(checks: Sequence[StatusCheck]) -> str:
    """Return how the report of a check looks: no answer, a change, or neither."""
    if any(check.error for check in checks):
        return "warn"
    has_changed = any(check.after is not check.before for check in checks)
    return "good" if has_changed else "plain"


def _check_now(act: Act, order: Order, transaction_id: str | None = None) -> Response:
    """Ask about an order, unless that was done a moment ago, and lead to what came of it."""
    desk = desk_to_act()
    # Counted by one statement in the database: two people who press at once ask once.
    if not take_try(desk.sessions, CHECK_BY_ORDER, order.id, desk.clock()):
        note(act, done=False, why="too_soon")
        flash(
            gettext("This order was checked a moment ago. Wait 5 seconds and ask again."),
            "refused",
        )
        return redirect(url_for("orders.details", number=order.number))
    report = carry_out(act, lambda person: _check(order.id, person, transaction_id))
    made = None if report is None else f"{report.check_ids[0]}-{report.check_ids[-1]}"
    return redirect(url_for("orders.details", number=order.number, checked=made))


def _check(order_id: int, person: Person, transaction_id: str | None) -> StatusReport:
    return check_status(
        desk_to_act(),
        order_id,
        source=Source.STATUS_CHECK,
        staff_id=person.staff_id,
        transaction_id=transaction_id,
    )
