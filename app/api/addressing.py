"""Requests that reach no operation of the API: no such address, or not by this method."""

import re

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.operations import NOTIFICATIONS, OPERATIONS
from app.api.problems import Problem, answer
from app.api.security import protect

_ORDERS = "/api/orders/"


def answer_stray_requests(app: Flask) -> None:
    """Answer as a problem what Flask would refuse with a page of its own."""

    @app.before_request
    def options() -> Response | None:
        # Flask would count the shop's pages, which take every address, among the methods.
        methods = _methods_of(request.path) if request.method == "OPTIONS" else set[str]()
        return protect(Response(status=204, headers=_allow(methods))) if methods else None

    @app.errorhandler(MethodNotAllowed)
    def not_allowed(error: MethodNotAllowed) -> Response | HTTPException:
        return protect(answer_stray()) if request.path.startswith("/api/") else error


def answer_stray() -> Response:
    """Tell whether the address or only the method is wrong."""
    methods = _methods_of(request.path)
    if methods:
        response = answer(Problem("method_not_allowed"))
        response.headers.update(_allow(methods))
        return response
    # An order's id with a slash in it is an order that does not exist, like any other.
    return answer(Problem("order_not_found" if request.path.startswith(_ORDERS) else "not_found"))


def _allow(methods: set[str]) -> dict[str, str]:
    also = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
    return {"Allow": ", ".join(sorted(methods | also))}


def _methods_of(path: str) -> set[str]:
    return {
        one.method.upper()
        for one in (*OPERATIONS, *NOTIFICATIONS)
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path)
    }
