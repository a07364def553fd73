"""Refuses requests that name another host than ours, before anything else looks at them.

Whoever brings a foreign name (DNS rebinding, a poisoned cache, a scanner) gets nothing that could
be told from an empty server.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.telemetry.meters import FOREIGN_HOSTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("lunas.web")
# As long as a name may be that means something to whoever reads the line.
_LONGEST: Final = 60
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Asked by machines that know this one by its address only; they answer the same to everybody.
FOR_MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_HOST: Final = re.compile(
    r"(?P<name>\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?", re.ASCII
)
_BODY: Final = b"Bad request.\n"
_HEADERS: Final = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(_BODY))),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    # The body was not read: what is left of it must not be taken for the next request.
    ("Connection", "close"),
)


def read_allowed_hosts(
    env: Mapping[str, str], public_url: str, *, with_loopback: bool
) -> frozenset[str]:
    """Return the names by which the shop may be called; ValueError with one sentence."""
    more = [name.strip().lower() for name in env.get("ALLOWED_HOSTS", "").split(",")]
    named = {name for name in more if name}
    if any(name_of(name) != name for name in named):
        raise ValueError(
            "ALLOWED_HOSTS must be names of hosts, without ports, with commas between them."
        )
    own = name_of(urlsplit(public_url).netloc.rpartition("@")[2])
    return frozenset(named | {own} | (LOOPBACK if with_loopback else set()))


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port; empty if it is none."""
    found = _HOST.fullmatch(host.lower())
    return found["name"] if found else ""


class HostCheck:
    """Lets through what names one of our hosts; 400 without a word of explanation otherwise."""

    def __init__(self, app: "WSGIApplication", hosts: Iterable[str]) -> None:
        """Stand before this application."""
        self._app: Final = app
        self._hosts: Final = frozenset(hosts) - {""}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        host = str(environ.get("HTTP_HOST", ""))
        if name_of(host) in self._hosts or environ.get("PATH_INFO") in FOR_MACHINES:
            return self._app(environ, start_response)
        FOREIGN_HOSTS.inc()
        _log.info("a foreign host was refused", extra={"host": name_of(host)[:_LONGEST] or "none"})
        start_response("400 Bad Request", list(_HEADERS))
        return [_BODY]
