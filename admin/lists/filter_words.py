"""How filters are said: operators, days and ages."""

from datetime import date, timedelta
from typing import Final

from babel.dates import format_date, format_timedelta
from flask_babel import get_locale, lazy_gettext

# By the operator's name in the address; the same words stand in the form and on the chips.
OPERATOR_WORDS: Final = {
    "is": lazy_gettext("is"),
    "not": lazy_gettext("is not"),
    "in": lazy_gettext("is one of"),
    "contains": lazy_gettext("contains"),
    "min": lazy_gettext("≥ at least"),
    "max": lazy_gettext("≤ at most"),
    "between": lazy_gettext("between"),
    "from": lazy_gettext("from"),
    "to": lazy_gettext("up to"),
    "older": lazy_gettext("older than"),
    "newer": lazy_gettext("within the last"),
    "empty": lazy_gettext("is empty"),
    "filled": lazy_gettext("is not empty"),
}


def day_words(day: date) -> str:
    """Write a day: ``31 May 2026``."""
    return format_date(day, "d MMM yyyy", locale=_locale())


def duration_words(age: timedelta) -> str:
    """Write an age exactly, in the largest unit that it is a whole number of, at most days."""
    minutes = int(age.total_seconds() // 60)
    unit = "day" if minutes % 1440 == 0 else "hour" if minutes % 60 == 0 else "minute"
    return format_timedelta(age, granularity=unit, threshold=10**6, locale=_locale())


def _locale() -> str:
    locale = get_locale()
    return locale.language if locale is not None else "en"
