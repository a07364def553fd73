"""The filters of one address: read, checked, said in words, and written back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import LazyString, gettext
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict

from admin.lists.filter_words import OPERATOR_WORDS
from admin.lists.filters import (
    WITHOUT_VALUE,
    ChoiceFilter,
    DayFilter,
    Filter,
    FilterError,
    Op,
    Option,
    Question,
)

MOST_FILTERS: Final = 20
_LONGEST_VALUE: Final = 300
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter of the list, in words; ``error`` says what is wrong with it."""

    key: str
    value: str
    label: LazyString | str
    operator: LazyString | str
    words: str
    error: str = ""

    @property
    def pair(self) -> Pair:
        """The filter as it stands in the address."""
        return self.key, self.value


@dataclass(frozen=True, slots=True)
class Asked:
    """All filters of one address.

    A list with a filter that cannot be read shows nothing: rows that were meant to be left out
    must not be taken for the answer.
    """

    chips: Sequence[Chip]
    conditions: Sequence[ColumnElement[bool]]

    @property
    def pairs(self) -> list[Pair]:
        """The filters as they stand in the address."""
        return [chip.pair for chip in self.chips]

    @property
    def errors(self) -> list[Chip]:
        """The filters that cannot be read."""
        return [chip for chip in self.chips if chip.error]


def key_of(name: str, op: Op) -> str:
    """Return the name of a filter in the address."""
    return name if op is Op.IS else f"{name}.{op.value}"


def read_asked(filters: Sequence[Filter], arguments: MultiDict[str, str], now: datetime) -> Asked:
    """Read the filters of an address; names that we do not know are left alone."""
    known = {each.name: each for each in filters}
    chips: list[Chip] = []
    conditions: list[ColumnElement[bool]] = []
    for key, value in _pairs(known, arguments):
        chip, condition = _read(known[key.partition(".")[0]], key, value, now)
        chips.append(chip)
        if condition is not None:
            conditions.append(condition)
    return Asked(chips, conditions)


def one_question(found: Filter, op: Op, values: Iterable[str]) -> Pair:
    """Return a filter typed into the form as it stands in the address."""
    typed = [value.strip() for value in values if value.strip()]
    if op in WITHOUT_VALUE:
        return key_of(found.name, op), "1"
    between = ".." if op is Op.BETWEEN else ","
    return key_of(found.name, op), between.join(typed)


def _pairs(known: Mapping[str, Filter], arguments: MultiDict[str, str]) -> list[Pair]:
    found = [
        (key, value.strip())
        for key, values in arguments.lists()
        if key.partition(".")[0] in known
        for value in values
        if value.strip()
    ]
    return list(dict.fromkeys(found))[:MOST_FILTERS]


def _read(
    found: Filter, key: str, value: str, now: datetime
) -> tuple[Chip, ColumnElement[bool] | None]:
    name = key.partition(".")[2] or Op.IS.value
    said = value[:_LONGEST_VALUE]
    operator = "" if isinstance(found, DayFilter) else OPERATOR_WORDS.get(name, name[:20])
    try:
        question = _question(found, name, value, now)
        condition, words = found.condition(question), found.words(question)
    except FilterError as error:
        return Chip(key[:60], said, found.label, operator, said, str(error)), None
    return Chip(key, value, found.label, operator, words), condition


def _question(found: Filter, name: str, value: str, now: datetime) -> Question:
    ops = {op.value: op for op in found.ops}
    if name not in ops:
        raise FilterError(gettext("This cannot be asked here."))
    if len(value) > _LONGEST_VALUE or not value.isprintable():
        raise FilterError(gettext("This value is too long, or holds characters nobody can see."))
    return Question(ops[name], value, now)


def options_of(found: Filter) -> Sequence[Option]:
    """Return the values that a filter offers; none where they are typed."""
    return found.options if isinstance(found, ChoiceFilter) else ()


def is_quick(found: Filter) -> bool:
    """Tell whether a filter has a field of its own above the list, besides the form for all."""
    return isinstance(found, ChoiceFilter | DayFilter)
