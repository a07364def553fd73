"""What a note may hold, and whom it means."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

MOST_CHARACTERS: Final = 2000

# An @ in the middle of a word is an e-mail address, and means nobody.
_MENTION: Final = re.compile(r"(?<![\w.+\-@])@([\w.+\-]+(?:@[\w\-]+(?:\.[\w\-]+)+)?)")
# Characters that turn the reading direction around could make a number read otherwise.
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def clean_note(text: str) -> str:
    """Return the text as it is kept: one kind of line end, no control characters, trimmed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in lines if _is_kept(character)).strip()


def _is_kept(character: str) -> bool:
    if character in _TURNING:
        return False
    return character == "\n" or unicodedata.category(character) not in {"Cc", "Cs", "Cn"}


def mentions_in(text: str) -> tuple[str, ...]:
    """Return the names after an @, in lower case, each once, in order."""
    found = (match.group(1).rstrip(".-+").lower() for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def handles_of(emails: Iterable[str]) -> Mapping[str, str]:
    """Return e-mail addresses by the names under which a note can mean them.

    The part before the @ where it belongs to one person only, and always the whole address.
    """
    addresses = [email.lower() for email in emails]
    names = Counter(_name(address) for address in addresses)
    short = {_name(address): address for address in addresses if names[_name(address)] == 1}
    return short | {address: address for address in addresses}


def shortest_handle(email: str, handles: Mapping[str, str]) -> str:
    """Return what to write after the @ to mean this person."""
    address = email.lower()
    return _name(address) if handles.get(_name(address)) == address else address


def _name(address: str) -> str:
    return address.partition("@")[0]
