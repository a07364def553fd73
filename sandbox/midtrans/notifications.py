"""How Midtrans delivers notifications, and how a forged one looks."""

from dataclasses import replace
from typing import Final

from sandbox.deliveries import Carrier, Message
from sandbox.ids import Ids

GATEWAY: Final = "midtrans"
HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "User-Agent": "Veritrans",
}
# Virtual seconds before retry 1..5, each measured from the previous try.
_INTERVALS_S: Final = (120.0, 600.0, 1_800.0, 5_400.0, 12_600.0)
_SHORTEST_PERCENT: Final = 28
_RETRIES: Final = {500: 1, 503: 4, 400: 2, 404: 2, 301: 0, 302: 0, 303: 0}


def retry_after_s(status: int | None, tries: int) -> float | None:
    """Return the wait before the next try (Midtrans docs, "HTTP(S) notification").

    The answer to the latest try decides how many retries there are in all: one for
    500, four for 503, two for 400 and 404, none for a redirect, else five.
    """
    allowed = len(_INTERVALS_S) if status is None else _RETRIES.get(status, len(_INTERVALS_S))
    return _INTERVALS_S[tries - 1] if tries <= allowed else None


def forge(message: Message) -> Message:
    """Return a copy that claims settlement with a signature made without the key."""
    body = {**message.body, "transaction_status": "settlement", "status_code": "200"}
    body["signature_key"] = "0" * 128
    return replace(message, body=body)


def carrier(ids: Ids, *, has_jitter: bool) -> Carrier:
    """Return how Midtrans delivers; with jitter each wait is shifted at random.

    The documentation says only that waits are shifted, and that the first of two minutes
    may be over after 33 seconds: that share is the shortest here.
    """

    def shifted(status: int | None, tries: int) -> float | None:
        wait_s = retry_after_s(status, tries)
        if wait_s is None or not has_jitter:
            return wait_s
        return wait_s * ids.between(_SHORTEST_PERCENT, 100) / 100

    return Carrier(timeout_s=15.0, redirect_hops=5, retry_after_s=shifted, forge=forge)
