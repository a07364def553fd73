"""The HTTP server: waitress, with connections that a fault rule can cut off."""

import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from sandbox.answers import RESET_MARK

THREADS: Final = 48
# Larger than every documented limit: the views answer with the right 413 themselves.
_MAX_BODY_BYTES: Final = 4 * 1024 * 1024
_SOCKET: Final = "sandbox.socket"
_LINGER_NOTHING: Final = struct.pack("ii", 1, 0)


class _Task(WSGITask):
    """Lets the application reach the connection it answers on."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[_SOCKET] = self.channel.socket
        return environ


class _Channel(HTTPChannel):
    task_class = _Task


class ResettingApp:
    """WSGI wrapper: a marked answer is never sent, the connection is reset instead."""

    def __init__(self, app: Flask) -> None:
        """Wrap ``app``."""
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request, or cut its connection."""
        body = self._app(environ, start_response)
        if environ.get(RESET_MARK):
            connection: socket.socket = environ[_SOCKET]
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)
            raise ClientDisconnected
        return body


class Server:
    """A listening socket with the application behind it."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        """Bind now; OSError when the address is taken. Port 0 picks a free one."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self.port: int = self._socket.getsockname()[1]
        self._server: Any = create_server(
            ResettingApp(app),
            sockets=[self._socket],
            threads=THREADS,
            ident="sandbox",
            max_request_body_size=_MAX_BODY_BYTES,
            clear_untrusted_proxy_headers=True,
        )
        self._server.channel_class = _Channel

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt is raised in this thread."""
        self._server.run()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
