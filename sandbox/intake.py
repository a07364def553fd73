"""Reading a request's body; what is wrong with it is a value, its wording is each API's."""

from enum import StrEnum

from flask import request

from sandbox.wire import JsonObject, MalformedJsonError, is_object, parse_json


class BodyProblem(StrEnum):
    """Why a body cannot be used."""

    TOO_LARGE = "The request body is too large"
    MALFORMED = "The request body is not valid JSON"
    NOT_AN_OBJECT = "The request body must be a JSON object"


def read_object(max_bytes: int) -> JsonObject | BodyProblem:
    """Return the request's JSON object; an empty body counts as an empty object."""
    raw = request.get_data(cache=False)
    if len(raw) > max_bytes:
        return BodyProblem.TOO_LARGE
    try:
        document = parse_json(raw if raw.strip() else b"{}")
    except MalformedJsonError:
        return BodyProblem.MALFORMED
    return document if is_object(document) else BodyProblem.NOT_AN_OBJECT
