"""A network without wires: what the SDKs send goes to the sandbox's own application, byte by byte.

The SDKs, ``requests`` and ``urllib3`` run as they do in production; only the function that would
open a socket is replaced, for as long as :func:`connected` lasts.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

import urllib3.util.connection
from flask import Flask

from tests.simulation.boundaries import Boundaries, Boundary, CallFault

HOST = "gateways.simulation"
_LATENCY_S = 0.2
# Longer than any caller waits, shorter than the time until it asks again more than once.
_DELAY_S = 20.0
_HTML_502 = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_TOO_MANY = {
    "midtrans": b'{"status_code":"429","status_message":"API rate limit exceeded"}',
    "xendit": b'{"error_code":"RATE_LIMIT_EXCEEDED","message":"Too many requests"}',
}
Exchange: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def gateway(self) -> str:
        return self.path.split("/")[1]


@dataclass
class Network:
    """Carries calls to one sandbox; the plan in force says which go wrong."""

    application: Flask
    boundaries: Boundaries
    pass_time: Callable[[float], None]
    later: Callable[[float, Callable[[], object]], None]
    note: Callable[[str], None]
    timeout_s: float
    # Requests that reached a gateway after their callers had given up.
    delayed: list[Request] = field(default_factory=list)

    def connect(self) -> _Socket:
        """Open a connection for one request; ConnectionRefusedError if nobody listens."""
        self.boundaries.require_no_transaction()
        self.boundaries.passes(Boundary.BEFORE_CALL)
        fault = self.boundaries.plan.call_fault()
        self.boundaries.counts[f"call: {fault or 'answered'}"] += 1
        if fault is CallFault.REFUSED:
            self.note(f"call: {fault}")
            raise ConnectionRefusedError("connection refused")
        return _Socket(lambda raw: self._exchange(parse(raw), fault))

    def _exchange(self, request: Request, fault: CallFault | None) -> bytes:
        answer = self._answer(request, fault)
        self.boundaries.passes(Boundary.AFTER_CALL)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _answer(self, request: Request, fault: CallFault | None) -> bytes | OSError:
        self.pass_time(_LATENCY_S)
        if fault is None:
            return self._handle(request)
        self.note(f"{request.method} {request.path}: {fault}")
        if fault in {CallFault.REQUEST_LOST, CallFault.DELAYED}:
            if fault is CallFault.DELAYED:
                self.delay(request)
            self.pass_time(self.timeout_s)
            return TimeoutError("timed out")
        if fault is CallFault.BAD_GATEWAY:
            return response(502, "text/html", _HTML_502)
        if fault is CallFault.TOO_MANY:
            return response(429, "application/json", _TOO_MANY[request.gateway])
        return self._spoiled(fault, self._handle(request))

    def _spoiled(self, fault: CallFault, answer: bytes) -> bytes | OSError:
        """Spoil the answer of a request that the gateway has carried out."""
        if fault is CallFault.ANSWER_LOST:
            self.pass_time(self.timeout_s)
            return TimeoutError("timed out")
        if fault is CallFault.RESET:
            return ConnectionResetError("connection reset by peer")
        if fault is CallFault.BAD_GATEWAY_DONE:
            return response(502, "text/html", _HTML_502)
        if fault is CallFault.GARBLED:
            return response(200, "application/json", b'{"status_code": "2')
        self.pass_time(self.timeout_s * 0.9)
        return answer

    def delay(self, request: Request) -> None:
        """Let a request arrive after its caller has given up."""
        self.delayed.append(request)
        self.later(_DELAY_S, lambda: self._handle(request))

    def _handle(self, request: Request) -> bytes:
        status, kind, body = ask(self.application, request)
        return response(status, kind, body)


def ask(application: Flask, request: Request) -> tuple[int, str, bytes]:
    """Let an application answer a request; return status, content type and body."""
    head: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        head.append((status, headers))
        return lambda _: None

    body = b"".join(application(environ_of(request), start))
    status, headers = head[0]
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return int(status.split()[0]), kind, body


def parse(raw: bytes) -> Request:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return Request(method, unquote(path), query, headers, body)


def response(status: int, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def environ_of(request: Request) -> dict[str, Any]:
    named = {f"HTTP_{n.upper().replace('-', '_')}": value for n, value in request.headers.items()}
    return named | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


class _Socket:
    """As much of a socket as ``http.client`` needs for one request."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sent = bytearray()

    def sendall(self, sent: bytes) -> None:
        self._sent += sent

    def makefile(self, _mode: str, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Answer(lambda: self._exchange(bytes(self._sent))))

    def settimeout(self, _seconds: float | None) -> None:
        """Time is the simulation's own."""

    def close(self) -> None:
        """There is nothing to give back."""


class _Answer(io.RawIOBase):
    """The stream of an answer: asked for when it is first read, as on a real connection."""

    def __init__(self, ask: Callable[[], bytes]) -> None:
        super().__init__()
        self._ask = ask
        self._left: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left is None:
            self._left = io.BytesIO(self._ask())
        return self._left.readinto(buffer)


@contextmanager
def connected(network: Network) -> Iterator[None]:
    """Let every connection of this process lead to the network's sandbox."""
    real = urllib3.util.connection.create_connection

    def open_socket(*_: object, **__: object) -> _Socket:
        return network.connect()

    urllib3.util.connection.create_connection = open_socket  # type: ignore[assignment]
    try:
        yield
    finally:
        urllib3.util.connection.create_connection = real
