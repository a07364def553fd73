"""How an exception is told in a log: what it is and where it happened, never what it was fed.

The text of an exception is logged only where we know who wrote it. A ``ValueError`` of a library
quotes the very value that it could not read: somebody's name, or half a key.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.core.errors import GatewayError, LunasError

_MOST_CAUSES: Final = 5
_MOST_FRAMES: Final = 40
_ROOT: Final = Path(__file__).resolve().parents[2]
# Their texts name types and attributes, and are written by the interpreter.
_OF_THE_INTERPRETER: Final = (AttributeError, NameError, ImportError, NotImplementedError, OSError)
# PostgreSQL's class 22, "data exception": these messages quote the value.
_DATA_EXCEPTION: Final = "22"


def describe(error: BaseException) -> list[dict[str, Any]]:
    """Return the exception and what caused it, the last one first, each with its frames."""
    return [
        {"type": _name_of(one), "text": text_of(one), "frames": _frames(one)}
        for one in _with_causes(error)
    ]


def text_of(error: BaseException) -> str:
    """Return what of an exception's own words may be logged; often nothing."""
    if isinstance(error, GatewayError):
        # Its message is the gateway's, and may repeat what we sent.
        return error.code
    if isinstance(error, DBAPIError):
        return _text_of_driver(error.orig)
    if isinstance(error, LunasError | SQLAlchemyError) or _is_of_the_interpreter(error):
        return str(error)
    return ""


def _is_of_the_interpreter(error: BaseException) -> bool:
    # Libraries derive from OSError, and then quote whole requests.
    return isinstance(error, _OF_THE_INTERPRETER) and type(error).__module__ == "builtins"


def _text_of_driver(error: BaseException | None) -> str:
    state: object = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        return str(error).split("\n", 1)[0]
    if state.startswith(_DATA_EXCEPTION):
        return state
    primary: object = getattr(getattr(error, "diag", None), "message_primary", None)
    return f"{state} {primary or ''}".rstrip()


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if one is None:
            return
        yield one
        hidden = one.__suppress_context__
        one = one.__cause__ if one.__cause__ is not None or hidden else one.__context__


def _name_of(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _frames(error: BaseException) -> list[str]:
    found = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in found]


def _place(filename: str) -> str:
    """Shorten a file's name: ours from the root of the program, others by their last two parts."""
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    return "/".join(path.parts[-2:])
