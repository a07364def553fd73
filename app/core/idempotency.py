"""Keys that make a repeated request harmless."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9_\-:.]{8,128}\Z")
# How long the same cart from the same customer counts as one intent, at the least.
_SAME_INTENT_SECONDS: Final = 600


def is_valid_key(key: str) -> bool:
    """Tell whether a client's Idempotency-Key is usable: 8 to 128 of ``A-Z a-z 0-9 _ - : .``."""
    return _KEY.match(key) is not None


def fingerprint(body: Mapping[str, object]) -> str:
    """Return the hash by which two request bodies are the same (hex SHA-256, key order ignored)."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def derived_keys(body_fingerprint: str, now: datetime) -> tuple[str, str]:
    """Return the keys of a request without one: of this span of ten minutes and of the next.

    An order is kept under both, so that a repetition just after the border finds it too.
    """
    span = int(now.timestamp()) // _SAME_INTENT_SECONDS
    return f"derived-{span}-{body_fingerprint}", f"derived-{span + 1}-{body_fingerprint}"
