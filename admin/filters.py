"""Filters of the lists: one field of the form each, and the condition it means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from flask_babel import LazyString
from sqlalchemy import ColumnElement

from app.core.refunds import WIB

Option = tuple[str, LazyString | str]


class Filter(Protocol):
    """One field above a list."""

    @property
    def name(self) -> str:
        """Name in the URL."""
        ...

    @property
    def label(self) -> LazyString | str:
        """Name for people."""
        ...

    @property
    def kind(self) -> str:
        """How it is drawn: ``choice`` or ``day``."""
        ...

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """Return what a value means; None for an empty or unknown one."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceFilter:
    """One of a few values; ``matches`` turns a known value into a condition."""

    name: str
    label: LazyString | str
    options: Sequence[Option]
    matches: Callable[[str], ColumnElement[bool]]
    kind: str = "choice"

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """Return the condition of a known value."""
        known = any(value == option for option, _ in self.options)
        return self.matches(value) if known else None


@dataclass(frozen=True, slots=True)
class DayFilter:
    """A first or last day, in WIB, both inclusive."""

    name: str
    label: LazyString | str
    column: Any
    is_last: bool = False
    kind: str = "day"

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """Return the condition of a day written ``2026-11-23``."""
        try:
            start = datetime.combine(date.fromisoformat(value), time(), WIB)
            # In UTC at once: the first and last days of the calendar have no UTC time.
            start, end = start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return self.column < end if self.is_last else self.column >= start


def equals(column: Any, kind: Callable[[str], Any] = str) -> Callable[[str], ColumnElement[bool]]:
    """Return what a value of a choice means for most columns: equality."""
    return lambda value: column == kind(value)
