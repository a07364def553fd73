"""Xendit's rate limit and the headers of its answers."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Response

_WINDOW: Final = timedelta(minutes=1)
# What a test account was told in recorded answers of 2023; held only if told to.
_TOLD_LIMIT: Final = 3_000


@dataclass(slots=True)
class _Window:
    began_at: datetime
    calls: int = 0


class Traffic:
    """Counts the calls of each endpoint in windows of one virtual minute.

    Source: recorded answers of ``/v2/invoices`` (``Rate-Limit-Reset`` is 60 at the first
    call of a window) and Xendit docs, "Rate limits".
    """

    def __init__(self, limit: int | None) -> None:
        """Refuse calls above ``limit`` per minute; None only counts."""
        self._limit = limit
        self._windows: dict[str, _Window] = {}

    def is_too_much(self, endpoint: str, now: datetime) -> bool:
        """Count one call and return whether it is above the limit."""
        window = self._windows.get(endpoint)
        if window is None or not now < window.began_at + _WINDOW:
            window = self._windows[endpoint] = _Window(now)
        window.calls += 1
        return self._limit is not None and window.calls > self._limit

    def headers(self, endpoint: str, now: datetime) -> dict[str, str]:
        """Return the ``Rate-Limit-*`` headers after the endpoint's latest call."""
        limit = self._limit or _TOLD_LIMIT
        window = self._windows.get(endpoint) or _Window(now)
        left_s = max(0.0, (window.began_at + _WINDOW - now).total_seconds())
        return {
            "Rate-Limit-Limit": str(limit),
            "Rate-Limit-Remaining": str(max(0, limit - window.calls)),
            "Rate-Limit-Reset": f"{math.ceil(left_s * 1000) / 1000:g}",
        }


def dress(response: Response, request_id: str) -> Response:
    """Add the headers that every answer of the API carries."""
    if response.mimetype != "application/json":
        # A fault rule speaks for the proxy in front, which knows none of this.
        return response
    digest = hashlib.sha256(response.get_data()).hexdigest()[:27]
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Cache-Control"] = "no-store, no-cache, must-revalidate, proxy-revalidate"
    response.headers["Etag"] = f'W/"{len(response.get_data()):x}-{digest}"'
    response.headers["Request-Id"] = request_id
    return response
