"""Changes that leave a message a message: chance alone mostly breaks its JSON, and gets no further.

Plain functions of bytes and a seed, so that a find can be told again.
"""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

# What has broken readers of other people's JSON before.
ODD: Final[Sequence[Any]] = (
    *(
        None,
        True,
        [],
        {},
        [{}],
        [None],
        [[]],
        "",
        "\0",
        "\ud800",
        "\u00a0",
        "\U0001f4a9",
        "x" * 256,
    ),
    *("0", "-1", "1e999999999", "٣", "0.0000001", "99999999999999999999", "NaN", -1, 0, 10**30),
    *("0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00", "2026-03-02T25:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e308, 0.1),
)


def change(data: bytes, most: int, seed: int, change_bytes: Callable[[bytes, int], bytes]) -> bytes:
    """Change a field of a message; bytes that are no message, and one in four, as bytes."""
    chance = random.Random(seed)  # noqa: S311 - the same seed, the same change.
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or not raw or chance.random() < 0.25:
        return change_bytes(data, most)
    _change_object(raw, chance, lambda text: change_bytes(text.encode(errors="replace"), 64))
    return json.dumps(raw).encode()[:most]


def _change_object(
    raw: dict[str, Any], chance: random.Random, change_text: Callable[[str], bytes]
) -> None:
    name = chance.choice(sorted(raw))
    inner = raw[name][0] if isinstance(raw[name], list) and raw[name] else raw[name]
    if isinstance(inner, dict) and inner and chance.random() < 0.7:
        _change_object(inner, chance, change_text)
        return
    match chance.randrange(5):
        case 0:
            del raw[name]
        case 1:
            raw[name] = chance.choice(ODD)
        case 2:
            raw[name] = raw[chance.choice(sorted(raw))]
        case 3:
            raw[name] = [{name: raw[name]}]
        case _:
            raw[name] = change_text(str(raw[name])).decode(errors="replace")
