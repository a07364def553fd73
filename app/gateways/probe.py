"""Looking at an address from outside, as a gateway or a browser would: status, time, and words."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from app.gateways.http import TimeoutSession

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Probe:
    """What an address answered; ``error`` says why there is no answer. ``date``: its clock, UTC."""

    status: int = 0
    date: datetime | None = None
    body: str = ""
    error: str = ""


def probe(url: str, *, timeout_s: float) -> Probe:
    """Get an address, without any key and without following redirects. Never raises."""
    try:
        with TimeoutSession(timeout_s) as session, session.get(url, stream=True) as answer:
            body = next(answer.iter_content(_LONGEST), b"").decode("utf-8", "replace")
            return Probe(answer.status_code, _date(answer.headers.get("Date")), body)
    except requests.RequestException as error:
        return Probe(error=type(error).__name__)


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "")
    except ValueError:
        return None
