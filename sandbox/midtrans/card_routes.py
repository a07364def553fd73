"""HTTP of what a shopper's browser asks for with the client key: card tokens."""

import re
from collections.abc import Callable

from flask import Blueprint, Response, request

from sandbox.answers import FaultyAnswers, Reply, json_response, same_secret
from sandbox.midtrans.bodies import refusal
from sandbox.midtrans.gateway import Midtrans
from sandbox.wire import JsonObject

# The name of a function, with dots for one inside an object.
_FUNCTION = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)
_TOO_MANY = refusal("429", "API rate limit exceeded")
_WRONG_KEY = refusal("401", "Transaction cannot be authorized with the current client/server key.")


class CardRoutes:
    """The two calls of the Core API that take the client key in their query."""

    def __init__(self, midtrans: Midtrans) -> None:
        """Issue the tokens of ``midtrans``."""
        self._midtrans = midtrans
        self._answers = FaultyAnswers(midtrans.engine, lambda: Reply(429, _TOO_MANY))

    def blueprint(self) -> Blueprint:
        """Return the routes under ``/midtrans/v2``."""
        routes = Blueprint("midtrans_cards", __name__, url_prefix="/midtrans/v2")
        routes.after_request(_open_to_browsers)
        routes.get("/token")(self.token)
        routes.get("/card/register")(self.register)
        return routes

    def token(self) -> Response:
        """Answer with a card token for one charge."""
        return self._give("midtrans.token", self._midtrans.cards.create)

    def register(self) -> Response:
        """Answer with a saved card token."""
        return self._give("midtrans.card_register", self._midtrans.cards.register)

    def _give(self, operation: str, make: Callable[[dict[str, str]], JsonObject]) -> Response:
        query = request.args.to_dict()
        key = self._midtrans.engine.settings.midtrans_client_key
        if not same_secret(query.get("client_key"), key):
            return json_response(Reply(401, _WRONG_KEY))
        # Refused cards answer HTTP 200 too (docs, "Get token").
        answer = self._answers.give(operation, "", lambda _: Reply(200, make(query)))
        return _as_script(answer, query.get("callback", ""))


def _as_script(answer: Response, callback: str) -> Response:
    """Wrap the answer in a call, for pages that ask by a script element (JSONP)."""
    if answer.mimetype == "application/json" and _FUNCTION.fullmatch(callback):
        # The comment in front keeps the callback's name from being the file's first bytes.
        answer.set_data(f"/**/{callback}({answer.get_data(as_text=True)});")
        answer.content_type = "application/javascript"
        answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _open_to_browsers(response: Response) -> Response:
    # The only Core calls that browsers of other sites may read.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
