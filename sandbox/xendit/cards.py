"""What a card does on the hosted page (Xendit docs, "Cards, test scenarios")."""

from typing import Final

# Cards that ask for the 3-D Secure page; the others are frictionless.
CHALLENGED: Final = frozenset({"4000000000002503", "5200000000002151"})
_DECLINED_AMOUNTS: Final = {
    10_051: "EXPIRED_CARD",
    10_052: "SUSPECTED_FRAUDULENT",
    10_053: "DECLINED_BY_PROCESSOR",
    10_054: "INSUFFICIENT_BALANCE",
    10_055: "STOLEN_CARD",
    10_056: "INACTIVE_OR_UNAUTHORIZED_CARD",
    10_057: "PROCESSOR_ERROR",
    10_058: "INVALID_CVV",
    10_059: "DECLINED_BY_ISSUER",
}


def decline_reason(amount: int) -> str | None:
    """Return why a card payment of this amount fails, or None when it succeeds."""
    return _DECLINED_AMOUNTS.get(amount)
