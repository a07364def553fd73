"""HTTP of the Snap API and Core API v2."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, request

from sandbox.answers import FaultyAnswers, Reply, basic_user, json_response, same_secret
from sandbox.intake import BodyProblem, read_object
from sandbox.midtrans.bodies import refusal
from sandbox.midtrans.gateway import Midtrans
from sandbox.midtrans.idempotency import STILL_BUSY
from sandbox.midtrans.intent import NotifyUrls
from sandbox.midtrans.methods import METHODS
from sandbox.midtrans.records import SnapSession
from sandbox.midtrans.refunds import RefundRequest, read_request
from sandbox.midtrans.snap import snap_refusal
from sandbox.wire import JsonObject, as_object, as_text

MAX_BODY_BYTES: Final = 16_384
_CORE_401: Final = refusal(
    "401", "Transaction cannot be authorized with the current client/server key."
)
# What the API answered when its 401 still travelled inside an HTTP 200 (recorded in 2014).
_OLD_CORE_401: Final = refusal(
    "401", "Access denied due to unauthorized transaction, please check client or server key"
)
_MOST_URLS: Final = 3
_SNAP_401: Final = snap_refusal(
    "Access denied due to unauthorized transaction, please check client or server key",
    "Visit https://snap-docs.midtrans.com/#request-headers for more details",
)


class MidtransRoutes:
    """The views of both Midtrans APIs."""

    def __init__(self, midtrans: Midtrans, base_url: Callable[[], str]) -> None:
        """Answer for ``midtrans``; ``base_url()`` is how the browser reaches us."""
        self._midtrans = midtrans
        self._settings = midtrans.engine.settings
        self._base_url = base_url
        self._snap_answers = FaultyAnswers(midtrans.engine, _snap_too_many)
        self._core_answers = FaultyAnswers(midtrans.engine, _core_too_many)

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/midtrans``."""
        routes = Blueprint("midtrans", __name__, url_prefix="/midtrans")
        routes.before_request(self._check_key)
        routes.post("/snap/v1/transactions", strict_slashes=False)(self.create_token)
        routes.post("/snap/v1/transactions/<token>/cancel")(self.cancel_token)
        routes.post("/v2/charge")(self.charge)
        routes.post("/v2/capture")(self.capture)
        routes.get("/v2/point_inquiry/<token_id>")(self.points)
        routes.get("/v2/<any_id>/status")(self.status)
        routes.get("/v2/<any_id>/status/b2b")(self.status_b2b)
        for action in ("cancel", "expire", "approve", "deny"):
            routes.post(f"/v2/<any_id>/{action}", defaults={"action": action})(self.act)
        routes.post("/v2/<any_id>/refund", defaults={"is_direct": False})(self.refund)
        routes.post("/v2/<any_id>/refund/online/direct", defaults={"is_direct": True})(self.refund)
        return routes

    def create_token(self) -> Response:
        """Create a Snap token."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused_by_snap(body))
        order_id = as_text(as_object(body.get("transaction_details")).get("order_id"))
        return self._snap_answers.give(
            "midtrans.snap.create", order_id, lambda _: self._create(body)
        )

    def cancel_token(self, token: str) -> Response:
        """Cancel an unused Snap token."""
        return self._snap_answers.give(
            "midtrans.snap.cancel", token, lambda _: self._cancel_token(token)
        )

    def charge(self) -> Response:
        """Charge; HTTP 400 for an invalid request, else 200 with the code in the body."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        order_id = as_text(as_object(body.get("transaction_details")).get("order_id"))
        return self._keyed("midtrans.charge", order_id, lambda code: self._charge(body, code))

    def capture(self) -> Response:
        """Capture a pre-authorised card."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        any_id = as_text(body.get("transaction_id"))
        charges = self._midtrans.charges
        return self._keyed("midtrans.capture", any_id, lambda _: charges.capture(body))

    def points(self, token_id: str) -> Response:
        """Answer a point inquiry."""
        cards = self._midtrans.cards
        return self._core("midtrans.points", token_id, lambda _: cards.points(token_id))

    def status(self, any_id: str) -> Response:
        """Answer GET status."""
        return self._core("midtrans.status", any_id, lambda _: self._midtrans.core.status(any_id))

    def status_b2b(self, any_id: str) -> Response:
        """Answer GET status of everything paid to one order's VA number."""
        core = self._midtrans.core
        return self._core("midtrans.status", any_id, lambda _: core.status_b2b(any_id))

    def act(self, any_id: str, action: str) -> Response:
        """Answer cancel, expire, approve and deny."""
        core = self._midtrans.core
        actions = {
            "cancel": core.cancel,
            "expire": core.expire,
            "approve": core.approve,
            "deny": core.deny,
        }
        return self._keyed(f"midtrans.{action}", any_id, lambda _: actions[action](any_id))

    def refund(self, any_id: str, *, is_direct: bool) -> Response:
        """Answer both refund endpoints."""
        body = read_object(MAX_BODY_BYTES)
        if isinstance(body, BodyProblem):
            return json_response(_refused(body))
        asked = read_request(body, is_direct=is_direct)
        operation = "midtrans.refund_direct" if is_direct else "midtrans.refund"
        return self._keyed(operation, any_id, lambda code: self._refund(any_id, asked, code))

    def _charge(self, body: JsonObject, refuse_with: str) -> JsonObject:
        charges = self._midtrans.charges
        if refuse_with:
            return charges.refuse(refuse_with)
        return charges.charge(body, _notify_urls(), f"{self._base_url()}/midtrans")

    def _refund(self, any_id: str, asked: RefundRequest | JsonObject, code: str) -> JsonObject:
        if isinstance(asked, RefundRequest):
            return self._midtrans.core.refund(any_id, asked, code)
        return asked

    def _core(self, operation: str, any_id: str, produce: Callable[[str], JsonObject]) -> Response:
        found = self._midtrans.book.find(any_id)
        order_id = found.order_id if found else any_id
        return self._core_answers.give(operation, order_id, lambda code: _reply(produce(code)))

    def _keyed(self, operation: str, any_id: str, produce: Callable[[str], JsonObject]) -> Response:
        """Answer a POST, or give the kept answer of its Idempotency-Key again."""
        key, idempotency = request.headers.get("Idempotency-Key", ""), self._midtrans.idempotency
        if not idempotency.enter(key):
            return json_response(STILL_BUSY)

        def once(code: str) -> JsonObject:
            return idempotency.once(
                key, operation, lambda: (produce(code), self._keeps_keys(any_id))
            )

        try:
            return self._core(operation, any_id, once)
        finally:
            idempotency.leave(key)

    def _keeps_keys(self, any_id: str) -> bool:
        found = self._midtrans.book.find(any_id)
        return found is not None and METHODS[found.method].keeps_idempotency_key

    def _create(self, body: JsonObject) -> Reply:
        session = self._midtrans.snap.create(body, _notify_urls(), _language())
        if not isinstance(session, SnapSession):
            return Reply(400, session)
        page = f"{self._base_url()}/midtrans/snap/v2/vtweb/{session.token}"
        return Reply(201, {"token": session.token, "redirect_url": page})

    def _cancel_token(self, token: str) -> Reply:
        body = self._midtrans.snap.cancel(token)
        if "canceled_at" in body:
            return Reply(200, body)
        missing = body == snap_refusal("token not found")
        return Reply(404 if missing else 400, body)

    def _check_key(self) -> Response | None:
        user = basic_user(request.headers.get("Authorization", ""))
        if same_secret(user, self._settings.midtrans_server_key):
            return None
        if request.path.startswith("/midtrans/snap/"):
            return json_response(Reply(401, _SNAP_401))
        if self._settings.midtrans_401_inside_http_200:
            return json_response(Reply(200, _OLD_CORE_401))
        return json_response(Reply(401, _CORE_401))


