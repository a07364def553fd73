"""How mails to shoppers leave, from the environment; unless told otherwise, to nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from email_validator import EmailNotValidError, validate_email


class MailWay(StrEnum):
    """Where mails go."""

    CONSOLE = "console"  # into the log of the jobs process
    FILE = "file"  # one file each
    SMTP = "smtp"


class MailSecurity(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS: Final[Mapping[MailSecurity, int]] = {
    MailSecurity.STARTTLS: 587,
    MailSecurity.TLS: 465,
    MailSecurity.NONE: 25,
}
_MOST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mails go and whom they come from."""

    way: MailWay = MailWay.CONSOLE
    sender: str = "no-reply@shop.invalid"
    folder: str = "var/mail"
    server: str = ""
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)


_DEFAULT: Final = MailSettings()
_Word = TypeVar("_Word", bound=StrEnum)


def read_mail_settings(env: Mapping[str, str]) -> MailSettings:
    """Read the settings; ValueError with one sentence that names the wrong one."""
    given = {name: env.get(name, "").strip() for name in _NAMES}
    way = _word(MailWay, "MAIL_BACKEND", given["MAIL_BACKEND"], _DEFAULT.way)
    security = _word(MailSecurity, "MAIL_SECURITY", given["MAIL_SECURITY"], _DEFAULT.security)
    settings = MailSettings(
        way=way,
        sender=_sender(given["MAIL_FROM"]),
        folder=given["MAIL_FOLDER"] or _DEFAULT.folder,
        server=given["MAIL_SERVER"],
        port=_port(given["MAIL_PORT"], _PORTS[security]),
        security=security,
        username=given["MAIL_USERNAME"],
        password=given["MAIL_PASSWORD"],
    )
    if way is MailWay.SMTP:
        _check_smtp(settings, given)
    return settings


_NAMES: Final = (
    "MAIL_BACKEND",
    "MAIL_FROM",
    "MAIL_FOLDER",
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_SECURITY",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
)


def _check_smtp(settings: MailSettings, given: Mapping[str, str]) -> None:
    for name in ("MAIL_SERVER", "MAIL_FROM"):
        if not given[name]:
            raise ValueError(f"{name} is not set; MAIL_BACKEND=smtp needs it.")
    if bool(settings.username) != bool(settings.password):
        raise ValueError("MAIL_USERNAME and MAIL_PASSWORD must be set both, or neither.")
    if settings.password and settings.security is MailSecurity.NONE:
        raise ValueError("MAIL_PASSWORD would be sent in the clear; set MAIL_SECURITY to starttls.")


def _word(words: type[_Word], name: str, raw: str, default: _Word) -> _Word:
    try:
        return words(raw) if raw else default
    except ValueError:
        raise ValueError(f"{name} must be one of {', '.join(words)}, not {raw!r}.") from None


def _sender(raw: str) -> str:
    if not raw:
        return _DEFAULT.sender
    try:
        return validate_email(raw, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("MAIL_FROM must be a plain e-mail address, name@example.com.") from None


def _port(raw: str, default: int) -> int:
    if not raw:
        return default
    if not raw.isdecimal() or not 0 < int(raw) <= _MOST_PORT:
        raise ValueError("MAIL_PORT must be a port number.")
    return int(raw)
