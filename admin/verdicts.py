"""The steps by which a notification was judged, as sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import LazyString, gettext, lazy_gettext

from admin.wording import badge, why_words
from app.core.observations import Evidence, Seen
from app.core.states import PaymentStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One step: whether it went well, what it was, and what it found."""

    is_good: bool
    title: str
    finding: str


_TITLES: Final[Mapping[str, LazyString]] = {
    "received": lazy_gettext("Received and stored"),
    "authentic": lazy_gettext("Comes from the gateway"),
    "parsed": lazy_gettext("Read"),
    "matched": lazy_gettext("Belongs to an order"),
    "asked": lazy_gettext("Gateway asked"),
    "verdict": lazy_gettext("Verdict"),
}


def read_chain(chain: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the stored steps for people; a step of a kind we do not know keeps its own name."""
    return [_step(link) for link in chain]


def _step(link: Mapping[str, Any]) -> Step:
    kind = str(link.get("step", ""))
    title = str(_TITLES.get(kind, kind))
    is_good = bool(link.get("ok", True))
    if kind == "authentic" and not is_good:
        title = gettext("Does not come from the gateway")
    return Step(is_good=is_good, title=title, finding=" · ".join(_findings(link)))


def _findings(link: Mapping[str, Any]) -> list[str]:
    texts = [
        _word(Seen, link.get("seen")),
        str(link.get("reference") or ""),
        _word(Evidence, link.get("evidence")),
        _change(link),
        why_words(link.get("why")),
        str(link.get("error") or ""),
    ]
    return [text for text in texts if text]


def _change(link: Mapping[str, Any]) -> str:
    before, after = link.get("before"), link.get("after")
    if before is None or before == after:
        return ""
    return f"{_word(PaymentStatus, before)} → {_word(PaymentStatus, after)}"


def _word(kind: type[Seen | Evidence | PaymentStatus], value: object) -> str:
    known = [member for member in kind if member == value]
    return str(badge(known[0]).word) if known else str(value or "")
