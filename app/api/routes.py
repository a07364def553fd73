"""``/api``: configuration, products, checkout, order status, retry, health."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest

from app.api.presenting import config_json, order_json, page_json, product_json
from app.api.problems import Problem, answer, handle_on
from app.api.schemas import CreateTransaction, RetryPayment
from app.core.idempotency import derived_keys, fingerprint, is_valid_key
from app.core.states import GatewayName
from app.db.models import Product
from app.services.checkout import CartLine, CheckoutRequest, retry_payment, start_checkout
from app.services.desk import Desk
from app.services.order_reading import read_order
from app.settings import Settings

# A request without a key is the same request if the same body comes again within this time.


def make_blueprint(desk: Desk, settings: Settings) -> Blueprint:
    """Return the storefront's API."""
    blueprint = Blueprint("api", __name__)
    handle_on(blueprint)
    _add_reads(blueprint, desk, settings)
    _add_payments(blueprint, desk, settings)
    _add_health(blueprint, desk)
    return blueprint


def _add_reads(blueprint: Blueprint, desk: Desk, settings: Settings) -> None:
    @blueprint.get("/api/config")
    def config() -> Response:
        """Tell which gateways this shop offers, with their public keys."""
        return jsonify(config_json(settings, list(desk.gateways)))

    @blueprint.get("/api/products")
    def products() -> Response:
        """List what is on sale."""
        with desk.reads() as session:
            query = select(Product).where(Product.active.is_(True)).order_by(Product.id)
            rows = session.scalars(query).all()
        return _no_store(jsonify(products=[product_json(row) for row in rows]))

    @blueprint.get("/api/orders/<public_id>")
    def order(public_id: str) -> Response:
        """Tell an order's state to whoever holds its link; reads the database only."""
        return _no_store(jsonify(order_json(read_order(desk, public_id), settings)))


def _add_payments(blueprint: Blueprint, desk: Desk, settings: Settings) -> None:
    @blueprint.post("/api/payments/create-transaction")
    def create_transaction() -> Response:
        """Place an order and open its payment page."""
        raw = _json_object()
        if isinstance(raw, Problem):
            return answer(raw)
        body = CreateTransaction.model_validate(raw)
        wanted = _checkout_request(desk, body)
        if isinstance(wanted, Problem):
            return answer(wanted)
        page = start_checkout(desk, wanted)
        return _created(jsonify(page_json(page, settings)))

    @blueprint.post("/api/orders/<public_id>/retry")
    def retry(public_id: str) -> Response:
        """Pay again: on the page that is still open, else on a new one."""
        raw = _json_object()
        if isinstance(raw, Problem):
            return answer(raw)
        body = RetryPayment.model_validate(raw)
        return _created(jsonify(page_json(retry_payment(desk, public_id, body.gateway), settings)))


def _add_health(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/healthz")
    def healthz() -> Response:
        """Tell that this process answers and reaches its database."""
        try:
            with desk.reads() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            response = jsonify(status="database unavailable")
            response.status_code = 503
            return response
        return _no_store(jsonify(status="ok"))


def _json_object() -> dict[str, Any] | Problem:
    problem = Problem(
        400, "malformed_json", "Send a JSON object with Content-Type application/json."
    )
    try:
        body = request.get_json(force=True)
    except BadRequest:
        return problem
    return body if isinstance(body, dict) else problem  # pyright: ignore[reportUnknownVariableType]


def _keys(desk: Desk, body_fingerprint: str) -> tuple[str, ...] | Problem:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return derived_keys(body_fingerprint, desk.clock())
    if not is_valid_key(given):
        detail = "Use 8 to 128 letters, digits, - _ : or . (a UUID is fine)."
        return Problem(400, "idempotency_key_invalid", detail)
    return (given,)


def _checkout_request(desk: Desk, body: CreateTransaction) -> CheckoutRequest | Problem:
    same = fingerprint(body.model_dump(mode="json"))
    keys = _keys(desk, same)
    if isinstance(keys, Problem):
        return keys
    return CheckoutRequest(
        key=keys[0],
        fingerprint=same,
        gateway=body.gateway or _first_gateway(desk),
        lines=tuple(CartLine(item.sku, item.quantity) for item in body.items),
        customer=body.customer.to_customer(),
        locale=body.locale,
        other_keys=keys[1:],
    )


def _first_gateway(desk: Desk) -> GatewayName:
    return next(iter(desk.gateways))


def _created(response: Response) -> Response:
    response.status_code = 201
    return _no_store(response)


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
