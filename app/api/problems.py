"""Errors as RFC 9457 ``application/problem+json``: the one place that chooses HTTP codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from app.api.wording import field_words
from app.core.errors import (
    ConflictError,
    GatewayError,
    GatewayRejectedError,
    NotFoundError,
    OutOfStockError,
    RefusedError,
)
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.services.checkout import UnknownProductError
from app.services.payment_pages import PageNotOpenedError

_TYPE: Final = "urn:lunas:problem:"
TITLES: Final[Mapping[str, str]] = {
    "malformed_json": "The body is not a JSON object",
    "validation_failed": "Some fields need another value",
    "idempotency_key_invalid": "The Idempotency-Key cannot be used",
    "idempotency_key_reused": "This Idempotency-Key was used for another request",
    "idempotency_in_progress": "The same request is still in progress",
    "unknown_product": "Something in the cart is not on sale",
    "out_of_stock": "Not enough stock is left",
    "gateway_not_configured": "This payment gateway is not available",
    "gateway_unavailable": "The payment gateway cannot be reached",
    "gateway_rejected": "The payment gateway refused",
    "order_not_found": "There is no such order",
    "order_not_payable": "This order cannot be paid any more",
    "database_unavailable": "Lunas cannot store anything right now",
    "not_found": "There is no such address",
    "too_large": "The body is too large",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as the storefront reads it."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, object]] = ()
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    retry_after_s: int | None = None


def answer(problem: Problem) -> Response:
    """Return the problem as an HTTP answer."""
    body: dict[str, object] = {
        "type": _TYPE + problem.code,
        "title": TITLES[problem.code],
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    response = jsonify(body)
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def handle_on(blueprint: Blueprint) -> None:
    """Turn every error that a route may raise into a problem."""
    _handle_bad_requests(blueprint)
    _handle_refusals(blueprint)
    _handle_failures(blueprint)


def _handle_bad_requests(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        return answer(of_validation(error, _locale()))

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return answer(Problem(413, "too_large", "No request of the shop is this large."))


def _handle_refusals(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(ConflictError)
    def conflict(error: ConflictError) -> Response:
        return answer(_of_conflict(error))

    @blueprint.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Response:
        return answer(_of_refusal(error))

    @blueprint.errorhandler(NotFoundError)
    def not_found(_error: NotFoundError) -> Response:
        return answer(Problem(404, "order_not_found", "Check the address of the page."))


def _handle_failures(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(PageNotOpenedError)
    def no_page(error: PageNotOpenedError) -> Response:
        return answer(_of_gateway(error.cause, {"order_id": error.order_id}))

    @blueprint.errorhandler(GatewayError)
    def gateway(error: GatewayError) -> Response:
        return answer(_of_gateway(error, {}))

    @blueprint.errorhandler(SQLAlchemyError)
    def database(_error: SQLAlchemyError) -> Response:
        current_app.logger.exception("the database failed")  # noqa: LOG004 - Flask calls it inside.
        detail = "Nothing was changed. Try again in a moment."
        return answer(Problem(503, "database_unavailable", detail, retry_after_s=5))


def _locale() -> str:
    """Return the language that the shopper asked for, in the body or by the browser."""
    body: object = request.get_json(force=True, silent=True)
    if isinstance(body, dict):
        asked = cast("dict[str, object]", body).get("locale")
        if asked in {"id", "en"}:
            return str(asked)
    return request.accept_languages.best_match(["id", "en"]) or "id"


def of_validation(error: ValidationError, locale: str) -> Problem:
    """Name each field that needs another value, in the shopper's language."""
    errors = [
        {
            "field": ".".join(str(part) for part in item["loc"]),
            "code": item["type"],
            "message": field_words(
                str(item["loc"][-1]) if item["loc"] else "", locale, item["msg"]
            ),
        }
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return Problem(422, "validation_failed", "Correct the named fields and send again.", errors)


def _of_gateway(error: GatewayError, extra: Mapping[str, object]) -> Problem:
    if isinstance(error, GatewayRejectedError):
        detail = "The payment page was not opened. Choose another way to pay."
        return Problem(502, "gateway_rejected", detail, extra=extra)
    detail = "Nothing was paid. The order is kept; send the same request again in a moment."
    return Problem(503, "gateway_unavailable", detail, extra=extra, retry_after_s=5)


def _of_conflict(error: ConflictError) -> Problem:
    if error.code == "idempotency_key_reused":
        return Problem(422, error.code, "Use a new Idempotency-Key for a new request.")
    return Problem(409, error.code, "Wait for its answer, then ask again.", retry_after_s=2)


def _of_refusal(error: RefusedError) -> Problem:
    if isinstance(error, OutOfStockError):
        errors = [
            {"field": "items", "code": "out_of_stock", "message": "not enough stock"}
            | {"sku": sku, "available": left}
            for sku, left in error.available.items()
        ]
        return Problem(409, "out_of_stock", WORDS[Why.OUT_OF_STOCK].en, errors)
    if isinstance(error, UnknownProductError):
        return Problem(422, "unknown_product", f"Remove from the cart: {error.detail}")
    if error.why is Why.GATEWAY_NOT_CONFIGURED:
        return Problem(422, "gateway_not_configured", "Choose another gateway.")
    return Problem(409, "order_not_payable", WORDS[error.why].en)
