"""The ids that every log line of one piece of work carries: of request, job, order, message.

A piece of work is one request or one row of a job. Whatever it binds is in its lines from there on
and in nobody else's.
"""

import contextvars
import secrets
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from structlog.contextvars import bind_contextvars, clear_contextvars

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def begin_work(**ids: object) -> None:
    """Forget the ids of the work before, which this thread did, and bind the first of this one."""
    clear_contextvars()
    bind(**ids)


def bind(**ids: object) -> None:
    """Let all following lines of this work carry these ids; None is left out."""
    bind_contextvars(**{name: value for name, value in ids.items() if value is not None})


def kept_apart(work: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Return the work so that each call starts with the ids bound now, and keeps its own to itself.

    Threads of a pool would otherwise know no ids at all.
    """
    here = contextvars.copy_context()

    def apart(*args: _Given.args, **options: _Given.kwargs) -> _Result:
        # A context can be entered by one thread at a time: each call gets a copy.
        return here.copy().run(work, *args, **options)

    return apart


def new_id() -> str:
    """Return an id for a request or a run: 64 random bits."""
    # The letter: one made of digits alone might be taken for a card's number, and blacked out.
    return f"r{secrets.token_hex(8)}"
