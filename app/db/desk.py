"""What staff keep for themselves in the back office: views, columns, looks; and their exports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, UtcDateTime, words_of

if TYPE_CHECKING:
    from app.db.records import Staff


class Theme(StrEnum):
    """How the pages look."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class FileFormat(StrEnum):
    """What a list is exported as."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportState(StrEnum):
    """How far an export is; ``broken_off``: the file that somebody may hold is not whole."""

    RUNNING = "running"
    DONE = "done"
    BROKEN_OFF = "broken_off"


class SavedView(Base):
    """A list with its filters, order and columns, under a name; seen by its owner or by all."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("staff_id", "list_name", "name"),
        Index("ix_saved_views_list_name", "list_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    list_name: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    is_shared: Mapped[bool]
    query: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()


class ListSetting(Base):
    """How one person likes one list: columns in their order, rows per page, the view it opens."""

    __tablename__ = "list_settings"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    list_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    page_size: Mapped[int | None]
    default_view_id: Mapped[int | None] = mapped_column(
        ForeignKey("saved_views.id", ondelete="SET NULL")
    )


class DeskSetting(Base):
    """How one person likes every page."""

    __tablename__ = "desk_settings"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    theme: Mapped[Theme] = mapped_column(words_of(Theme))
    has_shortcuts: Mapped[bool]


class Export(Base):
    """One file that somebody took out of the back office: what it holds, and how far it is."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    list_name: Mapped[str] = mapped_column(String(40))
    file_format: Mapped[FileFormat] = mapped_column(words_of(FileFormat))
    query: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(JSON)
    rows_total: Mapped[int]
    rows_done: Mapped[int]
    state: Mapped[ExportState] = mapped_column(words_of(ExportState))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
