"""``POST /api/payments/notification`` and ``…/notification/<gateway>``."""

import logging
from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from app.core.ports import RawNotification
from app.core.reason_words import WORDS
from app.core.reasons import Why
from app.core.states import GatewayName
from app.services.desk import Desk
from app.services.notifications import (
    MOST_BYTES,
    Receipt,
    receive_notification,
    recognise_gateway,
)
from app.telemetry.meters import NOTIFICATIONS

_log = logging.getLogger("lunas.webhooks")
_STATUS_OF_REFUSAL: Final[Mapping[Why, int]] = {
    Why.BAD_SIGNATURE: 401,
    Why.MALFORMED: 400,
    Why.TOO_LARGE: 413,
    Why.GATEWAY_NOT_CONFIGURED: 404,
}
# 503 and not 500: Midtrans retries a 500 once and a 503 four times
# (Midtrans docs, "HTTP(S) notification", retry policy).
_CANNOT_STORE: Final = 503
# What None would say, had Flask not given it the meaning "as for the whole application".
_NO_LIMIT: Final = 1 << 62


def make_blueprint(desk: Desk) -> Blueprint:
    """Return the notification endpoints. They never redirect, with or without a last slash."""
    blueprint = Blueprint("webhooks", __name__, url_prefix="/api/payments")

    @blueprint.post("/notification", strict_slashes=False)
    def notification() -> Response:
        """Take a delivery and recognise its gateway."""
        return _receive(desk, None)

    @blueprint.post("/notification/<gateway>", strict_slashes=False)
    def notification_of(gateway: str) -> Response:
        """Take a delivery of the named gateway."""
        if gateway not in set(GatewayName):
            return _answer(404, "unknown_gateway", "No such gateway.")
        return _receive(desk, GatewayName(gateway))

    @blueprint.get("/notification", strict_slashes=False)
    @blueprint.get("/notification/<gateway>", strict_slashes=False)
    def opened_in_a_browser(gateway: str = "") -> Response:
        """Tell a person who tries the address out that it is the right one."""
        del gateway
        response = _answer(405, "post_only", "Gateways send their notifications here by POST.")
        response.headers["Allow"] = "POST"
        return response

    return blueprint


def _receive(desk: Desk, gateway: GatewayName | None) -> Response:
    delivery = RawNotification(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=_bounded_body(),
        received_at=desk.clock(),
    )
    name = gateway or recognise_gateway(delivery.headers)
    try:
        receipt = receive_notification(
            desk, delivery, gateway=name, remote_address=request.remote_addr
        )
    except SQLAlchemyError:
        NOTIFICATIONS.labels(name.value, "not_stored", "").inc()
        _log.exception("a notification could not be stored; the gateway will deliver it again")
        response = _answer(_CANNOT_STORE, "not_stored", "Try again later.")
        response.headers["Retry-After"] = "60"
        return response
    _tell(name, receipt)
    return _answer_for(receipt)


def _tell(name: GatewayName, receipt: Receipt) -> None:
    result = "accepted" if receipt.accepted else "refused"
    NOTIFICATIONS.labels(name.value, result, receipt.why.value).inc()
    _log.info(
        "notification %s",
        result,
        extra={"gateway": name.value, "verdict": receipt.why.value},
    )


def _bounded_body() -> bytes:
    """Read one byte more than allowed: enough to know that a body is too large."""
    # The application's own limit would end the request before the delivery could be noted.
    request.max_content_length = _NO_LIMIT
    return request.stream.read(MOST_BYTES + 1)


def _answer_for(receipt: Receipt) -> Response:
    status = 200 if receipt.accepted else _STATUS_OF_REFUSAL[receipt.why]
    return _answer(status, receipt.why.value, WORDS[receipt.why].en)


def _answer(status: int, code: str, words: str) -> Response:
    response = jsonify(result=code, detail=words)
    response.status_code = status
    return response
