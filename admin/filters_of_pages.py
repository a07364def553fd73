"""What templates can write: every filter of the back office's pages, by its name."""

import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from admin.formats import (
    ago,
    capped,
    contact,
    masked_body,
    pretty_body,
    wib,
    wib_day,
    wib_minute,
)
from admin.gate.devices import device_name
from admin.lists.finding import Kind, Match
from admin.lists.listing import Chosen
from admin.order.attention_words import call_advice
from admin.order.note_text import mention_of, note_text
from admin.order.refund_words import (
    change_before,
    change_now,
    change_part,
    in_language,
    refund_reason,
)
from admin.order.silence_words import silence_words
from admin.order.verdicts import read_chain
from admin.people.role_words import role_words
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
from app.core.transfers import masked_number


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


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "ago": ago,
    "badge": badge,
    "call_advice": call_advice,
    "capped": capped,
    "change_before": change_before,
    "change_now": change_now,
    "change_part": change_part,
    "contact": contact,
    "detail": write_detail,
    "detail_name": detail_name,
    "device": device_name,
    "difference": difference_words,
    "finding": finding_words,
    "in_language": in_language,
    "masked_account": masked_number,
    "masked_body": masked_body,
    "matched_words": matched_words,
    "mention_of": mention_of,
    "method": label,
    "note_text": note_text,
    "pretty_body": pretty_body,
    "query_of": query_of,
    "refund_reason": refund_reason,
    "role_words": role_words,
    "rupiah": format_rupiah,
    "silence": silence_words,
    "steps": read_chain,
    "stored_words": stored_words,
    "why": why_words,
    "wib": wib,
    "wib_day": wib_day,
    "wib_minute": wib_minute,
}


def add_filters(app: Flask) -> None:
    """Make the filters available in the back office's templates."""
    app.jinja_env.filters.update({name: _asked_anew(write) for name, write in _FILTERS.items()})
    app.jinja_env.globals["new_key"] = lambda: secrets.token_urlsafe(18)


def _asked_anew(write: Callable[..., Any]) -> Callable[..., Any]:
    """Return the filter so that it is asked for every page.

    Jinja works out `"same_person"|why` once, when the template is compiled, unless the filter
    wants the context: everybody would read it in the language of who opened the page first.
    """

    @pass_context
    def written(_context: Context, *values: Any, **options: Any) -> Any:
        return write(*values, **options)

    return written
