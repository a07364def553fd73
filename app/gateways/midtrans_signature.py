"""Is this notification from Midtrans? Source: Midtrans docs, "HTTP(S) notification", signature."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.core.errors import BadSignatureError, MalformedNotificationError
from app.gateways.fields import Json, as_object, parse_json

_SIGNED: Final = ("order_id", "status_code", "gross_amount")


@dataclass(frozen=True, slots=True)
class SignedBody:
    """A body whose signature is right, its numbers as the text that was sent."""

    raw: Json
    by_previous_key: bool


def signed_body(body: bytes, server_key: str, previous_key: str = "") -> SignedBody:
    """Return the body if its signature is right, by the server key or the one that it replaced.

    MalformedNotificationError if it is no JSON object, BadSignatureError otherwise. Without a
    previous key only the server key counts.
    """
    try:
        raw = as_object(parse_json(body))
    except ValueError as error:
        raise MalformedNotificationError(f"not a Midtrans notification: {error}") from None
    claimed = _sent(raw, "signature_key").lower().encode(errors="replace")
    signed = [_sent(raw, name) for name in _SIGNED]
    # No early end: it costs the same whichever key fits.
    fits_now = _fits(claimed, signed, server_key)
    fits_previous = bool(previous_key) & _fits(claimed, signed, previous_key)
    if not fits_now | fits_previous:
        raise BadSignatureError("the signature does not fit the message and our server key")
    return SignedBody(raw, by_previous_key=not fits_now)


def _fits(claimed: bytes, signed: Sequence[str], key: str) -> bool:
    order_id, status_code, gross_amount = signed
    # No early end: each comparison costs the same whichever of them fits.
    fits = [
        hmac.compare_digest(claimed, signature(order_id, status_code, written, key).encode())
        for written in _ways_to_write(gross_amount)
    ]
    return any(fits)


def signature(order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """Compute Midtrans' signature (hex SHA-512) over the texts as they were sent."""
    signed = f"{order_id}{status_code}{gross_amount}{server_key}"
    return hashlib.sha512(signed.encode(errors="replace")).hexdigest()


def _sent(raw: Json, name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise BadSignatureError(f"{name} is missing or not a text")
    return value


def _ways_to_write(gross_amount: str) -> tuple[str, ...]:
    """Return the texts that may have been signed.

    Payment Links send the amount as a number (Midtrans docs, "Payment Link API"), of which the
    two decimals of the signed text may have been lost.
    """
    return (gross_amount, f"{gross_amount}.00") if gross_amount.isdigit() else (gross_amount,)
