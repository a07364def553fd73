"""What the rules said when a refund was asked for, beside what they say now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.refunds import RefundVerdict

# Kept with the request, and compared; the days left are kept, but pass by themselves.
_COMPARED: Final = ("answer", "route", "left", "second_person", "cautions")


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the answer that is another now, as codes or sums."""

    part: str
    before: str
    now: str


def verdict_record(verdict: RefundVerdict) -> dict[str, object]:
    """Return an answer of the rules as it is kept with the request."""
    return {
        "answer": verdict.why.value,
        "route": verdict.route.value if verdict.route else "",
        "left": str(int(verdict.refundable_idr)),
        "second_person": "yes" if verdict.needs_approval else "no",
        "cautions": " ".join(caution.value for caution in verdict.cautions),
        "days_left": "" if verdict.days_left is None else str(verdict.days_left),
    }


def what_changed(asked: Mapping[str, object] | None, now: RefundVerdict) -> tuple[Change, ...]:
    """Return what is another now than when the refund was asked for; empty if nothing is.

    Requests that were written before answers were kept have none to compare with.
    """
    if asked is None:
        return ()
    today = verdict_record(now)
    return tuple(
        Change(part, str(asked.get(part, "")), str(today[part]))
        for part in _COMPARED
        if str(asked.get(part, "")) != str(today[part])
    )
