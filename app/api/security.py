"""Headers with which every answer of shop and API protects the address of an order."""

from typing import Final

from flask import Response

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # An order's address is its only key: it must not reach other sites.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
# An answer of the API that is opened as a page may load and do nothing.
_NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'"


def protect(response: Response) -> Response:
    """Add the headers; a policy that the answer has already stands."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", _NO_PAGE)
    return response
