"""What is at hand on every page: the search box, and how the pages look and listen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from flask import redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import raiseload
from werkzeug.wrappers import Response

from admin.desk_looks import desk_looks
from admin.lists.finding import Kind, Match, find_matches
from admin.lists.names import read_names, visible_text
from admin.pages import PageMissingError
from admin.person import signed_in_person
from admin.reading import desk_to_act, reads
from admin.security import is_back_office
from admin.views.base import Guarded
from app.db.models import Order, Theme
from app.services.desk_settings import DeskTaste, keep_desk_taste

_KINDS: Final = {
    Kind.ORDER_NUMBER: lazy_gettext("order number"),
    Kind.PUBLIC_ID: lazy_gettext("shopper's order address"),
    Kind.REFERENCE: lazy_gettext("reference at the gateway"),
    Kind.TRANSACTION: lazy_gettext("gateway's transaction id"),
    Kind.PROVIDER_REFERENCE: lazy_gettext("gateway's invoice or payment page"),
    Kind.PAY_CODE: lazy_gettext("VA number or pay code"),
    Kind.REFUND_KEY: lazy_gettext("refund key"),
    Kind.PROVIDER_REFUND: lazy_gettext("gateway's refund id"),
    Kind.EMAIL: lazy_gettext("e-mail"),
    Kind.PHONE: lazy_gettext("phone"),
    Kind.NOTIFICATION: lazy_gettext("notification without an order"),
}


class ToolsView(Guarded, BaseView):
    """Search and preferences."""

    def is_visible(self) -> bool:
        """Stay out of the menu: these are on every page."""
        return False

    @expose("/")
    def index_view(self) -> str:
        """Say that there is no page here: Flask-Admin asks every part for one."""
        raise PageMissingError

    @expose("/find")
    def find(self) -> str | Response:
        """Open what the text names, or list everything that it could mean, with the reason."""
        text = request.args.get("q", "")
        matches = find_matches(reads(), read_names(text))
        orders = _orders(matches)
        only = _only_place(matches, orders)
        if only is not None:
            return redirect(only)
        return self.render(
            "lunas/find.html",
            searched=visible_text(text),
            found=[(order, _reasons(matches, order.id)) for order in orders],
            notifications=[m for m in matches if m.notification_id is not None],
            kinds=_KINDS,
        )

    @expose("/preferences", methods=("POST",))
    def preferences(self) -> Response:
        """Keep how the pages look, or whether keys do something, and go back."""
        now = desk_looks()
        taste = DeskTaste(
            theme=_theme(request.form.get("theme"), now.theme),
            has_shortcuts=_switch(request.form.get("shortcuts"), is_on=now.has_shortcuts),
        )
        keep_desk_taste(desk_to_act().sessions, signed_in_person().staff_id, taste)
        return redirect(_where_from())


def _orders(matches: Sequence[Match]) -> Sequence[Order]:
    ids = {match.order_id for match in matches if match.order_id is not None}
    query = select(Order).where(Order.id.in_(ids)).options(raiseload("*"))
    return reads().scalars(query.order_by(Order.id.desc())).all() if ids else ()


def _only_place(matches: Sequence[Match], orders: Sequence[Order]) -> str | None:
    """Return the address of the one thing that was found; None if there is a choice."""
    notifications = {m.notification_id for m in matches if m.notification_id is not None}
    if len(orders) == 1 and not notifications:
        return url_for("orders.details", number=orders[0].number)
    if not orders and len(notifications) == 1:
        return url_for("notifications.details", notification_id=notifications.pop())
    return None


def _reasons(matches: Sequence[Match], order_id: int) -> list[Match]:
    found: Mapping[Any, Match] = {(m.kind, m.matched): m for m in matches if m.order_id == order_id}
    return list(found.values())


def _theme(text: str | None, now: Theme) -> Theme:
    try:
        return Theme(text or now)
    except ValueError:
        return now


def _switch(text: str | None, *, is_on: bool) -> bool:
    return {"on": True, "off": False}.get(text or "", is_on)


def _where_from() -> str:
    """Return the page that the form was on, if it is one of ours."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or not is_back_office(came.path):
        return url_for("admin.index")
    return f"{came.path}?{came.query}".removesuffix("?")
