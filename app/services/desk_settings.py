"""What staff keep for themselves: saved views, columns, rows per page, looks and shortcuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, raiseload

from app.db.models import Base, DeskSetting, ListSetting, SavedView, Theme
from app.db.session import Sessions


@dataclass(frozen=True, slots=True)
class ListTaste:
    """How a person likes a list; None: as the list comes."""

    columns: Sequence[str] | None = None
    page_size: int | None = None
    default_view_id: int | None = None


@dataclass(frozen=True, slots=True)
class DeskTaste:
    """How a person likes every page."""

    theme: Theme = Theme.SYSTEM
    has_shortcuts: bool = True


@dataclass(frozen=True, slots=True)
class NewView:
    """A view as a person saves it; ``query`` is the part of the address after the ``?``."""

    staff_id: int
    list_name: str
    name: str
    is_shared: bool
    query: str
    columns: Sequence[str]


def read_list_taste(session: Session, staff_id: int, list_name: str) -> ListTaste:
    """Return how this person likes this list."""
    kept = session.get(ListSetting, (staff_id, list_name))
    if kept is None:
        return ListTaste()
    return ListTaste(kept.columns, kept.page_size, kept.default_view_id)


def read_desk_taste(session: Session, staff_id: int) -> DeskTaste:
    """Return how this person likes every page."""
    kept = session.get(DeskSetting, staff_id)
    return DeskTaste() if kept is None else DeskTaste(kept.theme, kept.has_shortcuts)


def visible_views(session: Session, staff_id: int, list_name: str) -> Sequence[SavedView]:
    """Return a person's own views of a list and those that colleagues share, by name."""
    query = (
        select(SavedView)
        .where(SavedView.list_name == list_name)
        .where(or_(SavedView.staff_id == staff_id, SavedView.is_shared.is_(True)))
        .order_by(SavedView.name, SavedView.id)
        .options(joinedload(SavedView.staff), raiseload("*"))
    )
    return session.scalars(query).all()


def keep_columns(
    sessions: Sessions, staff_id: int, list_name: str, columns: Sequence[str], page_size: int
) -> None:
    """Remember which columns a person wants, in which order, and how many rows per page."""
    key = {"staff_id": staff_id, "list_name": list_name}
    _put(sessions, ListSetting, key, {"columns": list(columns), "page_size": page_size})


def forget_columns(sessions: Sessions, staff_id: int, list_name: str) -> None:
    """Give a person the list back as it comes; the view that it opens with stays."""
    key = {"staff_id": staff_id, "list_name": list_name}
    _put(sessions, ListSetting, key, {"columns": None, "page_size": None})


def keep_desk_taste(sessions: Sessions, staff_id: int, taste: DeskTaste) -> None:
    """Remember looks and shortcuts for every later visit, on every computer."""
    values = {"theme": taste.theme, "has_shortcuts": taste.has_shortcuts}
    _put(sessions, DeskSetting, {"staff_id": staff_id}, values)


def save_view(sessions: Sessions, view: NewView, now: datetime) -> int:
    """Save a view and return its id; the owner's view of the same name is replaced."""
    key = {"staff_id": view.staff_id, "list_name": view.list_name, "name": view.name}
    values = {"is_shared": view.is_shared, "query": view.query, "columns": list(view.columns)}
    _put(sessions, SavedView, key, {**values, "created_at": now})
    with sessions() as session:
        return session.scalars(select(SavedView.id).filter_by(**key)).one()


def delete_view(sessions: Sessions, view_id: int, staff_id: int) -> bool:
    """Delete a person's own view; False if there is none: a colleague's is not theirs to delete."""
    own = (SavedView.id == view_id, SavedView.staff_id == staff_id)
    with sessions.begin() as session:
        gone = session.scalars(delete(SavedView).where(*own).returning(SavedView.id)).all()
        return bool(gone)


def choose_default_view(
    sessions: Sessions, staff_id: int, list_name: str, view_id: int | None
) -> bool:
    """Let a list open with this view, or with none; False if the person cannot see the view."""
    with sessions() as session:
        seen = {view.id for view in visible_views(session, staff_id, list_name)}
    if view_id is not None and view_id not in seen:
        return False
    key = {"staff_id": staff_id, "list_name": list_name}
    _put(sessions, ListSetting, key, {"default_view_id": view_id})
    return True


def _put(
    sessions: Sessions, table: type[Base], key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Update the row of this key, or add it; two tabs at once end in one row."""
    where: list[ColumnElement[bool]] = [getattr(table, name) == key[name] for name in key]
    change = update(table).where(*where).values(**values).returning(where[0])
    with sessions.begin() as session:
        if session.execute(change).first() is not None:
            return
        try:
            with session.begin_nested():
                session.execute(insert(table).values(**key, **values))
        except IntegrityError:
            session.execute(change)
