"""Status checks: every question that a person or a job put to a gateway."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, raiseload

from admin.formats import pretty_body
from admin.lists.exports import CHECK_EXPORTS
from admin.lists.filters import ChoiceFilter, DayFilter, Filter, TextFilter, TimeFilter, equals
from admin.lists.finding import find_orders
from admin.lists.paging import LARGEST_ID, Sort
from admin.pages import PageMissingError
from admin.reading import reads
from admin.views.base import ListView
from admin.wording import options
from app.core.observations import Source
from app.core.states import GatewayName, PaymentStatus
from app.db.models import Attempt, StatusCheck, StoredObservation


def _asked_at_gateway(value: str) -> ColumnElement[bool]:
    attempts = select(Attempt.id).where(Attempt.gateway == GatewayName(value))
    return StatusCheck.attempt_id.in_(attempts)


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
        ChoiceFilter("gateway", lazy_gettext("Gateway"), options(GatewayName), _asked_at_gateway),
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

    @expose("/<int:check_id>")
    def details(self, check_id: int) -> str:
        """Show one check: what came of it, step by step, and the gateway's answers as they came."""
        check = _check(check_id)
        documents = [pretty_body(text.encode()) for text in _documents(check)]
        return self.render("lunas/check.html", check=check, documents=documents)


def _check(check_id: int) -> StatusCheck:
    query = select(StatusCheck).where(StatusCheck.id == check_id)
    query = query.options(
        joinedload(StatusCheck.order), joinedload(StatusCheck.staff), raiseload("*")
    )
    check = reads().scalars(query).one_or_none() if check_id <= LARGEST_ID else None
    if check is None:
        raise PageMissingError
    return check


def _documents(check: StatusCheck) -> list[str]:
    query = select(StoredObservation.document).where(
        StoredObservation.status_check_id == check.id, StoredObservation.document.is_not(None)
    )
    found = reads().scalars(query.order_by(StoredObservation.id))
    return [text for text in found if text is not None]
