"""Spans of days in WIB that figures are asked for, and the span that each is compared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.core.wib import WIB

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
# One bar per day as long as the bars can be told apart; beyond, one per week.
_MOST_DAYS: Final = 62
LONGEST_DAYS: Final = 400
# Before there was any shop of ours; and late enough that a time in WIB never overflows.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
DEFAULT: Final = "7d"


class PeriodError(Exception):
    """The days that were typed are no period."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until before another, both in WIB."""

    start: datetime
    end: datetime

    @property
    def asked(self) -> str:
        """The span as the value of a filter "between"."""
        return f"{_first(self.start)}..{_last(self.end)}"

    @property
    def step(self) -> timedelta:
        """How much time one bar of a chart stands for: an hour, a day or a week."""
        if self.end - self.start <= _DAY:
            return _HOUR
        return _DAY if self.end - self.start <= _MOST_DAYS * _DAY else _WEEK

    def parts(self) -> list["Span"]:
        """Return the spans of the bars; the last may be shorter."""
        found: list[Span] = []
        at = self.start
        while at < self.end:
            found.append(Span(at, min(at + self.step, self.end)))
            at += self.step
        return found


@dataclass(frozen=True, slots=True)
class Period:
    """What was chosen, and the span it is compared with: as long, and as far gone."""

    name: str
    span: Span
    before: Span

    @property
    def first_day(self) -> date:
        """The first day, in WIB."""
        return self.span.start.date()

    @property
    def last_day(self) -> date:
        """The last day, in WIB."""
        return (self.span.end - _DAY).date()


def read_period(name: str, first: str, last: str, now: datetime) -> Period:
    """Return the period of this name; ``custom`` reads the two days. PeriodError if it cannot."""
    today = now.astimezone(WIB).date()
    if name == "custom":
        return _period(name, _typed_span(first, last), now)
    if name not in _SPANS:
        raise PeriodError(name)
    return _period(name, _SPANS[name](today), now)


def _days(first: date, last: date) -> Span:
    start = datetime.combine(first, time(), WIB)
    return Span(start, datetime.combine(last, time(), WIB) + _DAY)


_SPANS: Final[Mapping[str, Callable[[date], Span]]] = {
    "today": lambda today: _days(today, today),
    "yesterday": lambda today: _days(today - _DAY, today - _DAY),
    "7d": lambda today: _days(today - 6 * _DAY, today),
    "30d": lambda today: _days(today - 29 * _DAY, today),
    "month": lambda today: _days(today.replace(day=1), today),
}
NAMES: Final = (*_SPANS, "custom")


def _typed_span(first: str, last: str) -> Span:
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise PeriodError(f"{first}..{last}") from None
    is_known = begins.year >= _FIRST_YEAR and ends.year <= _LAST_YEAR
    if not is_known or not begins <= ends < begins + LONGEST_DAYS * _DAY:
        raise PeriodError(f"{first}..{last}")
    return _days(begins, ends)


def _period(name: str, span: Span, now: datetime) -> Period:
    """Compare what has gone of the span with as much of the one before.

    A morning set against a whole day before would always look like a loss.
    """
    starts = _month_before(span.start) if name == "month" else span.start - (span.end - span.start)
    minute = now.astimezone(WIB).replace(second=0, microsecond=0)
    is_running = span.start <= minute < span.end
    gone = (minute if is_running else span.end) - span.start
    return Period(name, span, Span(starts, min(starts + gone, span.start)))


def _month_before(first: datetime) -> datetime:
    return (first - _DAY).replace(day=1)


def _first(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%dT%H:%M}"


def _last(moment: datetime) -> str:
    # A day is meant wholly; a moment is not part of the span any more.
    if moment.time() == time():
        return f"{moment - _DAY:%Y-%m-%d}"
    return f"{moment:%Y-%m-%dT%H:%M}"
