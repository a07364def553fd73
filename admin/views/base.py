"""What all pages share: who may open them, and lists that only read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from flask import redirect, request, url_for
from flask_admin.contrib.sqla import ModelView
from flask_admin.model.base import ViewArgs
from flask_admin.model.template import macro
from flask_babel import LazyString, gettext
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, Select, inspect, select
from sqlalchemy.orm import raiseload
from werkzeug.wrappers import Response

from admin.acts import Act, note
from admin.filters import Filter
from admin.finding import clean_search
from admin.pages import PageForbiddenError
from admin.people import current_person
from admin.reading import reads
from admin.rights import Right
from app.core.reasons import Why
from app.db.models import Base

PAGE_SIZE: Final = 50
LARGEST_ID: Final = 2**31 - 1
_ID: Final = re.compile(r"\d{1,10}\Z", re.ASCII)


class Guarded:
    """Lets in who is signed in and holds the right; sends others to sign in, or refuses them."""

    right: ClassVar[Right] = Right.VIEW

    def is_accessible(self) -> bool:
        """Tell whether the person may open this part."""
        person = current_person()
        return person is not None and person.may(self.right)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        """Send strangers to the sign-in page, and refuse staff without the right, on record."""
        del name, kwargs
        if current_person() is None:
            wanted = request.full_path.removesuffix("?") if request.method == "GET" else None
            return redirect(url_for("desk.sign_in", next=wanted))
        act = Act(self.right, request.endpoint or "", "")
        note(act, done=False, why=Why.NOT_ALLOWED.value)
        raise PageForbiddenError


class ListView(Guarded, ModelView):
    """A list that only reads: keyset pages, own filters, one search box, no way to write.

    Flask-Admin gives the frame (routes, columns, cells, menu). Its routes for writing do not exist
    at all here, and what its list reads from the URL is checked before it reaches the database.
    """

    can_create = can_edit = can_delete = False
    can_export = can_view_details = False
    create_view = edit_view = delete_view = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    action_view = ajax_lookup = ajax_update = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    details_view = export = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
    column_display_actions = False
    column_sortable_list = ()
    form_columns = ()
    list_template = "lunas/list.html"
    page_size = PAGE_SIZE
    columns: ClassVar[Mapping[str, LazyString]] = {}
    column_classes: ClassVar[Mapping[str, str]] = {}
    list_filters: ClassVar[Sequence[Filter]] = ()
    can_search: ClassVar[bool] = False
    search_hint: ClassVar[LazyString | str] = ""
    empty_text: ClassVar[LazyString | str] = ""

    def __init__(self, model: type[Base], db: SQLAlchemy, **names: Any) -> None:
        """Prepare the list; the macro ``cell_<column>`` of its template draws a column."""
        self.column_list = tuple(self.columns)
        # Flask-Admin's own types know no texts that are translated when shown.
        self.column_labels = dict(self.columns)  # pyright: ignore[reportAttributeAccessIssue]
        self.column_formatters = {  # pyright: ignore[reportAttributeAccessIssue]
            column: macro(f"cell_{column}") for column in self.columns
        }
        super().__init__(model, db, **names)

    def page_title(self) -> str:
        """Return the heading of the list."""
        return str(self.name)

    def search_in_bar(self) -> bool:
        """Tell whether the list has a search box of its own beside its filters."""
        return self.can_search

    def rows_query(self) -> Select[Any]:
        """Return the query of the list, with everything that its cells show.

        Anything else that a cell reaches for is an error, so that no list asks once per row.
        """
        return select(self.model).options(*self.loads(), raiseload("*"))

    def loads(self) -> Sequence[Any]:
        """Return the relations that the cells show."""
        return ()

    def search_condition(self, text: str) -> ColumnElement[bool]:
        """Return which rows the cleaned text names; lists with a search box say."""
        raise NotImplementedError

    def get_list(  # noqa: PLR0913 - Flask-Admin calls it with these.
        self,
        page: Any,
        sort_column: Any,
        sort_desc: Any,
        search: str | None,
        filters: Any,
        execute: bool = True,  # noqa: FBT001, FBT002
        page_size: Any = None,
    ) -> tuple[None, list[Any]]:
        """Return one page, the newest first, found by id and not by counting rows off."""
        del page, sort_column, sort_desc, filters, execute, page_size
        query = self.rows_query()
        for condition in self._conditions(search):
            query = query.where(condition)
        paging = _page_of(query, inspect(self.model).primary_key[0])
        self.give(paging=paging)
        return None, paging["rows"]

    def give(self, **values: Any) -> None:
        """Hand values to the template of this request."""
        self._template_args.update(values)

    def _conditions(self, search: str | None) -> list[ColumnElement[bool]]:
        chosen = ((f, request.args.get(f.name, "")) for f in self.list_filters)
        conditions = [f.condition(value) for f, value in chosen]
        if search and self.can_search:
            conditions.append(self.search_condition(search))
        return [condition for condition in conditions if condition is not None]

    def _get_list_extra_args(self) -> ViewArgs:
        """Read from the URL only what we know, cleaned; Flask-Admin's own would end in a 500."""
        return ViewArgs(search=clean_search(request.args.get("search")), extra_args={})

    def list_url(self, **changes: str | int | None) -> str:
        """Return the address of this list with the present filters and these changes."""
        kept = {f.name: request.args.get(f.name) or None for f in self.list_filters}
        search = clean_search(request.args.get("search")) if self.can_search else ""
        return url_for(
            f"{self.endpoint}.index_view", **{**kept, "search": search or None, **changes}
        )

    def is_filtered(self) -> bool:
        """Tell whether the list shows less than everything."""
        names = [*(f.name for f in self.list_filters), "search"]
        return any(request.args.get(name) for name in names)

    def get_empty_list_message(self) -> str:
        """Return what an empty list says."""
        if self.is_filtered():
            return gettext("Nothing matches. Clear the filters to see everything.")
        return str(self.empty_text) or gettext("Nothing here yet.")


def _page_of(query: Select[Any], key: Any) -> dict[str, Any]:
    """Return one page of rows and the ids that continue it in both directions."""
    older, newer = _id_argument("older"), _id_argument("newer")
    if newer is not None:
        query = query.where(key > newer).order_by(key.asc())
    else:
        query = query.order_by(key.desc())
        query = query if older is None else query.where(key < older)
    rows = list(reads().scalars(query.limit(PAGE_SIZE + 1)))
    has_more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if newer is not None:
        rows.reverse()
    return {"rows": rows, **_neighbours(rows, older, newer, has_more=has_more)}


def _neighbours(
    rows: list[Any], older: int | None, newer: int | None, *, has_more: bool
) -> dict[str, int | None]:
    if not rows:
        return {"older": None, "newer": None}
    has_older = has_more or newer is not None
    has_newer = older is not None or (newer is not None and has_more)
    return {
        "older": rows[-1].id if has_older else None,
        "newer": rows[0].id if has_newer else None,
    }


def _id_argument(name: str) -> int | None:
    text = request.args.get(name, "")
    if not _ID.match(text):
        return None
    return min(int(text), LARGEST_ID)
