"""``/api``: configuration, products, checkout, order status, retry, health, and its document."""

import re
from typing import Any, Final, TypeVar

import segno
from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.api.answers import Health, ProductList, ReadinessOut
from app.api.operations import ORDER_ID_PATTERN
from app.api.presenting import present_config, present_order, present_page, present_product
from app.api.problems import Problem, ProblemError, handle_on, of_validation
from app.api.rate_limiting import limit_rates
from app.api.schemas import CreateTransaction, RetryPayment
from app.api.security import protect
from app.core.errors import NotFoundError
from app.core.idempotency import derived_keys, fingerprint, is_valid_key
from app.core.states import GatewayName
from app.db.migrations import newest_migration
from app.db.models import Product
from app.services.checkout import CartLine, CheckoutRequest, retry_payment, start_checkout
from app.services.desk import Desk
from app.services.order_reading import read_order
from app.services.readiness import Readiness, check_readiness
from app.settings import Settings

_ORDER_ID: Final = re.compile(ORDER_ID_PATTERN.removesuffix("$") + r"\Z")
_LOOK_AGAIN_S: Final = 5
_Body = TypeVar("_Body", bound=BaseModel)


def make_blueprint(desk: Desk, settings: Settings) -> Blueprint:
    """Return the storefront's API."""
    blueprint = Blueprint("api", __name__)
    handle_on(blueprint)
    blueprint.after_request(protect)
    limit_rates(blueprint, settings.rate_limits, desk.sessions)
    _add_reads(blueprint, desk, settings)
    _add_payments(blueprint, desk, settings)
    _add_health(blueprint, desk)
    return blueprint


def _add_reads(blueprint: Blueprint, desk: Desk, settings: Settings) -> None:
    @blueprint.get("/api/config")
    def config() -> Response:
        """Tell which gateways this shop offers, with their public keys."""
        return _answer(present_config(settings, list(desk.gateways)))

    @blueprint.get("/api/products")
    def products() -> Response:
        """List what is on sale."""
        with desk.reads() as session:
            query = select(Product).where(Product.active.is_(True)).order_by(Product.id)
            rows = session.scalars(query).all()
        return _answer(ProductList(products=[present_product(row) for row in rows]))

    @blueprint.get("/api/orders/<public_id>")
    def order(public_id: str) -> Response:
        """Tell an order's state to whoever holds its link; reads the database only."""
        return _answer(present_order(read_order(desk, _order_id(public_id)), settings))

    @blueprint.get("/api/orders/<public_id>/page.svg")
    def page_picture(public_id: str) -> Response:
        """Draw the address of the order's open payment page, to go on on a telephone."""
        page_url = read_order(desk, _order_id(public_id)).page_url
        if not page_url:
            raise ProblemError(Problem("order_not_payable"))
        return _picture(page_url)


def _picture(text_in_it: str) -> Response:
    drawn = segno.make(text_in_it, micro=False).svg_inline(border=4, dark="#000", light="#fff")
    response = Response(
        drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1),
        content_type="image/svg+xml",
    )
    # The page may be closed a moment later.
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_payments(blueprint: Blueprint, desk: Desk, settings: Settings) -> None:
    @blueprint.post("/api/payments/create-transaction")
    def create_transaction() -> Response:
        """Place an order and open its payment page."""
        body = _read(CreateTransaction)
        page = start_checkout(desk, _checkout_request(desk, body))
        return _answer(present_page(page, settings), status=201)

    @blueprint.post("/api/orders/<public_id>/retry")
    def retry(public_id: str) -> Response:
        """Pay again: on the page that is still open, else on a new one."""
        body = _read(RetryPayment)
        page = retry_payment(desk, _order_id(public_id), body.gateway)
        return _answer(present_page(page, settings), status=201)


def _add_health(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/healthz")
    def healthz() -> Response:
        """Tell that this process answers; it asks nobody, so that only a dead one is replaced."""
        return _answer(Health(status="ok"))

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Tell whether this process may be given requests."""
        found = check_readiness(desk, newest_migration())
        ready = found is Readiness.READY
        response = _answer(ReadinessOut(status=found.value), status=200 if ready else 503)
        if not ready:
            response.headers["Retry-After"] = str(_LOOK_AGAIN_S)
        return response


def _answer(model: BaseModel, *, status: int = 200) -> Response:
    response = Response(model.model_dump_json(), status=status, content_type="application/json")
    # Prices, stock and orders: what was true a moment ago must not be shown as true.
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(model: type[_Body]) -> _Body:
    """Return the body of this request; ProblemError if it is none."""
    try:
        return model.model_validate(_json_object())
    except ValidationError as error:
        raise ProblemError(of_validation(error)) from error


def _json_object() -> dict[str, Any]:
    try:
        body = request.get_json(force=True)
    except BadRequest:
        raise ProblemError(Problem("malformed_json")) from None
    if not isinstance(body, dict):
        raise ProblemError(Problem("malformed_json"))
    return body  # pyright: ignore[reportUnknownVariableType]


def _order_id(given: str) -> str:
    """Return the id if it can be one; else NotFoundError, as for one that nobody has."""
    if not _ORDER_ID.match(given):
        raise NotFoundError("order")
    return given


def _keys(desk: Desk, body_fingerprint: str) -> tuple[str, ...]:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return derived_keys(body_fingerprint, desk.clock())
    if not is_valid_key(given):
        raise ProblemError(Problem("idempotency_key_invalid"))
    return (given,)


def _checkout_request(desk: Desk, body: CreateTransaction) -> CheckoutRequest:
    same = fingerprint(_content(body))
    keys = _keys(desk, same)
    return CheckoutRequest(
        key=keys[0],
        fingerprint=same,
        gateway=body.gateway or _first_gateway(desk),
        lines=tuple(
            CartLine(item.sku, item.quantity, item.expected_price_idr) for item in body.items
        ),
        customer=body.customer.to_customer(),
        locale=body.locale,
        other_keys=keys[1:],
    )


def _content(body: CreateTransaction) -> dict[str, Any]:
    """Return what makes two requests the same; where no price was named, none is part of it."""
    content = body.model_dump(mode="json")
    content["items"] = [item.model_dump(mode="json", exclude_none=True) for item in body.items]
    return content


def _first_gateway(desk: Desk) -> GatewayName:
    return next(iter(desk.gateways))
