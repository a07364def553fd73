"""Log lines of all programs: one JSON object each, or plain text for a person at a terminal.

Everything goes through ``logging``, the libraries' lines too, and one chain: ids, level and time
are added, exceptions told safely, secrets taken out, and only then is the line written.
"""

import logging
import sys
import threading
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from app.telemetry.faults import describe
from app.telemetry.redaction import Redactor

_log = logging.getLogger("lunas")
# They tell what they are given: statements with values, whole addresses, each second that a
# one-second job runs. However talkative we are told to be, they are not.
_TALKATIVE: Final = {
    "apscheduler": logging.ERROR,
    "sqlalchemy": logging.WARNING,
    "urllib3": logging.ERROR,
    "requests": logging.WARNING,
    "midtransclient": logging.WARNING,
    "xendit": logging.WARNING,
    "werkzeug": logging.WARNING,
    "alembic.runtime.plugins": logging.WARNING,
}
_Event = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogStyle:
    """How lines look and which are written; ``form`` is json, console or auto."""

    form: str = "auto"
    level: str = "INFO"


def set_up_logs(
    style: LogStyle, *, program: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all lines of this process through the one chain, to standard error unless told."""
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(style, program, Redactor(secrets), is_terminal=target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(style.level)
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=True)
    # Python's own way to tell of an error that nobody caught shows what the error was fed.
    sys.excepthook = _tell_end
    threading.excepthook = _tell_end_of_thread


def is_set_up() -> bool:
    """Tell whether the lines of this process go through the chain already."""
    return any(isinstance(one.formatter, ProcessorFormatter) for one in logging.root.handlers)


def _formatter(
    style: LogStyle, program: str, redactor: Redactor, *, is_terminal: bool
) -> logging.Formatter:
    plain = style.form == "console" or (style.form == "auto" and is_terminal)
    last: list[Any] = [_plain_text] if plain else [structlog.processors.JSONRenderer(default=str)]

    def name_program(_logger: object, _method: str, event: _Event) -> _Event:
        event["program"] = program
        return event

    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            ExtraAdder(),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            name_program,
            _tell_fault,
            redactor,
            *last,
        ],
    )


def _tell_fault(_logger: object, _method: str, event: _Event) -> _Event:
    """Replace the exception of a line by what may be told of it."""
    info = event.pop("exc_info", None)
    event.pop("exception", None)
    event.pop("stack_info", None)
    error = info[1] if isinstance(info, tuple) else info  # pyright: ignore[reportUnknownVariableType]
    if isinstance(error, BaseException):
        event["exception"] = describe(error)
    return event


_AT_THE_FRONT: Final = ("time", "level", "logger", "event", "program", "exception")


def _plain_text(_logger: object, _method: str, event: _Event) -> str:
    """Write a line for a person: ``INFO lunas.jobs jobs are running  job=poll_orders``."""
    ids = " ".join(f"{k}={v}" for k, v in sorted(event.items()) if k not in _AT_THE_FRONT)
    line = f"{str(event['level']).upper()} {event['logger']} {event['event']}"
    return "\n".join([f"{line}  {ids}".rstrip(), *_plain_fault(event.get("exception", []))])


def _plain_fault(told: list[dict[str, Any]]) -> Iterable[str]:
    for one in told:
        yield from (f"    at {frame}" for frame in one["frames"])
        yield f"  {one['type']} {one['text']}".rstrip()


def _tell_end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("the program ended by an error", exc_info=(kind, error, trace))


def _tell_end_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        told = (args.exc_type, args.exc_value, args.exc_traceback)
        _log.critical("a thread ended by an error", exc_info=told)
