"""The post over Flask-Mailman; its own small Flask application, so that jobs need no other."""

import smtplib
import ssl
from email.utils import formataddr
from typing import Any, Final

from flask import Flask, render_template
from flask_mailman import EmailMultiAlternatives, Mail  # pyright: ignore[reportMissingTypeStubs]
from flask_mailman.backends.smtp import (  # pyright: ignore[reportMissingTypeStubs]
    EmailBackend,
)

from app.core.errors import PostRefusedError, PostUnavailableError
from app.core.letters import Letter
from app.mail_settings import MailSecurity, MailSettings, MailWay

_TIMEOUT_S: Final = 20
# SMTP answers from 500 on are final (RFC 5321, 4.2.1).
_PERMANENT: Final = 500


class _CheckedSmtp(smtplib.SMTP):
    """Checks the server's certificate after STARTTLS, which the library's own call does not."""

    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]
        return super().starttls(context=context or ssl.create_default_context())


class CheckedSmtpBackend(EmailBackend):
    """SMTP that never speaks to a server of unknown name where TLS was asked for."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The class of the connection to open."""
        return smtplib.SMTP_SSL if bool(self.use_ssl) else _CheckedSmtp  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - it has no types.


class MailmanPost:
    """Sends letters as the settings say."""

    def __init__(self, settings: MailSettings, shop_name: str) -> None:
        """Prepare; nothing is opened before the first letter."""
        self._app = Flask("app.post")
        for name, value in _configuration(settings).items():
            self._app.config[name] = value
        self._mail: Any = Mail(self._app)
        self._sender = formataddr((shop_name, settings.sender))
        self._domain = settings.sender.rpartition("@")[2]

    def send(self, letter: Letter, *, to: str, message_id: str) -> None:
        """Send one letter; PostUnavailableError to try later, PostRefusedError not to try again."""
        with self._app.app_context():
            try:
                # Left by the library to be closed by chance where anything goes wrong.
                with self._mail.get_connection() as connection:
                    connection.send_messages([self._message(letter, to, message_id)])
            except smtplib.SMTPRecipientsRefused as error:
                raise _of_codes([code for code, _ in error.recipients.values()]) from error
            except smtplib.SMTPResponseException as error:
                raise _of_codes([error.smtp_code]) from error
            except (OSError, smtplib.SMTPException) as error:
                # Every other way in which no answer came.
                raise PostUnavailableError(type(error).__name__) from error
            except ValueError as error:
                # A header with a line break in it: no repetition makes it right.
                raise PostRefusedError(type(error).__name__) from error

    def _message(self, letter: Letter, to: str, message_id: str) -> Any:
        message: Any = EmailMultiAlternatives(
            subject=letter.subject,
            body=render_template("letter.txt", letter=letter),
            from_email=self._sender,
            to=[to],
            headers={
                "Message-ID": f"<{message_id}@{self._domain}>",
                # Out-of-office answers to machines help nobody (RFC 3834).
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_template("letter.html", letter=letter), "text/html")
        return message


def _of_codes(codes: list[int]) -> PostRefusedError | PostUnavailableError:
    if codes and all(code >= _PERMANENT for code in codes):
        return PostRefusedError(f"smtp_{codes[0]}")
    return PostUnavailableError(f"smtp_{codes[0]}" if codes else "smtp")


def _configuration(settings: MailSettings) -> dict[str, object]:
    return {
        "MAIL_BACKEND": CheckedSmtpBackend if settings.way is MailWay.SMTP else settings.way.value,
        "MAIL_SERVER": settings.server,
        "MAIL_PORT": settings.port,
        "MAIL_USERNAME": settings.username or None,
        "MAIL_PASSWORD": settings.password or None,
        "MAIL_USE_TLS": settings.security is MailSecurity.STARTTLS,
        "MAIL_USE_SSL": settings.security is MailSecurity.TLS,
        "MAIL_TIMEOUT": _TIMEOUT_S,
        "MAIL_FILE_PATH": settings.folder,
    }
