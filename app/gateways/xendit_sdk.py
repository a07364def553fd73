"""The one place that touches ``xendit``: typed calls in, parsed JSON or our errors out.

The SDK is used for its paths, headers and transport only. Its models refuse whole numbers, lose
unknown statuses and fail on a missing field after the call took effect, so its answers are read
here from the raw bytes.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

import xendit  # pyright: ignore[reportMissingTypeStubs] # It has none.
from urllib3.exceptions import HTTPError
from xendit.apis import (  # pyright: ignore[reportMissingTypeStubs] # It has none.
    InvoiceApi,
    RefundApi,
)

from app.core.errors import GatewayError
from app.gateways.failures import (
    KEYS_REFUSED,
    ORDER,
    QUESTION,
    Doubt,
    failure_of_reading,
    failure_of_status,
    failure_of_transport,
    without_secrets,
)
from app.gateways.fields import Json, as_object, as_objects, parse_json
from app.gateways.http import path_id, read_retry_after

NAME: Final = "Xendit"
_UNAUTHORIZED: Final = 401
# The refund API names a wrong key in its own way (Xendit OpenAPI, Refund, 403).
_KEY_ERRORS: Final = frozenset({"INVALID_API_KEY", "UNAUTHORIZED"})
_REFUNDS_PER_PAGE: Final = 100.0  # The SDK insists on a float.


@dataclass(frozen=True, slots=True)
class XenditSettings:
    """One Xendit account in one mode (the key decides whether test or live)."""

    secret_key: str = field(repr=False)
    callback_token: str = field(repr=False)
    url: str
    timeout_s: float
    # Still good for what comes in.
    previous_callback_token: str = field(default="", repr=False)


class _NotingPool:
    """The SDK's connections, which note for each thread what its latest answer says of the next.

    The SDK's errors carry no headers.
    """

    def __init__(self, pool: Any) -> None:
        """Pass requests on to this pool."""
        self._pool: Final = pool
        self._latest: Final = threading.local()

    @property
    def retry_after_s(self) -> float | None:
        """In how many seconds the latest answer of this thread allows the next call."""
        return getattr(self._latest, "retry_after_s", None)

    def forget(self) -> None:
        """Forget what an earlier answer said."""
        self._latest.retry_after_s = None

    def request(self, *args: Any, **options: Any) -> Any:
        """Send a request as the pool does."""
        response = self._pool.request(*args, **options)
        self._latest.retry_after_s = read_retry_after(response.headers.get("Retry-After"))
        return response


class XenditSdk:
    """The calls that we make at Xendit."""

    def __init__(self, settings: XenditSettings) -> None:
        """Keep the account; nothing is connected before the first call."""
        self._settings = settings
        configuration: Any = xendit.Configuration(
            host=settings.url.rstrip("/"), api_key=settings.secret_key
        )
        # Otherwise every failed question is asked four times, each with the full timeout.
        configuration.retries = False
        client: Any = xendit.ApiClient(configuration)
        self._pool: Final = _NotingPool(client.rest_client.pool_manager)
        client.rest_client.pool_manager = self._pool
        self._invoices: Any = InvoiceApi(client)
        self._refunds: Any = RefundApi(client)

    def create_invoice(self, body: Json) -> Json:
        """Create an invoice (``POST /v2/invoices``); every call makes another one."""
        call = self._invoices.create_invoice
        return as_object_or(self._ask(lambda: self._raw(call, dict(body)), ORDER), ORDER)

    def invoice(self, invoice_id: str) -> Json:
        """Ask for an invoice (``GET /v2/invoices/{id}``)."""
        path_id(invoice_id)
        call = self._invoices.get_invoice_by_id
        return as_object_or(self._ask(lambda: self._raw(call, invoice_id), QUESTION), QUESTION)

    def invoices(self, **filters: object) -> tuple[Json, ...]:
        """Ask for invoices, newest first (``GET /v2/invoices``)."""
        call = self._invoices.get_invoices
        return as_objects_or(self._ask(lambda: self._raw(call, **filters), QUESTION), QUESTION)

    def expire(self, invoice_id: str) -> None:
        """End a pending invoice (``POST /invoices/{id}/expire!``)."""
        path_id(invoice_id)
        call = self._invoices.expire_invoice
        self._ask(lambda: self._raw(call, invoice_id), ORDER)

    def create_refund(self, body: Json, *, key: str) -> Json:
        """Ask for a refund (``POST /refunds``); the same key and body answer with the first one."""
        call = self._refunds.create_refund
        answer = self._ask(
            lambda: self._raw(call, create_refund=dict(body), idempotency_key=key), ORDER
        )
        return as_object_or(answer, ORDER)

    def refunds_page(self, invoice_id: str, *, after_id: str | None) -> Json:
        """Ask for refunds of an invoice (``GET /refunds``): ``data`` and ``has_more``."""
        call = self._refunds.get_all_refunds
        filters: dict[str, object] = {"invoice_id": invoice_id, "limit": _REFUNDS_PER_PAGE}
        if after_id is not None:
            filters["after_id"] = after_id
        return as_object_or(self._ask(lambda: self._raw(call, **filters), QUESTION), QUESTION)

    def _raw(self, call: Callable[..., Any], *args: object, **options: object) -> bytes:
        """Call the SDK and return the body as sent; reading it may break off too."""
        response = call(
            *args,
            **options,
            _preload_content=False,
            _request_timeout=self._settings.timeout_s,
        )
        return cast("bytes", response.data)

    def _ask(self, call: Callable[[], bytes], doubt: Doubt) -> object:
        self._pool.forget()
        try:
            return self._ask_once(call, doubt)
        except GatewayError as error:
            error.retry_after_s = self._pool.retry_after_s
            raise

    def _ask_once(self, call: Callable[[], bytes], doubt: Doubt) -> object:
        try:
            return parse_json(call())
        except xendit.XenditSdkException as error:
            raise self._refusal(error, doubt) from None
        except HTTPError as error:
            raise failure_of_transport(NAME, error, doubt) from None
        # Ours: a body that is no JSON. The SDK's: an error page, or an error that is no object.
        except (xendit.OpenApiException, ValueError, TypeError, RecursionError):
            raise failure_of_reading(NAME, None, doubt) from None

    def _refusal(self, error: Any, doubt: Doubt) -> GatewayError:
        """Translate an error answer. The SDK reports trouble with TLS as status 0."""
        status = int(error.status)
        if not status:
            return failure_of_transport(NAME, error, doubt)
        try:
            body = as_object(error.rawResponse)
        except ValueError:
            return failure_of_reading(NAME, status, doubt)
        name = str(error.errorCode or "")
        refused_key = status == _UNAUTHORIZED or name in _KEY_ERRORS
        said = _words(str(error.errorMessage or name), body)
        keys = self._settings
        secrets = (keys.secret_key, keys.callback_token, keys.previous_callback_token)
        message = without_secrets(said, *secrets)
        code = KEYS_REFUSED if refused_key else name or str(status)
        return failure_of_status(status, message, code=code, doubt=doubt)


def as_object_or(answer: object, doubt: Doubt) -> Json:
    """Return an answer that must be an object; ``doubt`` if it is something else."""
    try:
        return as_object(answer)
    except ValueError:
        raise failure_of_reading(NAME, None, doubt) from None


def as_objects_or(answer: object, doubt: Doubt) -> tuple[Json, ...]:
    """Return an answer that must be a list of objects; ``doubt`` if it is something else."""
    if answer is None:
        raise failure_of_reading(NAME, None, doubt)
    try:
        return as_objects(answer)
    except ValueError:
        raise failure_of_reading(NAME, None, doubt) from None


def _words(message: str, body: Json) -> str:
    """Add the details of a validation error, which the SDK leaves in the raw body."""
    details = body.get("errors")
    return f"{message} {json.dumps(details, default=str)}" if details else message
