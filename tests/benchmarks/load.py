"""A load generator that costs little beside what it loads: prepared requests on raw sockets."""

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answers:
    """What came back: seconds that each took, and how many were not the wanted answer."""

    took_s: list[float] = field(default_factory=list[float])
    refused: int = 0
    lasted_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return len(self.took_s) / self.lasted_s

    def quantile_ms(self, part: float) -> float:
        """Return the time within which this part of all was answered, in milliseconds."""
        ordered = sorted(self.took_s)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@dataclass
class _Line:
    """One connection: what is under way on it since when, and what came of the answer so far."""

    socket: socket.socket
    asked: bytes = b""
    since: float = 0.0
    received: bytes = b""


def request(path: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """Return a POST of JSON, as it goes over the wire."""
    lines = (
        *(f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"),
        *(*headers, f"Content-Length: {len(body)}", "", ""),
    )
    return "\r\n".join(lines).encode() + body


def send_all(
    url: str, requests: Sequence[bytes], *, lines: int, per_s: float | None = None
) -> Answers:
    """Send every request, each line one after the other; return what came back.

    ``per_s`` None: as fast as answers come. Else each has a time at which it should leave, and is
    timed from then, whether a line was free or not: a server that stalls is not spared.
    """
    return _Sending(url, requests, per_s).over(lines)


class _Sending:
    def __init__(self, url: str, requests: Sequence[bytes], per_s: float | None) -> None:
        parts = urlsplit(url)
        self._address = (str(parts.hostname), int(parts.port or 80))
        self._requests = iter(requests)
        self._gap_s = 1 / per_s if per_s else 0.0
        self._left = len(requests)
        self._answers = Answers()
        self._idle: deque[_Line] = deque()
        self._selector = selectors.DefaultSelector()

    def over(self, lines: int) -> Answers:
        """Send over this many connections."""
        for _ in range(lines):
            line = _Line(self._connect())
            self._selector.register(line.socket, selectors.EVENT_READ, line)
            self._idle.append(line)
        begun = time.perf_counter()
        due = self._times(begun)
        at = next(due)
        while self._left:
            at = self._start_what_is_due(at, due)
            wait = max(0.0, at - time.perf_counter()) if self._idle else 5.0
            for key, _ in self._selector.select(min(wait, 5.0)):
                self._read(key.data)
        self._answers.lasted_s = time.perf_counter() - begun
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()
        return self._answers

    def _times(self, begun: float) -> Iterator[float]:
        number = 0
        while True:
            yield begun + number * self._gap_s
            number += 1

    def _start_what_is_due(self, at: float, due: Iterator[float]) -> float:
        while self._idle and time.perf_counter() >= at:
            request = next(self._requests, None)
            if request is None:
                return float("inf")
            line = self._idle.popleft()
            line.since = at if self._gap_s else time.perf_counter()
            line.asked = request
            line.socket.sendall(request)
            at = next(due)
        return at

    def _read(self, line: _Line) -> None:
        got = line.socket.recv(65536)
        line.received += got
        if not got and not line.received:
            self._replace(line)
        elif not got or _is_whole(line.received):
            self._count(line)
            if not got or b"connection: close" in line.received.lower():
                self._replace(line)
            line.received = b""

    def _count(self, line: _Line) -> None:
        self._left -= 1
        self._answers.took_s.append(time.perf_counter() - line.since)
        self._answers.refused += not line.received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201"))
        line.asked = b""
        self._idle.append(line)

    def _replace(self, line: _Line) -> None:
        """Open a line anew that the server closed, and ask again what it did not answer at all."""
        self._selector.unregister(line.socket)
        line.socket.close()
        line.socket = self._connect()
        self._selector.register(line.socket, selectors.EVENT_READ, line)
        if line.asked:
            line.socket.sendall(line.asked)

    def _connect(self) -> socket.socket:
        made = socket.create_connection(self._address, 30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    for header in head.lower().split(b"\r\n"):
        if header.startswith(b"content-length:"):
            return len(body) >= int(header.split(b":")[1])
    return body.endswith(b"0\r\n\r\n")
