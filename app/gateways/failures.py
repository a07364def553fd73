"""What a failed call to a gateway means: a clear no, nothing happened, or we cannot tell."""

import base64
from typing import Final, TypeAlias

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from app.core.errors import (
    GatewayError,
    GatewayOutcomeUnknownError,
    GatewayRejectedError,
    GatewayUnavailableError,
)

# The error for a call of which we cannot tell what became of it.
Doubt: TypeAlias = type[GatewayUnavailableError] | type[GatewayOutcomeUnknownError]
# A question changes nothing at the gateway: it may simply be asked again.
QUESTION: Final[Doubt] = GatewayUnavailableError
# An order may have been carried out although its answer never came.
ORDER: Final[Doubt] = GatewayOutcomeUnknownError

# The code of GatewayRejectedError when a gateway refuses our keys, whatever it calls that itself.
KEYS_REFUSED: Final = "401"
NOT_FOUND: Final = "404"
_TOO_MANY_REQUESTS: Final = 429
_REFUSALS: Final = range(400, 500)
_LONGEST_WORDS: Final = 500


def failure_of_status(status: int, message: str, *, code: str, doubt: Doubt) -> GatewayError:
    """Return the error for an answer that is no success; ``status`` as in HTTP.

    Only a 4xx says that nothing was done. A 5xx may come from a machine on the way, and a redirect
    is no answer of the gateway at all.
    """
    if status == _TOO_MANY_REQUESTS:
        return GatewayUnavailableError(message, code=code)
    if status in _REFUSALS:
        return GatewayRejectedError(message, code=code)
    return doubt(message, code=code)


def failure_of_transport(gateway: str, error: Exception, doubt: Doubt) -> GatewayError:
    """Return the error for a call that broke on the network.

    The text names the kind of failure only: the libraries' own texts quote whole requests.
    """
    if nothing_was_sent(error):
        return GatewayUnavailableError(f"{gateway} could not be reached", code="unreachable")
    words = f"the call to {gateway} broke off ({type(error).__name__})"
    return doubt(words, code="broken_off")


def failure_of_reading(gateway: str, status: int | None, doubt: Doubt) -> GatewayError:
    """Return the error for an answer that we cannot read (HTML, half a JSON, another shape)."""
    if status == _TOO_MANY_REQUESTS:
        return GatewayUnavailableError(f"{gateway} is limiting our calls", code=str(status))
    seen = f" (HTTP {status})" if status else ""
    return doubt(f"{gateway} answered something that we cannot read{seen}", code="unreadable")


def failure_of_field(gateway: str, error: ValueError, doubt: Doubt) -> GatewayError:
    """Return the error for an answer that lacks a field or carries it in a form we do not know."""
    return doubt(f"{gateway}'s answer cannot be read: {error}", code="unreadable")


def nothing_was_sent(error: BaseException) -> bool:
    """Tell whether a network error came before the first byte of the request left us."""
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return True
    cause = error
    if isinstance(error, requests.ConnectionError) and error.args:
        cause = error.args[0]
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    # A refused connection, a name that does not resolve, or nobody who picks up.
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)


def without_secrets(text: str, *secrets: str) -> str:
    """Return the text, cut to 500 characters, with every secret (also in base64) blacked out."""
    for secret in filter(None, secrets):
        for form in (_basic(f"{secret}:"), _basic(secret), secret):
            text = text.replace(form, "***")
    return text[:_LONGEST_WORDS]


def _basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
