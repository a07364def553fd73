"""How gunicorn runs the web process: threads, because requests wait for gateways and database."""

import os
import sys
from typing import Any

from app.db.roles import RoleTakenError, hold_role
from app.settings import SettingsError, load_settings

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
# No query string: Xendit and Midtrans add order ids to return addresses.
access_log_format = "%(m)s %(U)s %(s)s %(b)sB %(M)sms"
control_socket_disable = True

_held: list[Any] = []


def on_starting(server: Any) -> None:
    """Check the settings and take the web role before any worker exists."""
    del server
    try:
        _held.append(hold_role(load_settings().database_url, "web"))
    except (SettingsError, RoleTakenError) as error:
        sys.stderr.write(f"lunas: {error}\n")
        raise SystemExit(2) from None
