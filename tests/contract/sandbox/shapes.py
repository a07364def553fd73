"""What two payloads must share: field names, JSON types and the written form of texts."""

import re
from collections.abc import Mapping
from typing import Any, Final

# The first form that fits names a text; what fits none is free text.
_FORMS: Final = {
    "empty": r"",
    "time, UTC, 9 digits": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z",
    "time, UTC, 6 digits": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "time, UTC, up to 3 digits": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z",
    "time, WIB": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "amount with two decimals": r"\d+\.\d\d",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "sha-512": r"[0-9a-f]{128}",
    "24 hex digits": r"(?=.*[a-f])[0-9a-f]{24}",
    "prefixed uuid": r"[a-z]+[_-][0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "digits": r"\d+",
    "web address": r"https?://\S+",
}


def form_of(text: str) -> str:
    """Name the written form of a text."""
    return next((name for name, form in _FORMS.items() if re.fullmatch(form, text)), "text")


def shape_of(value: Any, path: str = "") -> dict[str, str]:
    """Return every path of a JSON document with its type, and the form of its texts.

    The elements of a list share one path: ``available_banks[].bank_code``.
    """
    if isinstance(value, Mapping):
        inner = [shape_of(one, f"{path}.{name}".lstrip(".")) for name, one in value.items()]
        return {path or ".": "object"} | {key: kind for part in inner for key, kind in part.items()}
    if isinstance(value, list):
        inner = [shape_of(one, f"{path}[]") for one in value]
        return {path or ".": "array"} | {key: kind for part in inner for key, kind in part.items()}
    kind = form_of(value) if isinstance(value, str) else type(value).__name__
    return {path: kind}


def differences(published: Any, sent: Any, *, apart: Mapping[str, str] | None = None) -> list[str]:
    """Return how the shapes differ, one sentence each; a path in ``apart`` is let be.

    ``apart`` names each path (and all below it) that may differ, with the reason.
    """
    ours, theirs = shape_of(sent), shape_of(published)
    excused = tuple(apart or {})
    found = [
        f"{path}: published {theirs.get(path, 'nothing')}, sent {ours.get(path, 'nothing')}"
        for path in sorted(ours.keys() | theirs.keys())
        if ours.get(path) != theirs.get(path) and not _below(path, excused)
    ]
    unused = [name for name in excused if not any(_below(path, (name,)) for path in ours | theirs)]
    return found + [f"{name}: excused, but nowhere to be seen" for name in unused]


def _below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith((f"{root}.", f"{root}[")) for root in roots)
