"""How the back office reads: one read-only session per request, closed before anything is written.

Flask-Admin's own session is not used for reading: on SQLite it would take the write lock for the
whole request, and the use cases, which open their own sessions, would wait for it in vain.
"""

from typing import Final

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from app.services.desk import Desk

_EXTENSION: Final = "lunas_desk"


def keep_desk(app: Flask, desk: Desk) -> None:
    """Make the desk reachable from requests, and end every request's reading with the request."""
    app.extensions[_EXTENSION] = desk
    app.teardown_appcontext(lambda _error: end_reading())


def current_desk() -> Desk:
    """Return the desk of the running application."""
    desk: Desk = current_app.extensions[_EXTENSION]
    return desk


def reads() -> Session:
    """Return the read-only session of this request."""
    if "admin_reads" not in g:
        g.admin_reads = current_desk().reads()
    session: Session = g.admin_reads
    return session


def end_reading() -> None:
    """End this request's read transaction; what it loaded stays readable."""
    session: Session | None = g.pop("admin_reads", None)
    if session is not None:
        session.close()


def desk_to_act() -> Desk:
    """Return the desk for a use case, with no transaction of ours left open.

    A use case may wait ten seconds for a gateway; no transaction may stay open so long, and what
    is read afterwards must be what the use case left behind.
    """
    end_reading()
    return current_desk()
