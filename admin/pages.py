"""Pages that say what went wrong, in the back office's own clothes."""

from typing import Final

from flask import Flask, current_app, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,  # noqa: A004 - the pool's: no connection became free.
)
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response

from admin.security import is_back_office

# The server is gone, reads only, is full or too busy; not that a statement of ours is wrong.
_DATABASE_AWAY: Final = (OperationalError, InternalError, InterfaceError, TimeoutError)
_AWAY_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lunas</title></head><body>
<h1>The database does not answer</h1>
<p>Whether the last step was done, its page will show. Try again in half a minute.</p>
<h1 lang="id">Basis data tidak menjawab</h1>
<p lang="id">Apakah langkah terakhir berhasil, akan tampak di halamannya. Coba lagi dalam setengah
menit.</p></body></html>
"""


class PageMissingError(NotFound):
    """There is no such order, refund or notification; staff get a page that says so."""


class PageForbiddenError(Forbidden):
    """The person's role does not allow this; staff get a page that says so."""


def answer_errors(app: Flask) -> None:
    """Answer the back office's own errors with pages; other parts answer theirs."""
    app.register_error_handler(PageMissingError, _missing)
    app.register_error_handler(PageForbiddenError, _forbidden)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    for kind in _DATABASE_AWAY:
        app.register_error_handler(kind, _database_away)


def _database_away(_error: SQLAlchemyError) -> Response:
    """Answer without the database: not even who reads this, in which language, is known."""
    current_app.logger.exception("the database failed")  # noqa: LOG004 - Flask calls it inside.
    response = Response(_AWAY_PAGE, status=503, content_type="text/html; charset=utf-8")
    response.headers["Retry-After"] = "30"
    response.headers["Cache-Control"] = "no-store"
    return response


def _missing(_error: HTTPException) -> tuple[str, int]:
    return _page(
        404,
        gettext("Not found"),
        gettext("There is nothing here under this number. Search for it instead."),
    )


def _forbidden(_error: HTTPException) -> tuple[str, int]:
    return _page(
        403,
        gettext("Not allowed"),
        gettext("Your role does not allow this. Ask a colleague who may."),
    )


def _form_too_old(error: CSRFError) -> tuple[str, int] | Response:
    if not is_back_office(request.path):
        return error.get_response()
    return _page(
        400,
        gettext("This form is too old"),
        gettext("Nothing was done. Go back, reload the page and try again."),
    )


def _too_large(error: RequestEntityTooLarge) -> tuple[str, int] | Response:
    if not is_back_office(request.path):
        return error.get_response()
    return _page(
        413,
        gettext("This is too large"),
        gettext("What was sent is larger than 1 MB. Nothing was done."),
    )


def _page(code: int, title: str, text: str) -> tuple[str, int]:
    return render_template("lunas/problem.html", code=code, title=title, text=text), code
