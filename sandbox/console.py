"""The console at ``/``: shows and does everything the control API can."""

from typing import Final

from flask import Blueprint, Response, make_response, render_template

from sandbox.faults import OPERATIONS, Effect
from sandbox.midtrans.methods import METHODS
from sandbox.settings import Settings
from sandbox.xendit.channels import CHANNELS

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_FAMILIES: Final = ("midtrans.*", "xendit.*", "delivery.*")


class Console:
    """The one HTML page; its script polls the control API."""

    def __init__(self, settings: Settings) -> None:
        """Show the sandbox of these settings."""
        self._settings = settings

    def blueprint(self) -> Blueprint:
        """Return the route ``/``."""
        routes = Blueprint("console", __name__)
        routes.get("/")(self.page)
        return routes

    def page(self) -> Response:
        """Serve the console."""
        html = render_template(
            "console.html",
            settings=self._settings,
            methods=METHODS.values(),
            channels=CHANNELS.values(),
            effects=list(Effect),
            operations=(*_FAMILIES, *OPERATIONS),
        )
        response = make_response(html)
        response.headers["Content-Security-Policy"] = _CSP
        response.headers["Cache-Control"] = "no-store"
        return response
