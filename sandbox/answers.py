"""HTTP answers of both gateways, and what a fault rule does to them."""

import base64
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Response, request

from sandbox.engine import Engine
from sandbox.faults import Effect, Rule
from sandbox.mangle import mangled
from sandbox.wire import as_object, compact, is_object

# The server closes the connection without an answer when a view has set this.
RESET_MARK: Final = "sandbox.reset_connection"
_BAD_GATEWAY: Final = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>"
)
_log = logging.getLogger("sandbox")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is put on the wire."""

    http_status: int
    body: object


def json_response(reply: Reply) -> Response:
    """Return the reply as an HTTP response."""
    return Response(compact(reply.body), reply.http_status, content_type="application/json")


def basic_user(header: str) -> str | None:
    """Return the user name of a Basic ``Authorization`` header, or None."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        # Not ASCII, not base64, or not UTF-8 behind it: all of them are this error's kin.
        return None
    name, colon, _ = user.partition(":")
    return name if colon else None


def same_secret(given: str | None, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


class FaultyAnswers:
    """Wraps every API answer, so that a fault rule can spoil it."""

    def __init__(self, engine: Engine, too_many: Callable[[], Reply]) -> None:
        """``too_many`` makes the gateway's own 429 body."""
        self._engine = engine
        self._too_many = too_many

    def give(self, operation: str, order: str, produce: Callable[[str], Reply]) -> Response:
        """Answer with ``produce(refusal code)``, unless a rule says otherwise.

        The code is empty except under the effect ``refuse``. Waiting happens here,
        outside the engine's lock.
        """
        rule = self._engine.faults.for_answer(operation, order)
        if rule is None:
            return json_response(self._locked(produce, ""))
        _log.info("fault %s on %s %s", rule.effect, operation, order)
        if (spoiled := self._without_work(rule)) is not None:
            return spoiled
        if rule.effect is Effect.SLOW:
            self._engine.stopping.wait(rule.seconds)
        reply = self._locked(produce, rule.code if rule.effect is Effect.REFUSE else "")
        if rule.effect is Effect.TIMEOUT_AFTER_SUCCESS:
            return self._hang(rule)
        return json_response(_changed(rule, reply))

    def _locked(self, produce: Callable[[str], Reply], code: str) -> Reply:
        with self._engine.change():
            return produce(code)

    def _without_work(self, rule: Rule) -> Response | None:
        if rule.effect is Effect.HTML_502:
            return Response(_BAD_GATEWAY, 502, content_type="text/html")
        if rule.effect is Effect.EMPTY:
            return Response(status=502)
        if rule.effect is Effect.TOO_MANY:
            return self._refuse_as_too_many(rule)
        if rule.effect is Effect.HANG:
            return self._hang(rule)
        return _reset() if rule.effect is Effect.RESET else None

    def _refuse_as_too_many(self, rule: Rule) -> Response:
        response = json_response(self._too_many())
        if rule.seconds:
            # The providers document no such header; proxies and clients know it.
            response.headers["Retry-After"] = f"{rule.seconds:.0f}"
        return response

    def _hang(self, rule: Rule) -> Response:
        self._engine.stopping.wait(rule.seconds)
        return _reset()


def _reset() -> Response:
    request.environ[RESET_MARK] = True
    return Response(status=500)


def _changed(rule: Rule, reply: Reply) -> Reply:
    if not is_object(reply.body):
        return reply
    return Reply(reply.http_status, mangled(rule, as_object(reply.body)))
