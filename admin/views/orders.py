"""Orders: the list with its search, the page of one order, and the actions on it."""

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
from admin.exports import ORDER_EXPORTS
from admin.filters import (
    ChoiceFilter,
    DayFilter,
    Filter,
    TextFilter,
    TimeFilter,
    equals,
    money,
)
from admin.finding import capped_count, clean_search, find_orders, order_number
from admin.formats import wib
from admin.forms import ReasonForm
from admin.order_page import OrderPage, load_page, paying_method
from admin.pages import PageMissingError
from admin.paging import Sort
from admin.people import Person
from admin.reading import current_desk, desk_to_act, reads
from admin.rights import Right
from admin.views.base import ListView
from admin.views.refund_form import RefundPages
from admin.wording import options
from app.core.observations import Source
from app.core.states import Attention, GatewayName, PaymentStatus
from app.db.models import Order, StatusCheck
from app.services.attention import resolve_attention
from app.services.cancelling import CancelReport, cancel_order
from app.services.findings import release_order
from app.services.status import StatusReport, check_status

# A person's impatience must not become a gateway's rate limit.
CHECK_EVERY: Final = timedelta(seconds=5)


def _in_queue(value: str) -> ColumnElement[bool]:
    if value == "any":
        return Order.attention.is_not(None)
    return Order.attention == Attention(value)


class OrdersView(RefundPages, ListView):
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
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the order itself."""
        return selectinload(Order.items), selectinload(Order.attempts)

    def waiting(self) -> int | None:
        """Return how many orders need attention."""
        return capped_count(reads(), select(Order.id).where(Order.attention.is_not(None)), 999)

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
        """Show everything about one order."""
        page = _page(number)
        return self.render("lunas/order.html", page=page, order=page.order, form=ReasonForm())

    @expose("/<number>/live")
    def live(self, number: str) -> Response:
        """Return the changing part of the page; ``X-Lunas-Live`` tells whether to ask again."""
        page = _page(number)
        body = render_template(
            "lunas/order_body.html", page=page, order=page.order, form=ReasonForm()
        )
        live = "on" if page.in_flight else "off"
        return Response(body, mimetype="text/html", headers={"X-Lunas-Live": live})

    @expose("/<number>/check", methods=("POST",))
    def check(self, number: str) -> Response:
        """Ask the gateway now, and say what came of it."""
        order = _page(number).order
        act = Act(Right.CHECK_STATUS, "check_status", order.number)
        insist(act)
        if _asked_just_now(order.id):
            note(act, done=False, why="too_soon")
            flash(
                gettext("This order was checked a moment ago. Wait 5 seconds and ask again."),
                "refused",
            )
            return redirect(url_for(".details", number=order.number))
        report = carry_out(act, lambda person: _check(order.id, person))
        if report is not None:
            flash(_report_message(report), "check")  # pyright: ignore[reportArgumentType]
        return redirect(url_for(".details", number=order.number))

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

    @expose("/<number>/attention", methods=("POST",))
    def attention(self, number: str) -> Response:
        """Take the order out of the queue, with the reason that the person gives."""
        order, reason = _page(number).order, ReasonForm().reason.data or ""
        carry_out(
            Act(Right.RESOLVE_ATTENTION, "resolve_attention", order.number),
            lambda person: resolve_attention(
                desk_to_act(), order.id, staff_id=person.staff_id, reason=reason
            ),
        )
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


def _page(number: str) -> OrderPage:
    known = order_number(number)
    page = load_page(reads(), known) if known else None
    if page is None:
        raise PageMissingError
    return page


def _asked_just_now(order_id: int) -> bool:
    since = current_desk().clock() - CHECK_EVERY
    query = select(StatusCheck.id).where(
        StatusCheck.order_id == order_id,
        StatusCheck.source == Source.STATUS_CHECK,
        StatusCheck.asked_at > since,
    )
    return reads().scalars(query.limit(1)).first() is not None


def _check(order_id: int, person: Person) -> StatusReport:
    return check_status(
        desk_to_act(), order_id, source=Source.STATUS_CHECK, staff_id=person.staff_id
    )


def _report_message(report: StatusReport) -> dict[str, Any]:
    """Return the report as the next page shows it; kept in the session until then."""
    return {
        "before": report.before.value,
        "after": report.after.value,
        "changed": report.changed,
        "why": report.why.value,
        "error": report.error,
        "lines": list(report.lines),
    }
