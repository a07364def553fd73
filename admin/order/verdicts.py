"""The steps by which a notification or a status check was judged, as sentences for staff."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext, lazy_gettext, ngettext

from admin.formats import wib
from admin.wording import badge, why_words
from app.core.reasons import Why
from app.core.states import Attention
from app.core.verdict_records import load_chain
from app.core.verdicts import (
    Asked,
    Authenticity,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Link,
    Matched,
    Proof,
    Read,
    Received,
    Repeats,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: whether it went well, what it was, and what it found."""

    is_good: bool
    title: str
    finding: str


_PROOFS: Final = {
    Proof.SIGNATURE: lazy_gettext("its signature is right"),
    Proof.TOKEN: lazy_gettext("its token is right"),
    Proof.PREVIOUS_SIGNATURE: lazy_gettext("signed with the previous key"),
    Proof.PREVIOUS_TOKEN: lazy_gettext("its token is the previous one"),
}
# What went as usual, and yet is no reason to look twice.
_HARMLESS: Final = frozenset({Why.TEST_MESSAGE})


def read_chain(stored: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the stored steps for people; none of them can make a page fail."""
    try:
        return [_step(link) for link in load_chain(stored)]
    except ValueError:
        text = gettext("These steps were written by another version of Lunas.")
        return [Step(is_good=False, title=text, finding="")]


def _step(link: Link) -> Step:
    return _WAYS[type(link)](link)


def _make(title: str, *findings: str, is_good: bool = True) -> Step:
    return Step(is_good, title, " · ".join(text for text in findings if text))


def _received(link: Received) -> Step:
    size = gettext("%(size)s bytes", size=link.size)
    if link.why is None:
        return _make(gettext("Received and stored"), size)
    kept = gettext("only the first %(size)s bytes were kept", size=link.kept)
    return _make(gettext("Received, not read"), size, kept, why_words(link.why), is_good=False)


def _checked(link: Checked) -> Step:
    if link.authentic is Authenticity.YES:
        proof = str(_PROOFS[link.proof]) if link.proof else ""
        return _make(gettext("Comes from the gateway"), proof)
    if link.authentic is Authenticity.NO:
        title = gettext("Does not come from the gateway")
        return _make(title, why_words(link.why), is_good=False)
    title = gettext("Nobody can tell whether it comes from the gateway")
    return _make(title, why_words(link.why), is_good=False)


def _read(link: Read) -> Step:
    if link.seen is None:
        return _make(gettext("It cannot be read"), why_words(link.why), is_good=False)
    return _make(gettext("It says"), str(badge(link.seen).word), link.raw_status)


def _matched(link: Matched) -> Step:
    if link.why is None:
        attempt = gettext("Attempt %(number)s", number=link.try_number)
        return _make(gettext("Belongs to an order"), attempt, link.reference)
    is_good = link.why in _HARMLESS
    title = gettext("Belongs to no order")
    return _make(title, link.reference, why_words(link.why), is_good=is_good)


def _repeats(link: Repeats) -> Step:
    earlier = gettext("the same as notification #%(id)s", id=link.notification_id)
    return _make(gettext("Nothing changed"), earlier, why_words(Why.DUPLICATE))


def _judged(link: Judged) -> Step:
    change = f"{badge(link.before).word} → {badge(link.after).word}" if link.changed else ""
    title = gettext("Order changed") if link.changed else gettext("Nothing changed")
    return _make(title, change, why_words(link.why), _evidence(link), _called(link.attention))


def _evidence(link: Judged) -> str:
    given = str(badge(link.given).word)
    if not link.asks:
        return given
    if link.needed in {None, link.given}:
        return gettext("%(given)s; the gateway is asked all the same", given=given)
    needed = str(badge(link.needed).word) if link.needed else ""
    return gettext("%(given)s, must be %(needed)s", given=given, needed=needed)


def _called(attention: Attention | None) -> str:
    if attention is None:
        return ""
    return gettext("Needs a person: %(what)s", what=badge(attention).word)


def _asked(link: Asked) -> Step:
    at = wib(link.at)
    title = gettext("Gateway asked")
    if link.error is not None:
        return _make(title, at, gettext("no answer"), link.error, is_good=False)
    if link.answers == 0:
        return _make(title, at, gettext("it answered about another payment"), is_good=False)
    return _make(title, at, ngettext("%(num)s answer", "%(num)s answers", link.answers))


def _left_out(link: LeftOut) -> Step:
    return _make(
        ngettext(
            "%(num)s step in between was not kept",
            "%(num)s steps in between were not kept",
            link.links,
        )
    )


def _concluded(link: Concluded) -> Step:
    is_good = link.why is not Why.CLAIM_NOT_CONFIRMED
    words = (why_words(link.why), _called(link.attention))
    return _make(gettext("Verdict"), *words, is_good=is_good)


_WAYS: Final[Mapping[type[Link], Callable[[Any], Step]]] = {
    Received: _received,
    Checked: _checked,
    Read: _read,
    Matched: _matched,
    Repeats: _repeats,
    Judged: _judged,
    Asked: _asked,
    LeftOut: _left_out,
    Concluded: _concluded,
}
