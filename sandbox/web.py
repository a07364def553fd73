"""The Flask application of the sandbox."""

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from sandbox.answers import Reply, json_response
from sandbox.console import Console
from sandbox.control import Control
from sandbox.midtrans.bodies import RESOURCE_NOT_FOUND, refusal
from sandbox.midtrans.card_routes import CardRoutes
from sandbox.midtrans.page import SnapPage
from sandbox.midtrans.provider_page import ProviderPage
from sandbox.midtrans.routes import MidtransRoutes
from sandbox.midtrans.snap import snap_refusal
from sandbox.world import World
from sandbox.xendit.errors import error
from sandbox.xendit.page import InvoicePage
from sandbox.xendit.routes import XenditRoutes

_log = logging.getLogger("sandbox")


def create_app(world: World) -> Flask:
    """Return the application that serves ``world``."""
    app = Flask(__name__)

    def base_url() -> str:
        return (world.settings.public_url or request.host_url).rstrip("/")

    app.register_blueprint(MidtransRoutes(world.midtrans, base_url).blueprint())
    app.register_blueprint(SnapPage(world.midtrans, base_url).blueprint())
    app.register_blueprint(CardRoutes(world.midtrans).blueprint())
    app.register_blueprint(ProviderPage(world.midtrans, base_url).blueprint())
    app.register_blueprint(XenditRoutes(world.xendit, base_url).blueprint())
    app.register_blueprint(InvoicePage(world.xendit).blueprint())
    app.register_blueprint(Control(world, base_url).blueprint())
    app.register_blueprint(Console(world.settings).blueprint())

    def on_the_virtual_clock(response: Response) -> Response:
        response.headers["Date"] = http_date(world.engine.clock.now())
        return response

    app.after_request(on_the_virtual_clock)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _surprise)
    return app


def _http_error(problem: HTTPException) -> Response:
    """Answer a wrong path or method in the dress of the API that was called."""
    http_status = problem.code or 500
    return json_response(Reply(http_status, _error_body(http_status, problem.name)))


def _surprise(problem: Exception) -> Response:
    """Answer what should never happen; the log has the traceback."""
    _log.error("unexpected error on %s %s", request.method, request.path, exc_info=problem)
    return json_response(Reply(500, _error_body(500, "Internal Server Error")))


def _error_body(http_status: int, name: str) -> object:
    path = request.path
    if path.startswith("/midtrans/snap/"):
        if http_status == 500:  # noqa: PLR2004 - HTTP
            return snap_refusal(
                "Sorry, we encountered internal server error. We will fix this soon."
            )
        return snap_refusal(name)
    if path.startswith("/midtrans/"):
        return RESOURCE_NOT_FOUND if http_status == 404 else refusal(str(http_status), name)  # noqa: PLR2004 - HTTP
    if path.startswith("/xendit/"):
        return error("SERVER_ERROR" if http_status == 500 else name.upper().replace(" ", "_"), name)  # noqa: PLR2004 - HTTP
    return {"error": name}
