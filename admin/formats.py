"""How money, times and raw messages are written for people."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from admin.languages import language
from admin.person import current_person
from admin.reading import current_desk
from app.core.rights import Right
from app.core.wib import WIB

_HIDDEN: Final = "••••••"
# Whoever reads these could forge messages or charge a saved card (Midtrans docs, "HTTP(S)
# Notification"; Xendit docs, "Handling webhooks").
_SECRET_KEYS: Final = frozenset(
    {
        "authorization",
        "credit_card_token",
        "saved_token_id",
        "signature_key",
        "token",
        "token_id",
        "x-callback-token",
    }
)
# A quoted value, a list or object in one piece, or a bare word; also when the end was cut off.
_VALUE: Final = r"""(?:"(?:[^"\\]|\\.)*"?|[\[{][^\]}]*[\]}]?|[^\s,&}]+)"""
_SECRET_TEXT: Final = re.compile(
    rf"""(["']?\b(?:{"|".join(sorted(_SECRET_KEYS))})\b["']?\s*[:=]\s*){_VALUE}""",
    re.IGNORECASE,
)


def wib(moment: datetime) -> str:
    """Write a time to the second, in WIB and labelled so."""
    local = moment.astimezone(WIB)
    return format_datetime(local, "d MMM yyyy HH:mm:ss", locale=language()) + " WIB"


def wib_minute(moment: datetime) -> str:
    """Write a time to the minute, in WIB; the heading over it says so."""
    return format_datetime(moment.astimezone(WIB), "d MMM yyyy HH:mm", locale=language())


def wib_day(day: date) -> str:
    """Write a day: ``31 May 2026``."""
    return format_date(day, "d MMM yyyy", locale=language())


def ago(moment: datetime) -> str:
    """Write a time relative to now: ``3 minutes ago``, ``in 2 hours``."""
    distance = moment - current_desk().clock()
    return format_timedelta(distance, add_direction=True, locale=language())


def capped(number: int, most: int) -> str:
    """Write a number that was counted only so far: ``1,000+``."""
    plus = "+" if number > most else ""
    return format_decimal(min(number, most), locale=language()) + plus


def contact(text: str) -> str:
    """Write an e-mail or a phone number; for those who may not see it, only its ends."""
    person = current_person()
    if person is not None and person.may(Right.VIEW_CONTACTS):
        return text
    name, at, place = text.partition("@")
    return f"{name[:1]}•••{at}{place}" if at else f"{text[:3]}•••{text[-3:]}"


def masked_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return headers with secrets hidden."""
    return {
        name: _HIDDEN if name.lower() in _SECRET_KEYS else str(value)
        for name, value in headers.items()
    }


def masked_body(body: bytes) -> str:
    """Return a raw body as text, secrets hidden; bytes that are no text are shown as such."""
    text = body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return _SECRET_TEXT.sub(rf'\1"{_HIDDEN}"', text)


def pretty_body(body: bytes) -> str | None:
    """Return a JSON body indented, secrets hidden; None if it is no JSON."""
    try:
        return json.dumps(_masked(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _masked(content: Any) -> Any:
    if isinstance(content, dict):
        return {
            key: _HIDDEN if str(key).lower() in _SECRET_KEYS else _masked(value)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_masked(item) for item in content]
    return content
