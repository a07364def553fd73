"""The port at which the job process tells its meters; it has no other."""

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from app.exposition import CONTENT_TYPE, Exposition
from app.services.desk import Desk
from app.watching import MeterDoor

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PLAIN: Final = [("Content-Type", "text/plain")]


class Meters:
    """The open port; ``close`` ends it."""

    def __init__(self, server: WSGIServer) -> None:
        """Serve from a thread of its own."""
        self._server: Final = server
        self._thread: Final = threading.Thread(
            target=server.serve_forever, name="meters", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def open_meters(desk: Desk, door: MeterDoor) -> Meters | None:
    """Open the port that the settings name; None if they name none."""
    if not door.jobs_port:
        return None
    return serve_meters(Exposition(desk, door.token), door.jobs_address, door.jobs_port)


def serve_meters(exposition: Exposition, address: str, port: int) -> Meters:
    """Answer ``/metrics`` and ``/healthz`` at this address; port 0: one that is free."""
    server = make_server(address, port, _application(exposition), handler_class=_Quiet)
    return Meters(server)


class _Quiet(WSGIRequestHandler):
    # A client that connects and says nothing must not keep all others waiting for ever.
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there.
        """Write nothing: Prometheus asks every few seconds."""


def _application(
    exposition: Exposition,
) -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/healthz":
            start("200 OK", _PLAIN)
            return [b"ok\n"]
        if path != "/metrics":
            start("404 Not Found", _PLAIN)
            return [b"not found\n"]
        if not exposition.admits(str(environ.get("HTTP_AUTHORIZATION", ""))):
            start("401 Unauthorized", [*_PLAIN, ("WWW-Authenticate", "Bearer")])
            return [b"unauthorized\n"]
        start("200 OK", [("Content-Type", CONTENT_TYPE)])
        return [exposition.page()]

    return answer
