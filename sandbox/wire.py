"""JSON as it comes from strangers: parsed without surprises, numbers judged with care."""

import json
import math
from typing import NoReturn, TypeGuard, cast

JsonObject = dict[str, object]


class MalformedJsonError(ValueError):
    """The bytes are not a JSON document; the caller answers with its own 4xx."""


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJsonError(name)


def parse_json(raw: bytes) -> object:
    """Return the document in ``raw``; MalformedJsonError for anything that is not JSON.

    NaN, Infinity, numbers beyond every limit and endless nesting count as malformed,
    so that no later step meets them.
    """
    try:
        return cast("object", json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError(str(error)) from error


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether parsed JSON is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether parsed JSON is an array."""
    return isinstance(value, list)


def as_object(value: object) -> JsonObject:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if is_object(value) else {}


def as_list(value: object) -> list[object]:
    """Return ``value`` if it is a JSON array, else an empty one."""
    return value if is_list(value) else []


def as_text(value: object) -> str:
    """Return ``value`` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def whole_number(value: object) -> int | None:
    """Return a JSON number without fraction as int (50000.0 is 50000), else None.

    The official Xendit SDK can only send floats, so a float must do for an integer.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        return None
    return int(value)


def compact(document: object) -> str:
    """Return ``document`` as the JSON text that goes over the wire."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
