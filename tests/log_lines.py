"""What the programs would write to their logs, caught while a test plays."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from app.telemetry.logs import LogStyle, set_up_logs


class Lines:
    """The lines so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """Return the lines, each as it was written in JSON; only those of one event, if named."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [one for one in found if not event or one["event"] == event]


@contextmanager
def caught_lines(secrets: Iterable[str] = (), form: str = "json") -> Iterator[Lines]:
    """Set the logs up as a program does, as talkative as they can be; then put all back."""
    lines = Lines()
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    try:
        set_up_logs(LogStyle(form, "DEBUG"), program="tests", secrets=secrets, stream=lines.stream)
        yield lines
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], level, sys.excepthook, threading.excepthook = before
        root.setLevel(level)
        for name in logging.root.manager.loggerDict:
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
