"""Notes: written on an order's page, and listed for the people whom they mean."""

import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from admin.acts import Act, carry_out
from admin.lists.filters import ChoiceFilter, Filter
from admin.lists.finding import capped_count, order_number
from admin.lists.listing import Chosen
from admin.order.order_page import load_order
from admin.pages import PageMissingError
from admin.person import current_person, signed_in_person
from admin.reading import desk_to_act, reads
from admin.views.base import LARGEST_ID, ListView
from app.core.notes import MOST_CHARACTERS
from app.core.rights import Right
from app.db.models import NoteMention, OrderNote
from app.services.notes import NoteForm, NoteReport, add_note, mark_seen, unread_notes

# What is read of a form at all: a little more than a note may hold, so that too long is told.
_MOST_READ = MOST_CHARACTERS * 4
_LONGEST_KEY = 80


class NotePages:
    """Writing a note on the page of an order."""

    @expose("/<number>/note", methods=("POST",))
    def note(self, number: str) -> Response | tuple[str, int]:
        """Keep a note and tell whom it means; what is not taken stays in the form."""
        known = order_number(number)
        order = load_order(reads(), known) if known else None
        if order is None:
            raise PageMissingError
        text = request.form.get("text", "")[:_MOST_READ]
        key = request.form.get("form_key", "")[:_LONGEST_KEY] or secrets.token_urlsafe(18)
        report = carry_out(
            Act(Right.WRITE_NOTES, "write_note", order.number),
            lambda person: add_note(desk_to_act(), NoteForm(order.id, person.staff_id, text, key)),
        )
        if report is None:
            return self.order_page(order.number, typed=text), 422
        for words in _report_words(report):
            flash(words, "done")
        return redirect(url_for("orders.details", number=order.number, _anchor="notes"))

    def order_page(self, number: str, *, typed: str = "") -> str:
        """Return the page of the order with what was typed; the view of orders says how."""
        raise NotImplementedError


def _report_words(report: NoteReport) -> list[str]:
    told = [gettext("The note is kept.")]
    if report.told:
        told[0] = gettext("The note is kept, and told to %(names)s.", names=", ".join(report.told))
    if report.unknown:
        names = ", ".join(f"@{name}" for name in report.unknown)
        told.append(gettext("Nobody here is called %(names)s.", names=names))
    return told


def _is_seen(value: str) -> ColumnElement[bool]:
    seen = NoteMention.read_at
    return seen.is_(None) if value == "unread" else seen.is_not(None)


class NotesView(ListView):
    """The notes that mean the person who looks."""

    list_template = "lunas/notes.html"
    columns: ClassVar = {
        "created_at": lazy_gettext("Written (WIB)"),
        "order": lazy_gettext("Order"),
        "author": lazy_gettext("By"),
        "text": lazy_gettext("Note"),
        "seen": lazy_gettext("Seen"),
    }
    column_classes: ClassVar = {"order": "id", "text": "words"}
    empty_text = lazy_gettext("No note means you. Colleagues name you in a note with an @.")
    list_filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(
            "seen",
            lazy_gettext("Seen"),
            [("unread", lazy_gettext("Not seen yet")), ("read", lazy_gettext("Seen"))],
            _is_seen,
        ),
    )

    def loads(self) -> Sequence[Any]:
        """Return what the cells show besides the mention itself."""
        note = joinedload(NoteMention.note)
        return note.joinedload(OrderNote.order), note.joinedload(OrderNote.staff)

    def conditions(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """Return the conditions of the address, for the person's own mentions only."""
        return [
            *super().conditions(chosen),
            NoteMention.staff_id == signed_in_person().staff_id,
        ]

    def waiting(self) -> int | None:
        """Return how many notes for this person were not seen yet."""
        person = current_person()
        if person is None:
            return None
        return capped_count(reads(), unread_notes(person.staff_id), 999)

    @expose("/seen", methods=("POST",))
    def all_seen(self) -> Response:
        """Mark every note for this person as seen."""
        mark_seen(desk_to_act(), signed_in_person().staff_id)
        return redirect(url_for(".index_view"))

    @expose("/<int:mention_id>/seen", methods=("POST",))
    def seen(self, mention_id: int) -> Response:
        """Mark one note as seen, and go back to the order if the form was there."""
        if mention_id > LARGEST_ID:
            raise PageMissingError
        mark_seen(desk_to_act(), signed_in_person().staff_id, mention_id=mention_id)
        number = order_number(request.form.get("order", ""))
        if number:
            return redirect(url_for("orders.details", number=number, _anchor="notes"))
        return redirect(url_for(".index_view"))
