"""Columns of a list: which there are, who may see them, and what an export writes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import LazyString

from app.core.wib import WIB

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Out:
    """One column of an exported file: its heading, what is selected, and how it is written."""

    heading: LazyString | str
    expression: Any
    write: Callable[[Any], Cell] | None = None

    def cell(self, value: Any) -> Cell:
        """Return a value as it goes into the file: amounts as numbers, times in WIB."""
        return write_cell(value) if self.write is None else self.write(value)


def write_cell(value: Any) -> Cell:
    """Write a value of the database: numbers stay numbers, times are ISO 8601 in WIB."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(WIB).isoformat(timespec="seconds")
    return value.value if isinstance(value, StrEnum) else str(value)


def chosen_columns(
    wanted: Sequence[str] | None, all_columns: Sequence[str], default: Sequence[str]
) -> list[str]:
    """Return the columns to show, in the wanted order; unknown ones are dropped.

    A column that came with a newer version is not forced upon a person who made a choice.
    """
    known = [column for column in dict.fromkeys(wanted or ()) if column in all_columns]
    return known or list(default)
