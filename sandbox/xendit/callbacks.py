"""How Xendit delivers callbacks, and how a forged one looks."""

from dataclasses import replace
from typing import Final

from sandbox.deliveries import Carrier, Message

GATEWAY: Final = "xendit"
# Virtual seconds before retry 1..6, each after the previous try.
_INTERVALS_S: Final = (900.0, 2_700.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0)


def headers_with(token: str) -> dict[str, str]:
    """Return the headers of a callback; the token is all that proves its origin."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "application/json",
        "User-Agent": "Xendit",
        "x-callback-token": token,
    }


def retry_after_s(status: int | None, tries: int) -> float | None:
    """Return the wait before the next try (Xendit docs, "Webhook behavior").

    Only an answer that is not 2xx is retried; a shop that does not answer at all is
    left alone until someone presses resend.
    """
    if status is None or tries > len(_INTERVALS_S):
        return None
    return _INTERVALS_S[tries - 1]


def forge(message: Message) -> Message:
    """Return a copy that claims payment with a token that is not the shop's."""
    headers = {**message.headers, "x-callback-token": "not-the-token-of-this-shop"}
    return replace(message, headers=headers, body={**message.body, "status": "PAID"})


CARRIER: Final = Carrier(timeout_s=30.0, redirect_hops=0, retry_after_s=retry_after_s, forge=forge)
