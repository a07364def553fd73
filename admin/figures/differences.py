"""How a figure compares with the one before, in words with a sign, and short durations."""

from dataclasses import dataclass
from typing import Final

from babel.numbers import format_decimal, format_percent
from flask_babel import gettext

from admin.languages import language
from app.core.money import format_rupiah

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Difference:
    """``sign`` is 1, 0 or -1; the words hold the sign too, so that no colour is needed."""

    sign: int
    words: str


def compare_sums(now: int, before: int) -> Difference:
    """Compare two amounts or counts that are never below zero, in per cent where there was any."""
    if now == before:
        return _same()
    if not before:
        return Difference(1, gettext("more; nothing before"))
    share = format_percent(abs(now - before) / before, "#,##0.#%", locale=language())
    return _more_or_less(now > before, share)


def compare_net(now: int, before: int) -> Difference:
    """Compare two amounts that may be below zero, in rupiah: a share of such says nothing."""
    if now == before:
        return _same()
    return _more_or_less(now > before, format_rupiah(abs(now - before)))


def compare_rates(now: float | None, before: float | None) -> Difference | None:
    """Compare two shares in points; None where one of them does not exist."""
    if now is None or before is None:
        return None
    points = round(100 * (now - before), 1)
    if not points:
        return _same()
    number = format_decimal(abs(points), "#,##0.#", locale=language())
    if points > 0:
        return Difference(1, gettext("+%(number)s points, higher", number=number))
    return Difference(-1, gettext("-%(number)s points, lower", number=number))


def compare_times(now_s: int | None, before_s: int | None) -> Difference | None:
    """Compare two durations; None where one of them does not exist."""
    if now_s is None or before_s is None:
        return None
    if now_s == before_s:
        return _same()
    length = short_duration(abs(now_s - before_s))
    if now_s > before_s:
        return Difference(1, gettext("+%(length)s, slower", length=length))
    return Difference(-1, gettext("-%(length)s, faster", length=length))


def short_duration(seconds: int) -> str:
    """Write a duration in its two largest units: ``3 min 20 s``, ``2 h 5 min``, ``1 d 4 h``."""
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    minutes, rest = seconds % _HOUR // _MINUTE, seconds % _MINUTE
    if days:
        return gettext("%(days)s d %(hours)s h", days=days, hours=hours)
    if hours:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    return gettext("%(seconds)s s", seconds=rest)


def write_share(share: float) -> str:
    """Write a share in per cent, with one decimal where it has one."""
    return format_percent(share, "#,##0.#%", locale=language())


def _same() -> Difference:
    return Difference(0, gettext("the same"))


def _more_or_less(is_more: bool, amount: str) -> Difference:  # noqa: FBT001 - one of two words.
    if is_more:
        return Difference(1, gettext("+%(amount)s, more", amount=amount))
    return Difference(-1, gettext("-%(amount)s, less", amount=amount))
