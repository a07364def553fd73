"""Log lines of several programs on one terminal, each behind the name of its program."""

import contextlib
import sys
import threading
from collections.abc import Iterable
from typing import Final, TextIO

_COLOURS: Final = ("36", "33", "35", "32")
"""Terminal codes that read well on dark and on light: cyan, yellow, magenta, green."""


class LinePrinter:
    """Print whole lines from many threads without mixing them.

    The programs' names are known from the start, so that all lines begin in one column.
    """

    def __init__(self, names: Iterable[str], stream: TextIO = sys.stdout) -> None:
        self._names = list(names)
        self._width = max((len(name) for name in self._names), default=0)
        self._stream = stream
        self._coloured = stream.isatty()
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """Print one line of the named program."""
        self.plain(f"{self._prefix(name)} {text.rstrip()}")

    def plain(self, text: str) -> None:
        """Print text of our own, without a prefix."""
        # A terminal that was closed must not keep the programs from being stopped in order.
        with self._lock, contextlib.suppress(OSError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def _prefix(self, name: str) -> str:
        label = f"{name:<{self._width}} |"
        if not self._coloured or name not in self._names:
            return label
        colour = _COLOURS[self._names.index(name) % len(_COLOURS)]
        return f"\x1b[{colour}m{label}\x1b[0m"
