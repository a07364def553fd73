"""Reading whatever somebody on the phone reads out, or pastes, into the names it may hold."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from app.core.references import ALPHABET

LONGEST_SEARCH: Final = 600
_LONGEST_NAME: Final = 120
_MOST_NAMES: Final = 12
_SHORTEST_WORD: Final = 6
_NUMBER: Final = rf"[{ALPHABET}]{{10}}"
_ORDER_NUMBER: Final = re.compile(rf"(?:LN-?)?({_NUMBER})\Z")
_IN_TEXT: Final = re.compile(rf"(?<![A-Z0-9])LN[- ]?({_NUMBER})(?![A-Z0-9])")
_PHONE: Final = re.compile(r"\+?[\d().-]{8,20}\Z", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s<>\"'(),;:=/?&]+@[^\s<>\"'(),;:=/?&]+\.[^\s<>\"'(),;:=/?&.]+")
# What people copy along with an id: quotes, brackets, the punctuation of a sentence.
_AROUND: Final = " \t\r\n\"'`´“”‘’«»<>()[]{}.,;:!?=#"  # noqa: RUF001 - these are the ones.
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")  # noqa: RUF001 - likewise.
_LABEL: Final = re.compile(r"[:=#]\s*")
# A number in groups, wherever it stands: "HP 0812 3456 7890", "VA 8808-1234-5678".
_GROUPED: Final = re.compile(r"\+?\(?\d[\d\s().-]{6,28}\d", re.ASCII)
_GAPS: Final = re.compile(r"[\s?&=#/,;|\"'<>()]+")


@dataclass(frozen=True, slots=True)
class Names:
    """What a searched text may name.

    ``exact`` are ids as they stand there; ``numbers`` order numbers; ``digits`` the digits of a
    VA number or pay code; ``phones`` as they are stored.
    """

    exact: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    digits: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to look for."""
        return bool(self.exact or self.numbers or self.emails or self.phones or self.digits)


def clean_search(text: str | None) -> str:
    """Return what was typed without blanks, NULs and invisible characters, at most 120 long."""
    return "".join(visible_text(text).split())[:_LONGEST_NAME]


def visible_text(text: str | None) -> str:
    """Return text without what nobody sees, every kind of dash a plain one, at most 600 long."""
    normal = unicodedata.normalize("NFKC", (text or "")[:LONGEST_SEARCH]).translate(_DASHES)
    kept = (" " if c.isspace() else c for c in normal if c.isspace() or _is_visible(c))
    return "".join(kept).strip()[:LONGEST_SEARCH]


def read_names(text: str | None) -> Names:
    """Return everything that a pasted text may name, whatever stands around it.

    ``Order #LN-…``, ``order_id: …``, a quoted id, an id in groups, a whole address of a page, a
    phone number in any writing: each gives the names to look for, the likeliest first.
    """
    visible = visible_text(text)
    if not visible:
        return Names()
    candidates = _candidates(visible)
    phones = _unique(filter(None, map(phone_number, candidates)))
    in_text = (f"LN-{found}" for found in _IN_TEXT.findall(visible.upper()))
    return Names(
        exact=_unique(candidates),
        numbers=_unique([*filter(None, map(order_number, candidates)), *in_text]),
        emails=_unique(found.lower() for found in _EMAIL.findall(unquote(visible))),
        phones=phones,
        digits=_unique(filter(None, map(_digits, candidates))),
    )


def order_number(text: str) -> str | None:
    """Return the order number in the text, with or without ``LN-`` and in any case."""
    found = _ORDER_NUMBER.match(text.upper())
    return f"LN-{found[1]}" if found else None


def phone_number(text: str) -> str | None:
    """Return a phone number as it is stored: ``0812…``, ``62812…`` and ``812…`` are ``+62812…``."""
    if not _PHONE.match(text):
        return None
    digits = re.sub(r"\D", "", text)
    # "0062…" is how "+62…" is dialled from abroad; "+62 (0)812…" is written on cards.
    digits = digits.removeprefix("00")
    digits = digits.removeprefix("62") if digits.startswith("62") else digits
    return f"+62{digits.removeprefix('0')}"


def _candidates(visible: str) -> list[str]:
    """Return the whole text, what follows a label, and each word that could be an id."""
    after_labels = [visible[found.end() :] for found in _LABEL.finditer(visible)]
    grouped = _GROUPED.findall(visible)
    wholes = [_joined(part) for part in (visible, *after_labels, *grouped)]
    words = [word.strip(_AROUND) for word in _GAPS.split(unquote(visible))]
    likely = [word for word in words if len(word) >= _SHORTEST_WORD or _has_digit(word)]
    return [name for name in (*wholes, *likely) if 0 < len(name) <= _LONGEST_NAME]


def _joined(part: str) -> str:
    return "".join(part.split()).strip(_AROUND)


def _digits(text: str) -> str | None:
    """Return the digits of a number in groups: ``8808-1234-5678``, ``8808.1234``."""
    digits = re.sub(r"[-.]", "", text)
    return digits if digits.isascii() and digits.isdigit() else None


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] != "C"


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_NAMES]
