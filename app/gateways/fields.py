"""Reading JSON of others: every field is checked, and anything odd is a ValueError.

Both gateways add fields at any time and leave out empty ones, so only what is asked for is read.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final, NoReturn, TypeAlias, cast

from app.core.money import Rupiah, parse_gateway_amount

Json: TypeAlias = Mapping[str, object]

# Plain digits only: "1e999999999" is a number too, and would take hours to write out.
_AMOUNT: Final = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)
_LONGEST_HINT: Final = 40
_LONGEST_TEXT: Final = 255
# As long as what the database keeps of them: a signature covers neither, so anybody who has seen a
# genuine message can send these as long as they like, and must not make the storing of it fail.
_LONGEST_NAME: Final = 80
_LONGEST_WORD: Final = 36


def parse_json(raw: bytes) -> object:
    """Parse a document with its numbers as the text that was sent; ValueError if it is no JSON.

    Texts keep ``10000.00`` apart from ``10000``, which matters to a signature.
    """
    try:
        return cast(
            "object",
            json.loads(raw, parse_int=str, parse_float=str, parse_constant=_refuse_constant),
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def as_object(value: object) -> Json:
    """Return the value if it is a JSON object, else ValueError."""
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one error for one cause.
    return cast("Json", value)


def as_objects(value: object) -> tuple[Json, ...]:
    """Return the items of a list of objects; nothing at all counts as an empty list."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("not a JSON list")  # noqa: TRY004 - one error for one cause.
    return tuple(as_object(item) for item in cast("list[object]", value))


def optional_text(raw: Json, name: str) -> str | None:
    """Return a text field, None where it is absent, null or empty. Whole numbers count as text."""
    value = raw.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{name} is not a text")  # noqa: TRY004 - one error for one cause.
    return _storable(str(value), name)


def _storable(value: str, name: str) -> str:
    # PostgreSQL stores neither NUL nor half of a character pair, and JSON can hold both; an id or
    # a code has no control characters either.
    if not value.isprintable() or len(value) > _LONGEST_TEXT:
        raise ValueError(f"{name} holds unusable characters or is too long")
    return value


def text(raw: Json, name: str) -> str:
    """Return a text field that must be there."""
    value = optional_text(raw, name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return value


def optional_name(raw: Json, name: str) -> str | None:
    """Return the gateway's id of something, None where there is none."""
    value = optional_text(raw, name)
    if value is not None and len(value) > _LONGEST_NAME:
        raise ValueError(f"{name} is too long for an id")
    return value


def name_of(raw: Json, name: str) -> str:
    """Return the gateway's id of something, which must be there."""
    value = optional_name(raw, name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return value


def word(raw: Json, name: str) -> str | None:
    """Return a code in lower case: gateways are not consistent about capitals."""
    value = optional_text(raw, name)
    if value is not None and len(value) > _LONGEST_WORD:
        raise ValueError(f"{name} is too long for a code")
    return value.lower() if value else None


def code_of(raw: Json, name: str) -> str:
    """Return a code that must be there, in lower case."""
    value = word(raw, name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return value


def hint(raw: Json, name: str) -> str | None:
    """Return a code of at most 40 characters in lower case, None if it cannot be read as one.

    For what only helps: it must not keep the rest from being read.
    """
    try:
        code = word(raw, name)
    except ValueError:
        return None
    return code if code is None or len(code) <= _LONGEST_HINT else None


def amount(raw: Json, name: str) -> Rupiah:
    """Return an amount that must be there, in whole rupiah."""
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{name} is not an amount")  # noqa: TRY004 - one error for one cause.
    if not _AMOUNT.fullmatch(str(value)):
        raise ValueError(f"{name} is not an amount: {str(value)[:20]!r}")
    return parse_gateway_amount(value)


def moment(raw: Json, name: str, *, zone: tzinfo) -> datetime | None:
    """Return a time as aware UTC, any number of fraction digits; ``zone`` is for bare times."""
    value = optional_text(raw, name)
    if value is None:
        return None
    parsed = datetime.fromisoformat(value)
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{name} lies outside the calendar") from None


def stable_key(*parts: object) -> str:
    """Return a hash of the parts that is the same for the same message (hex SHA-256)."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
