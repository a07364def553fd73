"""What changed about a request, and the reasons of refunds, in the language of the page."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, gettext, lazy_gettext

from admin.languages import language
from admin.wording import badge, why_words
from app.core.money import format_rupiah
from app.core.refund_changes import Change
from app.core.refund_reasons import REASON_WORDS, RefundReason
from app.core.states import RefundRoute
from app.core.words import Words

# The reasons by the word that a form sends.
REFUND_REASONS: Final[Mapping[str, RefundReason]] = {one.value: one for one in RefundReason}
_PARTS: Final[Mapping[str, LazyString]] = {
    "answer": lazy_gettext("Answer"),
    "route": lazy_gettext("Way back"),
    "left": lazy_gettext("Left to refund"),
    "second_person": lazy_gettext("Second person"),
    "cautions": lazy_gettext("Not certain"),
}


def change_part(change: Change) -> str:
    """Return what changed: the answer, the way back, the sum that is left, ..."""
    return str(_PARTS[change.part])


def change_before(change: Change) -> str:
    """Return what it was when the refund was asked for."""
    return _value(change.part, change.before)


def change_now(change: Change) -> str:
    """Return what it is now."""
    return _value(change.part, change.now)


def _value(part: str, value: str) -> str:
    if not value:
        return "-"
    if part == "left":
        return format_rupiah(int(value))
    if part == "route":
        return str(badge(RefundRoute(value)).word)
    if part == "second_person":
        return gettext("needed") if value == "yes" else gettext("not needed")
    return " ".join(why_words(code) for code in value.split())


def refund_reason(reason: RefundReason | None) -> str:
    """Return a reason of the catalogue in the language of the page; empty if there is none."""
    if reason is None:
        return ""
    return in_language(REASON_WORDS[reason])


def reason_options() -> list[tuple[str, LazyString]]:
    """Return the choices of a filter by reason."""
    return [(reason.value, LazyString(refund_reason, reason)) for reason in RefundReason]


def in_language(words: Words) -> str:
    """Return words of the core in the language of the page."""
    return words.id if language() == "id" else words.en
