"""One tree for everything that a caller cannot decide.

LunasError
├── NotFoundError                  no such order, attempt or refund
├── RefusedError(why)              a rule says no; nothing changed
│   ├── OutOfStockError            with what is left of each item
│   └── PriceChangedError          with what each item costs now
├── ConflictError(code)            another request holds this intent, or used its key
├── GatewayError
│   ├── GatewayRejectedError(code) the gateway said no; nothing happened there
│   ├── GatewayUnavailableError    nothing happened there; try again later
│   └── GatewayOutcomeUnknownError it may have happened; ask before repeating
├── PostError(code)
│   ├── PostUnavailableError       the mail did not leave; try again later
│   └── PostRefusedError           it never will
├── PartitioningError              the tables cannot be cut like this; nothing changed
└── NotificationError
    ├── BadSignatureError          not from the gateway, as far as we can tell
    └── MalformedNotificationError not a notification at all
"""

from collections.abc import Mapping

from app.core.reasons import Why


class LunasError(Exception):
    """Root of every error of ours."""


class NotFoundError(LunasError):
    """There is no such order, attempt, transaction or refund."""


class RefusedError(LunasError):
    """A rule refused; nothing was changed. ``why`` names the rule."""

    def __init__(self, why: Why, detail: str = "") -> None:
        """Keep the reason and, if any, a detail for the person who asked."""
        super().__init__(f"{why}: {detail}" if detail else str(why))
        self.why = why
        self.detail = detail


class OutOfStockError(RefusedError):
    """Not enough stock; ``available`` tells what is left per SKU."""

    def __init__(self, available: Mapping[str, int]) -> None:
        """Keep what is left of each item that is short."""
        super().__init__(Why.OUT_OF_STOCK)
        self.available = dict(available)


class PriceChangedError(RefusedError):
    """The shopper saw another price; ``prices_idr`` tells today's per SKU, in rupiah."""

    def __init__(self, prices_idr: Mapping[str, int]) -> None:
        """Keep today's price of each item that was shown at another one."""
        super().__init__(Why.PRICE_CHANGED)
        self.prices_idr = dict(prices_idr)


class ConflictError(LunasError):
    """The same intent is in progress, or its key was used for something else."""

    def __init__(self, code: str) -> None:
        """Keep the code: ``idempotency_in_progress`` or ``idempotency_key_reused``."""
        super().__init__(code)
        self.code = code


class GatewayError(LunasError):
    """A call to a gateway did not give the wished answer."""

    def __init__(self, message: str, *, code: str = "") -> None:
        """Keep the gateway's own words and code; neither may hold a secret."""
        super().__init__(message)
        self.message = message
        self.code = code
        # In how many seconds the same call may be repeated, where the gateway or we know that.
        self.retry_after_s: float | None = None


class GatewayRejectedError(GatewayError):
    """The gateway refused and did nothing; repeating the same call is pointless."""


class GatewayUnavailableError(GatewayError):
    """The gateway was not reached or did nothing; the same call may be repeated later."""


class GatewayOutcomeUnknownError(GatewayError):
    """The call may have taken effect; only asking the gateway can tell."""


class PostError(LunasError):
    """A mail was not taken."""

    def __init__(self, code: str) -> None:
        """Keep a code; never the server's words, which may repeat an address."""
        super().__init__(code)
        self.code = code


class PostUnavailableError(PostError):
    """The mail did not leave; the same one may be sent later."""


class PostRefusedError(PostError):
    """The mail server will never take this mail."""


class PartitioningError(LunasError):
    """The tables cannot be cut, taken apart or put together like this; the text says why."""


class NotificationError(LunasError):
    """A delivery to our notification endpoint cannot be used."""


class BadSignatureError(NotificationError):
    """The signature or token is absent or wrong."""


class MalformedNotificationError(NotificationError):
    """The body is not a notification of this gateway."""
