"""How the pages look and listen for the person who is signed in."""

from flask import g

from admin.person import current_person
from admin.reading import reads
from app.services.desk_settings import DeskTaste, read_desk_taste


def desk_looks() -> DeskTaste:
    """Return looks and shortcuts of this request's person, read once; strangers get the usual."""
    person = current_person()
    if person is None:
        return DeskTaste()
    if "desk_looks" not in g:
        g.desk_looks = read_desk_taste(reads(), person.staff_id)
    looks: DeskTaste = g.desk_looks
    return looks
