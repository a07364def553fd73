"""Ports on the loopback interface."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts.ports import answers, is_free, pick_free


@contextmanager
def listening(host: str) -> Iterator[int]:
    with socket.socket() as server:
        server.bind((host, 0))
        server.listen()
        yield server.getsockname()[1]


@contextmanager
def serving(status: int) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing: pytest shows what a test prints."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/path"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what others may do
def test_a_port_that_another_program_holds_is_not_free(host: str) -> None:
    with listening(host) as port:
        assert not is_free(port)
    assert is_free(port)


def test_a_picked_port_is_free() -> None:
    assert is_free(pick_free())


@pytest.mark.parametrize(("status", "expected"), [(200, True), (404, True), (503, False)])
def test_an_answer_counts_unless_the_server_reports_its_own_failure(
    status: int, *, expected: bool
) -> None:
    with serving(status) as url:
        assert answers(url) is expected


def test_nobody_listening_is_no_answer() -> None:
    assert not answers(f"http://127.0.0.1:{pick_free()}/")


def test_a_server_that_stays_silent_is_no_answer() -> None:
    with listening("127.0.0.1") as port:
        assert not answers(f"http://127.0.0.1:{port}/", timeout_s=0.1)
