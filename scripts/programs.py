"""The programs that together are a running Lunas, for `make run` and the browser tests."""

import sys
from pathlib import Path
from typing import Final

from scripts.child import Program
from scripts.demo_settings import Settings
from scripts.messages import ROOT

_NOTIFICATIONS: Final = "/api/payments/notification"


def all_programs(settings: Settings) -> list[Program]:
    """Return web and jobs, and the sandbox where it stands in for the gateways."""
    running = [web(settings), jobs(settings)]
    if settings.uses_sandbox:
        running.append(sandbox(settings))
    return running


def web(settings: Settings) -> Program:
    """Return the program of shop, API, notification endpoints and back office."""
    return Program(
        "web",
        (
            *_python("gunicorn"),
            *("--config", str(ROOT / "app" / "gunicorn_conf.py"), "app.factory:create_app()"),
        ),
        settings.environment,
        ready_url=f"{settings.places.web_url}/api/config",
    )


def jobs(settings: Settings) -> Program:
    """Return the program that reconciles and does what else runs by the clock."""
    return Program("jobs", _python("jobs"), settings.environment)


def sandbox(settings: Settings) -> Program:
    """Return the program that plays both gateways, with the keys of the settings."""
    places, environment = settings.places, settings.environment
    notify = f"{places.web_url}{_NOTIFICATIONS}"
    return Program(
        "sandbox",
        (
            *_python("sandbox"),
            *("--port", str(places.sandbox_port)),
            *("--state", str(places.var / "sandbox.sqlite3")),
            *("--midtrans-server-key", environment["MIDTRANS_SERVER_KEY"]),
            *("--midtrans-client-key", environment["MIDTRANS_CLIENT_KEY"]),
            *("--xendit-secret-key", environment["XENDIT_SECRET_KEY"]),
            *("--xendit-callback-token", environment["XENDIT_CALLBACK_TOKEN"]),
            *("--midtrans-notify-url", f"{notify}/midtrans"),
            *("--xendit-notify-url", f"{notify}/xendit"),
        ),
        environment,
        ready_url=f"{places.sandbox_url}/",
    )


def preparation(settings: Settings) -> Program:
    """Return what runs first: check of the settings, migrations, and demo data if it is a demo."""
    steps = ["settings check", "db upgrade", *(["demo seed"] if settings.is_demo else [])]
    return Program("prepare", (*_python("scripts.prepare"), *steps), settings.environment)


def _python(module: str) -> tuple[str, ...]:
    # The same interpreter that runs this: the environment's, wherever it lies.
    return (str(Path(sys.executable)), "-m", module)
