"""Headers that every answer carries, whoever made it: a page, the API, or an error of the server.

What a part of the application says itself (its policy of contents, for one) stands.
"""

from typing import Final

from flask import Flask, Response

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # An order's address is its only key: it must not reach other sites.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A payment page opens windows of the buyer's bank, which have to find their way back.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# A year; without subdomains, which may belong to other programs.
_HTTPS_ONLY: Final = "max-age=31536000"


# Opened by itself in a browser, an answer for programs is kept as a file and never shown.
_FOR_PROGRAMS: Final = {"application/json", "application/problem+json"}


def add_headers(response: Response) -> Response:
    """Add the headers that the answer does not have yet."""
    if response.mimetype in _FOR_PROGRAMS:
        response.headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def head_every_answer(app: Flask, *, is_https: bool) -> None:
    """Add the headers where a part has not; under https, forbid the way back to http."""

    @app.after_request
    def add(response: Response) -> Response:
        add_headers(response)
        if is_https:
            response.headers["Strict-Transport-Security"] = _HTTPS_ONLY
        return response
