"""Orders that go neither forward nor to a person."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import selectinload

from admin.figures.queue_counts import queue_counts
from admin.lists.exports import ORDER_EXPORTS
from admin.lists.filters import Filter, TimeFilter, money
from admin.lists.listing import Chosen
from admin.order.attention_words import STUCK_ADVICE, STUCK_WORDS
from admin.reading import current_desk, reads
from admin.views.base import ListView
from app.db.models import Order
from app.services.paying_method import paying_method
from app.services.queues import is_stuck, why_stuck


class StuckView(ListView):
    """The queue of stuck orders, with the reason for each."""

    list_template = "lunas/queue_stuck.html"
    group = "queues"
    columns: ClassVar = {
        "number": lazy_gettext("Order"),
        "status": lazy_gettext("Status, attention"),
        "stuck": lazy_gettext("Why it is stuck"),
        "customer": lazy_gettext("Customer"),
        "payment": lazy_gettext("Gateway and method"),
        "total": lazy_gettext("Total"),
        "expires_at": lazy_gettext("Payable until (WIB)"),
        "check": lazy_gettext("What to do"),
    }
    column_classes: ClassVar = {"number": "id", "total": "money", "stuck": "words"}
    column_sorts: ClassVar = {"number": "id"}
    opening_order: ClassVar = "id"
    exports: ClassVar = {
        name: ORDER_EXPORTS[name] for name in ("number", "status", "customer", "payment", "total")
    }
    empty_text = lazy_gettext("No order is stuck.")
    list_filters: ClassVar[Sequence[Filter]] = (
        money("total", lazy_gettext("Total"), Order.total_idr),
        TimeFilter("created", lazy_gettext("Created"), Order.created_at),
    )

    def waiting(self) -> int | None:
        """Return how many orders are stuck."""
        return queue_counts().stuck

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the order itself."""
        return selectinload(Order.attempts), selectinload(Order.transactions)

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """Return which stuck orders an address means."""
        return [is_stuck(current_desk().clock()), *super().conditions(chosen)]

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[None, list[Any]]:
        """Return one page, and why each of its orders is stuck."""
        count, rows = super().get_list(*args, **kwargs)
        self.give(
            stuck=why_stuck(reads(), rows, current_desk().clock()),
            stuck_words=STUCK_WORDS,
            stuck_advice=STUCK_ADVICE,
            method_of=paying_method,
        )
        return count, rows
