"""The names we give to orders and attempts, safe for both gateways and for people on a phone."""

from collections.abc import Callable
from typing import Final

# Crockford's base 32: no I, L, O or U, so nothing is misread or misheard.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10


def new_order_number(choose: Callable[[str], str]) -> str:
    """Make an order number such as ``LN-7Q2M4XK9TB``; ``choose`` picks one character at random."""
    return "LN-" + "".join(choose(ALPHABET) for _ in range(_LENGTH))


def attempt_reference(order_number: str, try_number: int) -> str:
    """Name one try of an order: ``LN-7Q2M4XK9TB-1``. At most 18 characters, no ``/ # ?``.

    Sent as Midtrans ``order_id`` (at most 50) and Xendit ``external_id``.
    """
    return f"{order_number}-{try_number}"
