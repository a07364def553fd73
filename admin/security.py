"""Headers that tell the browser what a page of the back office may load and do."""

import secrets
from typing import Final

from flask import Flask, Response, g, request

from app.answer_headers import HEADERS

PREFIX: Final = "/admin"
# Unlike the shop, it opens no window of anybody else.
_HEADERS: Final = HEADERS | {"Cross-Origin-Opener-Policy": "same-origin"}


def csp_nonce() -> str:
    """Return this request's nonce, for the script and style tags that we wrote ourselves."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def guard_pages(app: Flask) -> None:
    """Send the security headers with every answer under ``/admin``."""
    app.after_request(_add_headers)


def is_back_office(path: str) -> bool:
    """Tell whether a path belongs to the back office."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def _add_headers(response: Response) -> Response:
    if not is_back_office(request.path):
        return response
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _policy()
    if response.mimetype == "text/html":
        # Customers' names and payments: nothing of it stays on a shared computer.
        response.headers["Cache-Control"] = "no-store"
    return response


def _policy() -> str:
    nonce = csp_nonce()
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
