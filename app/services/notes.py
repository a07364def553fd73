"""Notes about an order: written once, never changed, and shown to the people they mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from app.core.errors import NotFoundError, RefusedError
from app.core.notes import MOST_CHARACTERS, clean_note, handles_of, mentions_in, shortest_handle
from app.core.reasons import Why
from app.db.models import NoteMention, Order, OrderNote, Staff
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class NoteForm:
    """A note as it was typed; ``form_key`` was born with the form."""

    order_id: int
    staff_id: int
    text: str
    form_key: str


@dataclass(frozen=True, slots=True)
class NoteReport:
    """Who was told of a note, by name, and which names after an @ mean nobody here."""

    note_id: int
    told: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a note can mean, and what to write after the @ for that."""

    staff_id: int
    name: str
    email: str
    handle: str


def add_note(desk: Desk, form: NoteForm) -> NoteReport:
    """Keep a note and tell the people it means; sent twice, it is kept once.

    RefusedError(NOTE_EMPTY | NOTE_TOO_LONG); NotFoundError if there is no such order.
    """
    text = clean_note(form.text)
    if not text:
        raise RefusedError(Why.NOTE_EMPTY)
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(Why.NOTE_TOO_LONG)
    try:
        return _write(desk, form, text)
    except IntegrityError:
        # The same form, sent by two clicks at once: the other one was faster.
        with desk.sessions.begin() as session:
            first = _of_form(session, form.form_key)
            if first is None:
                raise
            return _report(session, first)


def _write(desk: Desk, form: NoteForm, text: str) -> NoteReport:
    with desk.sessions.begin() as session:
        first = _of_form(session, form.form_key)
        if first is not None:
            return _report(session, first)
        if session.get(Order, form.order_id) is None:
            raise NotFoundError(f"order {form.order_id}")
        note = OrderNote(
            order_id=form.order_id,
            staff_id=form.staff_id,
            text=text,
            form_key=form.form_key,
            created_at=desk.clock(),
        )
        note.mentions = [
            NoteMention(staff_id=one.staff_id)
            for one in _meant(colleagues(session), text)
            # Who writes a note has seen it.
            if one.staff_id != form.staff_id
        ]
        session.add(note)
        session.flush()
        return _report(session, note)


def _of_form(session: Session, form_key: str) -> OrderNote | None:
    return session.scalars(select(OrderNote).filter_by(form_key=form_key)).one_or_none()


def _meant(people: Sequence[Colleague], text: str) -> list[Colleague]:
    by_email = {one.email.lower(): one for one in people}
    handles = handles_of(by_email)
    emails = (handles.get(name) for name in mentions_in(text))
    return [by_email[email] for email in dict.fromkeys(emails) if email is not None]


def _report(session: Session, note: OrderNote) -> NoteReport:
    people = colleagues(session)
    handles = handles_of(one.email for one in people)
    meant = {mention.staff_id for mention in note.mentions}
    return NoteReport(
        note_id=note.id,
        told=tuple(one.name for one in people if one.staff_id in meant),
        unknown=tuple(name for name in mentions_in(note.text) if name not in handles),
    )


def colleagues(session: Session) -> list[Colleague]:
    """Return everybody whom a note can mean, by name: people whose account is open."""
    query = select(Staff.id, Staff.name, Staff.email).where(Staff.active).order_by(Staff.name)
    rows = session.execute(query).all()
    handles = handles_of(row.email for row in rows)
    return [
        Colleague(row.id, row.name, row.email, shortest_handle(row.email, handles)) for row in rows
    ]


def notes_of(session: Session, order_id: int, most: int) -> Sequence[OrderNote]:
    """Return the latest notes about an order, the newest first, with authors and mentions."""
    query = (
        select(OrderNote)
        .where(OrderNote.order_id == order_id)
        .options(
            joinedload(OrderNote.staff),
            selectinload(OrderNote.mentions).joinedload(NoteMention.staff),
            raiseload("*"),
        )
    )
    return session.scalars(query.order_by(OrderNote.id.desc()).limit(most)).all()


def unread_notes(staff_id: int) -> Select[int]:
    """Return the query of the notes that mean this person and were not yet seen."""
    return select(NoteMention.id).where(
        NoteMention.staff_id == staff_id, NoteMention.read_at.is_(None)
    )


def mark_seen(desk: Desk, staff_id: int, *, mention_id: int | None = None) -> int:
    """Mark what means this person as seen, one mention or all; return how many were not before.

    A mention of somebody else is not touched.
    """
    statement = update(NoteMention).where(
        NoteMention.staff_id == staff_id, NoteMention.read_at.is_(None)
    )
    if mention_id is not None:
        statement = statement.where(NoteMention.id == mention_id)
    with desk.sessions.begin() as session:
        marked = session.scalars(
            statement.values(read_at=desk.clock()).returning(NoteMention.id)
        ).all()
    return len(marked)
