"""Status checks: every question that a person or a job put to a gateway."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from admin.exports import CHECK_EXPORTS
from admin.filters import ChoiceFilter, DayFilter, Filter, TextFilter, TimeFilter, equals
from admin.finding import find_orders
from admin.paging import Sort
from admin.reading import reads
from admin.views.base import ListView
from admin.wording import options
from app.core.observations import Source
from app.core.states import PaymentStatus
from app.db.models import StatusCheck


class ChecksView(ListView):
    """What was asked, and what came of it."""

    list_template = "lunas/checks.html"
    columns: ClassVar = {
        "asked_at": lazy_gettext("Asked (WIB)"),
        "order": lazy_gettext("Order"),
        "source": lazy_gettext("Asked by"),
        "result": lazy_gettext("Before and after"),
        "why": lazy_gettext("Reason"),
        "error": lazy_gettext("Error"),
    }
    column_classes: ClassVar = {"order": "id", "why": "words", "error": "words"}
    column_sorts: ClassVar = {"asked_at": "asked"}
    sorts: ClassVar = (Sort("asked", lazy_gettext("Asked"), StatusCheck.asked_at, "asked_at"),)
    exports: ClassVar = CHECK_EXPORTS
    can_search = True
    search_hint = lazy_gettext("Order")
    empty_text = lazy_gettext("No gateway has been asked yet.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "source",
            lazy_gettext("Asked by"),
            options(Source),
            equals(StatusCheck.source, Source),
        ),
        ChoiceFilter(
            "result",
            lazy_gettext("Result"),
            [
                ("changed", lazy_gettext("Changed the order")),
                ("unanswered", lazy_gettext("No answer")),
            ],
            lambda value: (
                StatusCheck.after != StatusCheck.before
                if value == "changed"
                else StatusCheck.error.is_not(None)
            ),
        ),
        DayFilter("from", lazy_gettext("From"), StatusCheck.asked_at),
        DayFilter("to", lazy_gettext("To"), StatusCheck.asked_at, is_last=True),
        ChoiceFilter(
            "before",
            lazy_gettext("Before"),
            options(PaymentStatus),
            equals(StatusCheck.before, PaymentStatus),
        ),
        ChoiceFilter(
            "after",
            lazy_gettext("After"),
            options(PaymentStatus),
            equals(StatusCheck.after, PaymentStatus),
            empty=StatusCheck.after,
        ),
        TimeFilter("asked", lazy_gettext("Asked"), StatusCheck.asked_at),
        TextFilter("error", lazy_gettext("Error"), StatusCheck.error, may_be_empty=True),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the check itself."""
        return joinedload(StatusCheck.order), joinedload(StatusCheck.staff)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the checks of the orders that the text names."""
        return StatusCheck.order_id.in_(find_orders(reads(), text))
