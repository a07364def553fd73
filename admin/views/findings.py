"""What verification found: every difference, which order it holds up, and who released it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import joinedload

from admin.lists.filters import ChoiceFilter, Filter
from admin.lists.finding import find_orders
from admin.reading import reads
from admin.views.base import ListView
from app.db.models import Finding


def in_the_way() -> ColumnElement[bool]:
    """Return what keeps an order from giving refunds until a person releases it."""
    return and_(Finding.freezes, Finding.released_at.is_(None))


def _in_state(value: str) -> ColumnElement[bool]:
    return in_the_way() if value == "frozen" else Finding.resolved_at.is_(None)


class FindingsView(ListView):
    """The list of findings; an order is released on its own page."""

    list_template = "lunas/findings.html"
    columns: ClassVar = {
        "what": lazy_gettext("What was found"),
        "order": lazy_gettext("Order"),
        "difference": lazy_gettext("Expected and found"),
        "seen": lazy_gettext("Seen (WIB)"),
        "state": lazy_gettext("State"),
    }
    column_classes: ClassVar = {"what": "words", "order": "id", "difference": "words"}
    can_search = True
    search_hint = lazy_gettext("Order or SKU")
    empty_text = lazy_gettext("Everything agrees: verification has found nothing yet.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "state",
            lazy_gettext("State"),
            [
                ("frozen", lazy_gettext("Refunds are stopped")),
                ("open", lazy_gettext("Still differs")),
            ],
            _in_state,
        ),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the finding itself."""
        return joinedload(Finding.order), joinedload(Finding.released_by)

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return the findings about what the text names, or about the orders that it names."""
        return or_(
            func.upper(Finding.subject) == text.upper(),
            Finding.order_id.in_(find_orders(reads(), text)),
        )
