"""What a complete chain looks like, as a grammar over its links.

Each link is one letter: R received, A authentic, P read (parsed), M matched to an attempt,
D repeats an earlier one, J judged, Q asked, L left out, C concluded. Small where it ended there or
is still open: r refused unread, a not authentic, u whether authentic cannot be told, p not
readable, m matched to none, j judged and the gateway is asked, q asked in vain.

No door asks the grammar while it works: it is the measure to which every test and every story of
the simulation holds all chains that were stored.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from app.core.observations import Evidence
from app.core.verdicts import (
    MOST_LINKS,
    Asked,
    Authenticity,
    Chain,
    Checked,
    Concluded,
    Judged,
    LeftOut,
    Link,
    Matched,
    Read,
    Received,
    Repeats,
    rule_of,
)

_ROUNDS: Final = "(?:q|Q(?:PJ)*)*"
# Around what was left out, a round may have been cut in two.
_SHORTENED: Final = rf"{_ROUNDS}(?:Q(?:PJ)*P)?LJ?(?:PJ)*{_ROUNDS}"
_NOTIFICATION: Final = re.compile(
    rf"r|R(?:a|up|A(?:p|P(?:m|M(?:D|J|j(?:{_ROUNDS}|{_SHORTENED})C?))))"
)
_STATUS_CHECK: Final = re.compile(r"M(?:q|Q(?:PJ)*(?:P?LJ?(?:PJ)*)?)")
_STRENGTH: Final = (Evidence.CLAIMS, Evidence.PROVES, Evidence.CONFIRMED)


def check_chain(chain: Chain) -> list[str]:
    """Return what is wrong with the chain of a notification; nothing if it is complete."""
    return _check(chain, _NOTIFICATION)


def check_status_chain(chain: Chain) -> list[str]:
    """Return what is wrong with the chain of a status check; nothing if it is complete."""
    return _check(chain, _STATUS_CHECK)


def _check(chain: Chain, grammar: re.Pattern[str]) -> list[str]:
    letters = "".join(_letter(link) for link in chain)
    problems = [] if grammar.fullmatch(letters) else [f"the links do not follow: {letters}"]
    if len(chain) > MOST_LINKS:
        problems.append(f"{len(chain)} links are more than {MOST_LINKS}")
    problems.extend(_wrong_counts(chain, letters))
    for link in chain:
        if isinstance(link, Judged):
            problems.extend(_wrong_judgement(link))
        if isinstance(link, Read) and (link.seen is None) is (link.why is None):
            problems.append("a message is either read or it is not")
    return problems


_LETTERS: Final[Mapping[type[Link], str]] = {
    Received: "R",
    Read: "P",
    Matched: "M",
    Repeats: "D",
    Judged: "J",
    Asked: "Q",
    LeftOut: "L",
    Concluded: "C",
}


def _letter(link: Link) -> str:
    if isinstance(link, Checked):
        return _letter_of_check(link)
    letter = _LETTERS[type(link)]
    return letter if _goes_on(link) else letter.lower()


def _letter_of_check(link: Checked) -> str:
    if link.why is not None:
        return "?" if link.authentic is Authenticity.YES else "a"
    return {Authenticity.YES: "A", Authenticity.CANNOT_TELL: "u"}.get(link.authentic, "?")


def _goes_on(link: Link) -> bool:
    if isinstance(link, Asked):
        return link.error is None
    if isinstance(link, Judged):
        return not link.asks
    return not isinstance(link, Received | Read | Matched) or link.why is None


def _wrong_counts(chain: Chain, letters: str) -> Iterator[str]:
    """Find questions after which other than the counted answers follow."""
    for at, link in enumerate(chain):
        if not isinstance(link, Asked):
            continue
        answers = re.match("(?:PJ)*", letters[at + 1 :])
        count = len(answers.group()) // 2 if answers else 0
        cut = "L" in letters[at + 1 : at + 2 * count + 3]
        if count != link.answers and not cut:
            yield f"{link.answers} answers are announced, {count} are there"


def _wrong_judgement(link: Judged) -> Iterator[str]:
    if link.rule != rule_of(link.before, link.after, link.why):
        yield f"the rule {link.rule} does not lead from {link.before} to {link.after}"
    if link.changed and not _suffices(link):
        yield f"{link.rule} was taken on {link.given}"


def _suffices(link: Judged) -> bool:
    return link.needed is not None and _STRENGTH.index(link.given) >= _STRENGTH.index(link.needed)
