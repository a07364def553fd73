"""Ctrl-C reaches this program alone, not the `make` above it.

A terminal sends Ctrl-C to its whole foreground group. `make` would then report an error and end
with 130 although everything stopped in good order; so this program asks for the foreground.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def own_foreground_group() -> Iterator[None]:
    """Be alone in the terminal's foreground while inside; without a terminal, do nothing."""
    if not _is_in_foreground():
        yield
        return
    terminal = sys.stdin.fileno()
    before = os.getpgrp()
    # Both calls below stop a program that is in the background, unless it ignores this signal;
    # Ctrl-Z would stop this program but not `make`, and so lock the terminal.
    ignored = (signal.SIGTTOU, signal.SIGTSTP)
    handlers = [signal.signal(one, signal.SIG_IGN) for one in ignored]
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)
        for one, handler in zip(ignored, handlers, strict=True):
            signal.signal(one, handler)


def _is_in_foreground() -> bool:
    try:
        leads_already = os.getpgrp() == os.getpid()
        return not leads_already and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
