"""Headers with which every answer of shop and API protects the address of an order."""

from flask import Response

from app.answer_headers import add_headers


def protect(response: Response) -> Response:
    """Add the headers; a policy that the answer has already stands."""
    return add_headers(response)
