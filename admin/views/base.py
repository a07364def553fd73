"""What all pages share: who may open them, and lists that only read."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from flask import redirect, request, url_for
from flask_admin import Admin, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm
from flask_admin.model.base import ViewArgs
from flask_admin.model.template import macro
from flask_babel import LazyString, gettext, lazy_gettext
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ColumnElement, Select, func, inspect, select
from sqlalchemy.orm import raiseload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from admin.acts import Act, note
from admin.lists.columns import Out, chosen_columns
from admin.lists.filters import Filter
from admin.lists.finding import capped_count, clean_search
from admin.lists.listing import (
    MOST_COUNTED,
    NO_VIEW,
    Chosen,
    Listing,
    page_size_of,
    read_chosen,
    read_walk,
)
from admin.lists.paging import LARGEST_ID, Page, Sort, in_order, read_page
from admin.lists.questions import is_quick, options_of, read_asked
from admin.pages import PageForbiddenError, PageMissingError
from admin.person import Person, current_person, signed_in_person
from admin.reading import current_desk, reads
from app.core.bulk import BulkKind
from app.core.reasons import Why
from app.core.rights import Right
from app.db.models import Base, SavedView
from app.services.desk_settings import ListTaste, read_list_taste, visible_views

_MOST_QUICK: Final = 5
__all__ = ["LARGEST_ID", "Guarded", "ListView", "list_named"]


class Guarded:
    """Lets in who is signed in and holds the right; sends others to sign in, or refuses them."""

    right: ClassVar[Right] = Right.VIEW
    # Pages of one group stand together in the menu, under a heading of their own.
    group: ClassVar[str] = ""

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

    def waiting(self) -> int | None:
        """Return how many things wait for a person here; shown in the menu. None: no queue."""
        return None


class ListView(Guarded, ModelView):
    """A list that only reads: keyset pages, own filters, columns and views, no way to write.

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
    # Without one, Flask-Admin would make a form of all columns for what no list does.
    form = BaseForm
    list_template = "lunas/list.html"
    columns: ClassVar[Mapping[str, LazyString]] = {}
    column_classes: ClassVar[Mapping[str, str]] = {}
    # Columns that are shown only to those who choose them, or only to those who hold a right.
    optional_columns: ClassVar[frozenset[str]] = frozenset()
    column_rights: ClassVar[Mapping[str, Right]] = {}
    # The order that a click on a column's heading asks for, and all orders of the list.
    column_sorts: ClassVar[Mapping[str, str]] = {}
    sorts: ClassVar[Sequence[Sort]] = ()
    # The order of a list that is opened without a question: the newest first.
    opening_order: ClassVar[str] = "-id"
    # What a column becomes in an exported file; a list without any cannot be exported.
    exports: ClassVar[Mapping[str, Sequence[Out]]] = {}
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
        self.key = inspect(model).primary_key[0]
        self.all_sorts = (Sort("id", lazy_gettext("Newest"), self.key, "id"), *self.sorts)

    @expose("/")
    def index_view(self) -> str | Response:
        """Show the list; opened without any question, it opens with the person's own view."""
        default = None if request.args else self._opening_view()
        if default is not None:
            return redirect(self.view_url(default))
        return super().index_view()  # pyright: ignore[reportCallIssue, reportOptionalCall]

    def bulk_kinds(self) -> Sequence[BulkKind]:
        """Return what the person may do with many rows of this list at once; most lists: nothing.

        A list that offers something has rows with a ``number`` and shows boxes to tick.
        """
        return ()

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
        execute: bool = True,  # noqa: FBT001, FBT002 - Flask-Admin's own.
        page_size: Any = None,
    ) -> tuple[None, list[Any]]:
        """Return one page, continued after a row and not counted off."""
        del page, sort_column, sort_desc, search, filters, execute, page_size
        listing = self._listing(self.chosen(request.args))
        self.give(listing=listing, is_view_changed=self._is_changed(listing))
        return None, list(listing.page.rows)

    def chosen(self, arguments: MultiDict[str, str]) -> Chosen:
        """Return what an address asks of this list."""
        asked = read_asked(self.list_filters, arguments, current_desk().clock())
        return read_chosen(asked, self.all_sorts, self.opening_order, arguments)

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """Return which rows an address means."""
        conditions = list(chosen.asked.conditions)
        if chosen.search and self.can_search:
            conditions.append(self.search_condition(chosen.search))
        return conditions

    def count(self, chosen: Chosen, most: int, *more: ColumnElement[bool]) -> int:
        """Count the rows that an address means, up to ``most`` + 1."""
        query = select(self.key).where(*self.conditions(chosen), *more)
        return 0 if chosen.asked.errors else capped_count(reads(), query, most)

    def columns_for(self, person: Person) -> list[str]:
        """Return the columns that a person may see."""
        rights = self.column_rights
        return [name for name in self.columns if name not in rights or person.may(rights[name])]

    def export_columns(self, columns: Sequence[str], person: Person) -> list[Out]:
        """Return what a person's export of these columns holds, in their order."""
        allowed = set(self.columns_for(person))
        return [out for name in columns if name in allowed for out in self.exports.get(name, ())]

    def until_now(self) -> ColumnElement[bool]:
        """Return the condition that leaves out rows which are added from now on.

        Without it an export could hold more rows than were counted, and than the audit log says.
        """
        return self.key <= (reads().scalar(select(func.max(self.key))) or 0)

    def export_query(
        self, chosen: Chosen, outs: Sequence[Out], *more: ColumnElement[bool]
    ) -> Select[Any]:
        """Return the query of an export: the rows of the list, in its order, without a limit."""
        expressions: list[Any] = [out.expression for out in outs]
        query: Any = select(*expressions).select_from(self.model)
        query = query.where(*self.conditions(chosen), *more)
        return in_order(query, self.key, chosen.sort, is_descending=chosen.is_descending)

    def quick_filters(self) -> list[Filter]:
        """Return the filters that have a field of their own above the list."""
        return [found for found in self.list_filters if is_quick(found)][:_MOST_QUICK]

    def askable_filters(self) -> list[Filter]:
        """Return the filters that the form for all of them offers."""
        return [found for found in self.list_filters if found.kind != "day"]

    def filter_fields(self) -> list[dict[str, Any]]:
        """Return what the form needs to offer the right operators and values."""
        return [
            {
                "name": found.name,
                "kind": found.kind,
                "ops": [op.value for op in found.ops],
                "options": [[value, str(label)] for value, label in options_of(found)],
            }
            for found in self.askable_filters()
        ]

    def give(self, **values: Any) -> None:
        """Hand values to the template of this request."""
        self._template_args.update(values)

    def _listing(self, chosen: Chosen) -> Listing:
        person, session = signed_in_person(), reads()
        taste = read_list_taste(session, person.staff_id, str(self.endpoint))
        views = visible_views(session, person.staff_id, str(self.endpoint))
        columns = self._shown_columns(person, taste, _view_of(views, chosen))
        size = page_size_of(taste)
        return Listing(
            chosen=chosen,
            columns=columns,
            labels=self.columns,
            hidden_columns=[name for name in self.columns_for(person) if name not in columns],
            sorts=self.all_sorts,
            page=self._page(chosen, size),
            page_size=size,
            row_count=self.count(chosen, MOST_COUNTED),
            views=views,
            taste=taste,
            can_export=bool(self.exports) and person.may(Right.EXPORT),
        )

    def _page(self, chosen: Chosen, size: int) -> Page:
        if chosen.asked.errors:
            return Page((), None, None)
        query = self.rows_query().where(*self.conditions(chosen))
        walk = read_walk(chosen, request.args, size)
        return read_page(lambda page: reads().scalars(page).all(), query, self.key, walk)

    def _shown_columns(self, person: Person, taste: ListTaste, view: SavedView | None) -> list[str]:
        allowed = self.columns_for(person)
        default = [name for name in allowed if name not in self.optional_columns]
        wanted = view.columns if view is not None and view.columns else taste.columns
        return chosen_columns(wanted, allowed, default)

    def _is_changed(self, listing: Listing) -> bool:
        """Tell whether the list shows something else than the view that it was opened with."""
        view = listing.view
        return view is not None and self.query_of(listing.chosen) != view.query

    def _opening_view(self) -> SavedView | None:
        person, session = signed_in_person(), reads()
        taste = read_list_taste(session, person.staff_id, str(self.endpoint))
        if taste.default_view_id is None:
            return None
        views = visible_views(session, person.staff_id, str(self.endpoint))
        return next((view for view in views if view.id == taste.default_view_id), None)

    def _get_list_extra_args(self) -> ViewArgs:
        """Read from the URL only what we know, cleaned; Flask-Admin's own would end in a 500."""
        return ViewArgs(search=clean_search(request.args.get("search")), extra_args={})

    def view_url(self, view: SavedView) -> str:
        """Return the address of a saved view."""
        return self.list_address([*self.pairs_of(view.query), ("view", str(view.id))])

    def list_url(self, **changes: str | None) -> str:
        """Return the address of this list with the present filters and these changes.

        The place is not kept: other filters or another order begin at the beginning.
        """
        pairs = [pair for pair in self.chosen(request.args).pairs if pair[0] not in changes]
        pairs += [(key, value) for key, value in changes.items() if value is not None]
        return self.list_address(pairs)

    def url_without(self, key: str, value: str) -> str:
        """Return the address of this list without one of its filters."""
        pairs = [pair for pair in self.chosen(request.args).pairs if pair != (key, value)]
        return self.list_address(pairs)

    def all_url(self) -> str:
        """Return the address of everything, also for those whose list opens with a view."""
        return self.list_address([])

    def query_of(self, chosen: Chosen) -> str:
        """Return filters, search and order as a saved view and an export keep them."""
        return urlencode([pair for pair in chosen.pairs if pair[0] != "view"])

    def pairs_of(self, query: str) -> list[tuple[str, str]]:
        """Return a kept query as the filters, search and order that we still know."""
        return self.chosen_of(query).pairs

    def chosen_of(self, query: str) -> Chosen:
        """Return what a kept query asks of this list."""
        return self.chosen(MultiDict(parse_qsl(query)))

    def list_address(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the address of this list with these filters, search, order and view."""
        address = url_for(f"{self.endpoint}.index_view")
        # Never bare: without a question the list would open with the person's own view.
        return f"{address}?{urlencode(list(pairs) or [('view', NO_VIEW)])}"

    def get_empty_list_message(self) -> str:
        """Return what an empty list says."""
        chosen = self.chosen(request.args)
        if chosen.asked.errors:
            return gettext("Nothing is shown, because a filter cannot be read. See above.")
        if chosen.is_narrowed:
            return gettext("Nothing matches. Clear the filters to see everything.")
        return str(self.empty_text) or gettext("Nothing here yet.")


def _view_of(views: Sequence[SavedView], chosen: Chosen) -> SavedView | None:
    return next((view for view in views if str(view.id) == chosen.view_id), None)


def list_named(admin: Admin | None, endpoint: str) -> ListView:
    """Return the list with this endpoint; PageMissingError if the back office has none."""
    views = admin._views if admin else ()  # noqa: SLF001 - Flask-Admin offers no other way.
    for view in views:
        if isinstance(view, ListView) and view.endpoint == endpoint:
            return view
    raise PageMissingError
