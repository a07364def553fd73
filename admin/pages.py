"""Pages that say what went wrong, in the back office's own clothes."""

from flask import Flask, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.wrappers import Response

from admin.security import is_back_office


class PageMissingError(NotFound):
    """There is no such order, refund or notification; staff get a page that says so."""


class PageForbiddenError(Forbidden):
    """The person's role does not allow this; staff get a page that says so."""


def answer_errors(app: Flask) -> None:
    """Answer the back office's own errors with pages; other parts answer theirs."""
    app.register_error_handler(PageMissingError, _missing)
    app.register_error_handler(PageForbiddenError, _forbidden)
    app.register_error_handler(CSRFError, _form_too_old)


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


def _page(code: int, title: str, text: str) -> tuple[str, int]:
    return render_template("lunas/problem.html", code=code, title=title, text=text), code
