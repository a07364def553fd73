"""Records as JSON rows: dataclasses in, dataclasses out, times by the ``_at`` ending."""

import dataclasses
import json
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from typing import Any, ClassVar

Record = TypeVar("Record")


class UnreadableRecordError(ValueError):
    """A stored row does not fit today's record."""


class _Dataclass(Protocol):
    __dataclass_fields__: "ClassVar[dict[str, dataclasses.Field[Any]]]"


def dump_record(record: _Dataclass) -> str:
    """Return the record as JSON text; times become ISO-8601."""
    row = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return json.dumps(row, default=_plain, ensure_ascii=False)


def load_record(kind: type[Record], text: str) -> Record:
    """Rebuild a record of class ``kind`` from :func:`dump_record`'s text.

    A field that the text lacks takes its default, so that records may grow; anything
    else that does not fit is an UnreadableRecordError.
    """
    try:
        row = cast("dict[str, object]", json.loads(text))
        for name, value in row.items():
            if name.endswith("_at") and isinstance(value, str):
                row[name] = datetime.fromisoformat(value)
        return kind(**row)
    except (TypeError, ValueError) as error:
        raise UnreadableRecordError(str(error)) from error


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    message = f"a record holds a {type(value).__name__}, which has no JSON form"
    raise TypeError(message)
