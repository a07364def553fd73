"""How mails leave: to nobody unless told so, and never with a password in the clear."""

import pytest

from app.mail_settings import MailSecurity, MailSettings, MailWay, read_mail_settings

SMTP = {"MAIL_BACKEND": "smtp", "MAIL_SERVER": "mail.toko.example", "MAIL_FROM": "a@toko.example"}


def test_without_settings_mails_go_to_the_console() -> None:
    assert read_mail_settings({}) == MailSettings(way=MailWay.CONSOLE)


def test_files_are_written_where_the_settings_say() -> None:
    settings = read_mail_settings({"MAIL_BACKEND": "file", "MAIL_FOLDER": "/srv/mail"})

    assert (settings.way, settings.folder) == (MailWay.FILE, "/srv/mail")


@pytest.mark.parametrize(
    ("security", "port"), [("", 587), ("starttls", 587), ("tls", 465), ("none", 25)]
)
def test_each_security_has_its_usual_port(security: str, port: int) -> None:
    settings = read_mail_settings({**SMTP, "MAIL_SECURITY": security})

    assert settings.port == port
    assert settings.security is MailSecurity(security or "starttls")


def test_a_password_is_read_and_never_shown() -> None:
    settings = read_mail_settings(
        {**SMTP, "MAIL_PORT": "2525", "MAIL_USERNAME": "u", "MAIL_PASSWORD": "very-secret"}
    )

    assert (settings.port, settings.password) == (2525, "very-secret")
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MAIL_BACKEND": "pigeon"}, "MAIL_BACKEND"),
        ({"MAIL_SECURITY": "ssl"}, "MAIL_SECURITY"),
        ({"MAIL_SERVER": ""}, "MAIL_SERVER"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"MAIL_FROM": "Toko <a@b.example>"}, "MAIL_FROM"),
        ({"MAIL_PORT": "0"}, "MAIL_PORT"),
        ({"MAIL_PORT": "65536"}, "MAIL_PORT"),
        ({"MAIL_PORT": "smtp"}, "MAIL_PORT"),
        ({"MAIL_USERNAME": "u"}, "MAIL_USERNAME"),
        ({"MAIL_PASSWORD": "p"}, "MAIL_USERNAME"),
        (
            {"MAIL_USERNAME": "u", "MAIL_PASSWORD": "p", "MAIL_SECURITY": "none"},
            "MAIL_PASSWORD",
        ),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_mail_settings({**SMTP, **changes})
