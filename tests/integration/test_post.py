"""How mails leave: over SMTP, into files, onto the console."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.core.errors import PostRefusedError, PostUnavailableError
from app.mail_settings import MailSecurity, MailSettings, MailWay
from app.post.mailman import MailmanPost
from tests.integration.test_mails import LETTER
from tests.mail_server import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def smtp(server: MailServer, **changes: object) -> MailmanPost:
    settings = MailSettings(
        way=MailWay.SMTP,
        sender="toko@toko.example",
        server="127.0.0.1",
        port=server.port,
        security=MailSecurity.NONE,
    )
    return MailmanPost(replace(settings, **changes), "Toko Úji")


def text_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()


def test_a_mail_over_smtp_is_text_and_html_and_says_who_sends_it(server: MailServer) -> None:
    smtp(server).send(LETTER, to="rina@contoh.example", message_id="abc")

    (mail,) = server.mails
    assert mail["To"] == "rina@contoh.example"
    assert mail["From"] == "Toko Úji <toko@toko.example>"
    assert mail["Subject"] == "Bukti \u2013 pembayaran"
    assert mail["Message-ID"] == "<abc@toko.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Halo <b>Rina</b>," in text_of(mail, "plain")
    # A name is no markup.
    assert "Halo &lt;b&gt;Rina&lt;/b&gt;," in text_of(mail, "html")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [("550 no such person", PostRefusedError), ("451 later", PostUnavailableError)],
)
def test_the_servers_answer_decides_whether_to_try_again(
    server: MailServer, refusal: str, error: type[Exception]
) -> None:
    server.refusals.append(refusal)

    with pytest.raises(error) as raised:
        smtp(server).send(LETTER, to="rina@contoh.example", message_id="abc")

    assert str(raised.value) == f"smtp_{refusal[:3]}"
    assert server.mails == []


def test_a_server_that_is_not_there_is_tried_again(server: MailServer) -> None:
    nobody = smtp(server, port=1)

    with pytest.raises(PostUnavailableError, match="ConnectionRefusedError"):
        nobody.send(LETTER, to="rina@contoh.example", message_id="abc")


def test_where_tls_is_asked_for_nothing_is_sent_without_it(server: MailServer) -> None:
    with pytest.raises(PostUnavailableError):
        smtp(server, security=MailSecurity.STARTTLS).send(LETTER, to="r@c.example", message_id="a")

    assert server.mails == []


def test_a_line_break_in_a_subject_adds_no_header(server: MailServer) -> None:
    forged = replace(LETTER, subject="Bukti\r\nBcc: all@contoh.example")

    with pytest.raises(PostRefusedError):
        smtp(server).send(forged, to="rina@contoh.example", message_id="abc")

    assert server.mails == []


def test_files_hold_whole_mails(tmp_path: Path) -> None:
    post = MailmanPost(MailSettings(way=MailWay.FILE, folder=str(tmp_path / "mail")), "Toko")

    post.send(LETTER, to="rina@contoh.example", message_id="abc")

    (file,) = (tmp_path / "mail").iterdir()
    read = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert read["To"] == "rina@contoh.example"


def test_the_console_is_where_mails_go_unless_told_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    MailmanPost(MailSettings(), "Toko").send(LETTER, to="rina@contoh.example", message_id="abc")

    assert "To: rina@contoh.example" in capsys.readouterr().out