def _refused(problem: BodyProblem) -> Reply:
    """Return the Core answer; its code table calls malformed JSON 413."""
    too_large = problem is BodyProblem.TOO_LARGE
    return Reply(413 if too_large else 400, refusal("413", problem.value))


def _refused_by_snap(problem: BodyProblem) -> Reply:
    return Reply(_refused(problem).http_status, snap_refusal(problem.value))


def _reply(body: JsonObject) -> Reply:
    """Return the body under its HTTP status: 200, but for what fails validation."""
    return Reply(400 if "validation_messages" in body else 200, body)


def _language() -> str:
    """Return en or id where the caller asks for one; ``*`` of HTTP libraries asks for none."""
    best = (request.accept_languages.best or "").lower().partition("-")[0]
    return best if best in {"en", "id"} else ""


def _notify_urls() -> NotifyUrls:
    return NotifyUrls(_urls("X-Override-Notification"), _urls("X-Append-Notification"))


def _urls(header: str) -> list[str]:
    values = request.headers.get(header, "").split(",")
    urls = [url for value in values if (url := value.strip()).startswith(("http://", "https://"))]
    return urls[:_MOST_URLS]


def _snap_too_many() -> Reply:
    return Reply(429, snap_refusal("Too many requests, please slow down"))


def _core_too_many() -> Reply:
    return Reply(429, refusal("429", "API rate limit exceeded"))
