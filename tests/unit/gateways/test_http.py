from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import requests

from app.core.errors import GatewayRejectedError
from app.core.ports import ChargeSubject
from app.gateways.http import TimeoutSession, path_id, read_retry_after, require_a_name


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.release = Event()
        self.paths: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.paths.append(self.path)
        if self.path == "/hang":
            self.server.release.wait(5)
            return
        self.send_response(307)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as running:
        Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.release.set()
        running.shutdown()


def _url(server: _Server, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_a_call_ends_even_if_the_caller_asks_for_no_end(server: _Server):
    with TimeoutSession(0.2) as session, pytest.raises(requests.ReadTimeout):
        session.request("GET", _url(server, "/hang"), timeout=None)

    assert session.last_status is None


def test_a_redirect_is_reported_not_followed(server: _Server):
    with TimeoutSession(2) as session:
        answer = session.request("GET", _url(server, "/moved"), allow_redirects=True)

    assert (answer.status_code, session.last_status) == (307, 307)
    assert server.paths == ["/moved"]


def test_proxies_and_passwords_of_the_machine_are_ignored(
    server: _Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with TimeoutSession(2) as session:
        assert session.request("GET", _url(server, "/moved")).status_code == 307


@pytest.mark.parametrize(
    ("raw", "quoted"),
    [("LN-1", "LN-1"), ("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("a b", "a%20b"), ("..a", "..a")],
)
def test_an_id_stays_one_segment_of_the_path(raw: str, quoted: str):
    assert path_id(raw) == quoted


@pytest.mark.parametrize("raw", ["", ".", ".."])
def test_what_can_be_no_id_is_not_sent(raw: str):
    with pytest.raises(GatewayRejectedError):
        path_id(raw)


def test_a_charge_needs_one_name():
    require_a_name(ChargeSubject("", gateway_transaction_id="t"))
    with pytest.raises(GatewayRejectedError):
        require_a_name(ChargeSubject(""))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 300 ", 300.0),
        # A gateway that means hours, or was told nonsense, does not stop the shop for hours.
        ("301", 300.0),
        ("9" * 400, 300.0),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_to_wait_is_believed_for_five_minutes(
    header: str | None, seconds: float | None
) -> None:
    assert read_retry_after(header) == seconds
