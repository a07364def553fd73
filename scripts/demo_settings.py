"""The environment that Lunas starts with on this machine: the person's own settings, then ours.

Order: the process's environment, then `.env`, then defaults. Without keys of a real gateway the
defaults are a demonstration: the sandbox program in the place of both gateways. With such keys
there is no sandbox and no demonstration, and in production no default at all.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from app.secret_files import SECRETS, with_files
from app.settings import DEMO_KEYS
from scripts.messages import ROOT, CannotGoOnError
from scripts.ports import LOOPBACK

VAR: Final = ROOT / "var"

_FILES: Final = frozenset(f"{name}_FILE" for name in SECRETS)
_SECRET_GATEWAY_KEYS: Final = ("MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY")


@dataclass(frozen=True, slots=True)
class Places:
    """Where one running Lunas keeps its files and listens (ports on 127.0.0.1)."""

    var: Path
    web_port: int
    sandbox_port: int

    @property
    def web_url(self) -> str:
        """Address of shop and back office, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        """Address of the sandbox program, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.sandbox_port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The composed environment, and whether the sandbox stands in for the gateways."""

    places: Places
    environment: Mapping[str, str]
    uses_sandbox: bool

    @property
    def is_demo(self) -> bool:
        """Say whether demo catalogue and demo staff belong into this database."""
        return self.environment.get("DEMO") == "1"


def own_settings(env_file: Path, process: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the person set: `.env`, and over it the process's environment; no blanks.

    A blank line of a copied `.env.example` means "not set".
    """
    written = {name: value for name, value in dotenv_values(env_file).items() if value}
    given = os.environ if process is None else process
    return written | {name: value for name, value in given.items() if value}


def compose(own: Mapping[str, str], places: Places) -> Settings:
    """Fill what the person left open; own settings always win.

    CannotGoOnError if a secret is given in a file that cannot be read.
    """
    own = _with_files(own)
    uses_sandbox = not has_real_keys(own)
    defaults = _server_defaults(places)
    if uses_sandbox:
        defaults |= _sandbox_defaults(places)
    if not is_production(own):
        defaults |= _local_defaults(places)
        if "SECRET_KEY" not in own:
            defaults["SECRET_KEY"] = local_secret(places.var / "secret_key")
    return Settings(places, defaults | dict(own), uses_sandbox)


def _with_files(own: Mapping[str, str]) -> dict[str, str]:
    """Put what the named files hold in their place: our defaults then do not meet them twice."""
    try:
        found = with_files(own)
    except ValueError as error:
        raise CannotGoOnError(str(error)) from None
    return {name: value for name, value in found.items() if name not in _FILES}


def has_real_keys(own: Mapping[str, str]) -> bool:
    """Say whether a secret key of a gateway is set that is not the sandbox's."""
    return any(own.get(name, DEMO_KEYS[name]) != DEMO_KEYS[name] for name in _SECRET_GATEWAY_KEYS)


def is_production(own: Mapping[str, str]) -> bool:
    """Say whether these settings move real money."""
    live_xendit = own.get("XENDIT_SECRET_KEY", "").startswith("xnd_production_")
    return own.get("MIDTRANS_ENV") == "production" or live_xendit


def local_secret(file: Path) -> str:
    """Return this checkout's random secret, made at the first call, readable by its user only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Exclusive creation with its final mode: at no moment could another user read it.
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_secret(file)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(32))
    return _read_secret(file)


def _read_secret(file: Path) -> str:
    try:
        return file.read_text().strip()
    except PermissionError as error:
        raise CannotGoOnError(
            f"{file} belongs to another user ({file.owner()}): run make as that user, or delete it."
        ) from error


def _server_defaults(places: Places) -> dict[str, str]:
    return {
        "LUNAS_WEB_BIND": f"{LOOPBACK}:{places.web_port}",
        # Log lines appear when they are written, not when a buffer is full.
        "PYTHONUNBUFFERED": "1",
        # A person reads them here, not a collector.
        "LOG_FORMAT": "console",
        # flask itself must not read .env again: here the empty values in it are already removed.
        "FLASK_SKIP_DOTENV": "1",
    }


def _local_defaults(places: Places) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{places.var / 'lunas.sqlite3'}",
        "PUBLIC_URL": places.web_url,
        "MIDTRANS_ENV": "sandbox",
    }


def _sandbox_defaults(places: Places) -> dict[str, str]:
    midtrans = f"{places.sandbox_url}/midtrans"
    return {
        **DEMO_KEYS,
        "DEMO": "1",
        # A demonstration writes to nobody; its mails can be read here.
        "MAIL_BACKEND": "file",
        "MAIL_FOLDER": str(places.var / "mail"),
        "MIDTRANS_CORE_URL": midtrans,
        "MIDTRANS_SNAP_URL": f"{midtrans}/snap/v1",
        "MIDTRANS_SNAP_JS_URL": f"{midtrans}/snap/snap.js",
        "XENDIT_URL": f"{places.sandbox_url}/xendit",
    }
