"""TCP ports on the loopback interface: whether one is free, and whether a program answers."""

import http.client
import socket
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = "127.0.0.1"


def is_free(port: int) -> bool:
    """Say whether a program of ours could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As servers do: connections that a stopped server left behind do not count as "in use".
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick_free() -> int:
    """Return a port that was free a moment ago; another program may still take it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(url: str, timeout_s: float = 2.0) -> bool:
    """Say whether a GET of this http address gets any answer below 500 in time."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=timeout_s)
    try:
        connection.request("GET", target.path or "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
