"""What the services need of a gateway, and of the post; app/gateways and app/post provide it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.letters import Letter
from app.core.money import Rupiah
from app.core.observations import Observation, ObservedRefund, Source
from app.core.states import GatewayName, RefundRoute


@dataclass(frozen=True, slots=True)
class ChargeItem:
    """One line of a charge; ``price_idr`` is for one piece."""

    sku: str
    name: str
    price_idr: Rupiah
    quantity: int


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays, as the shopper typed it; ``phone`` in E.164."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A payment page to open; the lines sum to ``amount_idr``."""

    reference: str
    amount_idr: Rupiah
    items: tuple[ChargeItem, ...]
    customer: Customer
    created_at: datetime
    expires_at: datetime
    return_url: str
    locale: str  # "id" or "en"


@dataclass(frozen=True, slots=True)
class Charge:
    """An opened payment page. Midtrans fills ``token``; Xendit fills ``provider_reference``."""

    page_url: str
    token: str | None = None
    provider_reference: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeSubject:
    """Names of one charge, for asking about it.

    Xendit needs its own ``provider_reference``; Midtrans ends an unused page by its ``token``.
    """

    reference: str
    provider_reference: str | None = None
    gateway_transaction_id: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund to make; ``key`` was minted once, is stored, and is reused for every repeat."""

    subject: ChargeSubject
    key: str
    amount_idr: Rupiah
    reason: str
    route: RefundRoute


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """What the gateway answered to a refund, in its own words too."""

    refund: ObservedRefund
    message: str
    code: str
    observation: Observation | None = None


@dataclass(frozen=True, slots=True)
class RawNotification:
    """A delivery as received: lower-case header names, body bytes, time (aware UTC)."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Whether a gateway accepts our keys, in words for the person who set them."""

    accepted: bool
    words: str


class Gateway(Protocol):
    """One payment gateway.

    Every call may raise GatewayRejectedError (a clear no), GatewayUnavailableError (nothing
    happened: ask again) or GatewayOutcomeUnknownError (it may have happened: look it up, or repeat
    it under the same key). Amounts are whole rupiah, times aware UTC.
    """

    @property
    def name(self) -> GatewayName:
        """Which gateway this is."""
        ...

    def create_charge(self, request: ChargeRequest) -> Charge:
        """Open a payment page."""
        ...

    def find_charge(self, reference: str) -> Charge | None:
        """Return the page that an earlier call opened; None: it is safe to create again."""
        ...

    def fetch_status(self, subject: ChargeSubject, *, source: Source) -> tuple[Observation, ...]:
        """Ask what the gateway knows of a charge now; never empty."""
        ...

    def close(self, subject: ChargeSubject) -> tuple[Observation, ...]:
        """End an unpaid charge, so that no money can arrive on it."""
        ...

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Give money back: refund, or void where the route says so."""
        ...

    def find_refund(self, request: RefundRequest) -> ObservedRefund | None:
        """Look a refund up by its key; None: the gateway never booked it."""
        ...

    def authenticate(self, delivery: RawNotification) -> None:
        """Raise BadSignatureError unless the delivery comes from the gateway."""
        ...

    def read_notification(self, delivery: RawNotification) -> Observation:
        """Authenticate and read a delivery; BadSignatureError, MalformedNotificationError."""
        ...

    def check_keys(self) -> KeyCheck:
        """Ask the gateway whether it accepts our keys, without changing anything there."""
        ...


class Post(Protocol):
    """What carries letters to shoppers."""

    def send(self, letter: Letter, *, to: str, message_id: str) -> None:
        """Send one letter; PostUnavailableError (try later) or PostRefusedError (never)."""
        ...
