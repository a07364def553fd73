"""Settings of what the programs tell about themselves: log lines and meters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from app.telemetry.logs import LogStyle

_FORMS: Final = ("auto", "json", "console")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_LEAST_TOKEN: Final = 16
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class MeterDoor:
    """Who may read the meters: whoever holds the token; and at which port the jobs tell theirs.

    Without a token there is no ``/metrics``; port 0: the jobs open no port.
    """

    token: str = field(default="", repr=False)
    jobs_address: str = "127.0.0.1"
    jobs_port: int = 0


def read_log_style(env: Mapping[str, str]) -> LogStyle:
    """Read LOG_FORMAT and LOG_LEVEL; ValueError names the one that is wrong."""
    form = env.get("LOG_FORMAT", "").strip().lower() or "auto"
    if form not in _FORMS:
        raise ValueError("LOG_FORMAT must be auto, json or console.")
    level = env.get("LOG_LEVEL", "").strip().upper() or "INFO"
    if level not in _LEVELS:
        raise ValueError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    return LogStyle(form, level)


def read_meter_door(env: Mapping[str, str]) -> MeterDoor:
    """Read METRICS_TOKEN, METRICS_ADDRESS and METRICS_PORT; ValueError names the wrong one."""
    token = env.get("METRICS_TOKEN", "").strip()
    if token and len(token) < _LEAST_TOKEN:
        raise ValueError(f"METRICS_TOKEN is too short; use at least {_LEAST_TOKEN} characters.")
    port = _port(env.get("METRICS_PORT", "").strip())
    if port and not token:
        raise ValueError("METRICS_PORT needs METRICS_TOKEN; set it to what Prometheus will send.")
    return MeterDoor(token, env.get("METRICS_ADDRESS", "").strip() or "127.0.0.1", port)


def _port(raw: str) -> int:
    if not raw:
        return 0
    if not raw.isdecimal() or not 0 < int(raw) <= _LAST_PORT:
        raise ValueError("METRICS_PORT must be a number from 1 to 65535.")
    return int(raw)
