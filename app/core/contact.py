"""How somebody can be reached, shown so that only its owner recognises it."""

from typing import Final

_HIDDEN: Final = "•••"
_SHOWN_AT_END: Final = 4
_SHOWN_AT_START: Final = 3


def mask_email(email: str) -> str:
    """Show the first letter and the domain: ``r•••@contoh.example``."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}{_HIDDEN}{at}{domain}" if at else _HIDDEN


def mask_phone(phone: str) -> str:
    """Show the country and the last four digits of an E.164 number: ``+62•••7890``."""
    if len(phone) < _SHOWN_AT_START + _SHOWN_AT_END + 3:
        # So short that the rest could be tried out.
        return _HIDDEN
    return f"{phone[:_SHOWN_AT_START]}{_HIDDEN}{phone[-_SHOWN_AT_END:]}"
