"""How gunicorn runs the web process: threads, because requests wait for gateways and database."""

import os
import shutil
import sys
import tempfile
from typing import Any

bind = os.environ.get("LUNAS_WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
# Longer than the gateway timeout, so that a checkout ends in an answer and not in a kill.
timeout = 90
graceful_timeout = 20
keepalive = 5
accesslog = "-"
logger_class = "app.access_log.AccessLogger"
control_socket_disable = True

_held: list[Any] = []
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# The workers count into files that they share. The library looks for them when it is imported, so
# nothing of ours, which might import it, may be imported before this is said; after a reload or an
# upgrade the same files go on being used.
_has_meters = any(os.environ.get(name) for name in ("METRICS_TOKEN", "METRICS_TOKEN_FILE"))
if _has_meters and _SHARED not in os.environ:
    os.environ[_SHARED] = tempfile.mkdtemp(prefix="lunas-meters-")


def on_starting(server: Any) -> None:
    """Check the settings and take the web role before any worker exists."""
    from app.db.roles import RoleTakenError, hold_role  # noqa: PLC0415 - not before the files.
    from app.settings import SettingsError, load_settings  # noqa: PLC0415 - see above.

    del server
    try:
        _held.append(hold_role(load_settings().database_url, "web"))
    except (SettingsError, RoleTakenError) as error:
        sys.stderr.write(f"lunas: {error}\n")
        raise SystemExit(2) from None


def child_exit(server: Any, worker: Any) -> None:
    """Take back what a worker said of itself; what it counted stays counted."""
    del server
    if _SHARED in os.environ:
        # Here and not above: at its import it looks for the files.
        from prometheus_client import multiprocess  # noqa: PLC0415 - see above.

        library: Any = multiprocess
        library.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove the files, unless a new server has taken them over."""
    if _SHARED in os.environ and not server.reexec_pid:
        shutil.rmtree(os.environ[_SHARED], ignore_errors=True)
