"""``python -m jobs``: runs the schedule until SIGTERM or Ctrl-C, then lets running jobs finish."""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from typing import Final

from app.core.states import GatewayName
from app.db.roles import RoleTakenError, hold_role
from app.db.session import make_engine
from app.program_logs import start_logging
from app.services.reconciliation import Crew, RateLimit
from app.settings import SettingsError, load_settings
from app.wiring import build_desk
from jobs.clock_jumps import ClockJumps
from jobs.metering import open_meters
from jobs.runs import forget_old_heartbeats
from jobs.scheduler import make_scheduler

# More than fit into the allowed calls a second at 200 ms each, so that our own work between two
# calls costs no call.
THREADS: Final = 8
_BATCH: Final = 50
_BETWEEN_LOOKS_S: Final = 5.0
# Xendit's test mode allows 60 calls a minute per endpoint, live mode 600 (Xendit docs, rate
# limits); Midtrans publishes no number for status calls.
PER_SECOND: Final = {GatewayName.MIDTRANS: 20.0, GatewayName.XENDIT: 9.0}


def main() -> int:
    """Run until told to stop; exit code 2 with one sentence if it cannot start."""
    try:
        settings = load_settings()
        start_logging(settings, "jobs")
        held = hold_role(settings.database_url, "jobs")
    except (SettingsError, RoleTakenError) as error:
        sys.stderr.write(f"lunas: {error}\n")
        return 2
    engine = make_engine(settings.database_url, pool_size=2 * THREADS, timeouts=settings.timeouts)
    desk = build_desk(settings, engine)
    forget_old_heartbeats(desk)
    scheduler = make_scheduler(desk, _crew())
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stop.set())
    meters = open_meters(desk, settings.meter_door)
    scheduler.start()
    logging.getLogger("lunas.jobs").info("jobs are running")
    jumps = ClockJumps(desk.clock)
    while not stop.wait(_BETWEEN_LOOKS_S):
        jumps.mend(scheduler)
    scheduler.shutdown(wait=True)
    if meters is not None:
        meters.close()
    if held is not None:
        held.close()
    return 0


def _crew() -> Crew:
    return Crew(
        owner=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[:60],
        threads=THREADS,
        batch=_BATCH,
        limits={name: RateLimit(per_second) for name, per_second in PER_SECOND.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
