"""Errors as RFC 9457 ``application/problem+json``; their HTTP codes are in the problem book."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from flask import Blueprint, Response, current_app, request
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import InternalServerError, RequestEntityTooLarge

from app.api.answers import FieldProblem, ProblemBody
from app.api.problem_book import BOOK
from app.api.wording import field_words
from app.core.errors import (
    ConflictError,
    GatewayError,
    GatewayRejectedError,
    NotFoundError,
    OutOfStockError,
    PriceChangedError,
    RefusedError,
)
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.services.checkout import UnknownProductError
from app.services.payment_pages import PageNotOpenedError

_TYPE: Final = "urn:lunas:problem:"


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as the storefront reads it; without a detail, the book's remedy is given."""

    code: str
    detail: str = ""
    errors: Sequence[FieldProblem] = ()
    order_id: str | None = None
    retry_after_s: int | None = None


class ProblemError(Exception):
    """Ends a request with this problem."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem.code)
        self.problem = problem


def body_of(problem: Problem) -> ProblemBody:
    """Return the problem's body, with the words of the book."""
    kind = BOOK[problem.code]
    return ProblemBody(
        type=_TYPE + problem.code,
        title=kind.title,
        status=kind.status,
        detail=problem.detail or kind.remedy,
        code=problem.code,
        errors=list(problem.errors) or None,
        order_id=problem.order_id,
    )


def answer(problem: Problem) -> Response:
    """Return the problem as an HTTP answer."""
    kind = BOOK[problem.code]
    response = Response(body_of(problem).model_dump_json(), status=kind.status)
    response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    retry_after_s = problem.retry_after_s or kind.retry_after_s
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def handle_on(blueprint: Blueprint) -> None:
    """Turn every error that a route may raise into a problem."""
    _handle_bad_requests(blueprint)
    _handle_refusals(blueprint)
    _handle_failures(blueprint)


def _handle_bad_requests(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(ProblemError)
    def ended(error: ProblemError) -> Response:
        return answer(error.problem)

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        return answer(Problem("too_large"))


def _handle_refusals(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(ConflictError)
    def conflict(error: ConflictError) -> Response:
        return answer(_of_conflict(error))

    @blueprint.errorhandler(RefusedError)
    def refused(error: RefusedError) -> Response:
        return answer(_of_refusal(error))

    @blueprint.errorhandler(NotFoundError)
    def not_found(_error: NotFoundError) -> Response:
        return answer(Problem("order_not_found"))


def _handle_failures(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(PageNotOpenedError)
    def no_page(error: PageNotOpenedError) -> Response:
        return answer(_of_gateway(error.cause, error.order_id))

    @blueprint.errorhandler(GatewayError)
    def gateway(error: GatewayError) -> Response:
        return answer(_of_gateway(error, None))

    @blueprint.errorhandler(SQLAlchemyError)
    def database(_error: SQLAlchemyError) -> Response:
        current_app.logger.exception("the database failed")  # noqa: LOG004 - Flask calls it inside.
        return answer(Problem("database_unavailable"))

    @blueprint.errorhandler(InternalServerError)
    def mistake(_error: InternalServerError) -> Response:
        # Flask has logged the exception already.
        return answer(Problem("internal_error"))


def _locale() -> str:
    """Return the language that the shopper asked for, in the body or by the browser."""
    body: object = request.get_json(force=True, silent=True)
    if isinstance(body, dict):
        asked = cast("dict[str, object]", body).get("locale")
        # It may be anything, also what cannot be looked up in a set.
        if isinstance(asked, str) and asked in {"id", "en"}:
            return asked
    return request.accept_languages.best_match(["id", "en"]) or "id"


def of_validation(error: ValidationError) -> Problem:
    """Name each field that needs another value, in the shopper's language."""
    locale = _locale()
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in item["loc"]),
            code=item["type"],
            message=field_words(str(item["loc"][-1]) if item["loc"] else "", locale, item["msg"]),
        )
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return Problem("validation_failed", errors=errors)


def _of_gateway(error: GatewayError, order_id: str | None) -> Problem:
    if isinstance(error, GatewayRejectedError):
        return Problem("gateway_rejected", order_id=order_id)
    wait_s = None if error.retry_after_s is None else math.ceil(error.retry_after_s)
    return Problem("gateway_unavailable", order_id=order_id, retry_after_s=wait_s)


def _of_conflict(error: ConflictError) -> Problem:
    return Problem(error.code)


def _of_refusal(error: RefusedError) -> Problem:
    if isinstance(error, OutOfStockError):
        return Problem("out_of_stock", WORDS[Why.OUT_OF_STOCK].en, _shortages(error))
    if isinstance(error, PriceChangedError):
        return Problem("price_changed", errors=_new_prices(error))
    if isinstance(error, UnknownProductError):
        return Problem("unknown_product", f"Remove from the cart: {error.detail}")
    if error.why is Why.GATEWAY_NOT_CONFIGURED:
        return Problem("gateway_not_configured")
    return Problem("order_not_payable", WORDS[error.why].en)


def _shortages(error: OutOfStockError) -> list[FieldProblem]:
    return [
        FieldProblem(
            field="items", code="out_of_stock", message="not enough stock", sku=sku, available=left
        )
        for sku, left in error.available.items()
    ]


def _new_prices(error: PriceChangedError) -> list[FieldProblem]:
    return [
        FieldProblem(
            field="items", code="price_changed", message="another price", sku=sku, price_idr=price
        )
        for sku, price in error.prices_idr.items()
    ]
