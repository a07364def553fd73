"""A note as the page shows it: text, with our own names and the people it means made visible."""

import re
from collections.abc import Sequence
from typing import Final

from flask import url_for
from markupsafe import Markup, escape

from app.core.references import ALPHABET
from app.db.models import NoteMention

# An order's number, alone or as the beginning of a reference or a refund's key.
_OURS: Final = re.compile(rf"\bLN-[{ALPHABET}]{{10}}(?:-[A-Za-z0-9]{{1,40}})*(?![\w-])")
_ORDER_LENGTH: Final = len("LN-") + 10


def note_text(text: str) -> Markup:
    """Return a note's text with links to our own orders and references; all else is only text.

    The text is cut into pieces first and every piece escaped by itself, so that nothing a person
    types can become part of the page.
    """
    pieces: list[Markup] = []
    end = 0
    for match in _OURS.finditer(text):
        pieces += [escape(text[end : match.start()]), _link(match.group())]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _link(name: str) -> Markup:
    address = (
        url_for("orders.details", number=name)
        if len(name) == _ORDER_LENGTH
        else url_for("tools.find", q=name)
    )
    return Markup('<a class="mono" href="{}">{}</a>').format(address, name)


def mention_of(mentions: Sequence[NoteMention], staff_id: int) -> NoteMention | None:
    """Return what of these mentions means this person and was not yet seen."""
    unread = (m for m in mentions if m.staff_id == staff_id and m.read_at is None)
    return next(unread, None)
