"""Filters of the lists: what can be asked of a column, and the condition each question means.

In an address a filter reads ``status=paid`` (is) or ``total.min=150000`` (name, dot, operator).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from flask_babel import LazyString, gettext
from sqlalchemy import ColumnElement, and_, func, not_, or_

from admin.lists.filter_words import day_words, duration_words
from app.core.money import format_rupiah, parse_typed_amount
from app.core.wib import WIB

Option = tuple[str, LazyString | str]
_BETWEEN: Final = ".."
# Between a day and a minute of it, in WIB: ``2026-11-23T09:30``.
_CLOCK: Final = "T"
_HOURS: Final = {"h": 1, "d": 24, "w": 168}
_LONGEST_HOURS: Final = 24 * 3650
_LARGEST_NUMBER: Final = 2**31 - 1


class Op(StrEnum):
    """What is asked of a column; the value is what stands in the address."""

    IS = "is"
    NOT = "not"
    IN = "in"
    CONTAINS = "contains"
    MIN = "min"
    MAX = "max"
    BETWEEN = "between"
    FROM = "from"
    TO = "to"
    OLDER = "older"
    NEWER = "newer"
    EMPTY = "empty"
    FILLED = "filled"


WITHOUT_VALUE: Final = frozenset({Op.EMPTY, Op.FILLED})
_IF_EMPTY: Final = (Op.EMPTY, Op.FILLED)


class FilterError(Exception):
    """The value cannot be read; the text tells the person how to write it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One operator with its value, asked at one time."""

    op: Op
    value: str
    now: datetime


class Filter(Protocol):
    """One column that can be asked about."""

    @property
    def name(self) -> str:
        """Name in the address."""
        ...

    @property
    def label(self) -> LazyString | str:
        """Name for people."""
        ...

    @property
    def kind(self) -> str:
        """How its value is typed: ``choice``, ``day``, ``time``, ``number`` or ``text``."""
        ...

    @property
    def ops(self) -> Sequence[Op]:
        """What can be asked."""
        ...

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return what a question means; FilterError if its value cannot be read."""
        ...

    def words(self, question: Question) -> str:
        """Return the value of a question as people read it."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceFilter:
    """One or several of a few values; ``matches`` turns a known value into a condition.

    ``empty`` is the column that may be empty, where "is empty" makes sense.
    """

    name: str
    label: LazyString | str
    options: Sequence[Option]
    matches: Callable[[str], ColumnElement[bool]]
    kind: str = "choice"
    empty: Any = None

    @property
    def ops(self) -> Sequence[Op]:
        """Is, is not, is one of; and whether it is empty."""
        return (Op.IS, Op.NOT, Op.IN, *(_IF_EMPTY if self.empty is not None else ()))

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return the condition of known values."""
        if question.op in WITHOUT_VALUE:
            return _emptiness(self.empty, question.op)
        wanted = or_(*(self.matches(value) for value in self._values(question)))
        if question.op is not Op.NOT:
            return wanted
        return not_(wanted) if self.empty is None else or_(not_(wanted), self.empty.is_(None))

    def words(self, question: Question) -> str:
        """Return the names of the values."""
        if question.op in WITHOUT_VALUE:
            return ""
        names = dict(self.options)
        return ", ".join(str(names[value]) for value in self._values(question))

    def _values(self, question: Question) -> list[str]:
        values = question.value.split(",") if question.op is Op.IN else [question.value]
        known = {option for option, _ in self.options}
        for value in values:
            if value not in known:
                raise FilterError(gettext("“%(value)s” is none of the choices.", value=value[:40]))
        return list(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class DayFilter:
    """A first or last day, in WIB, both inclusive."""

    name: str
    label: LazyString | str
    column: Any
    is_last: bool = False
    kind: str = "day"
    ops: Sequence[Op] = (Op.IS,)

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return the condition of a day written ``2026-11-23``."""
        start, end = _bounds_of(question.value)
        return self.column < end if self.is_last else self.column >= start

    def words(self, question: Question) -> str:
        """Return the day as people write it."""
        return day_words(_day(question.value))


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """A time, asked for by its day in WIB or by its age."""

    name: str
    label: LazyString | str
    column: Any
    may_be_empty: bool = False
    kind: str = "time"

    @property
    def ops(self) -> Sequence[Op]:
        """By day, by age, and whether there is a time at all."""
        by_day = (Op.IS, Op.FROM, Op.TO, Op.BETWEEN)
        return (Op.OLDER, Op.NEWER, *by_day, *(_IF_EMPTY if self.may_be_empty else ()))

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return the condition of days (``2026-11-23``) or of an age (``90m 24h 7d 2w``)."""
        if question.op in WITHOUT_VALUE:
            return _emptiness(self.column, question.op)
        if question.op in {Op.OLDER, Op.NEWER}:
            limit = question.now - _age(question.value)
            return self.column < limit if question.op is Op.OLDER else self.column >= limit
        start, end = self._days(question)
        if question.op is Op.FROM:
            return self.column >= start
        return self.column < end if question.op is Op.TO else _within(self.column, start, end)

    def words(self, question: Question) -> str:
        """Return the days or the age as people write them."""
        if question.op in WITHOUT_VALUE:
            return ""
        if question.op in {Op.OLDER, Op.NEWER}:
            return duration_words(_age(question.value))
        return _joined(_time_words(part) for part in _parts(question))

    def _days(self, question: Question) -> tuple[datetime, datetime]:
        parts = _parts(question)
        return _bounds_of(parts[0])[0], _bounds_of(parts[-1])[1]


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """A whole number, compared."""

    name: str
    label: LazyString | str
    column: Any
    read: Callable[[str], int]
    write: Callable[[int], str]
    kind: str = "number"
    ops: Sequence[Op] = (Op.MIN, Op.MAX, Op.BETWEEN, Op.IS)

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return the comparison."""
        numbers = self._numbers(question)
        first, last = numbers[0], numbers[-1]
        meanings = {
            Op.IS: self.column == first,
            Op.MIN: self.column >= first,
            Op.MAX: self.column <= first,
            Op.BETWEEN: and_(self.column >= first, self.column <= last),
        }
        return meanings[question.op]

    def words(self, question: Question) -> str:
        """Return the numbers as people write them."""
        return _joined(self.write(number) for number in self._numbers(question))

    def _numbers(self, question: Question) -> list[int]:
        try:
            return [self.read(part) for part in _parts(question)]
        except ValueError:
            raise FilterError(
                gettext("“%(value)s” is no number. Write 150.000.", value=question.value[:40])
            ) from None


@dataclass(frozen=True, slots=True)
class TextFilter:
    """Words that a column holds, in any case."""

    name: str
    label: LazyString | str
    column: Any
    may_be_empty: bool = False
    kind: str = "text"

    @property
    def ops(self) -> Sequence[Op]:
        """Contains, is, is not; and whether it is empty."""
        return (Op.CONTAINS, Op.IS, Op.NOT, *(_IF_EMPTY if self.may_be_empty else ()))

    def condition(self, question: Question) -> ColumnElement[bool]:
        """Return the comparison, in lower case."""
        if question.op in WITHOUT_VALUE:
            return _emptiness(self.column, question.op)
        lowered, value = func.lower(self.column), question.value.lower()
        if question.op is Op.CONTAINS:
            return lowered.contains(value, autoescape=True)
        if question.op is Op.IS:
            return lowered == value
        return or_(lowered != value, self.column.is_(None))

    def words(self, question: Question) -> str:
        """Return the text in quotes."""
        return "" if question.op in WITHOUT_VALUE else f"“{question.value}”"


def equals(column: Any, kind: Callable[[str], Any] = str) -> Callable[[str], ColumnElement[bool]]:
    """Return what a value of a choice means for most columns: equality."""
    return lambda value: column == kind(value)


def money(name: str, label: LazyString, column: Any) -> NumberFilter:
    """Return a filter of an amount in rupiah, typed as people type it: ``Rp 150.000``."""
    return NumberFilter(name, label, column, parse_typed_amount, format_rupiah)


def count(name: str, label: LazyString, column: Any) -> NumberFilter:
    """Return a filter of a number of things."""
    return NumberFilter(name, label, column, _whole_number, str)


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:11]) <= _LARGEST_NUMBER):
        raise ValueError(text)
    return int(text)


def _emptiness(column: Any, op: Op) -> ColumnElement[bool]:
    return column.is_(None) if op is Op.EMPTY else column.is_not(None)


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _parts(question: Question) -> list[str]:
    """Return the value, or both ends of a "between"."""
    if question.op is not Op.BETWEEN:
        return [question.value]
    parts = [part.strip() for part in question.value.split(_BETWEEN)]
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - a first and a last.
        raise FilterError(gettext("“Between” needs a first and a last value."))
    return parts


def _joined(parts: Any) -> str:
    return " … ".join(parts)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _no_day(text) from None


def _bounds_of(text: str) -> tuple[datetime, datetime]:
    """Return when a day begins and ends, in UTC; a minute is taken as a moment, not as a span."""
    if _CLOCK in text:
        moment = _minute(text)
        return moment, moment
    start = datetime.combine(_day(text), time(), WIB)
    try:
        # In UTC at once: the first and last days of the calendar have no UTC time.
        return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)
    except OverflowError:
        raise _no_day(text) from None


def _minute(text: str) -> datetime:
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - the zone follows.
        return moment.replace(tzinfo=WIB).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_day(text) from None


def _time_words(text: str) -> str:
    """Return a day, or a minute of it, as people write it."""
    day, clock, minute = text.partition(_CLOCK)
    return f"{day_words(_day(day))}{' ' if clock else ''}{minute}"


def _no_day(text: str) -> FilterError:
    return FilterError(gettext("“%(value)s” is no day. Write 2026-11-23.", value=text[:40]))


def _age(text: str) -> timedelta:
    number, unit = text[:-1].strip(), text[-1:]
    if unit == "m" and number.isascii() and number.isdigit() and len(number) <= len("99999"):
        return timedelta(minutes=int(number))
    hours = int(number) * _HOURS[unit] if _is_age(number, unit) else _LONGEST_HOURS + 1
    if hours > _LONGEST_HOURS:
        raise FilterError(
            gettext("“%(value)s” is no age. Write 90m, 24h, 7d or 2w.", value=text[:40])
        )
    return timedelta(hours=hours)


def _is_age(number: str, unit: str) -> bool:
    return unit in _HOURS and number.isascii() and number.isdigit() and len(number) <= len("99999")
