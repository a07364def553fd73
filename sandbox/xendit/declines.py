"""What fails on the hosted page (Xendit docs, "Cards" and "eWallets", "Test scenarios")."""

from typing import Final

# Cards that ask for the 3-D Secure page; the others are frictionless.
CHALLENGED: Final = frozenset({"4000000000002503", "5200000000002151"})
_DECLINED_CARD_AMOUNTS: Final = {
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


_DECLINED_WALLET_AMOUNTS: Final = {
    10_100: "CHANNEL_NOT_ACTIVATED",
    10_101: "CHANNEL_UNAVAILABLE",
    10_102: "SERVER_ERROR",
    20_103: "ACCOUNT_ACCESS_BLOCKED",
    20_104: "INVALID_MERCHANT_CREDENTIALS",
    20_105: "USER_DECLINED_PAYMENT",
    20_106: "INVALID_ACCOUNT_DETAILS",
}


def decline_reason(kind: str, amount: int) -> str | None:
    """Return why a payment of this amount fails on the page, or None when it succeeds.

    The documents name these amounts for the channels' own APIs; that they act on an
    invoice's page too is this sandbox's choice.
    """
    declined = {"card": _DECLINED_CARD_AMOUNTS, "ewallet": _DECLINED_WALLET_AMOUNTS}
    return declined.get(kind, {}).get(amount)
