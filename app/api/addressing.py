"""Requests that reach no operation of the API: no such address, or not by this method."""

import re

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.operations import NOTIFICATIONS, OPERATIONS
from app.api.problems import Problem, answer

_ORDERS = "/api/orders/"


def answer_stray_requests(app: Flask) -> None:
    """Answer as a problem what Flask would refuse with a page of its own."""

    @app.errorhandler(MethodNotAllowed)
    def not_allowed(error: MethodNotAllowed) -> Response | HTTPException:
        return answer_stray() if request.path.startswith("/api/") else error


def answer_stray() -> Response:
    """Tell whether the address or only the method is wrong."""
    methods = sorted(_methods_of(request.path))
    if methods:
        response = answer(Problem("method_not_allowed"))
        response.headers["Allow"] = ", ".join(methods)
        return response
    # An order's id with a slash in it is an order that does not exist, like any other.
    return answer(Problem("order_not_found" if request.path.startswith(_ORDERS) else "not_found"))


def _methods_of(path: str) -> set[str]:
    found = {
        one.method.upper()
        for one in (*OPERATIONS, *NOTIFICATIONS)
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path)
    }
    return found | {"HEAD", "OPTIONS"} if "GET" in found else found
