"""What each role is for, in words that a person who hands them out understands."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, lazy_gettext

_WORDS: Final[Mapping[str, LazyString]] = {
    "viewer": lazy_gettext("Sees orders, refunds and notifications; changes nothing."),
    "support": lazy_gettext("Asks the gateway about an order and takes orders out of the queue."),
    "refunder": lazy_gettext("As support, and refunds up to a daily limit."),
    "approver": lazy_gettext("Agrees to the refunds of others, or turns them down."),
    "finance": lazy_gettext(
        "Refunds, agrees to the refunds of others, and records bank transfers."
    ),
    "admin": lazy_gettext("Looks after staff and reads the audit log; moves no money."),
    "auditor": lazy_gettext("Reads everything, the audit log included; changes nothing."),
}


def role_words(role: str) -> str:
    """Return what a role is for, in the language of the page; empty for an unknown one."""
    return str(_WORDS.get(role, ""))
