"""Starts the log of a program from its settings."""

from app.settings import Settings
from app.telemetry.logs import set_up_logs


def start_logging(settings: Settings, program: str) -> None:
    """Let all lines of this process be written as the settings say, without their secrets."""
    set_up_logs(settings.log_style, program=program, secrets=settings.secrets)
