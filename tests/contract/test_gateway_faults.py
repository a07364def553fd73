"""What every adapter makes of a gateway that fails: a no, nothing happened, or we cannot tell."""

import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayUnavailableError,
)
from app.core.observations import Seen
from app.core.ports import ChargeSubject
from tests.contract.gateway_bench import (
    PRICE,
    SOURCE,
    Bench,
    charge_request,
    refund_request,
)

# Long enough for a question to arrive on a busy machine, and far shorter than the hanging.
_QUICK_S = 1.5
_HANG_S = 30


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ("html_502", GatewayOutcomeUnknownError),
        ("reset", GatewayOutcomeUnknownError),
        ("429", GatewayUnavailableError),
    ],
)
def test_a_create_that_fails_is_judged_by_what_may_have_happened(
    bench: Bench, effect: str, error: type[GatewayError]
):
    request = charge_request()

    with (
        bench.fault("create", request.reference, effect),
        pytest.raises(GatewayError) as failed,
    ):
        bench.gateway.create_charge(request)

    assert type(failed.value) is error


@pytest.mark.parametrize("effect", ["html_502", "reset", "429"])
def test_a_question_that_fails_can_simply_be_asked_again(bench: Bench, effect: str):
    subject = bench.paid(bench.wallet)

    with (
        bench.fault("status", subject.reference, effect),
        pytest.raises(GatewayUnavailableError),
    ):
        bench.gateway.fetch_status(subject, source=SOURCE)

    (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)
    assert seen.seen is Seen.PAID


@pytest.mark.parametrize("effect", ["html_502", "reset"])
def test_a_refund_that_fails_before_the_gateway_did_it_is_not_found(bench: Bench, effect: str):
    subject = bench.paid(bench.wallet)
    request = refund_request(subject)

    with (
        bench.fault("refund", subject.reference, effect),
        pytest.raises(GatewayOutcomeUnknownError),
    ):
        bench.gateway.refund(request)

    assert bench.gateway.find_refund(request) is None


def test_a_limited_refund_may_be_sent_again(bench: Bench):
    subject = bench.paid(bench.wallet)

    with (
        bench.fault("refund", subject.reference, "429"),
        pytest.raises(GatewayUnavailableError),
    ):
        bench.gateway.refund(refund_request(subject))


def test_a_hanging_create_ends_in_time_and_in_doubt(bench: Bench):
    request = charge_request()
    started = time.monotonic()

    with (
        bench.fault("create", request.reference, "hang", seconds=_HANG_S),
        pytest.raises(GatewayOutcomeUnknownError),
    ):
        bench.gateway_with(timeout_s=_QUICK_S).create_charge(request)

    assert time.monotonic() - started < _HANG_S


def test_a_hanging_question_is_asked_once_and_ends_in_time(bench: Bench):
    subject = bench.paid(bench.wallet)
    started = time.monotonic()

    with (
        bench.fault("status", subject.reference, "hang", seconds=_HANG_S, times=1),
        pytest.raises(GatewayUnavailableError),
    ):
        bench.gateway_with(timeout_s=_QUICK_S).fetch_status(subject, source=SOURCE)

    assert time.monotonic() - started < _HANG_S


def test_a_refund_whose_answer_is_lost_is_found_by_its_key(bench: Bench):
    subject = bench.paid(bench.wallet)
    request = refund_request(subject)

    with (
        bench.fault("refund", subject.reference, "timeout_after_success", seconds=_HANG_S),
        pytest.raises(GatewayOutcomeUnknownError),
    ):
        bench.gateway_with(timeout_s=_QUICK_S).refund(request)

    found = bench.gateway.find_refund(request)
    assert found is not None
    assert found.amount_idr == request.amount_idr
    again = bench.gateway.refund(request)
    assert again.refund.provider_refund_id == found.provider_refund_id


def test_a_page_whose_answer_is_lost_is_not_opened_twice(bench: Bench):
    request = charge_request()

    with (
        bench.fault("create", request.reference, "timeout_after_success", seconds=_HANG_S),
        pytest.raises(GatewayOutcomeUnknownError),
    ):
        bench.gateway_with(timeout_s=_QUICK_S).create_charge(request)

    charge = bench.gateway.find_charge(request.reference)
    if charge is None:  # Midtrans: the same reference takes the place of the lost page.
        charge = bench.gateway.create_charge(request)
    bench.act(ChargeSubject(request.reference), "pay", bench.wallet)
    seen = bench.gateway.fetch_status(ChargeSubject(request.reference), source=SOURCE)
    assert [(s.seen, s.amount_idr) for s in seen] == [(Seen.PAID, PRICE)]
    assert charge.page_url


@pytest.mark.parametrize("effect", ["numeric_types", "extra_fields"])
def test_other_number_types_and_new_fields_change_nothing(bench: Bench, effect: str):
    subject = bench.paid(bench.wallet)

    with bench.fault("status", subject.reference, effect):
        (seen,) = bench.gateway.fetch_status(subject, source=SOURCE)

    assert (seen.seen, seen.amount_idr) == (Seen.PAID, PRICE)


def test_nobody_at_the_address_means_nothing_happened(bench: Bench):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound but not listening: connections are refused.
        gateway = bench.gateway_with(url=f"http://127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(GatewayUnavailableError):
            gateway.create_charge(charge_request())
        check = gateway.check_keys()

    assert not check.accepted
    assert "could not be reached" in check.words


def test_an_unknown_host_means_nothing_happened(bench: Bench):
    gateway = bench.gateway_with(url="http://gateway.invalid")

    with pytest.raises(GatewayUnavailableError):
        gateway.create_charge(charge_request())


@pytest.fixture
def stranger() -> Iterator[Callable[[int, bytes, str], str]]:
    """A server that answers every call the same odd way, and counts nothing else."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, location: str = "") -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(status)
                if location:
                    self.send_header("location", location)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"null"),
        (200, b"[]"),
        (200, b'"text"'),
        (200, b"{}"),
        (200, b'{"token": 5, "redirect_url": [], "invoice_url": true, "id": {}}'),
        (200, b'{"status_code": "soon"}'),
        (200, b'{"status_code": null}'),
        (200, b"[" * 100_000),
        (200, b"\xff\xfe\x00"),
        (404, b"<html>not found</html>"),
        (400, b"null"),
        (400, b"[]"),
        (500, b"{}"),
        (502, b'{"error_code": 5, "message": ["x"]}'),
        (503, b"busy"),
    ],
)
def test_whatever_a_create_is_answered_it_is_in_doubt(
    bench: Bench, stranger: Callable[[int, bytes], str], status: int, body: bytes
):
    gateway = bench.gateway_with(url=stranger(status, body))

    with pytest.raises(GatewayError) as failed:
        gateway.create_charge(charge_request())

    assert type(failed.value) is GatewayOutcomeUnknownError


def test_a_redirect_is_not_followed(bench: Bench, stranger: Callable[[int, bytes, str], str]):
    assert bench.program is not None
    request = charge_request()
    prefix = "/midtrans/snap/v1/transactions" if bench.name == "midtrans" else "/xendit/v2/invoices"
    gateway = bench.gateway_with(url=stranger(307, b"{}", f"{bench.program.url}{prefix}"))

    with pytest.raises(GatewayOutcomeUnknownError):
        gateway.create_charge(request)

    (seen,) = bench.gateway.fetch_status(ChargeSubject(request.reference), source=SOURCE)
    assert seen.seen is Seen.NOTHING
