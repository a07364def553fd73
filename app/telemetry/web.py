"""Each request of the web process: its id in every line and in the answer, and its time."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

from app.telemetry.context import begin_work, new_id
from app.telemetry.meters import HTTP_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADER: Final = "X-Request-Id"
# What a proxy may name a request: long enough to be told apart, and nothing that breaks a line.
_WELL_FORMED: Final = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")
_ROUTE: Final = "lunas.route"
_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_STATUSES: Final = range(100, 600)


def watch_requests(app: Flask, *, behind_proxy: bool) -> None:
    """Give every request an id and time it.

    An id that comes with the request is taken over only behind a proxy of ours: from anybody else
    it could be that of another person's request.
    """

    @app.before_request
    def note_route() -> None:
        if request.url_rule is not None:
            request.environ[_ROUTE] = request.url_rule.rule

    app.wsgi_app = _Watch(app.wsgi_app, behind_proxy=behind_proxy)  # type: ignore[method-assign]


class _Watch:
    def __init__(self, app: "WSGIApplication", *, behind_proxy: bool) -> None:
        self._app = app
        self._behind_proxy = behind_proxy

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request_id = self._id_of(environ)
        begin_work(request=request_id)
        timed = _Timed(environ, time.monotonic())

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            timed.status = status[:3]
            return start_response(status, [*headers, (_HEADER, request_id)], *more)

        # Only closed, an answer has been written in full, also one that is made while it is sent.
        return ClosingIterator(self._app(environ, start), timed.end)

    def _id_of(self, environ: "WSGIEnvironment") -> str:
        given = str(environ.get("HTTP_X_REQUEST_ID", ""))
        return given if self._behind_proxy and _WELL_FORMED.match(given) else new_id()


@dataclass(slots=True)
class _Timed:
    environ: "WSGIEnvironment"
    began: float
    status: str = "500"

    def end(self) -> None:
        """Count the request; no label holds what a stranger may choose freely."""
        method = str(self.environ.get("REQUEST_METHOD"))
        HTTP_SECONDS.labels(
            method=method if method in _METHODS else "other",
            route=str(self.environ.get(_ROUTE, _NO_ROUTE)),
            status=self.status if int(self.status) in _STATUSES else "other",
        ).observe(time.monotonic() - self.began)
