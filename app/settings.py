"""Settings from the environment, checked at start: a wrong one stops with one sentence."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.db.session import Timeouts
from app.gateways.breaker import BreakerRule
from app.host_check import LOOPBACK, read_allowed_hosts
from app.mail_settings import MailSettings, read_mail_settings
from app.rate_limits import RateLimits, read_rate_limits
from app.secret_files import with_files
from app.telemetry.logs import LogStyle
from app.watching import MeterDoor, read_log_style, read_meter_door

ROOT: Final = Path(__file__).resolve().parent.parent
# Keys of the sandbox program: known to everybody, accepted by no gateway.
DEMO_KEYS: Final[Mapping[str, str]] = {
    "MIDTRANS_SERVER_KEY": "SB-Mid-server-lunas-demo",
    "MIDTRANS_CLIENT_KEY": "SB-Mid-client-lunas-demo",
    "XENDIT_SECRET_KEY": "xnd_development_lunas_demo",
    "XENDIT_CALLBACK_TOKEN": "lunas-demo-callback-token",
}
_MIDTRANS_HOSTS: Final = {
    "sandbox": ("https://api.sandbox.midtrans.com", "https://app.sandbox.midtrans.com"),
    "production": ("https://api.midtrans.com", "https://app.midtrans.com"),
}
_XENDIT_HOST: Final = "https://api.xendit.co"
_LEAST_SECRET: Final = 16
_Read = TypeVar("_Read")


class SettingsError(Exception):
    """A setting is missing or contradicts another; the text is one sentence with the way out."""


@dataclass(frozen=True, slots=True)
class MidtransAccount:
    """Keys and addresses of one Midtrans account."""

    server_key: str = field(repr=False)
    client_key: str
    core_url: str
    snap_url: str
    snap_js_url: str
    is_production: bool
    previous_server_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class XenditAccount:
    """Keys and address of one Xendit account."""

    secret_key: str = field(repr=False)
    callback_token: str = field(repr=False)
    url: str
    previous_callback_token: str = field(default="", repr=False)

    @property
    def is_production(self) -> bool:
        """Whether this key moves real money."""
        return not self.secret_key.startswith("xnd_development_")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the environment decides."""

    database_url: str
    secret_key: str = field(repr=False)
    public_url: str
    midtrans: MidtransAccount | None
    xendit: XenditAccount | None
    gateway_timeout_s: float
    payment_lifetime: timedelta
    approval_threshold_idr: int
    is_demo: bool
    shop_name: str
    web_workers: int
    trusted_proxies: int = 0
    rate_limits: RateLimits = field(default_factory=RateLimits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    breaker: BreakerRule = field(default_factory=BreakerRule)
    log_style: LogStyle = field(default_factory=LogStyle)
    meter_door: MeterDoor = field(default_factory=MeterDoor)
    mail: MailSettings = field(default_factory=MailSettings)
    previous_secret_key: str = field(default="", repr=False)
    # By which names the shop may be called; loopback alone where nothing was set.
    allowed_hosts: frozenset[str] = LOOPBACK

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must appear nowhere."""
        found = [
            self.secret_key,
            self.previous_secret_key,
            make_url(self.database_url).password,
            urlsplit(self.rate_limits.storage).password,
            self.meter_door.token,
            self.mail.password,
        ]
        if self.midtrans is not None:
            found += [self.midtrans.server_key, self.midtrans.previous_server_key]
        if self.xendit is not None:
            found += [self.xendit.secret_key, self.xendit.callback_token]
            found.append(self.xendit.previous_callback_token)
        return tuple(secret for secret in found if secret)

    @property
    def is_production(self) -> bool:
        """Whether real money moves."""
        accounts = (self.midtrans, self.xendit)
        return any(account is not None and account.is_production for account in accounts)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings; SettingsError names the one that is wrong."""
    env = _with_files(os.environ if environ is None else environ)
    database_url, public_url = _database_url(env), _public_url(env)
    settings = Settings(
        database_url=database_url,
        secret_key=_secret_key(env),
        public_url=public_url,
        midtrans=_midtrans(env),
        xendit=_xendit(env),
        gateway_timeout_s=_number(env, "GATEWAY_TIMEOUT_S", 10, least=1, most=60),
        payment_lifetime=timedelta(
            minutes=_number(env, "PAYMENT_LIFETIME_MINUTES", 24 * 60, least=5, most=7 * 24 * 60)
        ),
        approval_threshold_idr=int(
            _number(env, "REFUND_APPROVAL_THRESHOLD_IDR", 1_000_000, least=0, most=10**12)
        ),
        is_demo=env.get("DEMO") == "1",
        shop_name=env.get("SHOP_NAME", "").strip() or "Toko Lunas",
        web_workers=int(_number(env, "WEB_CONCURRENCY", 1, least=1, most=64)),
        trusted_proxies=int(_number(env, "TRUSTED_PROXIES", 0, least=0, most=10)),
        timeouts=_timeouts(env),
        rate_limits=_sentence(lambda: read_rate_limits(env, database_url)),
        breaker=BreakerRule(
            failures=int(_number(env, "GATEWAY_BREAKER_FAILURES", 5, least=0, most=1000)),
            pause_s=_number(env, "GATEWAY_BREAKER_PAUSE_S", 10, least=1, most=300),
        ),
        log_style=_sentence(lambda: read_log_style(env)),
        meter_door=_sentence(lambda: read_meter_door(env)),
        mail=_sentence(lambda: read_mail_settings(env)),
        previous_secret_key=_previous_secret_key(env),
        allowed_hosts=_allowed_hosts(env, public_url),
    )
    _check_together(settings)
    return settings


def _with_files(environ: Mapping[str, str]) -> Mapping[str, str]:
    try:
        return with_files(environ)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _database_url(env: Mapping[str, str]) -> str:
    url = _required(env, "DATABASE_URL", "sqlite:///var/lunas.sqlite3 or postgresql+psycopg://…")
    try:
        driver = make_url(url).drivername
    except ArgumentError:
        raise SettingsError("DATABASE_URL is not a database address.") from None
    if driver not in {"sqlite", "postgresql+psycopg"}:
        raise SettingsError(
            f"DATABASE_URL uses {driver}; use sqlite:///… or postgresql+psycopg://… instead."
        )
    return url


def _secret_key(env: Mapping[str, str]) -> str:
    key = _required(env, "SECRET_KEY", "32 or more random characters")
    if len(key) < _LEAST_SECRET:
        raise SettingsError(f"SECRET_KEY is too short; use at least {_LEAST_SECRET} characters.")
    return key


def _previous_secret_key(env: Mapping[str, str]) -> str:
    key = _previous(env, "SECRET_KEY")
    if key and len(key) < _LEAST_SECRET:
        raise SettingsError(
            f"SECRET_KEY_PREVIOUS is too short; use at least {_LEAST_SECRET} characters."
        )
    return key


def _previous(env: Mapping[str, str], name: str) -> str:
    """Return the key that this one replaced, still good for what was made under it."""
    previous = env.get(f"{name}_PREVIOUS", "").strip()
    current = env.get(name, "").strip()
    if previous and not current:
        raise SettingsError(f"{name}_PREVIOUS is set without {name}; set that one too.")
    if previous and previous == current:
        raise SettingsError(f"{name}_PREVIOUS is the same as {name}; unset it.")
    return previous


def _public_url(env: Mapping[str, str]) -> str:
    url = _required(env, "PUBLIC_URL", "the address under which shoppers reach the shop")
    return _checked_url("PUBLIC_URL", url)


def _allowed_hosts(env: Mapping[str, str], public_url: str) -> frozenset[str]:
    try:
        return read_allowed_hosts(env, public_url, with_loopback=env.get("DEMO") == "1")
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _required(env: Mapping[str, str], name: str, meaning: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set; set it to {meaning}.")
    return value


def _checked_url(name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{name} must be an address that begins with http:// or https://.")
    return url.rstrip("/")


def _number(
    env: Mapping[str, str], name: str, default: float, *, least: float, most: float
) -> float:
    raw = env.get(name, "").strip()
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise SettingsError(f"{name} must be a number, not {raw!r}.") from None
    if not least <= value <= most:
        raise SettingsError(f"{name} must lie between {least:g} and {most:g}.")
    return value


def _timeouts(env: Mapping[str, str]) -> Timeouts:
    usual = Timeouts()
    timeouts = Timeouts(
        lock_s=_number(env, "LOCK_TIMEOUT_S", usual.lock_s, least=0.1, most=60),
        statement_s=_number(env, "STATEMENT_TIMEOUT_S", usual.statement_s, least=1, most=600),
        idle_s=_number(env, "IDLE_TRANSACTION_TIMEOUT_S", usual.idle_s, least=5, most=3600),
    )
    if timeouts.lock_s >= timeouts.statement_s:
        # The statement would end first, and with the wrong reason.
        raise SettingsError("LOCK_TIMEOUT_S must be less than STATEMENT_TIMEOUT_S.")
    return timeouts


def _sentence(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _midtrans(env: Mapping[str, str]) -> MidtransAccount | None:
    server_key = env.get("MIDTRANS_SERVER_KEY", "").strip()
    previous_key = _previous(env, "MIDTRANS_SERVER_KEY")
    if not server_key:
        return None
    client_key = _required(env, "MIDTRANS_CLIENT_KEY", "the client key beside your server key")
    mode = env.get("MIDTRANS_ENV", "").strip() or "sandbox"
    if mode not in _MIDTRANS_HOSTS:
        raise SettingsError("MIDTRANS_ENV must be sandbox or production.")
    _check_kind("MIDTRANS_SERVER_KEY", server_key, mode)
    if previous_key:
        # A sandbox's key is easier come by: it must not let messages in about real money.
        _check_kind("MIDTRANS_SERVER_KEY_PREVIOUS", previous_key, mode)
    core, app = _MIDTRANS_HOSTS[mode]
    return MidtransAccount(
        server_key=server_key,
        client_key=client_key,
        core_url=_url_or(env, "MIDTRANS_CORE_URL", core),
        snap_url=_url_or(env, "MIDTRANS_SNAP_URL", f"{app}/snap/v1"),
        snap_js_url=_url_or(env, "MIDTRANS_SNAP_JS_URL", f"{app}/snap/snap.js"),
        is_production=mode == "production",
        previous_server_key=previous_key,
    )


def _check_kind(name: str, key: str, mode: str) -> None:
    is_sandbox_key = key.startswith("SB-")
    if is_sandbox_key != (mode == "sandbox"):
        kind = "a sandbox" if is_sandbox_key else "a production"
        raise SettingsError(f"{name} is {kind} key but MIDTRANS_ENV is {mode}; make them agree.")


def _xendit(env: Mapping[str, str]) -> XenditAccount | None:
    secret_key = env.get("XENDIT_SECRET_KEY", "").strip()
    previous_token = _previous(env, "XENDIT_CALLBACK_TOKEN")
    if not secret_key:
        return None
    return XenditAccount(
        secret_key=secret_key,
        callback_token=_required(
            env, "XENDIT_CALLBACK_TOKEN", "the verification token from Xendit's webhook settings"
        ),
        url=_url_or(env, "XENDIT_URL", _XENDIT_HOST),
        previous_callback_token=previous_token,
    )


def _url_or(env: Mapping[str, str], name: str, default: str) -> str:
    return _checked_url(name, env.get(name, "").strip() or default)


def _check_together(settings: Settings) -> None:
    if settings.midtrans is None and settings.xendit is None:
        raise SettingsError(
            "No gateway is set up; set MIDTRANS_SERVER_KEY and MIDTRANS_CLIENT_KEY, or "
            "XENDIT_SECRET_KEY and XENDIT_CALLBACK_TOKEN."
        )
    if settings.database_url.startswith("sqlite") and settings.web_workers > 1:
        raise SettingsError("WEB_CONCURRENCY must be 1 with SQLite; use PostgreSQL for more.")
    if settings.is_production:
        _check_production(settings)


def _check_production(settings: Settings) -> None:
    if settings.is_demo:
        raise SettingsError("DEMO=1 is refused with production keys; unset it.")
    accounts = (settings.midtrans, settings.xendit)
    used = {settings.secret_key, settings.previous_secret_key}
    addresses: list[str] = [settings.public_url]
    for account in accounts:
        if isinstance(account, MidtransAccount):
            used |= {account.server_key, account.previous_server_key, account.client_key}
            addresses += [account.core_url, account.snap_url, account.snap_js_url]
        elif isinstance(account, XenditAccount):
            used |= {account.secret_key, account.callback_token, account.previous_callback_token}
            addresses.append(account.url)
    if used & set(DEMO_KEYS.values()):
        raise SettingsError("A demo key is set beside production keys; replace or unset it.")
    if any(account is not None and not account.is_production for account in accounts):
        # A test payment at one gateway would ship real goods.
        raise SettingsError(
            "MIDTRANS_SERVER_KEY and XENDIT_SECRET_KEY must both be production keys, or neither."
        )
    if any(not address.startswith("https://") for address in addresses):
        raise SettingsError(
            "With production keys PUBLIC_URL and every gateway address must begin with https://."
        )
