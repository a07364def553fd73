"""One list as one person sees it now: what the address asks, and what the person has chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString
from werkzeug.datastructures import MultiDict

from admin.lists.finding import clean_search
from admin.lists.paging import Page, Place, Sort, Walk, read_place
from admin.lists.questions import Asked, Chip, Pair
from app.db.models import SavedView
from app.services.desk_settings import ListTaste

PAGE_SIZES: Final = (25, 50, 100, 200)
PAGE_SIZE: Final = 50
# What is counted exactly; beyond, the list says "1,000+".
MOST_COUNTED: Final = 1000
# Addresses that mean "everything", although a view of the person's own opens the list.
NO_VIEW: Final = "all"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks of a list; ``opening`` is the order of an address that asks none."""

    asked: Asked
    search: str
    sort: Sort
    is_descending: bool
    view_id: str
    opening: str

    @property
    def pairs(self) -> list[Pair]:
        """Everything but the place, as it stands in the address."""
        rest = [("search", self.search), ("sort", self.sort_text), ("view", self.view_id)]
        return [*self.asked.pairs, *((key, value) for key, value in rest if value)]

    def value_of(self, key: str) -> str:
        """Return what a filter is asked for; empty if it is not."""
        return next((value for found, value in self.pairs if found == key), "")

    @property
    def sort_text(self) -> str:
        """The order as it stands in the address; empty for the one that the list opens with."""
        text = f"{'-' if self.is_descending else ''}{self.sort.name}"
        return "" if text == self.opening else text

    @property
    def is_narrowed(self) -> bool:
        """Tell whether the list shows less than everything."""
        return bool(self.asked.chips or self.search)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page of a list shows around its rows."""

    chosen: Chosen
    columns: Sequence[str]
    labels: Mapping[str, LazyString | str]
    hidden_columns: Sequence[str]
    sorts: Sequence[Sort]
    page: Page
    page_size: int
    row_count: int
    views: Sequence[SavedView]
    taste: ListTaste
    can_export: bool

    @property
    def chips(self) -> Sequence[Chip]:
        """The filters in words."""
        return self.chosen.asked.chips

    @property
    def view(self) -> SavedView | None:
        """The saved view that is open, if any."""
        found = (view for view in self.views if str(view.id) == self.chosen.view_id)
        return next(found, None)

    def sort_of(self, name: str) -> str | None:
        """Return ``ascending`` or ``descending`` if the list is in this order."""
        if name != self.chosen.sort.name:
            return None
        return "descending" if self.chosen.is_descending else "ascending"

    def turned(self, name: str) -> str:
        """Return the order that a click on a heading asks for: largest first, then smallest."""
        is_largest_first = self.sort_of(name) == "descending"
        return name if is_largest_first else f"-{name}"


def read_sort(sorts: Sequence[Sort], text: str, opening: str) -> tuple[Sort, bool]:
    """Return the order that an address asks for; the opening one where it asks for none we know."""
    by_name = {sort.name: sort for sort in sorts}
    known = text if text.removeprefix("-") in by_name else opening
    return by_name[known.removeprefix("-")], known.startswith("-")


def read_walk(chosen: Chosen, arguments: MultiDict[str, str], size: int) -> Walk:
    """Return how far and from where the list is walked."""
    return Walk(chosen.sort, chosen.is_descending, _place(chosen.sort, arguments), size)


def read_chosen(
    asked: Asked, sorts: Sequence[Sort], opening: str, arguments: MultiDict[str, str]
) -> Chosen:
    """Return everything but the place that an address asks for."""
    sort, is_descending = read_sort(sorts, arguments.get("sort", ""), opening)
    view = arguments.get("view", "")
    view_id = view if view == NO_VIEW or (view.isascii() and view.isdigit()) else ""
    search = clean_search(arguments.get("search"))
    return Chosen(asked, search, sort, is_descending, view_id[:10], opening)


def page_size_of(taste: ListTaste) -> int:
    """Return how many rows a person wants on a page."""
    return taste.page_size if taste.page_size in PAGE_SIZES else PAGE_SIZE


def _place(sort: Sort, arguments: MultiDict[str, str]) -> Place | None:
    if "before" in arguments:
        return read_place(sort, arguments["before"], is_before=True)
    return read_place(sort, arguments.get("after", ""), is_before=False)
