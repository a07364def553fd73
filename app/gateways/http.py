"""HTTP as both gateways need it: it always ends, goes where we sent it, and asks for one thing."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import requests

from app.core.errors import GatewayRejectedError
from app.core.ports import ChargeSubject

UNUSABLE_ID: Final = "unusable_id"
# A header that is wrong, or a machine on the way, must not keep us from a gateway for a day.
_LONGEST_WAIT_S: Final = 300.0


class TimeoutSession(requests.Session):
    """A session in which no call lasts for ever, no proxy is guessed and no redirect is followed.

    ``last_status`` is the HTTP status of the latest answer and ``retry_after_s`` when it allows the
    next call, for the callers of SDKs that lose them.
    """

    def __init__(self, timeout_s: float) -> None:
        """Set how many seconds connecting, and each wait for the answer, may take."""
        super().__init__()
        self.trust_env = False
        self.last_status: int | None = None
        self.retry_after_s: float | None = None
        self._timeout_s = timeout_s

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override] # The SDK passes all else by name.
        """Send a request under this session's rules, whatever the SDK asked for.

        A redirected POST would become a GET or run twice, and a redirect away from the gateway
        would hand our key to a stranger.
        """
        options |= {"timeout": self._timeout_s, "allow_redirects": False}
        self.last_status = self.retry_after_s = None
        response = super().request(method, url, **options)
        self.last_status = response.status_code
        self.retry_after_s = read_retry_after(response.headers.get("Retry-After"))
        return response


def read_retry_after(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, at most five minutes; None if it is none.

    Its other form, a date, would need both clocks to agree, and no gateway of ours sends it.
    """
    text = (header or "").strip()
    if not text.isascii() or not text.isdecimal():
        return None
    return min(float(text[:6]), _LONGEST_WAIT_S) or None


def path_id(raw: str) -> str:
    """Quote an id for one segment of a path; GatewayRejectedError if it can be no id.

    Dots alone would climb up the path, and nothing at all would ask for the whole list.
    """
    if not raw.strip("."):
        raise GatewayRejectedError(f"{raw!r} names nothing at a gateway", code=UNUSABLE_ID)
    return quote(raw, safe="")


def require_a_name(subject: ChargeSubject) -> None:
    """Refuse to ask about a charge without any name: no answer to that is "there is nothing"."""
    if not any((subject.reference, subject.provider_reference, subject.gateway_transaction_id)):
        raise GatewayRejectedError("a charge without a name cannot be asked for", code=UNUSABLE_ID)


def utc_now() -> datetime:
    """Return the current time (aware, UTC)."""
    return datetime.now(UTC)
