"""A clock that is set back must not keep the jobs from running until it is that late again."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

_log = logging.getLogger("lunas.jobs")
# Less is what keeping the right time takes; the shortest interval of a job is a second.
_A_JUMP: Final = timedelta(seconds=5)


class ClockJumps:
    """Notices, when asked now and then, that the clock was set back.

    The scheduler remembers when each job is next due by the clock; one that is set forward it
    notices itself, and drops all missed runs but one.
    """

    def __init__(
        self, clock: Callable[[], datetime], passed_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Watch this clock; ``passed_s`` counts seconds and is never set."""
        self._clock: Final = clock
        self._passed_s: Final = passed_s
        self._began = self._beginning()

    def _beginning(self) -> datetime:
        return self._clock() - timedelta(seconds=self._passed_s())

    def mend(self, scheduler: Any) -> bool:
        """Let every job run now if the clock was set back since the last look; tell if it was."""
        before, self._began = self._began, self._beginning()
        if before - self._began < _A_JUMP:
            return False
        _log.warning("the clock was set back by %s; all jobs run now", before - self._began)
        for job in scheduler.get_jobs():
            job.modify(next_run_time=self._clock())
        return True
