"""What every use case works with: the database, the gateways, the clock and the house rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.errors import RefusedError
from app.core.ports import Gateway, Post
from app.core.reasons import Why
from app.core.states import GatewayName
from app.db.session import Sessions


@dataclass(frozen=True, slots=True)
class Policy:
    """House rules from the settings."""

    public_url: str
    payment_lifetime: timedelta
    approval_threshold_idr: int
    shop_name: str = ""
    # Demo staff have no second factor: where this is off, they are let in nowhere.
    admits_demo_staff: bool = False
    is_production: bool = False
    # Whether mails leave for shoppers, and are not only written down here.
    sends_mails: bool = False
    # Where each gateway is asked, without any key; for the check of the set-up.
    gateway_urls: Mapping[GatewayName, str] = field(default_factory=dict[GatewayName, str])
    # Gateways whose previous key or token still lets messages in.
    with_previous_key: frozenset[GatewayName] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the running system that use cases need; one per process.

    ``sessions`` write; ``reads`` only read. ``clock`` returns aware UTC.
    """

    sessions: Sessions
    reads: Sessions
    gateways: Mapping[GatewayName, Gateway]
    clock: Callable[[], datetime]
    policy: Policy
    # What carries mails; without it they wait.
    post: Post | None = None

    def gateway(self, name: GatewayName) -> Gateway:
        """Return a configured gateway; RefusedError(GATEWAY_NOT_CONFIGURED) otherwise."""
        found = self.gateways.get(name)
        if found is None:
            raise RefusedError(Why.GATEWAY_NOT_CONFIGURED, name.value)
        return found
