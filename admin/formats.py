"""How money, times and raw messages are written for people."""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from admin.languages import language
from admin.lists.finding import Kind, Match
from admin.lists.listing import Chosen
from admin.order.attention_words import call_advice
from admin.order.refund_words import (
    change_before,
    change_now,
    change_part,
    in_language,
    refund_reason,
)
from admin.order.silence_words import silence_words
from admin.people.person import current_person
from admin.reading import current_desk
from admin.wording import (
    badge,
    detail_name,
    difference_words,
    finding_words,
    stored_words,
    why_words,
)
from app.core.methods import label
from app.core.money import format_rupiah
from app.core.refunds import WIB
from app.core.rights import Right
from app.core.transfers import masked_number

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


def add_formats(app: Flask) -> None:
    """Make the formats available in the back office's templates."""
    add_filters(
        app,
        rupiah=format_rupiah,
        wib=wib,
        wib_day=wib_day,
        wib_minute=wib_minute,
        ago=ago,
        capped=capped,
        contact=contact,
        matched_words=matched_words,
        query_of=query_of,
        badge=badge,
        call_advice=call_advice,
        why=why_words,
        difference=difference_words,
        finding=finding_words,
        stored_words=stored_words,
        method=label,
        change_part=change_part,
        change_before=change_before,
        change_now=change_now,
        refund_reason=refund_reason,
        in_language=in_language,
        masked_account=masked_number,
        detail=write_detail,
        detail_name=detail_name,
        silence=silence_words,
        masked_body=masked_body,
        pretty_body=pretty_body,
    )
    app.jinja_env.globals["new_key"] = lambda: secrets.token_urlsafe(18)


def add_filters(app: Flask, **filters: Callable[..., Any]) -> None:
    """Make filters available in templates, asked anew for every page.

    Jinja works out `"same_person"|why` once, when the template is compiled, unless the filter
    wants the context: everybody would read it in the language of who opened the page first.
    """

    def for_each_reader(write: Callable[..., Any]) -> Callable[..., Any]:
        @pass_context
        def written(_context: Context, *values: Any, **options: Any) -> Any:
            return write(*values, **options)

        return written

    app.jinja_env.filters.update({name: for_each_reader(f) for name, f in filters.items()})


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


def matched_words(match: Match) -> str:
    """Write what a search found; an e-mail or a phone number as the person may see it."""
    is_contact = match.kind in {Kind.EMAIL, Kind.PHONE}
    return contact(match.matched) if is_contact else match.matched


def query_of(chosen: Chosen) -> str:
    """Write what a list shows as a form keeps it: filters, search, order and view."""
    return urlencode(chosen.pairs)


def write_detail(value: object) -> str:
    """Write a detail of the timeline: a state or a way by its name, all else as it is."""
    if isinstance(value, StrEnum):
        return str(badge(value).word)
    return str(value)


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
