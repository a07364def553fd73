"""The one place that touches ``midtransclient``: typed calls in, JSON objects or our errors out.

The SDK raises one kind of error for a refusal, others for an answer that is no JSON (of which it
forgets the HTTP status), and lets the network's errors through. Ids go into its paths unquoted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

import midtransclient  # pyright: ignore[reportMissingTypeStubs] # It has none.
import requests
from urllib3.exceptions import HTTPError

from app.core.errors import GatewayError
from app.gateways.failures import (
    ORDER,
    QUESTION,
    Doubt,
    failure_of_reading,
    failure_of_status,
    failure_of_transport,
    without_secrets,
)
from app.gateways.fields import Json, as_object
from app.gateways.http import TimeoutSession, path_id

NAME: Final = "Midtrans"
_CODE: Final = re.compile("[0-9]{3}")
_REFUSED: Final = 400
_SERVER_ERROR: Final = 500
# What the SDK does to an answer that is not the JSON object it expects: its own error without a
# status, or whichever built-in error it stumbles into.
_UNREADABLE: Final = (
    midtransclient.JSONDecodeError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class MidtransSettings:
    """One Midtrans account. ``core_url`` without ``/v2``, ``snap_url`` with ``/snap/v1``."""

    server_key: str = field(repr=False)
    client_key: str
    core_url: str
    snap_url: str
    is_production: bool
    timeout_s: float
    # Still good for what comes in; nothing is sent with it.
    previous_server_key: str = field(default="", repr=False)


class _Transactions(Protocol):
    def status(self, transaction_id: str) -> object: ...
    def cancel(self, transaction_id: str) -> object: ...
    def expire(self, transaction_id: str) -> object: ...
    def refund(self, transaction_id: str, parameters: Json) -> object: ...


class _Http(Protocol):
    def request(
        self, method: str, server_key: str, request_url: str, parameters: Json
    ) -> tuple[object, object]: ...


class _Client(Protocol):
    transactions: _Transactions
    http_client: _Http

    def create_transaction(self, parameters: Json) -> object: ...


class MidtransSdk:
    """The calls that we make at Midtrans. Ids may be order ids or transaction ids."""

    def __init__(self, settings: MidtransSettings) -> None:
        """Keep the account; nothing is connected before the first call."""
        self._settings = settings

    def create_transaction(self, body: Json) -> Json:
        """Open a Snap page (``POST /snap/v1/transactions``)."""
        return self._ask(lambda client: client.create_transaction(body), ORDER)

    def status(self, known_id: str) -> Json:
        """Ask for a transaction (``GET /v2/{id}/status``)."""
        quoted = path_id(known_id)
        return self._ask(lambda client: client.transactions.status(quoted), QUESTION)

    def cancel(self, known_id: str) -> Json:
        """Cancel a pending, authorized or captured transaction (``POST /v2/{id}/cancel``)."""
        quoted = path_id(known_id)
        return self._ask(lambda client: client.transactions.cancel(quoted), ORDER)

    def expire(self, known_id: str) -> Json:
        """End a pending transaction (``POST /v2/{id}/expire``)."""
        quoted = path_id(known_id)
        return self._ask(lambda client: client.transactions.expire(quoted), ORDER)

    def refund(self, known_id: str, body: Json) -> Json:
        """Refund a settled transaction (``POST /v2/{id}/refund``)."""
        quoted = path_id(known_id)
        return self._ask(lambda client: client.transactions.refund(quoted, body), ORDER)

    def cancel_page(self, token: str) -> Json:
        """End a Snap page on which no method was chosen (``POST /snap/v1/transactions/{}/cancel``).

        The SDK has no method for it, but its transport and its errors serve.
        """
        ours = self._settings
        url = f"{ours.snap_url}/transactions/{path_id(token)}/cancel"

        def cancel(client: _Client) -> object:
            return client.http_client.request("post", ours.server_key, url, {})[0]

        return self._ask(cancel, ORDER)

    def _ask(self, call: Callable[[_Client], object], doubt: Doubt) -> Json:
        with TimeoutSession(self._settings.timeout_s) as session:
            try:
                return self._ask_on(session, call, doubt)
            except GatewayError as error:
                error.retry_after_s = session.retry_after_s
                raise

    def _ask_on(
        self, session: TimeoutSession, call: Callable[[_Client], object], doubt: Doubt
    ) -> Json:
        client = self._client(session)
        try:
            return as_object(call(client))
        except midtransclient.MidtransAPIError as error:
            return self._answer_or_refuse(error, doubt)
        # First: some of requests' errors are ValueErrors too.
        except (requests.RequestException, HTTPError) as error:
            raise failure_of_transport(NAME, error, doubt) from None
        except _UNREADABLE:
            raise failure_of_reading(NAME, session.last_status, doubt) from None

    def _client(self, session: TimeoutSession) -> _Client:
        """Build a client for one call.

        The SDK's clients share their default header dictionaries, and a kept connection that died
        while idle would turn a refund into an unknown outcome.
        """
        ours = self._settings
        client: Any = midtransclient.Snap(
            is_production=ours.is_production,
            server_key=ours.server_key,
            client_key=ours.client_key,
            custom_headers={},
            proxies={},
        )
        config = client.api_config
        config.CORE_SANDBOX_BASE_URL = config.CORE_PRODUCTION_BASE_URL = ours.core_url
        config.SNAP_SANDBOX_BASE_URL = config.SNAP_PRODUCTION_BASE_URL = ours.snap_url
        # The SDK calls the module ``requests``, which has no timeout.
        client.http_client.http_client = session
        return cast("_Client", client)

    def _answer_or_refuse(self, error: Any, doubt: Doubt) -> Json:
        """Return an answer about a payment that failed; raise for a call that failed.

        The SDK takes one for the other: the body of a status answer carries the payment's own code.
        """
        http_status: int = error.http_status_code
        try:
            body = as_object(error.api_response_dict)
        except ValueError:
            raise failure_of_reading(NAME, http_status, doubt) from None
        if doubt is QUESTION and http_status < _REFUSED and "transaction_status" in body:
            return body
        raise self._refusal(body, http_status, doubt) from None

    def _refusal(self, body: Json, http_status: int, doubt: Doubt) -> GatewayError:
        """Translate an error answer: the code in the body decides (Midtrans docs, "Status code").

        Snap answers carry a list of messages and no code; there the HTTP status decides.
        """
        said = str(body.get("status_code") or "")
        # A 5xx may come from a machine on the way, which cannot know what the gateway did.
        trusted = http_status < _SERVER_ERROR and _CODE.fullmatch(said) is not None
        code = said if trusted else str(http_status)
        message = without_secrets(_words(body), self._settings.server_key)
        return failure_of_status(int(code), message, code=code, doubt=doubt)


def _words(body: Json) -> str:
    """Collect what Midtrans says about a refusal, wherever it says it."""
    said: list[object] = []
    for name in ("status_message", "error_messages", "validation_messages"):
        value = body.get(name)
        said += cast("list[object]", value) if isinstance(value, list) else [value]
    return "; ".join(str(part) for part in said if part) or "no reason given"
